"""How likely people are to be among the most named, learned from communities other than their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from influence.contagion.attributes import attributes
from influence.contagion.nominations import Nominations, Scope, mean_within
from influence.contagion.prestige import standing
from influence.data import Network
from influence.training.nominees import Floats, Linear, People, fit, folds

FEWEST_COMMUNITIES = 3
"""One to be asked about, and two to choose a penalty on: with fewer there is no chance to be told."""


def visible_to(topic: int, n_topics: int, hidden: bool = False) -> list[int]:
    """The topics whose nominations may be seen where this one is asked about: the others, or none."""
    return [] if hidden else [other for other in range(n_topics) if other != topic]


def people_of(
    network: Network, nominations: Nominations, scope: Scope = "community", *, hidden: bool = False
) -> People:
    """Rows of every topic, computed with the topic's own nominations absent; without any where `hidden`."""
    n_topics = len(nominations.topics)
    received, group = nominations.received, nominations.groups(scope)
    mean = mean_within(received, group)
    relative = np.divide(received, mean, out=np.zeros_like(received), where=mean > 0)
    seen = [visible_to(topic, n_topics, hidden) for topic in range(n_topics)]
    stands = [standing(nominations, others).to_numpy(np.float64) for others in seen]
    return People(
        attributes=attributes(network, nominations).to_numpy(np.float64),
        standing=np.stack([table[:, : 0 if hidden else None] for table in stands]),
        wanted=np.log1p(relative).T,
        leads=nominations.leaders(scope).T,
        community=nominations.community,
        level=received.mean(axis=0) if scope == "everyone" else None,
    )


def chances(people: People) -> Floats:
    """[topics, n] how likely each is to be among the most named of the community; NaN where not known.

    Ridge regression on the standing in other topics and on attributes, put on the scale of chances by
    logistic regression on held-out scores (Platt 1999).  A row's penalty, weights and scale are learned from
    other communities alone, and from those in which anybody is named on the topic: silence of a community
    that was not asked teaches nothing.
    """
    surveyed = mean_within(people.leads.T.astype(np.float64), people.community).T > 0
    found = np.full(people.leads.shape, np.nan)
    for asked_there in np.unique(surveyed, axis=0):
        topics = np.flatnonzero((surveyed == asked_there).all(axis=1))
        if len(np.unique(people.community[asked_there])) >= FEWEST_COMMUNITIES:
            found[topics] = _chances(_of_topics(people, topics), asked_there)
    return found


def _of_topics(people: People, topics: Sequence[int] | NDArray[np.int64]) -> People:
    return replace(
        people, standing=people.standing[topics], wanted=people.wanted[topics], leads=people.leads[topics]
    )


def _chances(people: People, surveyed: NDArray[np.bool_]) -> Floats:
    """Of topics that were asked about in the same communities."""
    learner, found = Linear(people), np.full(people.leads.shape, np.nan)
    for asked in (*folds(people.community, surveyed), ~surveyed):
        if asked.any():
            train = surveyed & ~asked
            told = fit(learner, people, train, asked)
            for topic, leads in enumerate(people.leads[:, train]):
                found[topic, asked] = _scaled_by(told.held_out[topic], leads, told.asked[topic])
    return found


def _scaled_by(held_out: Floats, leads: NDArray[np.bool_], asked: Floats) -> Floats:
    """Scores as chances, by what held-out scores turned out to mean."""
    if leads.all() or not leads.any():
        return np.full(len(asked), float(leads.mean()))
    scale = max(float(held_out.std()), 1e-9)
    platt = LogisticRegression(C=np.inf).fit(held_out[:, None] / scale, leads)
    return np.asarray(platt.predict_proba(asked[:, None] / scale)[:, 1], dtype=np.float64)

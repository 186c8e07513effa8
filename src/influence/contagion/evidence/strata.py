"""People alike on record: strata of how many active neighbours somebody with these attributes usually has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import PoissonRegressor

from influence.contagion.takeups import TakeUps
from influence.data import Network
from influence.graph.temporal import microseconds
from influence.graph.ties import Ties

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ATTRIBUTES = ("country", "industry", "job_function", "seniority", "is_own_team")
N_STRATA = 10
FEWEST_OF_A_KIND = 10
"""Rarer values of an attribute are taken together."""


@dataclass(frozen=True)
class TopicActs:
    """Who did something on which topic when: int64 [n] each, topics and times as in `TakeUps`."""

    contact: Ints
    topic: Ints
    at: Ints

    def known_in_order(self) -> TopicActs:
        """Those of a known topic, in the order of topic and time."""
        order = np.lexsort((self.contact, self.at, self.topic))
        order = order[self.topic[order] >= 0]
        return TopicActs(self.contact[order], self.topic[order], self.at[order])


def topic_acts(network: Network, take_ups: TakeUps) -> TopicActs:
    """Take-ups, interactions and contents on the topics of the take-ups."""
    parts = [(take_ups.contact, take_ups.topic, take_ups.at)]
    for table, who in (("interactions", "actor_id"), ("contents", "author_id")):
        rows = network.table(table).drop_duplicates("event_id" if table == "interactions" else "content_id")
        contact = network.contact_ids.get_indexer(pd.Index(rows[who]))
        parts.append(
            (contact, take_ups.topics.get_indexer(pd.Index(rows["topic"])), microseconds(rows["at"]))
        )
    return TopicActs(*(np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True)))


def propensity_strata(network: Network, take_ups: TakeUps, ties: Ties, at: int) -> Ints:
    """int64 [n_contacts]: equal-count strata of the propensity to be exposed; 0 for people without a tie.

    The score is a Poisson regression of the number of a contact's neighbours' take-ups on its ties at `at`
    (logarithm) and its latest attributes (Rosenbaum & Rubin 1984, subclassification on the propensity score).
    """
    everyone = np.arange(take_ups.n_contacts)
    degree = ties.degree(everyone, np.full(take_ups.n_contacts, at)).astype(np.float64)
    tied = degree > 0
    strata = np.zeros(take_ups.n_contacts, np.int64)
    if tied.sum() < 2 * N_STRATA:
        return np.where(tied, 1, 0).astype(np.int64)
    active = np.bincount(take_ups.contact, minlength=take_ups.n_contacts).astype(np.float64)
    holds = (ties.since < at) & (at <= ties.until)
    owner = np.repeat(everyone, np.diff(ties.ptr))
    around = np.bincount(owner[holds], active[ties.neighbour[holds]], minlength=take_ups.n_contacts)
    columns = np.column_stack(
        (np.log(np.maximum(degree, 1)), np.log(np.maximum(degree, 1)) ** 2, _one_hot(network))
    )
    score = (
        PoissonRegressor(alpha=1e-3, solver="newton-cholesky")
        .fit(columns[tied], around[tied])
        .predict(columns[tied])
    )
    ends = np.quantile(score, np.arange(1, N_STRATA) / N_STRATA)
    strata[tied] = 1 + np.searchsorted(ends, score, side="right")
    return strata


def _one_hot(network: Network) -> Floats:
    """[n_contacts, values] the attributes that vary, rare values and missing ones as values of their own."""
    found = network.latest("contacts", ATTRIBUTES).astype("str").fillna("not known")
    for name in ATTRIBUTES:
        rare = found[name].map(found[name].value_counts()) < FEWEST_OF_A_KIND
        found[name] = found[name].mask(rare, "rare")
    varied = [name for name in ATTRIBUTES if found[name].nunique() > 1]
    if not varied:
        return np.empty((len(found), 0))
    return pd.get_dummies(found[varied]).to_numpy(np.float64)

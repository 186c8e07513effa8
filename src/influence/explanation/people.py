"""The people and events that a reason names, as they stood strictly before the request."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from influence.graph.pairs import PairFeatures, Queries
from influence.graph.temporal import CODES
from influence.graph.ties import Ties
from influence.graph.timeline import MICROSECONDS_PER_DAY, STATIC
from influence.schema import INTERACTION_KINDS

N_INTRODUCERS = 3
"""Mutual contacts named per request."""


@dataclass(frozen=True)
class Event:
    """Something that passed between a contact and another."""

    relation: str
    other: str
    """Id of the other contact."""
    outgoing: bool
    """Whether it went from the contact to the other."""
    days_ago: float


def introducers(features: PairFeatures, queries: Queries, row: int, kind: str = "connection") -> list[str]:
    """Ids of the strongest mutual contacts of a request, the strongest first.

    Strong is who has dealt much with both ends and is tied to few others: the product of
    1 + log1p(interactions with each end), over the logarithm of the degree (as Adamic & Adar weigh).
    Nobody is named whom nothing but requests ties to one of the ends: one left unanswered is no acquaintance.

    Parameters
    ----------
    kind
        A name in `TIE_KINDS`: ties of which kind count.
    """
    u, v, at = (int(values[row]) for values in (queries.sender, queries.recipient, queries.at))
    ties = features.ties[kind]
    mutual = mutual_contacts(ties, u, v, at)
    if not len(mutual):
        return []
    moment, connected = np.full(len(mutual), at), features.ties["connection"]
    dealt = [log_dealings(features, mutual, np.full(len(mutual), end), moment) for end in (u, v)]
    tied = [np.isin(mutual, connected.neighbours(np.array([end]), at)[1]) for end in (u, v)]
    is_acquainted = ((dealt[0] > 0) | tied[0]) & ((dealt[1] > 0) | tied[1])
    degree = np.maximum(ties.degree(mutual, moment), 2)
    # Rounded, so that equals stay equal and come in the order of their ids.
    strength = np.round((1 + dealt[0]) * (1 + dealt[1]) / np.log(degree), 9)
    best = np.argsort(-strength, kind="stable")
    best = best[is_acquainted[best]][:N_INTRODUCERS]
    return [str(name) for name in features.graph.contact_ids[mutual[best]]]


def mutual_contacts(ties: Ties, u: int, v: int, at: int) -> NDArray[np.int64]:
    """Positions of the contacts tied to both at the moment, ascending; none for a contact never met."""
    if u < 0 or v < 0:
        return np.empty(0, np.int64)
    found = np.intersect1d(*(ties.neighbours(np.array([end]), at)[1] for end in (u, v)))
    return found[(found != u) & (found != v)]


def latest_event(
    features: PairFeatures,
    contact: int,
    at: int,
    relations: Collection[str],
    *,
    other: int | None = None,
    outgoing: bool | None = None,
) -> Event | None:
    """The latest dated event of a contact in some relations before a moment, if there is one.

    With one other contact only, or in one direction only, if these are given.
    """
    if contact < 0:
        return None
    incidence = features.graph.incidence
    start, end = incidence.ptr[contact : contact + 2]
    end = start + np.searchsorted(incidence.at[start:end], at)
    part = slice(start, end)
    fits = np.isin(incidence.relation[part], [CODES[name] for name in relations])
    fits &= incidence.at[part] != STATIC
    if other is not None:
        fits &= incidence.neighbour[part] == other
    if outgoing is not None:
        fits &= incidence.outgoing[part] == outgoing
    if not fits.any():
        return None
    place = start + np.flatnonzero(fits)[-1]
    return Event(
        list(CODES)[incidence.relation[place]],
        str(features.graph.contact_ids[incidence.neighbour[place]]),
        bool(incidence.outgoing[place]),
        float((at - incidence.at[place]) / MICROSECONDS_PER_DAY),
    )


def latest_dealing(features: PairFeatures, queries: Queries, row: int) -> Event | None:
    """The latest interaction between sender and recipient; outgoing if it was the sender's."""
    sender, recipient, at = (int(x[row]) for x in (queries.sender, queries.recipient, queries.at))
    if recipient < 0:
        return None
    return latest_event(features, sender, at, INTERACTION_KINDS, other=recipient)


def log_dealings(
    features: PairFeatures, some: NDArray[np.int64], others: NDArray[np.int64], at: NDArray[np.int64]
) -> NDArray[np.float64]:
    """log1p of the interactions of each two, in either direction, strictly before each moment, [n]."""
    timeline = features.pair_timelines["interactions"]
    counts = [np.expm1(timeline.history(a, b, at)[:, 0]) for a, b in ((some, others), (others, some))]
    return np.log1p(np.sum(counts, axis=0, dtype=np.float64))

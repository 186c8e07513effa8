"""The state of a contact at a moment: the running statistics of everything it did and met before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from influence.data.splits import HORIZON_DAYS
from influence.graph.timeline import HISTORY_COLUMNS, MICROSECONDS_PER_DAY

if TYPE_CHECKING:
    from influence.graph.temporal import TemporalGraph

ROLES: tuple[tuple[str, str], ...] = (
    ("invited", "out"),
    ("invited", "in"),
    ("accepted", "out"),
    ("accepted", "in"),
    ("declined", "out"),
    ("declined", "in"),
    ("connected", "out"),
    ("interactions", "out"),
    ("interactions", "in"),
)
"""The histories that make up a state; `connected` is symmetric, so one direction says all."""

PRIOR_RATE, PRIOR_STRENGTH = 0.3, 3.0
"""Acceptance rates are shrunk towards this rate as if that many invitations had shown it."""

_DERIVED = (
    "rate_accepting",
    "rate_accepted",
    "share_answered_of_received",
    "log_open_received_21d",
    "log_open_sent_21d",
)

STATE_COLUMNS: tuple[str, ...] = (
    *(f"{group}_{role}.{column}" for group, role in ROLES for column in HISTORY_COLUMNS),
    *_DERIVED,
)


def states(graph: TemporalGraph, contact: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.float32]:
    """What is known of each contact strictly before each moment.

    Parameters
    ----------
    contact : int64 [n], positions; -1 for a contact that was never met.
    at : int64 [n], microseconds.

    Returns
    -------
    float32 [n, len(STATE_COLUMNS)], NaN where a history is empty and the quantity undefined.
    """
    histories = {role: graph.timelines[role].history(contact, at) for role in ROLES}
    return np.concatenate((*histories.values(), _derived(graph, histories, contact, at)), axis=1)


def _derived(
    graph: TemporalGraph,
    histories: dict[tuple[str, str], NDArray[np.float32]],
    contact: NDArray[np.int64],
    at: NDArray[np.int64],
) -> NDArray[np.float32]:
    def count(group: str, role: str) -> NDArray[np.float32]:
        return np.expm1(histories[group, role][:, 0])

    received, sent = count("invited", "in"), count("invited", "out")
    answered = count("accepted", "out") + count("declined", "out")
    return np.stack(
        (
            shrunk_rate(count("accepted", "out"), received),
            shrunk_rate(count("accepted", "in"), sent),
            shrunk_rate(answered, received),
            np.log1p(_open(graph, "in", "out", contact, at)),
            np.log1p(_open(graph, "out", "in", contact, at)),
        ),
        axis=1,
    ).astype(np.float32)


def shrunk_rate(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[Any]:
    """The share of `part` in `whole`, counts [n] each, shrunk towards `PRIOR_RATE`."""
    return (part + PRIOR_RATE * PRIOR_STRENGTH) / (np.maximum(whole, part) + PRIOR_STRENGTH)


def shrunk_part(rate: float, whole: int) -> int:
    """The count that `shrunk_rate` was made of, no greater than `whole`."""
    return min(round(rate * (whole + PRIOR_STRENGTH) - PRIOR_RATE * PRIOR_STRENGTH), whole)


def _open(
    graph: TemporalGraph, asked: str, answered: str, contact: NDArray[np.int64], at: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Invitations less answers of the last three weeks: the current load."""
    earlier = at - int(HORIZON_DAYS * MICROSECONDS_PER_DAY)

    def recent(group: str, role: str) -> NDArray[np.int64]:
        timeline = graph.timelines[group, role]
        return timeline.count_before(contact, at) - timeline.count_before(contact, earlier)

    answers = recent("accepted", answered) + recent("declined", answered)
    return np.maximum(recent("invited", asked) - answers, 0)

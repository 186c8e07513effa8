"""Invented logs of take-ups for the tests of contagion."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from influence.contagion.takeups import Exposures, TakeUps, ties_of
from influence.data import Network
from influence.graph.temporal import TemporalGraph
from influence.graph.ties import Ties

START = pd.Timestamp("2024-01-01", tz="UTC")


def day(days: float) -> pd.Timestamp:
    """A moment, in days since the start."""
    return START + pd.Timedelta(days=days)


def micros(days: float) -> int:
    """The same in microseconds since 1970."""
    return int(day(days).value // 1_000)


def network_of(
    adoptions: Iterable[tuple[str, str, float]],
    ties: Iterable[tuple[str, str]],
    people: Iterable[str] = (),
    **tables: pd.DataFrame,
) -> Network:
    """Take-ups (who, what, day) of the topic `t` and undated ties, among these people and more."""
    who, what, when = (list(column) for column in zip(*adoptions, strict=True))
    source, target = (list(column) for column in zip(*ties, strict=True))
    contacts = tables.pop("contacts", pd.DataFrame({"contact_id": sorted({*who, *source, *target, *people})}))
    at = [day(days) for days in when]
    return Network.from_tables(
        {
            "contacts": contacts,
            "adoptions": pd.DataFrame({"contact_id": who, "item": what, "at": at, "topic": "t"}),
            "connections": pd.DataFrame({"source_id": source, "target_id": target}),
            **tables,
        }
    )


def parts_of(network: Network) -> tuple[TakeUps, Ties, Exposures]:
    """What the evidence is made from."""
    take_ups, ties = TakeUps.of(network), ties_of(TemporalGraph(network))
    return take_ups, ties, Exposures.along(take_ups, ties)


def random_log(
    seed: int, n_people: int = 60, n_items: int = 30, contagious: bool = False
) -> tuple[list[tuple[str, str, float]], list[tuple[str, str]]]:
    """Take-ups and ties: two camps of like-minded people, tied mostly inside; some moved by a neighbour."""
    rng = np.random.default_rng(seed)
    camp = np.arange(n_people) % 2
    ties = [
        (f"p{a:02d}", f"p{b:02d}")
        for a in range(n_people)
        for b in range(a + 1, n_people)
        if rng.random() < (0.12 if camp[a] == camp[b] else 0.01)
    ]
    around: dict[str, list[str]] = {}
    for a, b in ties:
        around.setdefault(a, []).append(b)
        around.setdefault(b, []).append(a)
    log = []
    for item in range(n_items):
        keen = np.where(camp == item % 2, 0.3, 0.05)
        taken = {f"p{i:02d}": rng.uniform(0, 100) for i in np.flatnonzero(rng.random(n_people) < keen)}
        if contagious:
            for who in sorted(taken):
                for other in around.get(who, []):
                    if other not in taken and rng.random() < 0.3:
                        taken[other] = taken[who] + rng.exponential(2)
        log += [(who, f"x{item}", when) for who, when in sorted(taken.items())]
    return log, ties

"""The hour at which a contact is usually active, on histories written by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
from tests.graph.worlds import at

from influence.data import Network
from influence.graph.temporal import TemporalGraph, microseconds
from influence.planning.hours import FEWEST, active_hours


def graph(acts: dict[str, list[float]]) -> TemporalGraph:
    """Messages to bob at the given days, by sender."""
    rows = [(who, day) for who, days in acts.items() for day in days]
    interactions = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(len(rows))],
            "actor_id": [who for who, _ in rows],
            "target_id": "bob",
            "kind": "message",
            "at": [at(day) for _, day in rows],
        }
    )
    return TemporalGraph(Network.from_tables({"interactions": interactions}))


def asked(acts: dict[str, list[float]], moment: float, *people: str) -> tuple[list[float], list[int]]:
    found = graph(acts)
    now = int(microseconds(pd.Series([at(moment)]))[0])
    hour, n = active_hours(found, found.positions(people), now)
    return [float(h) for h in hour], n.tolist()


def on(hour: float, first: int, n: int = FEWEST) -> list[float]:
    """Some minutes past an hour on n days in a row."""
    return [day + (hour + 0.2) / 24 for day in range(first, first + n)]


def test_active_hours__steady_people__their_own_hours_though_others_keep_others() -> None:
    hour, n = asked({"ann": on(14, 0, 30), "cat": on(6, 0, 30)}, 40, "ann", "cat")
    assert hour == [14.0, 6.0]
    assert n == [30, 30]


def test_active_hours__around_midnight__neighbouring_hours_add_up() -> None:
    # 23, 0 and 1 o'clock together outweigh the single most frequent hour.
    acts = [*on(23, 0, 9), *on(0, 20, 9), *on(1, 40, 9), *on(12, 60, 11)]
    assert asked({"ann": acts}, 99, "ann")[0] == [0.0]


def test_active_hours__few_acts_or_a_stranger__nothing_is_said() -> None:
    hour, n = asked({"ann": on(14, 0, FEWEST - 1), "cat": on(6, 0, 30)}, 40, "ann", "nobody")
    assert np.isnan(hour).all()
    assert n == [FEWEST - 1, 0]


def test_active_hours__acts_at_the_moment_or_later__unseen() -> None:
    acts = {"ann": [*on(14, 0), *on(3, 60, 90)]}
    assert asked(acts, 50, "ann") == ([14.0], [FEWEST])
    assert asked({"ann": [*on(14, 0), 50.5]}, 50.5, "ann") == ([14.0], [FEWEST])


def test_active_hours__dates_without_a_time_of_day__left_out() -> None:
    assert asked({"ann": [*on(14, 0), *map(float, range(100, 160))]}, 200, "ann") == ([14.0], [FEWEST])

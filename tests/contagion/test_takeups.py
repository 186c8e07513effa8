"""The log of take-ups and the candidates of each, against hand-worked and slow answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from influence.contagion.takeups import NO_TOPIC, Exposures, TakeUps, ties_of
from influence.data import Network
from influence.errors import DataError
from influence.graph.temporal import TemporalGraph


def network_of(adoptions: list[tuple[str, str, int]], ties: list[tuple[str, str]]) -> Network:
    """Take-ups (who, what, day) and undated ties."""
    who, what, day = zip(*adoptions, strict=True)
    at = pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(day, unit="D")
    contacts = sorted({*who, *(name for tie in ties for name in tie)})
    return Network.from_tables(
        {
            "contacts": pd.DataFrame({"contact_id": contacts}),
            "adoptions": pd.DataFrame({"contact_id": who, "item": what, "at": at, "topic": "t"}),
            "connections": pd.DataFrame(ties, columns=["source_id", "target_id"]),
        }
    )


def candidates(take_ups: TakeUps, exposures: Exposures) -> dict[tuple[str, str], list[str]]:
    """(who, what) -> its candidates' ids, earliest first."""
    name = take_ups.contact_ids[take_ups.contact]
    keys = zip(name, take_ups.items[take_ups.item], strict=True)
    spans = zip(exposures.ptr, exposures.ptr[1:], strict=False)
    return {key: name[exposures.row[a:b]].tolist() for key, (a, b) in zip(keys, spans, strict=True)}


def test_exposures__earlier_tied_adopters_of_the_item__are_the_candidates() -> None:
    network = network_of(
        [("c", "x", 1), ("b", "x", 2), ("a", "x", 3), ("d", "x", 3), ("a", "y", 0), ("b", "y", 5)],
        [("a", "b"), ("c", "a"), ("a", "d"), ("b", "d")],
    )
    take_ups = TakeUps.of(network)
    found = candidates(take_ups, Exposures.along(take_ups, ties_of(TemporalGraph(network))))
    assert found == {
        ("c", "x"): [],
        ("b", "x"): [],  # not tied to c
        ("a", "x"): ["c", "b"],  # d took it up at the same moment
        ("d", "x"): ["b"],
        ("a", "y"): [],
        ("b", "y"): ["a"],
    }
    everyone = candidates(take_ups, Exposures.to_all_before(take_ups))
    assert everyone["a", "x"] == everyone["d", "x"] == ["c", "b"]
    assert everyone["b", "x"] == ["c"]


def test_exposures__a_tie_formed_later_or_ended__does_not_count() -> None:
    network = network_of([("a", "x", 1), ("b", "x", 10)], [("a", "b")])
    day = pd.Timestamp("2020-01-01", tz="UTC")
    for since, until, n in ((5, 20, 1), (10, 20, 0), (5, 9, 0), (0, 10, 1)):
        dated = network.with_tables(
            connections=pd.DataFrame(
                {
                    "source_id": ["a"],
                    "target_id": ["b"],
                    "connected_at": [day + pd.Timedelta(days=since)],
                    "removed_at": [day + pd.Timedelta(days=until)],
                }
            )
        )
        take_ups = TakeUps.of(dated)
        assert Exposures.along(take_ups, ties_of(TemporalGraph(dated))).n_candidates.sum() == n


def test_exposures__random_logs__equal_the_slow_answer() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        names = [f"p{i}" for i in range(12)]
        ties = sorted({tuple(sorted(rng.choice(names, 2, replace=False))) for _ in range(25)})
        log = {
            (str(rng.choice(names)), str(rng.choice(["x", "y", "z"]))): int(rng.integers(6))
            for _ in range(30)
        }
        network = network_of([(who, what, day) for (who, what), day in log.items()], ties)
        take_ups = TakeUps.of(network)
        found = candidates(take_ups, Exposures.along(take_ups, ties_of(TemporalGraph(network))))
        for (who, what), day in log.items():
            slow = {
                u for (u, i), d in log.items() if i == what and d < day and tuple(sorted((u, who))) in ties
            }
            assert set(found[who, what]) == slow


def test_take_ups__none_or_without_topic__error_or_no_topic() -> None:
    network = network_of([("a", "x", 1)], [("a", "b")])
    with pytest.raises(DataError, match="no take-ups"):
        TakeUps.of(network.as_of("2019-01-01"))
    untold = network.with_tables(adoptions=network.table("adoptions").drop(columns="topic"))
    assert TakeUps.of(untold).topic.tolist() == [NO_TOPIC]
    assert len(TakeUps.of(network).before(0)) == 0

"""What is known of candidates: hand-worked, and blind to what comes later."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from influence.contagion.covariates import COLUMNS, Covariates
from influence.contagion.drawing import N_FIRST, N_LAST, drawn
from influence.contagion.excitation import Excitation
from influence.contagion.risk import AtRisk
from influence.contagion.takeups import Exposures, TakeUps, ties_of
from influence.data import Network
from influence.graph.temporal import TemporalGraph

START = pd.Timestamp("2020-01-01", tz="UTC")


def days(numbers: list[float]) -> pd.DatetimeIndex:
    return START + pd.to_timedelta(numbers, unit="D")


def retweets() -> Network:
    """Two posts by a: b and c take up the first from a, then b sees the second before c does."""
    return Network.from_tables(
        {
            "contents": pd.DataFrame(
                {"content_id": ["x", "y"], "author_id": ["a", "a"], "at": days([0, 10])}
            ),
            "adoptions": pd.DataFrame(
                {
                    "contact_id": ["a", "b", "c", "a", "b", "c"],
                    "item": list("xxxyyy"),
                    "at": days([0, 1, 2, 10, 11, 13]),
                }
            ),
            "interactions": pd.DataFrame(
                {
                    "event_id": ["1", "2", "3"],
                    "actor_id": ["b", "c", "c"],
                    "target_id": ["a", "b", "b"],
                    "kind": "share",
                    "content_id": ["x", "x", "y"],
                    "at": days([1, 2, 13]),
                }
            ),
        }
    )


def of_last(network: Network) -> dict[str, list[float]]:
    """Column -> its values for the candidates a and b of c's take-up of y."""
    take_ups = TakeUps.of(network)
    covariates = Covariates.of(network, take_ups)
    asked = np.flatnonzero((take_ups.contact == 2) & (take_ups.item == 1))
    pairs = Exposures.to_all_before(take_ups, asked)
    found = covariates.of_pairs(pairs.row, pairs.take_up, take_ups.n_before[pairs.take_up])
    return dict(zip(COLUMNS, found.T.astype(float).round(4).tolist(), strict=True))


def test_of_pairs__two_posts__hand_worked() -> None:
    found = of_last(retweets())
    log2, log3 = round(float(np.log(2)), 4), round(float(np.log(3)), 4)
    assert found["is_author"] == found["is_first"] == [1, 0]
    assert found["log_reactions_as_author"] == [log2, 0]  # b's share of x
    assert found["log_reactions"] == [0, log2]  # c's share of x; that of y is what is attributed
    assert found["log_pair_reactions"] == [0, log2]
    assert found["log_followed"] == [log2, log2]  # c came after both on x
    assert found["log_preceded"] == [0, 0]
    assert found["log_authored"] == [log2, 0]  # x; y was posted at the very moment of a's own take-up
    assert found["log_n_candidates"] == [log3, log3]
    assert found["log_behind_last"] == [log2, 0]
    np.testing.assert_allclose(found["log_delay"], np.log1p(np.array([3, 2]) * 86_400), atol=1e-3)
    np.testing.assert_allclose(found["log_days_since_pair"][1], np.log1p(9), atol=1e-3)


def test_of_pairs__whatever_comes_later__nothing_moves() -> None:
    network = retweets()
    later = days([13, 14, 20])
    altered = network.with_tables(
        interactions=pd.concat(
            [
                network.table("interactions"),
                pd.DataFrame(
                    {
                        "event_id": ["4", "5", "6"],
                        "actor_id": ["c", "b", "a"],
                        "target_id": ["a", "c", "b"],
                        "kind": "like",
                        "at": later,
                    }
                ),
            ],
            ignore_index=True,
        ),
        adoptions=pd.concat(
            [
                network.table("adoptions"),
                pd.DataFrame({"contact_id": ["b", "c"], "item": "z", "at": later[:2]}),
            ],
            ignore_index=True,
        ),
    )
    assert str(of_last(network)) == str(of_last(altered))


def test_drawn__many_candidates__stand_for_all_and_hold_the_parent() -> None:
    rng = np.random.default_rng(5)
    n = 200
    take_ups = hourly(n)
    value, strength = rng.random(n), rng.gamma(0.5, 2.0, n) + 0.1
    strength[100] = 500.0
    for parent in (0, 70, 190):
        estimates, totals = [], []
        for _ in range(400):
            found, log_count = drawn(take_ups, np.array([199]), np.array([parent]), 25, strength, rng)
            assert len(found) == 25
            assert (np.diff(found.row) > 0).all()
            assert parent in found.row and log_count[found.row == parent] == 0
            assert set(range(N_FIRST)) | set(range(199 - N_LAST, 199)) | {100} <= set(found.row)
            estimates.append(float(np.exp(log_count) @ value[found.row]))
            totals.append(float(np.exp(log_count) @ strength[found.row]))
        assert abs(np.mean(estimates) - value[:199].sum()) < 4 * np.std(estimates) / 20 + 1e-9
        # What is drawn in proportion to itself is hardly left to chance: no more than one draw more or less.
        assert np.ptp(totals) < 0.2 * strength[:199].sum()


def test_drawn__one_strong_among_many__the_log_of_the_sum_is_right_by_strength_only() -> None:
    """What the softmax takes: drawn evenly, the strong one is too seldom there to be pushed down."""
    n, rng = 400, np.random.default_rng(6)
    take_ups, weight = hourly(n), np.ones(n)
    weight[150] = 200.0
    log_sums = []
    for strength in (weight, np.ones(n)):
        rows = np.full(2_000, n - 1)
        found, log_count = drawn(take_ups, rows, np.zeros(2_000, np.int64), 40, strength, rng)
        total = np.add.reduceat(np.exp(log_count) * weight[found.row], found.ptr[:-1])
        log_sums.append(np.log(total).mean())
    assert log_sums[0] == pytest.approx(np.log(weight[: n - 1].sum()), abs=0.01)
    assert log_sums[1] < log_sums[0] - 0.15


def hourly(n: int) -> TakeUps:
    """One item that n people take up, one an hour."""
    at = START + pd.to_timedelta(np.arange(n), unit="h")
    taken = pd.DataFrame({"contact_id": [f"p{i:03}" for i in range(n)], "item": "x", "at": at})
    return TakeUps.of(Network.from_tables({"adoptions": taken}))


def test_drawn__few_candidates__all_of_them() -> None:
    take_ups = hourly(4)
    of, parent = np.array([3, 1]), np.array([1, 0])
    found, log_count = drawn(take_ups, of, parent, 14, np.ones(4), np.random.default_rng(0))
    assert found.row.tolist() == [0, 1, 2, 0] and found.ptr.tolist() == [0, 3, 4]
    assert not log_count.any()


def test_excitation__one_sets_off_a_burst__its_rate_rises() -> None:
    hours = [0, 30, *(100 + np.arange(12) / 60)]
    network = Network.from_tables(
        {
            "adoptions": pd.DataFrame(
                {
                    "contact_id": [f"p{i:02}" for i in range(len(hours))],
                    "item": "x",
                    "at": START + pd.to_timedelta(hours, unit="h"),
                }
            )
        }
    )
    take_ups = TakeUps.of(network)
    excitation = Excitation(np.log(300.0), 1.0, 2.0, 0.3)
    pairs = Exposures.to_all_before(take_ups)
    found = excitation.columns(take_ups, np.zeros(len(take_ups), np.float32), pairs)
    share = np.exp(found[:, 1])
    np.testing.assert_allclose(np.bincount(pairs.take_up, share)[1:], 1, atol=1e-4)
    last = found[pairs.take_up == len(hours) - 1, 0]
    assert last[2] == max(last[1:])  # the first of the burst
    some = Exposures.to_all_before(take_ups, np.array([9, 4]))
    again = excitation.columns(take_ups, np.zeros(len(take_ups), np.float32), some)
    np.testing.assert_array_equal(again[:9], found[pairs.take_up == 9])


def test_at_risk__ties__until_take_up_tie_end_or_records() -> None:
    network = Network.from_tables(
        {
            "adoptions": pd.DataFrame({"contact_id": ["a", "b"], "item": "x", "at": days([1, 4])}),
            "connections": pd.DataFrame(
                {
                    "source_id": ["a", "a", "b"],
                    "target_id": ["b", "c", "c"],
                    "connected_at": days([0, 0, 0]),
                    "removed_at": [pd.NaT, days([3])[0], pd.NaT],
                }
            ),
        }
    )
    take_ups = TakeUps.of(network)
    ties = ties_of(TemporalGraph(network))
    until = int(days([9])[0].value // 1_000)
    found = AtRisk.along(take_ups, ties, until)
    rows = zip(found.row, found.contact, found.seconds / 86_400, strict=True)
    assert sorted(rows) == [(0, 1, 3.0), (0, 2, 2.0), (1, 2, 5.0)]

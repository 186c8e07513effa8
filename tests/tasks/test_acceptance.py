"""Acceptance: what an invitation's row says of its outcome, and the columns of an answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.graph.worlds import at

from influence.data import Network
from influence.data.splits import watched_until
from influence.graph.temporal import TemporalGraph
from influence.model.hazard import ACCEPT, BIN_ENDS_DAYS, DECLINE, N_BINS, N_LOGITS, NONE, Forecast
from influence.tasks.acceptance import OUTPUT_COLUMNS, answer, outcomes_of, queries_of

SECOND = 1 / 86_400


def sent_at_0(outcome: str, answered_after_days: float | None, watched_days: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "invitation_id": ["1"],
            "sender_id": ["ann"],
            "recipient_id": ["bob"],
            "sent_at": [at(0)],
            "has_note": pd.array([None], dtype="boolean"),
            "outcome": [outcome],
            "responded_at": pd.Series(
                [pd.NaT if answered_after_days is None else at(answered_after_days)],
                dtype="datetime64[us, UTC]",
            ),
            "observed_until": [at(watched_days)],
        }
    )


@pytest.mark.parametrize(
    ("outcome", "answered_after", "watched", "n_at_risk", "event"),
    [
        ("accepted", 0.0, 60, 1, ACCEPT),
        ("accepted", 1 / 24, 60, 1, ACCEPT),
        ("accepted", 1 / 24 + SECOND, 60, 2, ACCEPT),
        ("accepted", 1.0, 60, 2, ACCEPT),  # exactly one day is "at once"
        ("accepted", 1.0 + SECOND, 60, 3, ACCEPT),
        ("accepted", 21.0, 60, 5, ACCEPT),
        ("accepted", 21.0 + SECOND, 60, 5, NONE),  # too late: no answer within the horizon
        ("accepted", 2.0, 2.5, 2, NONE),  # the bin of the answer was not watched to its end
        ("accepted", 2.0, 3.0, 3, ACCEPT),
        ("declined", 0.5, 60, 5, DECLINE),
        ("declined", 21.0, 60, 5, DECLINE),
        ("declined", 21.0 + SECOND, 60, 5, NONE),
        ("declined", 0.5, 20.9, 4, NONE),  # an acceptance may still follow a first reply
        ("declined", 0.5, 21.0, 5, DECLINE),
        ("withdrawn", 2.0, 60, 2, NONE),
        ("withdrawn", 30.0, 60, 5, NONE),
        ("withdrawn", 0.01, 60, 0, NONE),
        ("pending", None, 60, 5, NONE),
        ("pending", None, 6.9, 3, NONE),
        ("pending", None, 0.0, 0, NONE),
        ("unknown", None, 60, 0, NONE),  # says nothing, so teaches nothing
        ("unknown", 4.0, 60, 3, NONE),
    ],
)  # fmt: skip
def test_outcomes_of__one_invitation__label_by_hand(
    outcome: str, answered_after: float | None, watched: float, n_at_risk: int, event: int
) -> None:
    found = outcomes_of(sent_at_0(outcome, answered_after, watched))
    assert (found.n_at_risk.tolist(), found.event.tolist()) == ([n_at_risk], [event])


@pytest.mark.parametrize(
    ("outcome", "answered_after", "expected"),
    [("pending", None, 60), ("accepted", 3.0, 60), ("withdrawn", 3.0, 3.0), ("unknown", None, 0)],
)
def test_watched_until__ways_to_end__by_hand(
    outcome: str, answered_after: float | None, expected: float
) -> None:
    assert watched_until(sent_at_0(outcome, answered_after, 60)).tolist() == [at(expected)]


def test_classes__watched_for_three_weeks__by_hand() -> None:
    rows = [("accepted", 0.5), ("accepted", 1.0), ("accepted", 1.1), ("declined", 0.5), ("pending", None)]
    table = pd.concat([sent_at_0(outcome, after, 60) for outcome, after in rows], ignore_index=True)
    assert outcomes_of(table).classes.tolist() == [1, 1, 2, 3, 0]


def test_queries_of__notes_and_strangers__kept_apart() -> None:
    table = pd.concat([sent_at_0("pending", None, 60)] * 3, ignore_index=True)
    table["invitation_id"] = ["1", "2", "3"]
    table["has_note"] = pd.array([True, False, None], dtype="boolean")
    graph = TemporalGraph(Network.from_tables({"invitations": table}))
    table["recipient_id"] = ["bob", "ann", "nobody"]
    queries = queries_of(table, graph)
    assert queries.sender.tolist() == [0, 0, 0]
    assert queries.recipient.tolist() == [1, 0, -1]
    np.testing.assert_array_equal(queries.has_note, np.array([1, 0, np.nan], dtype=np.float32))
    assert queries.at.tolist() == [at(0).value // 1000] * 3


@given(seed=st.integers(0, 10_000))
def test_answer__any_logits__columns_sum_to_one_and_stay_in_range(seed: int) -> None:
    logits = np.random.default_rng(seed).normal(0, 6, (7, N_LOGITS))
    found = answer(Forecast.from_logits(logits))
    assert tuple(found.columns) == OUTPUT_COLUMNS
    total = found["p_within_3_weeks"] + found["p_declined"] + found["p_no_answer"]
    np.testing.assert_allclose(total, 1.0, atol=1e-12)
    probabilities = found.drop(columns="median_days")
    assert ((probabilities >= 0) & (probabilities <= 1)).all(axis=None)
    assert (found["p_at_once"] <= found["p_within_3_weeks"]).all()
    assert found["median_days"].between(0, BIN_ENDS_DAYS[-1]).all()


@pytest.mark.parametrize(
    ("by", "days"),
    [
        ((0.4, 0.4, 0.4, 0.4, 0.4), 0.5 / 24),  # all in the first hour: half-way through it
        ((0.0, 0.1, 0.3, 0.3, 0.3), 1.5),  # a third by one day, all by three: a quarter of the way
        ((0.0, 0.2, 0.4, 0.4, 0.4), 1.0),  # exactly half by one day
        ((0.0, 0.0, 0.0, 0.0, 0.2), 14.0),
        ((0.0, 0.0, 0.0, 0.1, 0.5), 7 + 14 * (0.25 - 0.1) / 0.4),
    ],
)
def test_median_days__worked_by_hand__even_flow_within_a_bin(by: tuple[float, ...], days: float) -> None:
    assert len(by) == N_BINS
    found = answer(Forecast(np.array([by]), np.zeros(1)))
    assert found["median_days"].item() == pytest.approx(days)


def test_answer__nobody_would_ever_accept__no_median_and_no_warning() -> None:
    found = answer(Forecast(np.zeros((1, N_BINS)), np.array([0.25])))
    assert found["p_no_answer"].item() == 0.75
    assert np.isnan(found["median_days"].item())

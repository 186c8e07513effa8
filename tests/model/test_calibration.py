"""Prequential recalibration: what it may know, what it finds, and when it leaves forecasts alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from influence.graph.timeline import MICROSECONDS_PER_DAY as DAY
from influence.model.calibration import (
    CalibrationConfig,
    History,
    Prequential,
    Recalibration,
    clearly_better,
    recalibrated_losses,
)
from influence.model.hazard import (
    ACCEPT,
    BIN_ENDS_DAYS,
    DECLINE,
    N_BINS,
    N_LOGITS,
    NONE,
    Forecast,
    Outcomes,
    log_likelihood_at_horizons,
)

CENTRE = np.array([-2.0, -1.0, -2.0, -2.0, -2.0, -1.0])


def drawn(truth: np.ndarray, rng: np.random.Generator) -> Outcomes:
    """Outcomes of invitations whose true hazard logits are [n, N_LOGITS], all watched to the end."""
    forecast = Forecast.from_logits(truth)
    ends = np.column_stack((forecast.p_accepted_by, forecast.p_accepted_by[:, -1] + forecast.p_declined))
    where = (rng.random(len(truth))[:, None] > ends).sum(1)
    event = np.select((where < N_BINS, where == N_BINS), (ACCEPT, DECLINE), default=NONE)
    return Outcomes(np.minimum(where + 1, N_BINS), event)


def world(seed: int, n: int, days: float = 100, shift: float = 0.0, slope: float = 1.0) -> History:
    """Forecasts that are off by a shift and a slope, and what became of them."""
    rng = np.random.default_rng(seed)
    logits = CENTRE + rng.normal(0, 1, (n, 1)) + rng.normal(0, 0.3, (n, N_LOGITS))
    truth = CENTRE + slope * (logits - CENTRE) + shift
    truth[:, N_BINS] = logits[:, N_BINS]
    sent_at = np.sort(rng.uniform(0, days, n) * DAY).astype(np.int64)
    return History(logits, sent_at, drawn(truth, rng))


EMPTY = History(np.empty((0, N_LOGITS)), np.empty(0, np.int64), Outcomes(*np.empty((2, 0), np.int64)))


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), day=st.integers(1, 60))
def test_prequential__outcomes_at_or_after_the_block_rewritten__nothing_moves(seed: int, day: int) -> None:
    history, rng = world(seed, 60, days=50), np.random.default_rng(seed)
    at_bin_ends = (day - np.array(BIN_ENDS_DAYS)[rng.integers(N_BINS, size=20)]) * DAY
    sent_at = np.where(np.arange(60) < 20, np.resize(at_bin_ends, 60).astype(np.int64), history.sent_at)
    moment = day * DAY
    past = history.outcomes.censored(sent_at, moment)
    other = drawn(history.logits, rng)
    open_then = (past.event == NONE) & (past.n_at_risk < N_BINS)
    later = open_then & (other.n_at_risk > past.n_at_risk)
    rewritten = Outcomes(
        np.where(later, other.n_at_risk, past.n_at_risk), np.where(later, other.event, past.event)
    )
    queries = rng.normal(-1, 1, (5, N_LOGITS))
    at = moment + rng.integers(DAY, size=5)
    found = [
        Prequential(History(history.logits, sent_at, outcomes), CENTRE, 30.0, 5.0)(queries, at)
        for outcomes in (history.outcomes, past, rewritten)
    ]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_prequential__outcome_the_day_before__moves_the_forecast() -> None:
    history = world(0, 60, days=50)
    turned = Outcomes(np.ones(60, np.int64), np.full(60, ACCEPT))
    queries, at = np.zeros((1, N_LOGITS)), np.array([60 * DAY])
    found, other = (
        Prequential(History(history.logits, history.sent_at, o), CENTRE, 30.0, 5.0)(queries, at)
        for o in (history.outcomes, turned)
    )
    assert np.abs(found - other).max() > 0.1


def test_prequential__batch_and_one_by_one__the_very_same_numbers() -> None:
    calibrate = Prequential(world(1, 200, shift=0.5), CENTRE, 30.0, 10.0)
    rng = np.random.default_rng(2)
    queries, at = rng.normal(-1, 1, (40, N_LOGITS)), rng.integers(0, 120 * DAY, 40)
    single = [calibrate(queries[i : i + 1], at[i : i + 1])[0] for i in range(40)]
    np.testing.assert_array_equal(calibrate(queries, at), single)


@pytest.mark.parametrize(
    "calibrate",
    [
        Prequential(EMPTY, CENTRE, 30.0, 1.0),
        Prequential(world(3, 50, shift=2.0), CENTRE),
        Prequential(world(3, 50, days=10, shift=2.0), CENTRE, 0.01, 1.0),
    ],
    ids=["no history", "infinite strength", "all long forgotten"],
)
def test_prequential__nothing_to_learn_from__forecasts_left_alone(calibrate: Prequential) -> None:
    queries = np.random.default_rng(0).normal(-1, 1, (4, N_LOGITS))
    np.testing.assert_allclose(calibrate(queries, np.full(4, 300 * DAY)), queries, atol=1e-12)


def test_prequential__huge_strength__forecasts_hardly_move() -> None:
    queries = np.random.default_rng(0).normal(-1, 1, (4, N_LOGITS))
    found = Prequential(world(3, 200, shift=2.0), CENTRE, np.inf, 1e7)(queries, np.full(4, 300 * DAY))
    assert 0 < np.abs(found - queries).max() < 1e-3


@pytest.mark.parametrize("shift", [-0.8, 0.8])
def test_prequential__level_shifted__recovered(shift: float) -> None:
    found = Prequential(world(4, 4000, shift=shift), CENTRE, np.inf, 1.0)
    moved = found(np.tile(CENTRE, (2, 1)), np.full(2, 200 * DAY)) - CENTRE
    np.testing.assert_allclose(moved[:, :N_BINS], shift, atol=0.25)
    np.testing.assert_allclose(moved[:, N_BINS], 0.0, atol=0.25)


def test_prequential__slope_halved__recovered() -> None:
    found = Prequential(world(5, 6000, slope=0.5), CENTRE, np.inf, 1.0)
    spread = np.stack((CENTRE - 1, CENTRE + 1))
    low, high = found(spread, np.full(2, 200 * DAY))
    np.testing.assert_allclose((high - low)[:N_BINS] / 2, 0.5, atol=0.1)
    assert (high - low)[N_BINS] == pytest.approx(2.0)


def test_recalibration__by_hand__decline_only_shifted() -> None:
    line = Recalibration(np.arange(6.0), 2.0, np.arange(6.0) / 10)
    np.testing.assert_allclose(line(np.ones((1, 6))), [[2.0, 1.1, 0.2, -0.7, -1.6, 1.5]])


def test_prequential__level_turned_round_lately__a_short_memory_follows() -> None:
    early, late = world(6, 1500, days=60, shift=-1.5), world(7, 1500, days=60, shift=1.5)
    history = early.extended(late.logits, late.sent_at + 60 * DAY, late.outcomes)
    moved = {
        days: Prequential(history, CENTRE, days, 10.0)(CENTRE[None], np.array([121 * DAY]))[0] - CENTRE
        for days in (7.0, 1000.0)
    }
    np.testing.assert_allclose(moved[7.0][1:N_BINS], 1.5, atol=0.5)
    assert np.abs(moved[1000.0][1:N_BINS]).max() < 0.75


def test_of__configuration__heeded() -> None:
    config = CalibrationConfig(half_lives_days=(3.0,), strength=5.0, every_days=2.0)
    found = Prequential.of(EMPTY, CENTRE, config)
    assert (found.half_life_days, found.strength, found.every_days) == (3.0, 5.0, 2.0)


def test_extended__later_forecasts__behind_the_earlier_ones() -> None:
    one, other = world(9, 3), world(10, 4)
    found = Prequential(one, CENTRE, 7.0, 10.0).extended(other.logits, other.sent_at, other.outcomes)
    np.testing.assert_array_equal(found.history.logits, np.vstack((one.logits, other.logits)))
    np.testing.assert_array_equal(found.history.outcomes.event[3:], other.outcomes.event)
    assert len(found.history.outcomes) == 7
    assert (found.half_life_days, found.strength) == (7.0, 10.0)


def test_recalibrated_losses__level_off__costs_little() -> None:
    history = world(11, 2000)
    plain = -log_likelihood_at_horizons(Forecast.from_logits(history.logits - 2.0), history.outcomes)
    shifted = recalibrated_losses(history.logits - 2.0, history.outcomes, CENTRE)
    right = recalibrated_losses(history.logits, history.outcomes, CENTRE)
    assert shifted.mean() == pytest.approx(right.mean(), abs=0.02)
    assert plain.mean() > right.mean() + 0.3


@pytest.mark.parametrize(
    ("gains", "better"),
    [
        ((1.0, 1.0, 1.0, 0.0), True),  # mean 0.75, standard error 0.217
        ((0.0, 0.0, 0.0, 0.0), False),
        ((1.0, -1.0, 0.5, 0.0), False),  # mean 0.125, standard error 0.37
        ((-1.0, -1.0, -1.0, -1.0), False),
        ((1.0, 0.0, 0.0, 0.0), True),  # mean 0.25, standard error 0.2165
        ((1.0, 0.0, 0.0, -0.25), False),  # mean 0.1875, standard error 0.24
    ],
)
def test_clearly_better__gains_by_hand__beyond_one_standard_error(
    gains: tuple[float, ...], better: bool
) -> None:
    kept = np.array([3.0, 2.0, 1.0, 4.0])
    assert clearly_better(kept - np.array(gains), kept) is better


def test_clearly_better__nothing_kept__yes() -> None:
    assert clearly_better(np.array([9.0]), None) is True

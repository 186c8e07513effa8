"""What a plan is worth: intervals that can be worked out otherwise, and a past that nothing later moves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from influence.graph.timeline import MICROSECONDS_PER_DAY
from influence.model.calibration import History, Prequential
from influence.model.hazard import N_BINS, N_LOGITS, Forecast, Outcomes
from influence.planning.worth import compare, redrawn_chances

DAY = MICROSECONDS_PER_DAY


def drawn(n: int, seed: int = 0, d: int = 20_000) -> np.ndarray:
    return np.random.default_rng(seed).random((d, n))


def test_compare__certain_level__interval_of_the_binomial() -> None:
    chances = np.full(40, 0.3)
    found = compare(chances, chances[None], np.arange(30), [np.arange(30, 40)], drawn(40))
    expected = stats.binom(30, 0.3).ppf([0.025, 0.975])
    assert found.plan.value == pytest.approx(9.0)
    assert (found.plan.low, found.plan.high) == tuple(expected)
    assert found.other.value == pytest.approx(3.0)
    assert found.gain.value == pytest.approx(6.0)


def test_compare__invitation_in_both_plans__cancels() -> None:
    chances = np.array([0.5, 0.5, 1.0, 0.0])
    found = compare(chances, chances[None], np.array([0, 1, 2]), [np.array([0, 1, 3])], drawn(4))
    assert (found.gain.value, found.gain.low, found.gain.high) == (1.0, 1.0, 1.0)
    assert found.plan.high - found.plan.low > 0


def test_compare__uncertain_level__wider_than_chance_alone() -> None:
    chances = np.full(200, 0.5)
    levels = np.linspace(0.3, 0.7, 50)[:, None] * np.ones(200)
    sure = compare(chances, chances[None], np.arange(200), [np.arange(200)], drawn(200, d=2_000))
    unsure = compare(chances, levels, np.arange(200), [np.arange(200)], drawn(200, d=2_000))
    assert unsure.plan.high - unsure.plan.low > 2 * (sure.plan.high - sure.plan.low)


def test_compare__versions_of_the_other_plan__mean_and_spread_over_all() -> None:
    chances = np.array([1.0, 0.0, 1.0])
    found = compare(chances, chances[None], np.array([0]), [np.array([1]), np.array([2])], drawn(3, d=400))
    assert (found.other.value, found.other.low, found.other.high) == (0.5, 0.0, 1.0)


def calibration(n: int, later: int = 0, strength: float = 10.0) -> tuple[Prequential, np.ndarray]:
    """A history of n forecasts on thirty days before day 100, with `later` more beyond it."""
    rng = np.random.default_rng(5)
    sent, accepted = rng.integers(40 * DAY, 70 * DAY, n), rng.random(n) < 0.4
    sent = np.concatenate((rng.integers(101 * DAY, 120 * DAY, later), sent))
    accepted = np.concatenate((np.ones(later, dtype=bool), accepted))
    outcomes = Outcomes(np.where(accepted, 2, N_BINS), accepted.astype(np.int64))
    history = History(np.full((n + later, N_LOGITS), -1.5), sent, outcomes)
    return Prequential(history, np.full(N_LOGITS, -1.5), 30.0, strength), np.full((3, N_LOGITS), -1.4)


def test_redrawn_chances__forecasts_made_later__change_nothing() -> None:
    found = [
        redrawn_chances(*calibration(150, later), 100 * DAY, np.random.default_rng(1), 20)
        for later in (0, 80)
    ]
    np.testing.assert_array_equal(found[0], found[1])


def test_redrawn_chances__longer_history__surer_and_about_the_forecast() -> None:
    spread = []
    for n in (60, 1_500):
        recalibrate, logits = calibration(n)
        found = redrawn_chances(recalibrate, logits, 100 * DAY, np.random.default_rng(1), 60)
        forecast = Forecast.from_logits(recalibrate(logits, np.full(3, 100 * DAY))).p_within_3_weeks
        assert found.shape == (60, 3)
        np.testing.assert_allclose(found.mean(0), forecast, atol=0.03)
        spread.append(found.std(0).mean())
    assert spread[1] < 0.5 * spread[0]


def test_redrawn_chances__nothing_to_recalibrate_by__the_forecast_itself() -> None:
    recalibrate, logits = calibration(0)
    found = redrawn_chances(recalibrate, logits, 100 * DAY, np.random.default_rng(1), 4)
    np.testing.assert_allclose(found, np.tile(Forecast.from_logits(logits).p_within_3_weeks, (4, 1)))

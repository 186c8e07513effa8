"""Resampled metrics equal the plain metrics of the rows drawn; intervals behave as they should."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from influence import metrics
from influence.evaluation.bootstrap import Sampled, bootstrap, draw_counts
from influence.evaluation.forecast import Forecast, Ranking


def _forecast(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p_21d = np.round(rng.random(n), 1)  # coarse: many ties
    p_1d = np.round(p_21d * rng.random(n), 1)
    return rng.integers(0, 4, n), np.minimum(p_1d, p_21d), p_21d


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 45))
def test_forecast_resampled__any_draw_with_ties__equals_the_metric_of_the_drawn_rows(
    seed: int, n: int
) -> None:
    outcome, p_1d, p_21d = _forecast(seed, n)
    week = np.random.default_rng(seed).integers(0, 4, n)
    forecast = Forecast(outcome, p_1d, p_21d, np.random.default_rng(0), week)
    counts = next(draw_counts(np.arange(n), 3, np.random.default_rng(seed)))
    found = forecast.resampled(counts)
    assert set(found) == set(metrics.ACCEPTANCE)
    for b, row_counts in enumerate(counts):
        rows = np.repeat(np.arange(n), row_counts)
        expected = metrics.acceptance_metrics(
            outcome[rows], p_1d[rows], p_21d[rows], np.random.default_rng(0), week[rows]
        )
        for name in set(metrics.ACCEPTANCE) - {"ece_excess_1d", "ece_excess_21d"}:
            assert found[name][b] == pytest.approx(expected[name], nan_ok=True, abs=1e-12), name
        by_chance = forecast.values["ece_21d"] - forecast.values["ece_excess_21d"]
        assert found["ece_excess_21d"][b] == pytest.approx(expected["ece_21d"] - by_chance)


def test_draw_counts__rows_of_a_unit__drawn_together_and_as_often_as_units() -> None:
    units = np.array([0, 0, 0, 1, 2, 2])
    counts = np.concatenate(list(draw_counts(units, 500, np.random.default_rng(0))))
    assert counts.shape == (500, 6)
    assert (counts[:, 0] == counts[:, 1]).all()
    assert (counts[:, 4] == counts[:, 5]).all()
    assert (counts[:, [0, 3, 4]].sum(axis=1) == 3).all()
    assert counts[:, 3].var() == pytest.approx(2 / 3, rel=0.2)


def test_draw_counts__more_cells_than_fit__chunks_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("influence.evaluation.bootstrap.CELLS_AT_A_TIME", 70)
    chunks = list(draw_counts(np.arange(10), 20, np.random.default_rng(0)))
    assert [len(chunk) for chunk in chunks] == [7, 7, 6]


def test_bootstrap__brier__interval_of_the_textbook_standard_error() -> None:
    outcome, p_1d, p_21d = _forecast(1, 3_000)
    forecast = Forecast(outcome, p_1d, p_21d, np.random.default_rng(0))
    found = bootstrap({"model": [forecast]}, np.arange(3_000), 2_000, np.random.default_rng(0))[
        "model"
    ].intervals()
    losses = (p_21d - metrics.accepted_within(outcome)[1]) ** 2
    error = losses.std() / np.sqrt(3_000)
    brier = found["brier"]
    assert brier.value == pytest.approx(losses.mean())
    assert brier.high - brier.low == pytest.approx(2 * 1.96 * error, rel=0.08)


def test_bootstrap__seeds_that_disagree__widen_the_interval() -> None:
    outcome, p_1d, p_21d = _forecast(2, 800)
    rng = np.random.default_rng(0)
    same = Forecast(outcome, p_1d, p_21d, rng)
    other = Forecast(outcome, np.zeros(800), np.full(800, 0.99), rng)
    both = bootstrap({"steady": [same, same], "moody": [same, other]}, np.arange(800), 400, rng)
    steady, moody = both["steady"].intervals()["brier"], both["moody"].intervals()["brier"]
    assert moody.value == pytest.approx((same.values["brier"] + other.values["brier"]) / 2)
    assert moody.low == pytest.approx(same.values["brier"], abs=0.04)
    assert moody.high == pytest.approx(other.values["brier"], abs=0.04)
    assert steady.high - steady.low < 0.3 * (moody.high - moody.low)


def test_minus__method_against_itself__exactly_zero_though_each_has_an_interval() -> None:
    outcome, p_1d, p_21d = _forecast(3, 300)
    forecasts = [Forecast(outcome, p_1d, p_21d, np.random.default_rng(0))]
    found = bootstrap({"a": forecasts, "b": forecasts}, np.arange(300), 50, np.random.default_rng(0))
    for name, difference in found["a"].minus(found["b"]).items():
        assert (difference.value, difference.low, difference.high) == (0, 0, 0), name
    assert found["a"].intervals()["auc"].high > found["a"].intervals()["auc"].low


def test_intervals__metric_that_resampling_inflates__centred_on_the_value() -> None:
    resamples = np.linspace(0.03, 0.07, 101)
    found = Sampled({"ece_21d": 0.02, "brier": 0.02}, {"ece_21d": resamples, "brier": resamples}).intervals()
    assert found["brier"].low == pytest.approx(0.031)
    assert (found["ece_21d"].low, found["ece_21d"].high) == (pytest.approx(0.001), pytest.approx(0.039))


def test_bootstrap__class_that_some_resamples_lack__interval_of_the_others() -> None:
    outcome, score = np.array([1, 0, 0, 0]), np.array([0.9, 0.1, 0.2, 0.3])
    found = bootstrap({"m": [Ranking(outcome, score)]}, np.arange(4), 200, np.random.default_rng(0))["m"]
    assert np.isnan(found.resamples["auc"]).any()
    assert found.intervals()["auc"].low == 1.0

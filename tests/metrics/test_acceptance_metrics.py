"""Acceptance metrics against scikit-learn, hand-worked numbers, and properties."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from influence import metrics
from influence.errors import ConfigError, DataError
from influence.metrics import Outcome


def _forecasts(seed: int = 0, n: int = 997) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes of all four kinds with informative, tied, cumulative probabilities."""
    rng = np.random.default_rng(seed)
    p_21d = np.round(rng.beta(2, 3, n), 2)
    p_1d = np.round(p_21d * rng.uniform(0.2, 0.9, n), 2)
    u = rng.random(n)
    outcome = np.select(
        [u < p_1d, u < p_21d, u < p_21d + 0.1], [Outcome.AT_ONCE, Outcome.LATER, Outcome.DECLINED]
    )
    return outcome, p_1d, p_21d


def test_discrimination_and_loss__tied_scores__equal_scikit_learn() -> None:
    outcome, p_1d, p_21d = _forecasts()
    _, happened = metrics.accepted_within(outcome)
    assert metrics.auc(happened, p_21d) == pytest.approx(reference.roc_auc_score(happened, p_21d))
    assert metrics.ap(happened, p_21d) == pytest.approx(reference.average_precision_score(happened, p_21d))
    assert metrics.brier(happened, p_21d) == pytest.approx(reference.brier_score_loss(happened, p_21d))
    assert metrics.log_loss(happened, p_21d) == pytest.approx(reference.log_loss(happened, p_21d))
    three = np.select([outcome == Outcome.AT_ONCE, outcome == Outcome.LATER], [0, 1], 2)
    by_class = np.c_[p_1d, p_21d - p_1d, 1 - p_21d]
    assert metrics.log_loss_3class(outcome, p_1d, p_21d) == pytest.approx(reference.log_loss(three, by_class))


def test_log_loss__certain_and_wrong__finite_as_in_scikit_learn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mine = metrics.log_loss([True, False], [0.0, 1.0])
    assert mine == pytest.approx(reference.log_loss([1, 0], [0.0, 1.0]))


def test_log_loss_3class__hand_worked__mean_of_three_logs() -> None:
    value = metrics.log_loss_3class([1, 2, 3], [0.5, 0.1, 0.2], [0.7, 0.5, 0.6])
    assert value == pytest.approx(-(np.log(0.5) + np.log(0.4) + np.log(0.4)) / 3)


def test_ece__no_ties__equals_array_split() -> None:
    rng = np.random.default_rng(3)
    p = rng.random(1_003)
    y = rng.random(1_003) < p**2
    order = np.argsort(p)
    expected = sum(abs(p[bin_].sum() - y[bin_].sum()) for bin_ in np.array_split(order, 10)) / len(p)
    assert metrics.ece(y, p) == pytest.approx(expected)


def test_ece__one_forecast_for_all__distance_to_the_rate() -> None:
    y = np.arange(40) % 4 == 0
    assert metrics.ece(y, np.full(40, 0.4)) == pytest.approx(0.15)


def test_ece__ties_across_an_edge__order_of_rows_does_not_matter() -> None:
    outcome, _, p = _forecasts(n=64)
    y = metrics.accepted_within(outcome)[1]
    shuffled = np.random.default_rng(1).permutation(64)
    assert metrics.ece(y, p) == pytest.approx(metrics.ece(y[shuffled], p[shuffled]))
    assert metrics.ece(y, p) > 0


def test_ece__hand_worked_two_bins_with_a_straddling_tie__shared_in_proportion() -> None:
    # Bins of 3 and 3; the four rows at 0.5 (three of them happened) put 2 rows in each bin.
    p = np.array([0.1, 0.5, 0.5, 0.5, 0.5, 0.9])
    y = np.array([0, 1, 1, 1, 0, 1])
    first = abs((0.1 - 0) + (2 * 0.5 - 1.5))
    second = abs((2 * 0.5 - 1.5) + (0.9 - 1))
    assert metrics.ece(y, p, n_bins=2) == pytest.approx((first + second) / 6)


def test_ece_excess__calibrated_and_not__below_and_above_zero() -> None:
    rng = np.random.default_rng(5)
    p = rng.beta(2, 4, 4_000)
    y = rng.random(4_000) < p
    assert metrics.ece_excess(y, p, np.random.default_rng(0)) < 0.005
    assert metrics.ece_excess(y, np.clip(p + 0.1, 0, 1), np.random.default_rng(0)) > 0.05


def test_ece_of_perfect_forecasts__observed_error_of_such_forecasts__uniform_rank() -> None:
    rng = np.random.default_rng(6)
    p = np.round(rng.beta(2, 4, 300), 2)
    null = metrics.ece_of_perfect_forecasts(p, np.random.default_rng(0), n_redraws=2_000)
    seen = np.array([metrics.ece(rng.random(300) < p, p) for _ in range(400)])
    assert null.mean() == pytest.approx(seen.mean(), rel=0.05)
    assert 0.02 < (seen > np.quantile(null, 0.95)).mean() < 0.09


def test_ece_excess__same_seed__same_value() -> None:
    outcome, p_1d, _ = _forecasts()
    by_1d = metrics.accepted_within(outcome)[0]
    values = [metrics.ece_excess(by_1d, p_1d, np.random.default_rng(4)) for _ in range(2)]
    assert values[0] == values[1]


def test_integrated_brier__three_horizons__trapezoid_over_time() -> None:
    happened = np.array([[0, 1, 1], [0, 0, 0]])
    probability = np.array([[0.0, 0.5, 1.0], [0.2, 0.3, 0.4]])
    per_horizon = [0.02, 0.17, 0.08]
    expected = ((0.02 + 0.17) / 2 * 2 + (0.17 + 0.08) / 2 * 18) / 20
    assert [metrics.brier(happened[:, i], probability[:, i]) for i in range(3)] == pytest.approx(per_horizon)
    assert metrics.integrated_brier(happened, probability, (1, 3, 21)) == pytest.approx(expected)


def test_integrated_brier__shapes_or_horizons_wrong__data_error() -> None:
    with pytest.raises(DataError, match="do not fit"):
        metrics.integrated_brier(np.zeros((2, 3)), np.zeros((2, 2)), (1, 21))
    with pytest.raises(DataError, match="must increase"):
        metrics.integrated_brier(np.zeros((2, 2)), np.zeros((2, 2)), (21, 1))


def test_c_index__all_pairs_counted_by_hand__equal() -> None:
    outcome, p_1d, p_21d = _forecasts(n=70)
    when = {Outcome.AT_ONCE: 1, Outcome.LATER: 2, Outcome.NEITHER: 3, Outcome.DECLINED: 3}
    wins = pairs = 0.0
    for i in range(70):
        for j in range(70):
            early, late = when[Outcome(outcome[i])], when[Outcome(outcome[j])]
            if early < late:
                score = p_1d if early == 1 else p_21d
                wins += (score[i] > score[j]) + (score[i] == score[j]) / 2
                pairs += 1
    assert metrics.c_index(outcome, p_1d, p_21d) == pytest.approx(wins / pairs)


def test_acceptance_metrics__usual_forecasts__every_name_of_the_registry_in_its_range() -> None:
    outcome, p_1d, p_21d = _forecasts()
    week = np.arange(len(outcome)) // 100
    values = metrics.acceptance_metrics(outcome, p_1d, p_21d, np.random.default_rng(0), week)
    assert tuple(values) == metrics.ACCEPTANCE
    for name, value in values.items():
        assert metrics.METRICS[name].low <= value <= metrics.METRICS[name].high


@pytest.mark.parametrize("label", list(Outcome))
@pytest.mark.parametrize("n", [0, 1, 5])
def test_acceptance_metrics__only_one_class_or_row__nan_without_a_warning(label: Outcome, n: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = metrics.acceptance_metrics(
            np.full(n, label), np.full(n, 0.2), np.full(n, 0.5), np.random.default_rng(0)
        )
    assert np.isnan(values["auc"])
    assert np.isnan(values["brier"]) == (n == 0)
    assert np.isnan(values["ap"]) == (n == 0 or label not in (Outcome.AT_ONCE, Outcome.LATER))


@pytest.mark.parametrize(
    ("outcome", "p_1d", "p_21d", "words"),
    [
        ([1, 0], [0.1, np.nan], [0.2, 0.2], "p_at_once is NaN or infinite in 1 rows, first in row 1"),
        ([1, 0], [0.1, 0.1], [np.inf, 0.2], "p_within_3_weeks is NaN or infinite"),
        ([1, 0], [0.1, -0.1], [0.2, 0.2], "outside"),
        ([1, 0], [0.3, 0.1], [0.2, 0.2], "is below p_at_once in 1 rows, first in row 0"),
        ([1, 4], [0.1, 0.1], [0.2, 0.2], "A label is none of 0 = neither"),
        ([1], [0.1, 0.1], [0.2, 0.2], "1 labels, 2 p_at_once"),
    ],
)
def test_log_loss_3class__senseless_input__says_what_and_where(
    outcome: list[int], p_1d: list[float], p_21d: list[float], words: str
) -> None:
    with pytest.raises(DataError, match=words):
        metrics.log_loss_3class(outcome, p_1d, p_21d)


def test_auc__lengths_or_outcomes_wrong__data_error() -> None:
    with pytest.raises(DataError, match="2 outcomes but 3 scores"):
        metrics.auc([0, 1], [0.1, 0.2, 0.3])
    with pytest.raises(DataError, match="True and False"):
        metrics.auc([0, 2], [0.1, 0.2])


def test_metric__unknown_name__nearest_is_named() -> None:
    with pytest.raises(ConfigError, match="ece_21d"):
        metrics.metric("ece_21")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=1, max_size=40))
def test_metrics__any_small_input__in_range_and_blind_to_row_order(rows: list[tuple[bool, int]]) -> None:
    y = np.array([happened for happened, _ in rows])
    p = np.array([eighths / 8 for _, eighths in rows])
    back = slice(None, None, -1)
    for function in (metrics.auc, metrics.ap, metrics.brier, metrics.ece):
        value = function(y, p)
        assert np.isnan(value) or 0 <= value <= 1
        assert value == pytest.approx(function(y[back], p[back]), nan_ok=True)

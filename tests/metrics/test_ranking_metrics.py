"""Ranking metrics against hand-worked lists, scikit-learn and scipy."""

import warnings

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import ndcg_score

from influence import metrics
from influence.errors import DataError


def test_mean_ranks__ties_in_two_queries__mean_of_best_and_worst() -> None:
    ranks = metrics.mean_ranks([3, 1, 3, 2, 5, 5, 5], ["a", "a", "a", "a", "b", "b", "b"])
    assert ranks.tolist() == [1.5, 4, 1.5, 3, 2, 2, 2]


def test_mrr_and_hits__hand_worked__mean_over_queries_with_a_hit() -> None:
    query = np.repeat([7, 8, 9], [12, 3, 2])
    score = np.r_[np.arange(12, 0, -1), [1, 1, 1], [2, 1]].astype(float)
    hit = np.r_[np.arange(12) == 10, [1, 0, 0], [0, 0]]
    assert metrics.mrr(hit, score, query) == pytest.approx((1 / 11 + 1 / 2) / 2)
    assert metrics.hits_at_10(hit, score, query) == pytest.approx(1 / 2)


def test_recall_at_50__three_of_four_hits_early__three_quarters() -> None:
    hit = np.zeros(100, dtype=bool)
    hit[[0, 10, 49, 50]] = True
    assert metrics.recall_at_50(hit, -np.arange(100.0), np.zeros(100)) == pytest.approx(0.75)


def test_ndcg_at_10__no_ties__equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    gain, score = rng.integers(0, 4, (6, 30)), rng.permuted(np.arange(30.0)[None].repeat(6, 0), axis=1)
    mine = metrics.ndcg_at_10(gain.ravel(), score.ravel(), np.repeat(np.arange(6), 30))
    assert mine == pytest.approx(ndcg_score(gain, score, k=10))


def test_ndcg_at_5pct__no_ties__equals_scikit_learn_at_that_rank() -> None:
    rng = np.random.default_rng(1)
    gain, score = rng.exponential(size=47), rng.permutation(47).astype(float)
    assert metrics.ndcg_at_5pct(gain, score) == pytest.approx(ndcg_score([gain], [score], k=3))


def test_ndcg__all_tied__never_above_one() -> None:
    assert metrics.ndcg_at_10(np.ones(19), np.zeros(19), np.zeros(19)) == 1.0


def test_yield_at_20pct__two_weeks_worked_by_hand__places_by_week_and_ties_shared() -> None:
    # A week of ten has two places: .9 (accepted) takes one, the three at .8 (one accepted) share the other.
    # A week of three has .6 of a place, all for its best request (accepted).
    week = np.repeat([31, 32], [10, 3])
    score = np.r_[0.9, 0.8, 0.8, 0.8, np.arange(6) / 10, 0.05, 0.04, 0.03]
    accepted = np.r_[1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0]
    expected = (1 + 1 / 3 + 0.6) / (0.2 * 13)
    assert metrics.yield_at_20pct(accepted, score, week) == pytest.approx(expected)
    order = np.random.default_rng(0).permutation(13)
    assert metrics.yield_at_20pct(accepted[order], score[order], week[order]) == pytest.approx(expected)


def test_yield_at_20pct__ties__mean_over_orders_drawn_by_lot() -> None:
    rng = np.random.default_rng(2)
    week, score = np.repeat(np.arange(4), 15), rng.integers(0, 3, 60).astype(float)
    gain = rng.random(60)  # chances, as where the truth is known
    drawn = [metrics.yield_at_20pct(gain, score + 0.5 * rng.random(60), week) for _ in range(500)]
    assert metrics.yield_at_20pct(gain, score, week) == pytest.approx(np.mean(drawn), abs=0.005)


def test_yield_at_20pct__all_alike__the_rate_and_without_rows_nan() -> None:
    week = np.r_[np.zeros(5), np.ones(15)]
    assert metrics.yield_at_20pct(week == 0, np.ones(20), week) == pytest.approx(0.25)
    assert np.isnan(metrics.yield_at_20pct([], [], []))
    with pytest.raises(DataError, match="2 gains but 1 scores"):
        metrics.yield_at_20pct([1, 0], [0.5], [0])
    with pytest.raises(DataError, match="1 scores but 2 queries"):
        metrics.yield_at_20pct([1], [0.5], [0, 1])


def test_p_at_5pct__forty_one_rows__three_places() -> None:
    hit = np.zeros(41, dtype=bool)
    hit[[0, 2, 3]] = True
    assert metrics.p_at_5pct(hit, -np.arange(41.0)) == pytest.approx(2 / 3)
    assert metrics.p_at_5pct(hit, np.zeros(41)) == 0.0


def test_rank_correlations__ties__equal_scipy() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.integers(0, 5, 50), rng.integers(0, 7, 50)
    assert metrics.kendall(x, y) == pytest.approx(stats.kendalltau(x, y).statistic)
    assert metrics.spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)


def test_kendall__four_values_by_hand__tau_b() -> None:
    # Pairs: 4 concordant, 1 discordant, 1 tied in the score: (4 - 1) / sqrt(6 * 5).
    assert metrics.kendall([1, 2, 3, 4], [1, 3, 2, 3]) == pytest.approx(3 / np.sqrt(30))


def test_ranking__nothing_to_rank__nan_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for function in (metrics.mrr, metrics.hits_at_10, metrics.recall_at_50, metrics.ndcg_at_10):
            assert np.isnan(function([], [], []))
            assert np.isnan(function([0, 0], [1.0, 2.0], [1, 1]))
        assert np.isnan(metrics.kendall([1, 1], [1, 2]))
        assert np.isnan(metrics.spearman([1], [1]))
        assert np.isnan(metrics.p_at_5pct([], []))
        assert np.isnan(metrics.ndcg_at_5pct([0, 0], [1, 2]))


def test_ranking__senseless_input__data_error() -> None:
    with pytest.raises(DataError, match="2 scores but 1 queries"):
        metrics.mrr([0, 1], [1.0, 2.0], [0])
    with pytest.raises(DataError, match="negative"):
        metrics.ndcg_at_10([-1, 1], [1.0, 2.0], [0, 0])
    with pytest.raises(DataError, match="NaN"):
        metrics.kendall([1, 2], [np.nan, 1])

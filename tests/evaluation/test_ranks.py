"""Ranks of hits and what is made of them, worked by hand and against the metrics of whole lists."""

from __future__ import annotations

import numpy as np
import pytest

from influence import metrics
from influence.evaluation.ranks import RankedHits, rank_of


def test_rank_of__ties_and_several_hits__worked_by_hand() -> None:
    query = np.array([0, 0, 0, 0, 1, 1, 1])
    score = np.array([3.0, 5.0, 3.0, 1.0, 2.0, 2.0, 9.0])
    hit = np.array([True, False, False, True, False, True, True])
    # The first hit: one better, one tied.  The last of the first query leaves the other hit out.
    np.testing.assert_allclose(rank_of(score, hit, query), [2.5, 3.0, 1.5, 1.0])


def test_ranked_hits__lists_with_one_hit__equal_the_metrics_of_whole_lists() -> None:
    rng = np.random.default_rng(0)
    query = np.repeat(np.arange(30), 120)
    hit = np.tile(np.arange(120) == 0, 30)
    score = np.round(rng.normal(0.5 * hit, 1), 1)
    found = RankedHits(rank_of(score, hit, query)).values
    assert found["mrr"] == pytest.approx(metrics.mrr(hit, score, query))
    assert found["hits_at_10"] == pytest.approx(metrics.hits_at_10(hit, score, query))
    assert found["ndcg_at_10"] == pytest.approx(metrics.ndcg_at_10(hit, score, query))
    assert found["recall_at_50"] == pytest.approx(metrics.recall_at_50(hit, score, query))


def test_resampled__counts__weigh_the_hits() -> None:
    judged = RankedHits(np.array([1.0, 4.0, 20.0]))
    found = judged.resampled(np.array([[1, 1, 1], [0, 2, 0], [3, 0, 1]], np.int32))
    np.testing.assert_allclose(found["mrr"], [1.3 / 3, 0.25, 3.05 / 4])
    np.testing.assert_allclose(found["hits_at_10"], [2 / 3, 1, 0.75])


def test_rank_of__beside_hits__other_hits_are_candidates_too() -> None:
    query = np.array([0, 0, 0, 0, 1, 1, 1])
    score = np.array([3.0, 5.0, 3.0, 1.0, 2.0, 2.0, 9.0])
    hit = np.array([True, False, False, True, False, True, True])
    # Only what stands below a better hit moves: the last of the first query, and the tied one of the second.
    np.testing.assert_allclose(rank_of(score, hit, query, beside_hits=True), [2.5, 4.0, 2.5, 1.0])

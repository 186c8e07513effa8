"""Resampled metrics of rankings by amount against plain metrics of the rows drawn out one by one."""

from __future__ import annotations

import numpy as np
import pytest

from influence import metrics
from influence.evaluation.leaders.ranking import AmountRanking, leading


def test_amount_ranking__resampled__equals_the_metrics_of_the_rows_repeated() -> None:
    rng = np.random.default_rng(1)
    amount = np.round(rng.exponential(1.0, 90) * (rng.random(90) < 0.6), 1)  # many nothings, many ties
    score = np.round(amount + rng.normal(0, 1, 90), 1)
    ranking = AmountRanking(amount, score)
    counts = rng.multinomial(90, np.full(90, 1 / 90), size=7).astype(np.int32)
    counts[0] = 1
    found = ranking.resampled(counts)
    for b, count in enumerate(counts):
        rows = np.repeat(np.arange(90), count)
        expected = {
            "kendall": metrics.kendall(amount[rows], score[rows]),
            "spearman": metrics.spearman(amount[rows], score[rows]),
            "ndcg_at_5pct": metrics.ndcg_at_5pct(amount[rows], score[rows]),
            "p_at_5pct": metrics.p_at_5pct(ranking.hit[rows], score[rows]),
        }
        assert {name: values[b] for name, values in found.items()} == pytest.approx(expected)
    assert {name: values[0] for name, values in found.items()} == pytest.approx(ranking.values)


def test_leading__ties_at_the_edge__are_in_and_nothing_is_out() -> None:
    amount = np.zeros(40)
    assert not leading(amount).any()
    amount[[3, 4, 5]] = 2.0  # two places
    assert np.flatnonzero(leading(amount)).tolist() == [3, 4, 5]

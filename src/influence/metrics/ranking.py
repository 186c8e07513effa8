"""Metrics of rankings; where scores tie, each tied row has the mean of best and worst rank.

All are over n rows: `hit` is (n,) bool, or 0 and 1; `gain` (n,) 0 or more; `value` and `score` (n,) finite,
higher = better; `query` (n,) codes of the lists that are ranked apart.  What does not fit is a DataError; of
no rows a metric is NaN.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from influence.errors import DataError
from influence.metrics.checks import Floats, finite, mean, pair

PLAN_SHARE = 0.2
"""The share of a week's requests that `yield_at_20pct` sends."""


def mean_ranks(score: ArrayLike, query: ArrayLike | None = None) -> Floats:
    """(n,) rank of each row within its query, 1 = highest score; ties get the mean rank."""
    s = finite(score, "score")
    return _ranks(s, _groups(query, len(s)), "average")


def mrr(hit: ArrayLike, score: ArrayLike, query: ArrayLike) -> float:
    """Mean over queries that have a hit of 1 / rank of their best-ranked hit."""
    return mean(1 / _best_ranks(hit, score, query))


def hits_at_10(hit: ArrayLike, score: ArrayLike, query: ArrayLike) -> float:
    """Share of the queries that have a hit whose best-ranked hit is among the first 10."""
    return mean((_best_ranks(hit, score, query) <= 10).astype(np.float64))


def recall_at_50(hit: ArrayLike, score: ArrayLike, query: ArrayLike) -> float:
    """Mean over queries that have a hit of the share of their hits among the first 50."""
    y, s = pair(hit, score)
    groups = _groups(query, len(s))
    hits = np.bincount(groups, weights=y)
    found = np.bincount(groups, weights=y & (mean_ranks(s, groups) <= 50))
    return mean(found[hits > 0] / hits[hits > 0])


def ndcg_at_10(gain: ArrayLike, score: ArrayLike, query: ArrayLike) -> float:
    """Mean over queries that have any gain of the discounted gain of the first 10, linear in gain, 0 to 1.

    References
    ----------
    Järvelin & Kekäläinen (2002), ACM Transactions on Information Systems 20.
    """
    return mean(_ndcg(gain, score, query, 10))


def kendall(value: ArrayLike, score: ArrayLike) -> float:
    """Kendall's tau-b, -1 to 1; NaN where either side is constant: Kendall (1945), Biometrika 33."""
    return _correlation(value, score, "kendall")


def spearman(value: ArrayLike, score: ArrayLike) -> float:
    """Spearman's rank correlation, -1 to 1; NaN where either side is constant."""
    return _correlation(value, score, "spearman")


def p_at_5pct(hit: ArrayLike, score: ArrayLike) -> float:
    """Share of hits among the ceil(5 %) highest scores; NaN without rows.

    Where ties bring more rows under that mean rank than there are places, the share is of those rows.
    """
    y, s = pair(hit, score)
    if not len(s):
        return float("nan")
    first = mean_ranks(s) <= _five_percent(len(s))
    return float(y[first].sum() / max(_five_percent(len(s)), first.sum()))


def yield_at_20pct(gain: ArrayLike, score: ArrayLike, week: ArrayLike) -> float:
    """Share accepted of those invited by a plan that sends the best fifth of every week's requests.

    A week of n requests has n / 5 places, a part of a place counting for that part, so that every method
    fills equally many; equal scores share the places that are left for them in proportion, as if drawn by
    lot.  NaN without rows.

    Parameters
    ----------
    gain
        (n,) whether each request was accepted or, where the truth is known, its chance.
    score
        (n,) any finite score, higher = rather sent.
    week
        (n,) which requests compete for the same places: any codes.
    """
    g, s = _gains_and_scores(gain, score)
    weeks = _groups(week, len(s))
    rows = pd.DataFrame({"week": weeks, "score": s, "gain": g, "n": 1.0})
    tied = rows.groupby(["week", "score"]).sum().sort_index(ascending=[True, False])
    by_week = tied.groupby(level="week")["n"]
    places = PLAN_SHARE * by_week.transform("sum")
    taken = (places - by_week.cumsum() + tied["n"]).clip(lower=0.0, upper=tied["n"])
    return float((tied["gain"] / tied["n"] * taken).sum() / taken.sum()) if len(s) else float("nan")


def ndcg_at_5pct(gain: ArrayLike, score: ArrayLike) -> float:
    """Discounted gain of the ceil(5 %) highest scores against the best order, linear in gain."""
    return mean(_ndcg(gain, score, None, _five_percent(np.size(score))))


def _groups(query: ArrayLike | None, n: int) -> NDArray[np.int64]:
    if query is None:
        return np.zeros(n, dtype=np.int64)
    codes = np.unique(np.asarray(query), return_inverse=True)[1].astype(np.int64)
    if len(codes) != n:
        raise DataError(f"There are {n} scores but {len(codes)} queries. Give one query for each score.")
    return codes


def _best_ranks(hit: ArrayLike, score: ArrayLike, query: ArrayLike) -> Floats:
    y, s = pair(hit, score)
    groups = _groups(query, len(s))
    best = np.full(groups.max(initial=-1) + 1, np.inf)
    np.minimum.at(best, groups[y], mean_ranks(s, groups)[y])
    return best[np.isfinite(best)]


def _ndcg(gain: ArrayLike, score: ArrayLike, query: ArrayLike | None, k: int) -> Floats:
    """One value for each query that has any gain."""
    g, s = _gains_and_scores(gain, score)
    groups = _groups(query, len(s))
    reached = _discounted(g, mean_ranks(s, groups), groups, k)
    ideal = _discounted(g, _ranks(g, groups, "first"), groups, k)
    # Ties may bring more rows under rank k than there are places: never above the best order.
    return np.minimum(reached[ideal > 0] / ideal[ideal > 0], 1.0)


def _gains_and_scores(gain: ArrayLike, score: ArrayLike) -> tuple[Floats, Floats]:
    g, s = finite(gain, "gain"), finite(score, "score")
    if len(g) != len(s):
        raise DataError(f"There are {len(g)} gains but {len(s)} scores. Give one score for each gain.")
    if (g < 0).any():
        raise DataError(f"{int((g < 0).sum())} gains are negative. A gain is 0 or more.")
    return g, s


def _ranks(score: Floats, groups: NDArray[np.int64], method: Literal["average", "first"]) -> Floats:
    ranks = pd.Series(score).groupby(groups).rank(method=method, ascending=False)
    return np.asarray(ranks, dtype=np.float64)


def _discounted(gain: Floats, rank: Floats, groups: NDArray[np.int64], k: int) -> Floats:
    within = np.where(rank <= k, gain / np.log2(1 + rank), 0.0)
    return np.asarray(np.bincount(groups, weights=within), dtype=np.float64)


def _correlation(value: ArrayLike, score: ArrayLike, kind: Literal["kendall", "spearman"]) -> float:
    v, s = finite(value, "value"), finite(score, "score")
    if len(v) != len(s):
        raise DataError(f"There are {len(v)} values but {len(s)} scores. Give one score for each value.")
    if len(v) < 2 or np.ptp(v) == 0 or np.ptp(s) == 0:
        return float("nan")
    result = stats.kendalltau(v, s, variant="b") if kind == "kendall" else stats.spearmanr(v, s)
    return float(result.statistic)


def _five_percent(n: int) -> int:
    return -(-n // 20)

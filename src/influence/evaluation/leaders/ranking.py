"""One method's ranking of candidates by an amount, ready to be scored on many resamples at once."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from influence import metrics
from influence.evaluation.kernels import Counts
from influence.metrics.checks import Bools, Floats


def leading(amount: Floats) -> Bools:
    """Whether each candidate is among the 5 % with the greatest amounts; ties in, nothing out."""
    k = -(-len(amount) // 20)
    least = np.sort(amount)[-k] if len(amount) else 0.0
    return (amount >= least) & (amount > 0)


class AmountRanking:
    """Scores against amounts: how well the order agrees, over all and at the top.

    Parameters
    ----------
    amount : float64 [n], what became of each candidate, 0 or more
    score : float64 [n], finite, higher = expected to get more
    """

    def __init__(self, amount: Floats, score: Floats) -> None:
        self.hit = leading(amount)
        self.values: dict[str, float] = {
            "kendall": metrics.kendall(amount, score),
            "spearman": metrics.spearman(amount, score),
            "ndcg_at_5pct": metrics.ndcg_at_5pct(amount, score),
            "p_at_5pct": metrics.p_at_5pct(self.hit, score),
        }
        """Metric -> its value on the full rows."""
        self.amount = np.asarray(amount, np.float64)
        self.by_score, self.by_amount = (np.argsort(v, kind="stable") for v in (score, amount))
        self.score_code, self.amount_code = _dense(score), _dense(amount)

    def resampled(self, counts: Counts) -> dict[str, Floats]:
        """Metric -> (b,) its values on each of b resamples; hits are those of the full rows."""
        k = -(-counts.sum(1, dtype=np.int64) // 20)
        found = _resampled(
            self.by_score, self.score_code, self.by_amount, self.amount_code, self.amount, self.hit, counts, k
        )
        return dict(zip(("kendall", "spearman", "ndcg_at_5pct", "p_at_5pct"), found.T, strict=True))


def _dense(values: Floats) -> NDArray[np.int64]:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


@njit(cache=True)
def _resampled(
    by_score: NDArray[np.int64], score_code: NDArray[np.int64], by_amount: NDArray[np.int64],
    amount_code: NDArray[np.int64], amount: Floats, hit: Bools, counts: Counts, k: NDArray[np.int64],
) -> Floats:  # fmt: skip
    """(b, 4) Kendall's tau-b, Spearman, NDCG and precision at k; a row drawn thrice counts as three."""
    result = np.empty((len(counts), 4))
    for b in range(len(counts)):
        count = counts[b]
        s_rank = _mean_ranks(by_score, score_code, count)
        a_rank = _mean_ranks(by_amount, amount_code, count)
        result[b, 0] = _tau_b(by_score, score_code, by_amount, amount_code, count)
        result[b, 1] = _pearson(s_rank, a_rank, count)
        result[b, 2] = _ndcg(s_rank, by_amount, amount, count, k[b])
        result[b, 3] = _precision(s_rank, hit, count, k[b])
    return result


@njit(cache=True)
def _mean_ranks(order: NDArray[np.int64], code: NDArray[np.int64], count: NDArray[np.int32]) -> Floats:
    """(n,) rank of each row, 1 = highest; equal ones share the mean of their ranks."""
    rank = np.empty(len(order))
    seen, end = 0.0, len(order)
    while end > 0:
        start = end
        tied = 0.0
        while start > 0 and code[order[start - 1]] == code[order[end - 1]]:
            start -= 1
            tied += count[order[start]]
        for place in range(start, end):
            rank[order[place]] = seen + (tied + 1) / 2
        seen += tied
        end = start
    return rank


@njit(cache=True)
def _pearson(x: Floats, y: Floats, count: NDArray[np.int32]) -> float:
    # Plain loops: expressions over arrays take seconds to compile.
    n = sum_x = sum_y = 0.0
    for i in range(len(x)):
        n += count[i]
        sum_x += x[i] * count[i]
        sum_y += y[i] * count[i]
    xx = yy = xy = 0.0
    for i in range(len(x)):
        dx, dy = x[i] - sum_x / n, y[i] - sum_y / n
        xx += count[i] * dx * dx
        yy += count[i] * dy * dy
        xy += count[i] * dx * dy
    spread = np.sqrt(xx * yy)
    return xy / spread if spread > 0 else np.nan


@njit(cache=True)
def _tied_pairs(order: NDArray[np.int64], code: NDArray[np.int64], count: NDArray[np.int32]) -> float:
    total = tied = 0.0
    for place in range(len(order)):
        if place > 0 and code[order[place]] != code[order[place - 1]]:
            total += tied * (tied - 1) / 2
            tied = 0.0
        tied += count[order[place]]
    return total + tied * (tied - 1) / 2


@njit(cache=True)
def _tau_b(
    by_x: NDArray[np.int64], x: NDArray[np.int64], by_y: NDArray[np.int64], y: NDArray[np.int64],
    count: NDArray[np.int32],
) -> float:  # fmt: skip
    """Kendall's tau-b; pairs are counted by a Fenwick tree over y while x ascends."""
    size = y.max() + 1
    tree = np.zeros(size + 1)
    seen = balance = 0.0
    start = 0
    while start < len(by_x):
        end = start
        while end < len(by_x) and x[by_x[end]] == x[by_x[start]]:
            row = by_x[end]
            if count[row] > 0:
                below = _up_to(tree, y[row])
                above = seen - _up_to(tree, y[row] + 1)
                balance += count[row] * (below - above)
            end += 1
        for place in range(start, end):
            row = by_x[place]
            node = y[row] + 1
            while node <= size:
                tree[node] += count[row]
                node += node & -node
            seen += count[row]
        start = end
    pairs = seen * (seen - 1) / 2
    of_x, of_y = pairs - _tied_pairs(by_x, x, count), pairs - _tied_pairs(by_y, y, count)
    return balance / np.sqrt(of_x * of_y) if of_x > 0 and of_y > 0 else np.nan


@njit(cache=True)
def _up_to(tree: Floats, node: int) -> float:
    total = 0.0
    while node > 0:
        total += tree[node]
        node -= node & -node
    return total


@njit(cache=True)
def _ndcg(
    rank: Floats, by_amount: NDArray[np.int64], amount: Floats, count: NDArray[np.int32], k: int
) -> float:
    reached = ideal = 0.0
    place = 1
    for i in range(len(by_amount) - 1, -1, -1):
        row = by_amount[i]
        if rank[row] <= k:
            reached += count[row] * amount[row] / np.log2(1 + rank[row])
        for _ in range(count[row]):
            if place <= k:
                ideal += amount[row] / np.log2(1 + place)
                place += 1
    return min(reached / ideal, 1.0) if ideal > 0 else np.nan


@njit(cache=True)
def _precision(rank: Floats, hit: Bools, count: NDArray[np.int32], k: int) -> float:
    n_first = n_hits = 0
    for i in range(len(rank)):
        if rank[i] <= k:
            n_first += count[i]
            n_hits += count[i] * hit[i]
    return n_hits / max(k, n_first)

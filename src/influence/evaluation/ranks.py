"""Rankings of candidates: where the partner that was found had stood on each query's list."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.evaluation.kernels import Counts
from influence.evaluation.summary import Judge
from influence.metrics.checks import Floats


class RankedHits:
    """One method's ranks of the hits.

    Parameters
    ----------
    rank : float64 [n], 1 = best among the query's candidates; tied ones have the mean of best and worst rank
    """

    def __init__(self, rank: Floats) -> None:
        self.per_hit: dict[str, Floats] = {
            "mrr": 1 / rank,
            "hits_at_10": (rank <= 10).astype(np.float64),
            "ndcg_at_10": np.where(rank <= 10, 1 / np.log2(1 + rank), 0.0),
            "recall_at_50": (rank <= 50).astype(np.float64),
        }
        self.values = {name: float(each.mean()) for name, each in self.per_hit.items()}
        """Metric -> its mean over hits."""

    def resampled(self, counts: Counts) -> dict[str, Floats]:
        """Metric -> (b,) its values on each of b resamples."""
        total = counts.sum(1)
        return {name: counts @ each / total for name, each in self.per_hit.items()}


def _score(rows: pd.DataFrame, seed: int) -> RankedHits:
    return RankedHits(rows["rank"].to_numpy(np.float64))


RANKED_HITS = Judge(("score", "rank", "n_candidates"), _score, lambda rows: {})
"""Predictions with one row for each hit: its score, its rank, and among how many candidates."""


def rank_of(
    score: Floats, hit: NDArray[np.bool_], query: NDArray[np.int64], beside_hits: bool = False
) -> Floats:
    """[hits] rank of every hit among the candidates of its query that are no other hits; ties as above.

    Parameters
    ----------
    score, hit, query : [rows] each; the rows of a query stand together
    beside_hits
        Whether the query's other hits count among the candidates.
    """
    found = np.empty(int(hit.sum()))
    starts = np.flatnonzero(np.diff(query, prepend=-1))
    done = 0
    for own in np.split(np.arange(len(query)), starts[1:]):
        others = score[own] if beside_hits else score[own[~hit[own]]]
        for row in own[hit[own]]:
            tied = (others == score[row]).sum() - beside_hits
            found[done] = 1 + (others > score[row]).sum() + tied / 2
            done += 1
    return found

"""What a protocol of partners is, and the rows by which it tells how methods rank."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.evaluation.ground_truth import GroundTruth, Scored, Tell
from influence.evaluation.ranks import rank_of
from influence.tasks.partners import Asked, PartnersConfig

__all__ = ["PartnersProtocol", "Scored", "Tell", "listed", "ranked"]

PartnersProtocol = GroundTruth[PartnersConfig]
"""One kind of ground truth about partners."""


def ranked(
    asked: Asked,
    query_ids: NDArray[np.object_],
    method: str,
    seed: int,
    score: NDArray[np.float64],
    beside_hits: bool = False,
) -> pd.DataFrame:
    """One row for each hit of the lists, as `RANKED_HITS` judges them.

    Parameters
    ----------
    query_ids : [n_queries] names of the lists' queries
    score : [rows] of the lists
    beside_hits
        Whether a query's other hits count among the candidates.
    """
    lists = asked.lists
    hit = lists.hit
    size = np.bincount(lists.query, None if beside_hits else ~hit)[lists.query[hit]] + (not beside_hits)
    return pd.DataFrame(
        {
            "query_id": pd.Series(query_ids[lists.query[hit]], dtype="str"),
            "candidate_id": pd.Series(asked.graph.ids[lists.target[hit]], dtype="str"),
            "method": method,
            "seed": seed,
            "label": 1,
            "score": score[hit],
            "rank": rank_of(score, hit, lists.query, beside_hits),
            "n_candidates": size.astype(np.int64),
        }
    )


def listed(
    asked: Asked, query_ids: NDArray[np.object_], method: str, seed: int, score: NDArray[np.float64]
) -> pd.DataFrame:
    """One row, of label 0, for each candidate that was no hit, so that anyone can rank the lists again."""
    lists, other = asked.lists, ~asked.lists.hit
    return pd.DataFrame(
        {
            "query_id": pd.Series(query_ids[lists.query[other]], dtype="str"),
            "candidate_id": pd.Series(asked.graph.ids[lists.target[other]], dtype="str"),
            "method": method,
            "seed": seed,
            "label": 0,
            "score": score[other],
        }
    )

"""Metrics: pure functions on numpy arrays, and a registry of their names, directions and ranges.

Conventions, the same for every function here:

- A value that is not defined (a class that never occurs, no rows) is NaN, silently.
- Inputs that make no sense (different lengths, NaN or infinite scores, probabilities outside
  [0, 1]) raise `DataError`.
- Where scores tie in a ranking, each tied row has the mean of the group's best and worst rank.
"""

from influence.metrics.acceptance import (
    acceptance_metrics,
    accepted_within,
    ap,
    auc,
    brier,
    c_index,
    ece,
    ece_excess,
    ece_of_perfect_forecasts,
    integrated_brier,
    log_loss,
    log_loss_3class,
)
from influence.metrics.checks import Outcome
from influence.metrics.ranking import (
    hits_at_10,
    kendall,
    mean_ranks,
    mrr,
    ndcg_at_5pct,
    ndcg_at_10,
    p_at_5pct,
    recall_at_50,
    spearman,
    yield_at_20pct,
)
from influence.metrics.registry import ACCEPTANCE, METRICS, Metric, metric

__all__ = [
    "ACCEPTANCE",
    "METRICS",
    "Metric",
    "Outcome",
    "acceptance_metrics",
    "accepted_within",
    "ap",
    "auc",
    "brier",
    "c_index",
    "ece",
    "ece_excess",
    "ece_of_perfect_forecasts",
    "hits_at_10",
    "integrated_brier",
    "kendall",
    "log_loss",
    "log_loss_3class",
    "mean_ranks",
    "metric",
    "mrr",
    "ndcg_at_5pct",
    "ndcg_at_10",
    "p_at_5pct",
    "recall_at_50",
    "spearman",
    "yield_at_20pct",
]

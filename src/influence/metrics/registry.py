"""The names of the metrics, with direction, range and what each needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from influence.errors import ConfigError, nearest


@dataclass(frozen=True)
class Metric:
    """What a reader of a figure must know about it."""

    name: str
    direction: Literal["higher", "lower"]
    """Which way is better."""
    low: float
    high: float
    needs: Literal["scores", "weeks", "probabilities", "classes", "ranks", "cost", "other"]
    """`scores`: any score that ranks by the chance of acceptance within 21 days; `weeks`: these and when
    each request was sent; `probabilities` and
    `classes`: p_at_once and p_within_3_weeks; `ranks`: scores of candidates; `cost`: measured
    while running."""
    meaning: str
    inflated_by_resampling: bool = False
    """Drawing rows with replacement raises it systematically: intervals are centred on the value."""

    @property
    def higher_is_better(self) -> bool:
        """Whether a difference above zero is a gain."""
        return self.direction == "higher"


_INFINITE = float("inf")

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            Metric(
                "auc", "higher", 0, 1, "scores", "chance that an accepted invitation is ranked above another"
            ),
            Metric("ap", "higher", 0, 1, "scores", "average precision for acceptance within 21 days"),
            Metric(
                "yield_at_20pct",
                "higher",
                0,
                1,
                "weeks",
                "share accepted of the best fifth of each week's requests",
            ),
            Metric("brier", "lower", 0, 1, "probabilities", "mean squared error of p_within_3_weeks"),
            Metric("log_loss", "lower", 0, _INFINITE, "probabilities", "log loss of p_within_3_weeks, nats"),
            Metric(
                "log_loss_3class",
                "lower",
                0,
                _INFINITE,
                "classes",
                "log loss: 1 day, 1-21 days, neither, nats",
            ),
            Metric("ece_1d", "lower", 0, 1, "classes", "calibration error of p_at_once", True),
            Metric("ece_21d", "lower", 0, 1, "probabilities", "calibration error of p_within_3_weeks", True),
            Metric("ece_excess_1d", "lower", -1, 1, "classes", "ece_1d beyond what chance explains", True),
            Metric(
                "ece_excess_21d", "lower", -1, 1, "probabilities", "ece_21d beyond what chance explains", True
            ),
            Metric("integrated_brier", "lower", 0, 1, "classes", "Brier score averaged over the horizons"),
            Metric(
                "c_index",
                "higher",
                0,
                1,
                "classes",
                "chance that the earlier of two acceptances is ranked first",
            ),
            Metric("mrr", "higher", 0, 1, "ranks", "mean reciprocal rank of the best-ranked hit"),
            Metric("hits_at_10", "higher", 0, 1, "ranks", "share of queries with a hit in the first 10"),
            Metric(
                "ndcg_at_10",
                "higher",
                0,
                1,
                "ranks",
                "discounted gain of the first 10 against the best order",
            ),
            Metric("recall_at_50", "higher", 0, 1, "ranks", "share of the hits found in the first 50"),
            Metric("kendall", "higher", -1, 1, "ranks", "Kendall's tau-b"),
            Metric("spearman", "higher", -1, 1, "ranks", "Spearman's rank correlation"),
            Metric("p_at_5pct", "higher", 0, 1, "ranks", "share of hits in the first 5 %"),
            Metric(
                "ndcg_at_5pct",
                "higher",
                0,
                1,
                "ranks",
                "discounted gain of the first 5 % against the best order",
            ),
            Metric(
                "oracle_share",
                "higher",
                -_INFINITE,
                1,
                "other",
                "share of the gap to the best forecast closed",
            ),
            Metric("parent_top1", "higher", 0, 1, "other", "share of true parents ranked first"),
            Metric("spread", "higher", 0, _INFINITE, "other", "people reached from the chosen seeds"),
            Metric("seconds", "lower", 0, _INFINITE, "cost", "wall time to fit and predict"),
            Metric("peak_mib", "lower", 0, _INFINITE, "cost", "peak memory, MiB"),
        )
    }
)

ACCEPTANCE = tuple(
    name for name, m in METRICS.items() if m.needs in ("scores", "weeks", "probabilities", "classes")
)
"""The metrics of the acceptance task, in the order in which they are shown."""


def metric(name: str) -> Metric:
    """The registry's entry for a metric.

    Raises
    ------
    ConfigError
        If there is no such metric; names the nearest.
    """
    if name not in METRICS:
        raise ConfigError(f"There is no metric {name!r}. {nearest(name, METRICS)}")
    return METRICS[name]

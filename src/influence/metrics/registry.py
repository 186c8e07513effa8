"""The names of the metrics, with direction, range and what each needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from influence.errors import ConfigError, nearest
from influence.texts import text


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
    inflated_by_resampling: bool = False
    """Drawing rows with replacement raises it systematically: intervals are centred on the value."""

    @property
    def meaning(self) -> str:
        """What it says, in words."""
        return text(f"metric.{self.name}")

    @property
    def higher_is_better(self) -> bool:
        """Whether a difference above zero is a gain."""
        return self.direction == "higher"


_INFINITE = float("inf")

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            Metric("auc", "higher", 0, 1, "scores"),
            Metric("ap", "higher", 0, 1, "scores"),
            Metric("yield_at_20pct", "higher", 0, 1, "weeks"),
            Metric("brier", "lower", 0, 1, "probabilities"),
            Metric("log_loss", "lower", 0, _INFINITE, "probabilities"),
            Metric("log_loss_3class", "lower", 0, _INFINITE, "classes"),
            Metric("ece_1d", "lower", 0, 1, "classes", inflated_by_resampling=True),
            Metric("ece_21d", "lower", 0, 1, "probabilities", inflated_by_resampling=True),
            Metric("ece_excess_1d", "lower", -1, 1, "classes", inflated_by_resampling=True),
            Metric("ece_excess_21d", "lower", -1, 1, "probabilities", inflated_by_resampling=True),
            Metric("integrated_brier", "lower", 0, 1, "classes"),
            Metric("c_index", "higher", 0, 1, "classes"),
            Metric("mrr", "higher", 0, 1, "ranks"),
            Metric("hits_at_10", "higher", 0, 1, "ranks"),
            Metric("ndcg_at_10", "higher", 0, 1, "ranks"),
            Metric("recall_at_50", "higher", 0, 1, "ranks"),
            Metric("kendall", "higher", -1, 1, "ranks"),
            Metric("spearman", "higher", -1, 1, "ranks"),
            Metric("p_at_5pct", "higher", 0, 1, "ranks"),
            Metric("ndcg_at_5pct", "higher", 0, 1, "ranks"),
            Metric("oracle_share", "higher", -_INFINITE, 1, "other"),
            Metric("parent_top1", "higher", 0, 1, "other"),
            Metric("spread", "higher", 0, _INFINITE, "other"),
            Metric("seconds", "lower", 0, _INFINITE, "cost"),
            Metric("peak_mib", "lower", 0, _INFINITE, "cost"),
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

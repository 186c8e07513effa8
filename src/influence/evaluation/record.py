"""What a store of runs keeps of an evaluation: flat figures, and the periods of the split."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

from influence.data import Network
from influence.data.splits import SplitConfig, split_in_time, watched_until
from influence.evaluation.summary import MODEL


def flat_metrics(summary: Mapping[str, Any]) -> dict[str, float]:
    """The model's figures and what sets it apart, each under one name; those of a baseline: `method_metrics`.

    `model.auc`, with `model.auc.low` and `.high`; `difference.boosted_trees.auc` (model minus baseline), with
    its ends; `slice.cold_contacts.model.auc`, the value of a slice.
    """
    groups = {f"{MODEL}.": summary["methods"].get(MODEL, {})}
    groups |= {f"difference.{method}.": metrics for method, metrics in summary["differences"].items()}
    flat = {name: value for before, metrics in groups.items() for name, value in _figures(before, metrics)}
    return _defined(flat | dict(_sliced(summary, MODEL, f"{MODEL}.")))


def method_metrics(summary: Mapping[str, Any], method: str) -> dict[str, float]:
    """One method's figures under the metrics' own names: `auc`, its ends, `slice.cold_contacts.auc`."""
    return _defined(dict(_figures("", summary["methods"][method])) | dict(_sliced(summary, method, "")))


def _figures(before: str, metrics: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    for metric, interval in metrics.items():
        yield f"{before}{metric}", interval["value"]
        for end in ("low", "high"):
            yield f"{before}{metric}.{end}", interval[end]


def _sliced(summary: Mapping[str, Any], method: str, before: str) -> Iterator[tuple[str, float | None]]:
    for name, part in summary.get("slices", {}).items():
        for metric, interval in part["methods"].get(method, {}).items():
            yield f"slice.{name}.{before}{metric}", interval["value"]


def _defined(flat: Mapping[str, float | None]) -> dict[str, float]:
    return {name: float(value) for name, value in flat.items() if value is not None and math.isfinite(value)}


def periods(network: Network, config: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Part of the split -> its first moment, and the first one after it."""
    invitations = network.table("invitations")
    sent_at, chosen = invitations["sent_at"], SplitConfig(**config.get("split", {}))
    split = split_in_time(sent_at, watched_until(invitations), chosen)
    moments = (sent_at.min(), split.validation_from, split.test_from, network.last_observed_at)
    dates = [moment.isoformat() for moment in moments]
    return dict(zip(("train", "validation", "test"), itertools.pairwise(dates), strict=True))

"""What a store of runs keeps of an evaluation: flat figures, and the periods of the split."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

from influence.data import Network
from influence.data.splits import SplitConfig, split_in_time
from influence.tasks.acceptance import watched_until


def flat_metrics(summary: Mapping[str, Any]) -> dict[str, float]:
    """Every defined figure of an evaluation under one name.

    `model.auc`, with `model.auc.low` and `.high`; `difference.boosted_trees.auc` (model minus baseline); the
    values of each slice as `slice.cold_contacts.model.auc`.
    """
    flat: dict[str, float] = {}

    def take(prefix: str, part: Mapping[str, Any], ends: bool) -> None:
        for group, before in (("methods", ""), ("differences", "difference.")):
            for method, metrics in part[group].items():
                for metric, interval in metrics.items():
                    name = f"{prefix}{before}{method}.{metric}"
                    flat[name] = interval["value"]
                    if ends:
                        flat.update({f"{name}.{end}": interval[end] for end in ("low", "high")})

    take("", summary, ends=True)
    for name, part in summary.get("slices", {}).items():
        take(f"slice.{name}.", part, ends=False)
    return {name: float(value) for name, value in flat.items() if value is not None and math.isfinite(value)}


def periods(network: Network, config: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Part of the split -> its first moment, and the first one after it."""
    invitations = network.table("invitations")
    sent_at, chosen = invitations["sent_at"], SplitConfig(**config.get("split", {}))
    split = split_in_time(sent_at, watched_until(invitations), chosen)
    moments = (sent_at.min(), split.validation_from, split.test_from, network.last_observed_at)
    dates = [moment.isoformat() for moment in moments]
    return dict(zip(("train", "validation", "test"), itertools.pairwise(dates), strict=True))

"""The summary in plain sentences, for someone who sells rather than models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from influence.evaluation.figures import gain_curve
from influence.evaluation.terminal import defined, verdict
from influence.metrics import accepted_within
from influence.texts import term, text

TREES = "boosted_trees"
WITHOUT_NETWORK = "model_without_gnn"
FEW_REQUESTS = 200
"""Below this many, a slice's figures are said to be uncertain."""
SHARE_INVITED = 0.2


def findings(summary: Mapping[str, Any], predictions: pd.DataFrame) -> list[str]:
    """What the evaluation found, most useful first; only what its figures support."""
    return [
        *_base(summary),
        *_ranking(summary),
        *_gain(predictions),
        *_against(summary),
        *_percentages(summary),
    ]


def limits(summary: Mapping[str, Any]) -> list[str]:
    """What these data cannot show."""
    return [*_undecided(summary), *_small_slices(summary), *map(text, _ALWAYS)]


_ALWAYS = ("limits.sent_only", "limits.no_causes", "limits.habits")
"""Texts on what no evaluation shows."""


def _base(summary: Mapping[str, Any]) -> Iterator[str]:
    n, accepted, at_once = (summary[name] for name in ("n_test", "n_accepted_21d", "n_accepted_1d"))
    yield text(
        "found.base", n=n, accepted=accepted, share=accepted / n, at_once=at_once, share_at_once=at_once / n
    )


def _ranking(summary: Mapping[str, Any]) -> Iterator[str]:
    own = summary["methods"].get("model", {}).get("auc")
    if not defined(own):
        yield text("found.one_outcome")
        return
    value, low, high = (round(100 * own[end]) for end in ("value", "low", "high"))
    yield text("found.ranking", value=value, low=low, high=high)


def _gain(predictions: pd.DataFrame) -> Iterator[str]:
    rows = predictions[predictions["method"] == "model"]
    rows = rows[rows["seed"] == rows["seed"].min()]
    happened = accepted_within(rows["label"].to_numpy(np.int64))[1]
    if not happened.any() or rows["p_within_3_weeks"].isna().any():
        return
    invited, accepted = gain_curve(happened, rows["p_within_3_weeks"].to_numpy(np.float64))
    n_invited = SHARE_INVITED * len(rows)
    found = float(np.interp(n_invited, invited, accepted))
    yield text(
        "found.gain",
        share=SHARE_INVITED,
        kept=found / accepted[-1],
        rate=found / n_invited,
        all=float(happened.mean()),
    )


def _against(summary: Mapping[str, Any]) -> Iterator[str]:
    for baseline, words in ((TREES, "found.trees"), (WITHOUT_NETWORK, "found.without_network")):
        difference = summary["differences"].get(baseline, {}).get("auc")
        if not defined(difference):
            continue
        told = {end: 100 * difference[end] for end in ("low", "high")}
        told["points"] = 100 * abs(difference["value"])
        key = {1: "found.better", 0: "found.same", -1: "found.worse"}[verdict("auc", difference)]
        yield text(key, what=text(words), **told)


def _percentages(summary: Mapping[str, Any]) -> Iterator[str]:
    own, against = summary["methods"].get("model", {}), summary["differences"].get(TREES, {})
    for horizon in ("21d", "1d"):
        error, excess = own.get(f"ece_{horizon}"), own.get(f"ece_excess_{horizon}")
        if error is None or excess is None or not defined(error) or not defined(excess):
            continue
        key = "found.percentages.fine" if excess["value"] <= 0 else "found.percentages.margin"
        points, margin = 100 * error["value"], 100 * excess["value"]
        told = text(key, what=text(f"found.within_{horizon}"), points=points, margin=margin)
        worse = verdict(f"ece_{horizon}", against.get(f"ece_{horizon}")) < 0
        yield f"{told} {text('found.trees_closer')}" if worse else told


def _undecided(summary: Mapping[str, Any]) -> Iterator[str]:
    undecided = [
        term("method", baseline)
        for baseline, own in summary["differences"].items()
        if defined(own.get("auc")) and verdict("auc", own["auc"]) == 0
    ]
    if undecided:
        yield text("limits.undecided", names=", ".join(undecided))


def _small_slices(summary: Mapping[str, Any]) -> Iterator[str]:
    for name, part in summary.get("slices", {}).items():
        what, n = term("slice", name), part["n_test"]
        if n < FEW_REQUESTS:
            yield text("limits.few_of" if n else "limits.none_of", what=what, n=n)

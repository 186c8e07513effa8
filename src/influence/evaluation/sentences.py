"""The summary in plain sentences, for someone who sells rather than models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from influence.evaluation.figures import gain_curve
from influence.evaluation.terminal import defined, verdict
from influence.metrics import accepted_within

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
    return [*_undecided(summary), *_small_slices(summary), *_ALWAYS]


_ALWAYS = (
    "Only invitations that were really sent could be checked. For people whom nobody here would have "
    "invited, the percentages are an extrapolation.",
    "The model predicts; it does not explain causes. That people with more mutual contacts accept more "
    "often does not mean that gaining mutual contacts makes someone accept.",
    "People's habits change. The percentages hold for as long as future requests resemble the latest ones "
    "here.",
)


def _base(summary: Mapping[str, Any]) -> Iterator[str]:
    n, accepted, at_once = (summary[name] for name in ("n_test", "n_accepted_21d", "n_accepted_1d"))
    yield (
        f"The model was tested on {n:,} requests sent after everything that it had learned from. "
        f"Of these, {accepted:,} ({_percent(accepted / n)}) were accepted within three weeks, "
        f"{at_once:,} ({_percent(at_once / n)}) within a day."
    )


def _ranking(summary: Mapping[str, Any]) -> Iterator[str]:
    own = summary["methods"].get("model", {}).get("auc")
    if not defined(own):
        yield "Only one kind of outcome occurred, so nothing can be said about who is more likely to accept."
        return
    value, low, high = (round(100 * own[end]) for end in ("value", "low", "high"))
    yield (
        "Shown one request that was accepted and one that was not, the model rates the accepted one higher "
        f"in {value} of 100 cases (between {low} and {high}; 50 would be guessing)."
    )


def _gain(predictions: pd.DataFrame) -> Iterator[str]:
    rows = predictions[predictions["method"] == "model"]
    rows = rows[rows["seed"] == rows["seed"].min()]
    happened = accepted_within(rows["label"].to_numpy(np.int64))[1]
    if not happened.any() or rows["p_within_3_weeks"].isna().any():
        return
    invited, accepted = gain_curve(happened, rows["p_within_3_weeks"].to_numpy(np.float64))
    n_invited = SHARE_INVITED * len(rows)
    found = float(np.interp(n_invited, invited, accepted))
    yield (
        f"Sending only the most promising {_percent(SHARE_INVITED)} would have kept "
        f"{_percent(found / accepted[-1])} of the acceptances: {_percent(found / n_invited)} of "
        f"those invited would have accepted, against {_percent(happened.mean())} of all."
    )


def _against(summary: Mapping[str, Any]) -> Iterator[str]:
    for baseline, words in (
        (TREES, "boosted trees, a strong usual method, on the same facts"),
        (WITHOUT_NETWORK, "the same model without the network of contacts"),
    ):
        difference = summary["differences"].get(baseline, {}).get("auc")
        if not defined(difference):
            continue
        points = f"{100 * abs(difference['value']):.1f}"
        ends = f"{100 * difference['low']:+.1f} to {100 * difference['high']:+.1f}"
        yield {
            1: f"It ranks better than {words}: by {points} cases in 100 ({ends}), more than chance explains.",
            0: f"Against {words}, these data show no clear difference in ranking: {ends} cases in 100.",
            -1: f"It ranks worse than {words}: by {points} cases in 100 ({ends}). Use that method instead.",
        }[verdict("auc", difference)]


def _percentages(summary: Mapping[str, Any]) -> Iterator[str]:
    own, against = summary["methods"].get("model", {}), summary["differences"].get(TREES, {})
    for horizon, words in (("21d", "acceptance within three weeks"), ("1d", "acceptance within a day")):
        error, excess = own.get(f"ece_{horizon}"), own.get(f"ece_excess_{horizon}")
        if error is None or excess is None or not defined(error) or not defined(excess):
            continue
        start = f"Percentages for {words} were off by {100 * error['value']:.1f} points on average"
        worse = verdict(f"ece_{horizon}", against.get(f"ece_{horizon}")) < 0
        closer = " Those of boosted trees came closer." if worse else ""
        if excess["value"] <= 0:
            yield f"{start}, no more than chance alone would show: take them as they are.{closer}"
        else:
            margin = f"{100 * excess['value']:.1f}"
            yield f"{start}, {margin} more than chance explains: read them with that margin.{closer}"


def _undecided(summary: Mapping[str, Any]) -> Iterator[str]:
    undecided = [
        baseline.replace("_", " ")
        for baseline, own in summary["differences"].items()
        if defined(own.get("auc")) and verdict("auc", own["auc"]) == 0
    ]
    if undecided:
        names = ", ".join(undecided)
        yield f"Whether the model ranks better or worse than {names}: the interval includes zero."


def _small_slices(summary: Mapping[str, Any]) -> Iterator[str]:
    for name, part in summary.get("slices", {}).items():
        words = name.replace("_", " ")
        if part["n_test"] == 0:
            yield f"Anything about {words}: there were none among the test requests."
        elif part["n_test"] < FEW_REQUESTS:
            yield f"Much about {words}: only {part['n_test']:,} test requests, so its intervals are wide."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"

"""The model beside other methods, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from influence.evaluation.terminal import defined, verdict
from influence.texts import term, text

BESIDE: Mapping[str, tuple[str, Sequence[str]]] = {
    "leadership": ("kendall", ("past_credit", "recent_credit", "boosted_trees", "degree", "pagerank")),
    "partners": (
        "mrr",
        (
            "popularity", "gravity", "category_similarity", "personalised_pagerank", "logistic_regression",
            "boosted_trees", "graphsage",
        ),
    ),
}  # fmt: skip
"""Task -> the metric that its methods are told apart by, and those that are told of."""


def against(summary: Mapping[str, Any]) -> list[str]:
    """One sentence on where the model stands beside other methods; none where nothing was compared."""
    metric, baselines = BESIDE[summary["task"]]
    by_verdict: dict[int, list[str]] = {}
    for name in baselines:
        found = summary["differences"].get(name, {}).get(metric)
        if defined(found):
            by_verdict.setdefault(verdict(metric, found), []).append(term("method", name))
    ordered = sorted(by_verdict.items(), reverse=True)
    told = [text(f"against.{sign}", names=", ".join(names)) for sign, names in ordered]
    verdicts = text("separator").join(told)
    return [text(f"against.{summary['task']}", verdicts=verdicts)] if told else []

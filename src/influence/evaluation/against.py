"""The model beside other methods, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from influence.evaluation.terminal import defined, verdict

WORDS = {1: "better than", 0: "not told apart from", -1: "worse than"}


def against(summary: Mapping[str, Any], metric: str, baselines: Sequence[str], doing: str) -> list[str]:
    """One sentence on where the model stands by a metric; none where nothing was compared.

    Parameters
    ----------
    doing
        What is compared, at the beginning of the sentence: "Ranking partners".
    """
    by_verdict: dict[int, list[str]] = {}
    for name in baselines:
        found = summary["differences"].get(name, {}).get(metric)
        if defined(found):
            by_verdict.setdefault(verdict(metric, found), []).append(name.replace("_", " "))
    told = [f"{WORDS[sign]} {', '.join(names)}" for sign, names in sorted(by_verdict.items(), reverse=True)]
    return [f"{doing}, the model is {'; '.join(told)}."] if told else []

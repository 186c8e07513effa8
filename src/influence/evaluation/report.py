"""The evaluation as one HTML file: pictures inline, no script, no request to anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from influence.evaluation.figures import all_figures
from influence.evaluation.page import figure, for_those_who_check, frame, items, page, section
from influence.evaluation.sentences import findings, limits
from influence.files import atomic

FIGURES = {
    "gains": (
        "If you invite only the most promising",
        "Left: the share of all acceptances that is kept when only the most promising requests are sent. "
        "Right: how many of those invited accept. The dashed line is inviting at random.",
    ),
    "reliability": (
        "Can the percentages be trusted?",
        "Requests in ten groups of equal size, by predicted chance. On the dashed line, of 100 requests "
        "rated 30 %, 30 are accepted. Bars show what chance allows.",
    ),
    "delay": ("How soon", "The share accepted by each delay: observed, and what was predicted on average."),
    "slices": ("For whom it works", "The same test for parts of the requests. Longer bars: fewer requests."),
    "comparison": ("Against other methods", "Every method on the same test requests, with 95 % intervals."),
}
"""Figure -> heading and caption, in the order of the report."""
PLAIN_FIGURES = ("gains", "reliability", "delay", "slices")


def write_report(
    summary: Mapping[str, Any],
    predictions: pd.DataFrame,
    path: str | Path,
    *,
    model_card: Mapping[str, Any],
    examples: pd.DataFrame | None = None,
) -> None:
    """Write the report, whole or not at all.

    Parameters
    ----------
    summary, predictions
        From `summarise`, and the frame it was given.
    model_card
        Shown as it is, nested mappings as JSON; `command` (how to reproduce it) and `limits` (further
        sentences on what the data cannot show) have places of their own.
    examples
        Rows to show as they come, for instance predictions with names.
    """
    with atomic(path) as target:
        target.write_text(
            render(summary, predictions, model_card=model_card, examples=examples), encoding="utf-8"
        )


def render(
    summary: Mapping[str, Any],
    predictions: pd.DataFrame,
    *,
    model_card: Mapping[str, Any],
    examples: pd.DataFrame | None = None,
) -> str:
    """The report as HTML; arguments as in `write_report`."""
    drawn = all_figures(summary, predictions)
    title = f"Who will accept: {summary['dataset']}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="sub">{escape(_sizes(summary))}</p>',
        f'<ul class="findings">{items(findings(summary, predictions))}</ul>',
        *(figure(*FIGURES[name], drawn[name]) for name in PLAIN_FIGURES if name in drawn),
        section("Examples", frame(examples)) if examples is not None and len(examples) else "",
        section(
            "What these data could not show",
            f"<ul>{items([*limits(summary), *model_card.get('limits', ())])}</ul>",
        ),
        "<hr><h1>For those who check</h1>",
        figure(*FIGURES["comparison"], drawn["comparison"]),
        *for_those_who_check(summary, model_card),
    ]
    return page(title, parts)


def _sizes(summary: Mapping[str, Any]) -> str:
    train, validation, test = (f"{summary[f'n_{part}']:,}" for part in ("train", "validation", "test"))
    return (
        f"{train} requests to learn from, {validation} to choose by, {test} to test on, in the order of time."
    )

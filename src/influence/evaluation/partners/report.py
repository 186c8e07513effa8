"""The evaluation of partners as one HTML file: whom one source is to approach, where, and the figures."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from influence.evaluation.against import against
from influence.evaluation.figures import comparison
from influence.evaluation.page import figure, for_those_who_check, frame, items, page, section
from influence.evaluation.partners.figures import markets as draw_markets
from influence.evaluation.partners.figures import parts_of_scores
from influence.evaluation.terminal import shown

BASELINES = (
    "popularity",
    "gravity",
    "category_similarity",
    "personalised_pagerank",
    "logistic_regression",
    "boosted_trees",
    "graphsage",
)
LIMITS = (
    "Only links on record count: a partner whom the records miss is taken for a stranger.",
    "The parts say what the score rests on, not what would happen if somebody acted on it.",
)


def render_partners(
    summary: Mapping[str, Any],
    *,
    recommended: pd.DataFrame,
    markets: pd.DataFrame,
    model_card: Mapping[str, Any],
) -> str:
    """The report as HTML.

    Parameters
    ----------
    summary
        From `summarise`.
    recommended, markets
        As `recommend("partners")` and `Model.markets` give them for one source.
    model_card
        As in `evaluation.report.write_report`.
    """
    title = f"Partners abroad: {summary['dataset']}"
    said = [
        *against(summary, "mrr", BASELINES, "Ranking partners abroad"),
        *markets.attrs.get("sentences", ()),
    ]
    name = recommended["source_id"].iloc[0] if len(recommended) else "nobody"
    listed = frame(recommended) + f"<ul>{items(recommended.attrs.get('sentences', ()))}</ul>"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="sub">{escape(_sizes(summary))}</p>',
        f'<ul class="findings">{items(said)}</ul>',
        section(f"Whom to approach: an example, {name}", listed),
        _drawn("The parts of each score", "They sum to it.", parts_of_scores, recommended),
        section("In which countries", frame(markets)),
        _drawn("Directly, and through the network", "Candidates of each country.", draw_markets, markets),
        section(
            "What these data could not show", f"<ul>{items([*LIMITS, *model_card.get('limits', ())])}</ul>"
        ),
        "<hr><h1>For those who check</h1>",
        figure(
            "Against other methods",
            "Every method on the same queries, with 95 % intervals.",
            comparison(summary, shown(summary)[:3]),
        ),
        *for_those_who_check(summary, model_card),
    ]
    return page(title, parts)


def _drawn(heading: str, caption: str, draw: Any, rows: pd.DataFrame) -> str:
    return figure(heading, caption, draw(rows)) if len(rows) else ""


def _sizes(summary: Mapping[str, Any]) -> str:
    return (
        f"{summary['n_test']:,} links across borders, each ranked among its candidates by what was known "
        "before it."
    )

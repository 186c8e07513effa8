"""The evaluation of leadership as one HTML file: the leaders, the evidence for contagion, the figures."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from influence.contagion.evidence import Evidence
from influence.contagion.overview import Asked, about_people
from influence.data import Network
from influence.errors import DataError
from influence.evaluation.against import against
from influence.evaluation.figures import comparison
from influence.evaluation.leaders.figures import evidence_figures
from influence.evaluation.page import figure, for_those_who_check, frame, items, page, section
from influence.evaluation.terminal import shown

FIGURES = {
    "shuffle": (
        "Is it contagion?",
        "How often people take something up soon after someone they are tied to.",
    ),
    "within_communities": (
        "Or do communities have times of their own?",
        "The same, with dates dealt out anew only within communities of tied people.",
    ),
    "concentration": (
        "Do a few matter more than others?",
        "All credit, from the least to the most credited.",
    ),
    "back_test": ("Could they have been found beforehand?", "The credit, later on, of those who led before."),
    "matched": ("Exposed people against people like them", "Take-up rates of the same kind of people."),
}
"""Figure -> heading and caption, in the order of the report."""
ABOUT_PEOPLE = {
    "communities": ("Communities", "People tied to each other, across firms and countries, largest first."),
    "bridges": (
        "Bridges",
        "People with ties into several communities, and the pairs they could bring together.",
    ),
    "experts": (
        "Who knows what",
        "The first three of each topic, by early take-ups, contents and who vouches.",
    ),
    "reactions": ("What earns reactions from whom", "Of those tied to an author, the share that reacted."),
    "habits": (
        "When the leaders respond",
        "Hour (UTC) and weekday (0: Monday); n_own responses of their own.",
    ),
}
"""Table of `contagion.overview` -> heading and caption, in the order of the report."""
ROWS_SHOWN = 10
"""Of each of these tables; of experts all."""
LIMITS = (
    "Observation cannot tell influence from likeness: people who are tied are alike, and may take up the "
    "same things for the same reasons. The matched estimate says how strong such a reason would have to be.",
    "Only take-ups on record count. Whoever moves people in other ways is not seen.",
)
SHOWN = (
    "contact_id",
    "topic",
    "influence",
    "low",
    "high",
    "impartiality",
    "share_abroad",
    "leads",
    "moves_most",
)
BASELINES = ("past_credit", "recent_credit", "boosted_trees", "degree", "pagerank")


def render_leadership(
    summary: Mapping[str, Any],
    *,
    evidence: Evidence,
    leaders: pd.DataFrame,
    model_card: Mapping[str, Any],
    people: Mapping[str, pd.DataFrame] | None = None,
) -> str:
    """The report as HTML.

    Parameters
    ----------
    summary
        From `summarise`.
    evidence
        What the model's records show.
    leaders
        As `recommend("leadership")` gives them.
    model_card
        As in `evaluation.report.write_report`.
    people
        Name in `ABOUT_PEOPLE` -> its table, as `people_of` gives them.
    """
    title = f"Who leads: {summary['dataset']}"
    drawn = evidence_figures(evidence)
    beside = against(summary, "kendall", BASELINES, "Ranking who will be credited later")
    named = leaders[[name for name in SHOWN if name in leaders.columns]]
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="sub">{escape(_sizes(summary))}</p>',
        f'<ul class="findings">{items([*evidence.sentences, *beside])}</ul>',
        section("Who leads", frame(named) + f"<ul>{items(leaders.attrs.get('sentences', ()))}</ul>"),
        *(figure(*FIGURES[name], drawn[name]) for name in FIGURES if name in drawn),
        *(_about(name, rows) for name, rows in (people or {}).items() if len(rows)),
        section(
            "What these data could not show", f"<ul>{items([*LIMITS, *model_card.get('limits', ())])}</ul>"
        ),
        "<hr><h1>For those who check</h1>",
        figure(
            "Against other methods",
            "Every method on the same people, with 95 % intervals.",
            comparison(summary, shown(summary)[:3]),
        ),
        *for_those_who_check(summary, model_card),
    ]
    return page(title, parts)


def people_of(network: Network, leaders: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What the report tells about people: the tables of `ABOUT_PEOPLE` that the records can fill."""
    found = {}
    for name in ABOUT_PEOPLE:
        try:
            found[name] = about_people(
                network, name, Asked(contact_ids=list(dict.fromkeys(leaders["contact_id"])))
            )
        except DataError:  # nothing on record to tell it from
            continue
    return found


def _about(name: str, rows: pd.DataFrame) -> str:
    heading, caption = ABOUT_PEOPLE[name]
    shown = rows if name == "experts" else rows.head(ROWS_SHOWN)
    return section(heading, f"<p>{escape(caption)}</p>{frame(shown)}")


def _sizes(summary: Mapping[str, Any]) -> str:
    n = summary["n_test"]
    return f"{n:,} people, counted once per topic, ranked before a moment and judged by what followed it."

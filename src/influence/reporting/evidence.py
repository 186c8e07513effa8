"""How good the numbers are: the model beside other methods, its calibration, and the case for contagion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from influence.contagion.evidence import Evidence
from influence.contagion.overview import Asked as AboutPeople
from influence.contagion.overview import about_people
from influence.errors import DataError
from influence.evaluation.against import against
from influence.evaluation.figures import all_figures
from influence.evaluation.leaders.figures import evidence_figures
from influence.evaluation.sentences import findings
from influence.reporting.asked import Asked
from influence.reporting.blocks import Block, Drawn, Part, Verbatim, called_as
from influence.reporting.cells import Shown
from influence.reporting.evaluated import Evaluated
from influence.tasks import acceptance, leadership, partners
from influence.texts import text

PLAIN_FIGURES = ("gains", "reliability", "delay", "slices")
EVIDENCE_FIGURES = ("shuffle", "within_communities", "concentration", "back_test", "matched")
"""In the order of the report."""
PEOPLE: Mapping[str, tuple[Shown, ...]] = {
    "communities": (
        Shown("community", "count"), Shown("n_people", "count"), Shown("n_companies", "count"),
        Shown("n_countries", "count"), Shown("largest_company", "text"), Shown("largest_country", "country"),
        Shown("leaders", "people"),
    ),
    "bridges": (
        Shown("contact_id", "person"), Shown("community", "count"), Shown("n_communities", "count"),
        Shown("n_pairs", "count"), Shown("participation", "two_decimals"),
    ),
    "experts": (
        Shown("topic", "text"), Shown("contact_id", "person"), Shown("score", "two_decimals"),
        Shown("n_early", "count"), Shown("n_contents", "count"), Shown("credibility", "percent"),
        Shown("n_vouched", "count"),
    ),
    "reactions": (
        Shown("topic", "text"), Shown("author", "seniority"), Shown("reader", "text"),
        Shown("rate", "percent"), Shown("n_could", "count"),
    ),
    "habits": (
        Shown("contact_id", "person"), Shown("hour", "hour"), Shown("weekday", "weekday"),
        Shown("n_own", "count"),
    ),
}  # fmt: skip
"""Table of `contagion.overview` -> what the report shows of it, in the order of the report."""
ROWS_SHOWN = 10
CONFIGS = {
    acceptance.NAME: "configs/default.yaml",
    leadership.NAME: "configs/leadership.yaml",
    partners.NAME: "configs/partners.yaml",
}
"""What evaluates each task."""
PREDICTIONS = "MODEL/evaluation/predictions.parquet"
"""What the figures of an evaluation are drawn from."""


def quality(task: str, evaluated: Evaluated | None) -> Part:
    """The chapter on how good the answers of one task are."""
    if evaluated is None:
        how = text("quality.not_evaluated", config=CONFIGS.get(task, "CONFIG"))
        return Part(f"quality-{task}", text(f"quality.{task}"), [], [how])
    told, drawn = _against(evaluated), all_figures(evaluated.summary, evaluated.predictions)
    pictures = [Drawn(name, drawn[name], PREDICTIONS) for name in PLAIN_FIGURES if name in drawn]
    return Part(f"quality-{task}", text(f"quality.{task}"), pictures, told)


def _against(evaluated: Evaluated) -> list[str]:
    if evaluated.task == acceptance.NAME:
        return findings(evaluated.summary, evaluated.predictions)
    return [
        text(f"quality.sizes.{evaluated.task}", n=evaluated.summary["n_test"]),
        *against(evaluated.summary),
    ]


def contagion(asked: Asked, evidence: Evidence | None) -> Part:
    """The chapter on whether people move each other at all."""
    heading = text("quality.contagion")
    if evidence is None:
        return Part("contagion", heading, [], [text("quality.contagion.cannot")])
    drawn = evidence_figures(evidence)
    rng = Verbatim("np.random.default_rng(0)")
    made_by = called_as("influence.contagion.evidence.gather", Verbatim("network"), at=asked.at, rng=rng)
    pictures = [Drawn(name, drawn[name], made_by) for name in EVIDENCE_FIGURES if name in drawn]
    return Part("contagion", heading, pictures, evidence.sentences)


def people(asked: Asked, leaders: pd.DataFrame | None) -> Part:
    """The chapter on communities, bridges, experts, reactions and habits, as far as the records tell."""
    return Part("people", text("people"), list(_people(asked, leaders)))


def _people(asked: Asked, leaders: pd.DataFrame | None) -> Iterator[Block]:
    ids = [] if leaders is None or not len(leaders) else list(dict.fromkeys(leaders["contact_id"]))
    known = asked.model.network.as_of(asked.moment)
    for name, columns in PEOPLE.items():
        about = AboutPeople(contact_ids=ids) if name == "habits" else None
        try:
            rows = about_people(known, name, about)
        except DataError:  # nothing on record to tell it from
            continue
        if len(rows):
            n_shown = None if name == "experts" else ROWS_SHOWN
            made_by = f"influence people RECORDS {name} --at {asked.at}"
            yield Block(
                f"people-{name}", text(f"people.{name}"), made_by, [text(f"people.{name}.caption")], rows,
                columns, n_shown=n_shown,
            )  # fmt: skip

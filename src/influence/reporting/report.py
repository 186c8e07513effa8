"""The report of a model: what to do first, then how far to believe it, then every figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from influence.contagion.evidence import Evidence, gather
from influence.data import moment_of
from influence.errors import DataError
from influence.files import atomic
from influence.prediction import Model
from influence.progress import Tell, silent
from influence.reporting import abroad, checks, evidence, invitations, lacking, leaders
from influence.reporting.asked import Asked
from influence.reporting.blocks import Block, Part, with_rows
from influence.reporting.cells import Called
from influence.reporting.evaluated import Evaluated
from influence.reporting.files import write_rows
from influence.reporting.maps import map_part
from influence.reporting.page import page, paragraph
from influence.tasks import acceptance, leadership, partners
from influence.texts import date, in_language, text


def write_report(
    model: Model,
    path: str | Path,
    *,
    evaluated: Evaluated | None = None,
    language: str = "en",
    at: str | pd.Timestamp | None = None,
    weekly_quota: int = 10,
    k: int = 20,
    tables: str | Path | None = None,
    with_map: bool = True,
    tell: Tell = silent,
) -> None:
    """Write one HTML page on what a model advises and how far it is to be believed, whole or not at all.

    Parameters
    ----------
    model
        Its tasks decide what is answered, its records what is known, and whether people have names.
    evaluated
        Its evaluation; without one the page says that nobody has looked how good the numbers are.
    language
        "en" or "fr".
    at
        The moment; only what was visible strictly before it counts. By default the end of the records.
    weekly_quota, k
        Invitations of each sender this week, and of all of them together.
    tables
        A folder that receives the rows behind every block as CSV.
    with_map
        Whether the interactive map of the network goes in: some five MB.
    tell
        Hears of the progress.

    Raises
    ------
    ConfigError
        If there are no texts in the language, or a place cannot be written.
    DataError
        If the records hold no times and `at` is not given.
    """
    asked = Asked(model, moment_of(model.network, at), weekly_quota, k, tell)
    with in_language(language):
        parts = _parts(asked, evaluated, with_map=with_map)
        tell("page", N_STAGES - 1, N_STAGES)
        text_of_page = _rendered(asked, parts, with_files=tables is not None)
        if tables is not None:
            write_rows(with_rows(parts), Path(tables), _origin(asked))
    with atomic(path) as target:
        target.write_text(text_of_page, encoding="utf-8")
    tell("done", N_STAGES, N_STAGES)


def _parts(asked: Asked, evaluated: Evaluated | None, *, with_map: bool) -> list[Part]:
    """The chapters, what to do first."""
    tasks, todo = asked.model.tasks, list[Block]()
    found = _evidence(asked) if leadership.NAME in tasks else None
    for done, (task, blocks) in enumerate(_ANSWERS.items()):
        if task in tasks:
            asked.tell(task, done, N_STAGES)
            todo += blocks(asked, found)
    asked.tell("map and evidence", len(_ANSWERS), N_STAGES)
    judged = {evaluated.task: evaluated} if evaluated is not None else {}
    return [
        Part("todo", text("sales"), todo),
        *([map_part(asked)] if with_map else ()),
        *(evidence.quality(task, judged.get(task)) for task in tasks),
        *(_about_leaders(asked, found, todo) if leadership.NAME in tasks else ()),
        lacking.part(asked, evaluated),
        *([checks.part(evaluated)] if evaluated is not None else ()),
    ]


def _about_leaders(asked: Asked, found: Evidence | None, todo: Sequence[Block]) -> list[Part]:
    """The chapters on contagion and on people."""
    leaders_told = next((one.rows for one in todo if one.name == "leaders"), None)
    return [evidence.contagion(asked, found), evidence.people(asked, leaders_told)]


def _evidence(asked: Asked) -> Evidence | None:
    """For and against contagion; None where nothing was taken up, or nobody is tied."""
    try:
        return gather(asked.model.network, asked.moment, rng=np.random.default_rng(0), tell=asked.tell)
    except DataError:
        return None


_ANSWERS = {
    acceptance.NAME: lambda asked, found: invitations.blocks(asked),
    leadership.NAME: leaders.blocks,
    partners.NAME: lambda asked, found: abroad.blocks(asked),
}
"""Task -> its blocks, in the order of the page."""
N_STAGES = len(_ANSWERS) + 2
"""The answers, then map and evidence, then the page itself."""


def _rendered(asked: Asked, parts: Sequence[Part], *, with_files: bool) -> str:
    network = asked.model.network
    called = Called(network)
    name = asked.model.config.dataset or ""
    title = text("page.title_of", name=name) if name else text("page.title")
    links = "".join(f'<li><a href="#{one.name}">{escape(one.heading)}</a></li>' for one in parts)
    known = text(
        "page.known",
        until=date(asked.moment),
        people=len(network.contact_ids),
        companies=len(network.company_ids),
    )
    return page(
        title,
        [
            f"<header><h1>{escape(title)}</h1>{paragraph(known, 'sub')}"
            f'<nav aria-label="{escape(text("page.contents"))}"><ul>{links}</ul></nav></header>',
            '<main id="main">',
            *(one.html(called, with_files=with_files) for one in parts),
            "</main>",
            f"<footer>{paragraph(_footer(asked))}</footer>",
        ],
    )


def _origin(asked: Asked) -> Mapping[str, str]:
    """What the page was made from."""
    return {
        "model": asked.model.fingerprint,
        "records": asked.model.network.fingerprint,
        "trained_until": asked.model.trained_until.isoformat(),
        "at": asked.at,
        "version": version("influence"),
    }


def _footer(asked: Asked) -> str:
    origin = _origin(asked)
    return text(
        "page.footer",
        model=origin["model"][:16],
        records=origin["records"][:16],
        learnt=date(asked.model.trained_until),
        at=asked.at,
        version=origin["version"],
    )

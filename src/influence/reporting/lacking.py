"""What the data lack: tables that are not there, facts that are rarely told, and what no data show."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from influence.data import Network
from influence.data.profile import dated_by
from influence.evaluation.sentences import limits
from influence.reporting.asked import Asked
from influence.reporting.blocks import Block, Part
from influence.reporting.cells import Shown
from influence.reporting.evaluated import Evaluated
from influence.reporting.page import bullets, section
from influence.schema import TABLES
from influence.tasks import acceptance, leadership, partners
from influence.texts import text

TELLING = (
    "contacts", "companies", "connections", "invitations", "interactions", "contents", "adoptions", "deals",
    "company_links",
)  # fmt: skip
"""Tables whose absence costs answers."""
FACTS = ("company_id", "country", "industry", "job_function", "seniority")
RARELY_TOLD = 0.5
"""A fact known of fewer contacts than this share is said to be lacking."""
RECORDS = (
    Shown("table", "table"), Shown("n_rows", "count"), Shown("first", "date"), Shown("last", "date"),
)  # fmt: skip
OF_TASK = {
    leadership.NAME: ("limits.likeness", "limits.on_record"),
    partners.NAME: ("limits.links", "limits.parts"),
}
"""Task -> texts that hold whatever its evaluation showed."""


def part(asked: Asked, evaluated: Evaluated | None) -> Part:
    """The chapter on what the data lack, and what they cannot show."""
    known = asked.model.network.as_of(asked.moment)
    told = [*_absent(known), *_rare(known)] or [text("lacks.nothing")]
    rows = on_record(known)
    block = Block(
        "records", text("records"), f"influence.read(RECORDS).as_of({asked.at!r})", [text("records.caption")],
        rows, RECORDS,
    )  # fmt: skip
    cannot = bullets(_limits(asked, evaluated))
    more = [section(text("lacks.cannot"), cannot, 3)] if cannot else []
    return Part("lacks", text("lacks"), [block, *more], told)


def _absent(known: Network) -> Iterator[str]:
    for name in TELLING:
        if not len(known.table(name)):
            yield text(f"lacks.{name}")


def _rare(known: Network) -> Iterator[str]:
    people = known.table("contacts")
    if not len(people):
        return
    facts = known.latest("contacts", FACTS)
    for name in FACTS:
        share = float(facts[name].notna().mean())
        if share < RARELY_TOLD:
            key = "lacks.fact" if round(100 * share) else "lacks.fact.hardly"  # never "only 0 %"
            yield text(key, what=text(f"column.{name}"), share=share)
    if not people["is_own_team"].fillna(False).any():
        yield text("lacks.team")


def _limits(asked: Asked, evaluated: Evaluated | None) -> Iterator[str]:
    for task in asked.model.tasks:
        if task == acceptance.NAME and evaluated is not None and evaluated.task == task:
            yield from limits(evaluated.summary)
        yield from (text(key) for key in OF_TASK.get(task, ()))
    if evaluated is not None:
        yield from evaluated.card.get("limits", ())


def on_record(known: Network) -> pd.DataFrame:
    """Each table's number of rows and the first and last time that its rows became visible.

    Returns
    -------
    DataFrame
        table, n_rows, first, last (NaT where the table has no times).
    """
    rows = []
    for name, table in known.tables.items():
        time = dated_by(TABLES[name])
        at = table[time] if time is not None else pd.Series([], dtype="datetime64[us, UTC]")
        if len(table):
            rows.append((name, len(table), at.min(), at.max()))
    found = pd.DataFrame(rows, columns=["table", "n_rows", "first", "last"])
    return found.astype(dict.fromkeys(("first", "last"), "datetime64[us, UTC]"))

"""Rows of an answer as a table that people read: headings in words, one form for each kind of value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from influence.data import Network
from influence.reporting.page import table
from influence.texts import country, date, number, percent, term, text

Row = Mapping[str, Any]
_SIGNED = re.compile(r"^(.*?)\s?:\s([+-]\d[\d.,]*)$")
"""A reason as the models give it: the fact, and what it adds."""


@dataclass(frozen=True)
class Called:
    """What people are called: by their names where the records tell them, else by their ids."""

    network: Network

    def person(self, one: str) -> str:
        """The name, the id below it; the id alone without one."""
        name = self.network.names.get(one)
        return escape(one) if name is None else f"{escape(str(name))}<small>{escape(one)}</small>"

    def briefly(self, one: str) -> str:
        """The name, or the id."""
        return escape(str(self.network.names.get(one, one)))

    def words(self, sentence: str) -> str:
        """A sentence with names in the place of pseudonyms."""
        return self.network.told(sentence)


@dataclass(frozen=True)
class Shown:
    """A column of a table: the answer's column, and how its values are written.

    Attributes
    ----------
    name : of the answer's column; `column.<heading>` is its heading in the table of texts
    kind : a name in `KINDS`
    heading : where another heading than that of the name says it better
    """

    name: str
    kind: str
    heading: str = field(default="")

    @property
    def label(self) -> str:
        """The heading in words."""
        return text(f"column.{self.heading or self.name}")


def answer_table(rows: pd.DataFrame, columns: Sequence[Shown], called: Called, label: str) -> str:
    """Rows of an answer as HTML; columns that it lacks, or that say nothing, are left out."""
    shown = [one for one in columns if one.name in rows.columns and rows[one.name].notna().any()]
    cells = [[_cell(one, row, called) for one in shown] for row in _records(rows)]
    numbers = [place for place, one in enumerate(shown) if one.kind in NUMBERS]
    return table([escape(one.label) for one in shown], cells, label, "cards", numbers)


def _records(rows: pd.DataFrame) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _cell(column: Shown, row: Row, called: Called) -> str:
    value = row[column.name]
    told = "" if _is_missing(value) else KINDS[column.kind](value, row, called)
    style = ' class="number"' if column.kind in NUMBERS else ' class="prose"' if column.kind in PROSE else ""
    return f'<td data-label="{escape(column.label)}"{style}>{told}</td>'


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value or value == ""


def _estimate(value: Any, row: Row, called: Called) -> str:
    places = 1 if abs(value) >= 1 else 2
    if _is_missing(row.get("low")):
        return number(value, places)
    ends = text("interval", low=number(row["low"], places), high=number(row["high"], places))
    return f"{number(value, places)}<small>{ends}</small>"


def _days(days: float) -> str:
    return text("days_within") if days < 1 else text("days_about", n=round(days))


def _people(separator: str) -> Callable[[Any, Row, Called], str]:
    def told(value: Any, row: Row, called: Called) -> str:
        return ", ".join(called.briefly(one) for one in str(value).split(separator) if one)

    return told


def _path(value: Any, row: Row, called: Called) -> str:
    return " → ".join(called.briefly(one) for one in str(value).split(" > "))


def _reasons(value: Any, row: Row, called: Called) -> str:
    """Each reason on its line, with what it does to the chance as a sign; a sign has its word for readers."""
    told = []
    for reason in called.words(str(value)).split(text("separator")):
        if found := _SIGNED.match(reason):
            speaks_for = found[2].startswith("+")
            told.append(_signed(found[1], speaks_for))
        else:
            told.append(f"<li>{escape(reason)}</li>")
    return f"<ul>{''.join(told)}</ul>"


def _signed(fact: str, speaks_for: bool) -> str:
    style, sign = ("up", "▲") if speaks_for else ("down", "▼")
    word = text("reason.for" if speaks_for else "reason.against")
    mark = (
        f'<span class="{style}" role="img" aria-label="{escape(word)}" title="{escape(word)}">{sign}</span>'
    )
    return f"<li>{mark} {escape(fact)}</li>"


KINDS: Mapping[str, Callable[[Any, Row, Called], str]] = {
    "text": lambda value, row, called: escape(str(value)),
    "words": lambda value, row, called: escape(called.words(str(value))),
    "person": lambda value, row, called: called.person(str(value)),
    "people": _people("; "),
    "people_spaced": _people(" "),
    "path": _path,
    "country": lambda value, row, called: escape(country(str(value))),
    "percent": lambda value, row, called: percent(float(value), 1 if float(value) < 0.1 else 0),
    "count": lambda value, row, called: number(int(value)),
    "one_decimal": lambda value, row, called: number(float(value), 1),
    "two_decimals": lambda value, row, called: number(float(value), 2),
    "estimate": _estimate,
    "days": lambda value, row, called: _days(float(value)),
    "hour": lambda value, row, called: text("hour", hour=f"{int(value):02d}"),
    "weekday": lambda value, row, called: text(f"weekday.{int(value)}"),
    "date": lambda value, row, called: escape(date(value)),
    "log_kilometres": lambda value, row, called: f"{number(round(float(np.exp(value)), -1))} km",
    "yes": lambda value, row, called: text("yes") if value else "",
    "table": lambda value, row, called: term("table", value),
    "seniority": lambda value, row, called: escape(term("seniority", value)),
    "reasons": _reasons,
}
"""How the values of a column are written, as HTML."""
NUMBERS = frozenset({"percent", "count", "one_decimal", "two_decimals", "estimate", "log_kilometres"})
PROSE = frozenset({"reasons", "words"})

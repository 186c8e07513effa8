"""Blocks of the report: what is said, its rows, and the call that made both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd
from matplotlib.figure import Figure

from influence.reporting.cells import Called, Shown, answer_table
from influence.reporting.page import bullets, details, figure, paragraph, section
from influence.texts import text


@dataclass(frozen=True)
class Drawn:
    """A picture.

    Attributes
    ----------
    name : `figure.<name>` is its heading, `figure.<name>.caption` its caption
    figure : drawn already
    made_by : what it was drawn from, unless the block that it belongs to says so
    """

    name: str
    figure: Figure
    made_by: str = ""

    def html(self, level: int) -> str:
        """The picture on the page."""
        heading, caption = text(f"figure.{self.name}"), text(f"figure.{self.name}.caption")
        return figure(heading, caption, self.figure, level, trace(self.made_by))


@dataclass(frozen=True)
class Block:
    """One answer.

    Attributes
    ----------
    name : where links lead, and the name of its file of rows
    heading : in words
    made_by : the call that gives the rows, as typed in Python
    sentences : what matters, for everybody
    rows : as the call gave them; all go into the file, `columns` of them onto the page
    columns : what the page shows of the rows
    pictures : drawn from the rows
    how : what else the call has to say, for those who ask
    remark : why there is no answer, as an error says it: in English, whatever the language of the page
    n_shown : rows on the page; all of them without it
    """

    name: str
    heading: str
    made_by: str
    sentences: Sequence[str] = ()
    rows: pd.DataFrame | None = None
    columns: Sequence[Shown] = ()
    pictures: Sequence[Drawn] = ()
    how: Sequence[str] = ()
    remark: str = ""
    n_shown: int | None = None

    def html(self, called: Called, level: int = 3, *, with_files: bool = False) -> str:
        """The block on the page."""
        first, *rest = (called.words(one) for one in (*self.sentences, ""))
        shown = None if self.rows is None else self.rows.head(self.n_shown or len(self.rows))
        body = [
            paragraph(first, "lead"),
            *(paragraph(one) for one in rest),
            f'<p class="note" lang="en">{escape(self.remark)}</p>' if self.remark else "",
            answer_table(shown, self.columns, called, self.heading)
            if shown is not None and len(shown) and self.columns
            else "",
            self._more(shown),
            *(one.html(level + 1) for one in self.pictures),
            details(text("block.how"), bullets(map(called.words, self.how))),
            trace(self.made_by, self.name if with_files and self.rows is not None else None),
        ]
        return section(self.heading, "\n".join(filter(None, body)), level, self.name)

    def _more(self, shown: pd.DataFrame | None) -> str:
        if self.rows is None or shown is None or not self.columns or len(self.rows) <= len(shown):
            return ""
        return paragraph(text("block.more", n=len(shown), of=len(self.rows)), "note")


def trace(made_by: str, name: str | None = None) -> str:
    """Where figures can be looked up: the call that made them, and the file of their rows if there is one."""
    if not made_by:
        return ""
    told = f"{escape(text('block.made_by'))} <code>{escape(made_by)}</code>"
    if name is not None:
        told += f" · {escape(text('block.rows'))} <code>{escape(name)}.csv</code>"
    return f'<p class="made">{told}</p>'


@dataclass(frozen=True)
class Part:
    """A chapter of the report."""

    name: str
    heading: str
    blocks: Sequence[Block | Drawn | str]
    """Answers, pictures by themselves, and HTML that is neither."""
    sentences: Sequence[str] = ()

    def html(self, called: Called, *, with_files: bool = False) -> str:
        """The chapter on the page."""
        body = [
            bullets(map(called.words, self.sentences), "findings"),
            *(self._placed(one, called, with_files) for one in self.blocks),
        ]
        return section(self.heading, "\n".join(filter(None, body)), name=self.name)

    @staticmethod
    def _placed(one: Block | Drawn | str, called: Called, with_files: bool) -> str:
        if isinstance(one, str):
            return one
        return one.html(3) if isinstance(one, Drawn) else one.html(called, with_files=with_files)


def with_rows(parts: Iterable[Part]) -> list[Block]:
    """The blocks that have rows to trace, in the order of the page."""
    blocks = (one for part in parts for one in part.blocks if isinstance(one, Block))
    return [one for one in blocks if one.rows is not None]


class Verbatim(str):
    """Code that stands in a call as it is."""

    def __repr__(self) -> str:
        return str(self)


def called_as(function: str, *given: object, **named: object) -> str:
    """A call as it is typed in Python; what is None is left out."""
    words = [repr(one) for one in given]
    words += [f"{name}={value!r}" for name, value in named.items() if value is not None]
    return f"{function}({', '.join(words)})"

"""Everything that is held on a person, file by file, with other people made unrecognisable."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from influence.errors import DataError, first_line
from influence.privacy.keepers import keeper_of
from influence.privacy.keepers.parquet import table_of
from influence.privacy.person import KINDS, Known
from influence.privacy.places import Places
from influence.privacy.rows import is_id, judge
from influence.privacy.sought import Sought
from influence.readers.source import read_csv

LONGEST_LINE = 300


@dataclass(frozen=True)
class Holding:
    """What one file holds on a person.

    Attributes
    ----------
    file : where
    shown : the same without names of others
    table : the table of the vocabulary, where it is one
    rows : the rows, or lines, that are about the person or name them; None where they cannot be shown
    told : what else is to be said
    """

    file: Path
    shown: str
    table: str | None
    rows: pd.DataFrame | None
    told: str = ""


def holdings(where: Places, masked: Masked, sought: Sought) -> Iterator[Holding]:
    """What each file holds, others masked; files that hold nothing are left out."""
    for path in where.files:
        shown = masked.text(str(path))
        try:
            rows, table = _rows(path)
            found = _lines(path, sought) if rows is None else _about(rows, sought, table)
        except (OSError, ValueError, DataError) as error:
            yield Holding(path, shown, None, None, f"It cannot be read: {first_line(error)}.")
            continue
        if found is None:
            yield Holding(path, shown, None, None, "It names the person; what it holds cannot be shown here.")
        elif len(found):
            yield Holding(path, shown, table, masked(found))


def _rows(path: Path) -> tuple[pd.DataFrame | None, str | None]:
    kind = keeper_of(path).kind
    if kind == "Parquet":
        rows = pq.ParquetFile(path).read().to_pandas()
    elif kind == "CSV":
        rows = read_csv(path)
    else:
        return None, None
    return rows.reset_index(drop=True), table_of(path, [*map(str, rows.columns)])


def _about(rows: pd.DataFrame, sought: Sought, table: str | None) -> pd.DataFrame:
    readable = {name: rows[name] for name in rows.columns if _is_readable(rows[name], str(name))}
    judged = judge(pd.DataFrame(readable, index=rows.index), sought, table=table)
    wanted = judged.is_theirs.copy()
    for cells in judged.changed.values():
        wanted[cells.index] = True
    return rows[wanted]


def _is_readable(cells: pd.Series, name: str) -> bool:
    is_text = cells.map(lambda cell: cell is None or isinstance(cell, str) or cell is pd.NA or cell != cell)
    is_plain = cells.dtype == object and bool(is_text.all())
    return isinstance(cells.dtype, pd.StringDtype) or is_id(name) or is_plain


def _lines(path: Path, sought: Sought) -> pd.DataFrame | None:
    """Lines of a text that name the person; None where the file is none and does."""
    keeper = keeper_of(path)
    if keeper.kind not in ("text", "JSON"):
        return None if keeper.clean(path, None, sought) else pd.DataFrame()
    text = path.read_text(encoding="utf-8", errors="replace")
    found = [line.strip() for line in text.splitlines() if sought.is_in(line)]
    around = [line if len(line) <= LONGEST_LINE else _around(line, sought) for line in found]
    return pd.DataFrame({"text": pd.Series(around, dtype="str")})


def _around(line: str, sought: Sought) -> str:
    assert sought.pattern is not None, "the line names somebody"
    found = sought.pattern.search(line)
    assert found is not None, "the line names somebody"
    first = max(0, found.start() - LONGEST_LINE // 2)
    return f"... {line[first : first + LONGEST_LINE]} ..."


class Masked:
    """Rows in which everybody else is `person-1`, `person-2`, ..., the same throughout one disclosure."""

    def __init__(self, known: Known, sought: Sought) -> None:
        self.others = frozenset(known.contact_ids) - sought.ids
        self.known, self.sought = known, sought
        self.aliases: dict[str, str] = {}

    @cached_property
    def _words(self) -> dict[str, str]:
        """Name, profile or address of somebody else, lower case -> id."""
        told = self.known.identities
        told = told[told["kind"].isin(KINDS) & told["contact_id"].isin(self.others)]
        own = {word.casefold() for word in self.sought.words}
        pairs = zip(told["value"].str.casefold(), told["contact_id"], strict=True)
        return {word: one for word, one in pairs if word not in own}

    @cached_property
    def _everybody(self) -> Sought:
        return Sought(self.others, frozenset(self._words))

    def __call__(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows without anything by which others could be recognised."""
        return pd.DataFrame({str(name): self._column(rows[name], str(name)) for name in rows.columns})

    def text(self, told: str) -> str:
        """A text without anything by which others could be recognised."""
        pattern = self._everybody.pattern
        return told if pattern is None else pattern.sub(lambda found: self._alias(found.group()), told)

    def _column(self, cells: pd.Series, name: str) -> pd.Series:
        if not (isinstance(cells.dtype, pd.StringDtype) or cells.dtype == object):
            return cells
        text = cells.map(lambda cell: list(cell) if isinstance(cell, np.ndarray) else cell)
        return text.map(lambda cell: self._cell(cell, name), na_action=None)

    def _cell(self, cell: object, name: str) -> object:
        if isinstance(cell, list):
            return [self._cell(one, name) for one in cell]
        if not isinstance(cell, str):
            return cell
        if cell in self.others and (is_id(name) or cell not in self._everybody.weak):
            return self._alias(cell)
        return self.text(cell)

    def _alias(self, term: str) -> str:
        one = term if term in self.others else self._words.get(term.casefold(), term)
        return self.aliases.setdefault(one, f"person-{len(self.aliases) + 1}")


def sources_of(known: Known, ids: Collection[str]) -> pd.DataFrame:
    """The sources that tell of somebody, with legal basis and retention; all where none is named."""
    told = [rows for name, rows in known.tables if name == "sources"]
    if not told:
        return pd.DataFrame()
    sources = pd.concat(told, ignore_index=True).drop_duplicates("source_id", ignore_index=True)
    by: set[str] = set()
    for name, rows in known.tables:
        column = {"contacts": "source", "identities": "source_id", "matches": "source_id"}.get(name)
        if column is not None and column in rows.columns:
            by |= set(rows.loc[rows["contact_id"].isin(ids), column].dropna())
    mentioned = sources["source_id"].isin(by)
    return sources[mentioned] if mentioned.any() else sources

"""CSV and TSV: records that are a person's removed; all others stay byte for byte, or with cells blanked."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from influence.privacy.keepers.keeper import Hits, Keeper
from influence.privacy.keepers.parquet import table_of
from influence.privacy.rows import BESIDE, is_id, owners
from influence.privacy.sought import FORGOTTEN, Sought
from influence.readers.duties import TOLD_BY

SEPARATORS = ",;\t|"


def clean(source: Path, target: Path | None, sought: Sought) -> Hits:
    """Look through the records; with a target, write those that are left."""
    encoding = _encoding(source)
    with source.open(encoding=encoding, newline="") as lines:
        records = raw_records(lines)
        first = next(records, None)
        if first is None:
            return Hits()
        header, raw = first
        search = _Search(source, header, sought, _separator(raw))
        if target is None:
            return sum((search(*record)[1] for record in records), Hits())
        with target.open("w", encoding=encoding, newline="") as out:
            out.write(sought.redact(raw))
            return _written(records, out, search)


def _written(records: Iterable[tuple[list[str], str]], out: TextIO, search: _Search) -> Hits:
    hits = Hits()
    for cells, raw in records:
        left, found = search(cells, raw)
        out.write(left)
        hits += found
    return hits


class _Search:
    """Of a record as cells and as written: what is left of it, and what was found."""

    def __init__(self, source: Path, header: list[str], sought: Sought, separator: str) -> None:
        self.sought, self.separator = sought, separator
        names = [name.strip().lstrip("\ufeff") for name in header]
        self.names = names
        table = table_of(source, names)
        own, told_by = set(owners(names, table)), TOLD_BY.get(table or "")
        self.told_by = names.index(told_by) if told_by in names else None
        self.owning = [place for place, name in enumerate(names) if name in own and name not in BESIDE]
        self.has_ids = any(is_id(name) for name in names)
        self.has_lists = any(name in BESIDE or name == "content_id" for name in names)

    def __call__(self, cells: list[str], raw: str) -> tuple[str, Hits]:
        places = self.owning if self.has_ids else range(len(cells))
        own = [cells[place] for place in places if place < len(cells)]
        by = None if self.told_by is None or self.told_by >= len(cells) else cells[self.told_by]
        if by in self.sought.sources or any(self._is_theirs(cell) for cell in own):
            return "", Hits(rows=1)
        if not self.has_ids and self._is_split_name(own):
            return "", Hits(rows=1)
        if not self.has_lists and not self.sought.is_in(raw):
            return raw, Hits()
        left = [self._blanked(place, cell) for place, cell in enumerate(cells)]
        n = sum(before != after for before, after in zip(cells, left, strict=True))
        if not n:
            return raw, Hits()
        ending = raw[len(raw.rstrip("\r\n")) :]
        text = io.StringIO()
        csv.writer(text, delimiter=self.separator, lineterminator=ending).writerow(left)
        return text.getvalue(), Hits(cells=n)

    def _is_theirs(self, cell: str) -> bool:
        if not cell:
            return False
        if self.has_ids:
            return cell in self.sought.events or self.sought.is_one(cell)
        return cell not in self.sought.weak and self.sought.is_one(cell)

    def _is_split_name(self, cells: list[str]) -> bool:
        """Whether first and last name stand side by side."""
        pairs = itertools.pairwise(cells)
        return any(one and other and self.sought.is_one(f"{one} {other}") for one, other in pairs)

    def _blanked(self, place: int, cell: str) -> str:
        name = self.names[place] if place < len(self.names) else ""
        if not cell:
            return cell
        if name == "content_id" and cell in self.sought.contents:
            return ""
        if name in BESIDE and self.sought.every is not None:
            return "" if self.sought.is_one(cell) else self.sought.every.sub(FORGOTTEN, cell)
        return self.sought.redact(cell)


def raw_records(lines: TextIO) -> Iterator[tuple[list[str], str]]:
    """Each record as its cells and as it is written."""
    taken: list[str] = []

    def tapped() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    first = next(tapped(), "")
    separator = _separator(first)
    lines.seek(0)
    taken.clear()
    csv.field_size_limit(2**31 - 1)
    for cells in csv.reader(tapped(), delimiter=separator):
        yield cells, "".join(taken)
        taken.clear()


def _separator(line: str) -> str:
    return max(SEPARATORS, key=line.count)


def _encoding(path: Path) -> str:
    """UTF-8, or else Latin-1, in which every byte is kept as it is."""
    try:
        with path.open(encoding="utf-8", newline="") as text:
            while text.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


DELIMITED = Keeper("CSV", lambda path, _: path.suffix.lower() in (".csv", ".tsv"), clean)

"""The files of one system at a place, under our names: text cleaned, dates read, rows at fault sieved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Never

import pandas as pd

from influence.data.problems import Problem
from influence.data.validation import raise_problems
from influence.readers.crm.layouts import LAYOUTS, Layout, layout_of
from influence.readers.crm.times import day_goes_first, read_times
from influence.readers.crm.words import filled
from influence.readers.sniffing import Sheet, columns_of, csv_files, read_sheet
from influence.readers.source import Sieve


@dataclass(frozen=True)
class Exports:
    """What a system's files hold.

    Attributes
    ----------
    rows : kind -> its rows under our names: text with NA where a cell is empty, times in UTC, and for each
        column of times a flag `<name>_day_only`; a kind without a file has no rows
    notes : what to tell of the files
    """

    rows: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...]

    def __getitem__(self, kind: str) -> pd.DataFrame:
        return self.rows[kind]


def recognises(system: str) -> Callable[[Path], bool]:
    """Whether a place holds a file of the system."""

    def found(place: Path) -> bool:
        return any(layout is not None and layout.system == system for _, layout in _looked_at(place))

    return found


def _looked_at(place: Path) -> list[tuple[Path, Layout | None]]:
    return [(path, layout_of(columns_of(path))) for path in csv_files(place)]


def read_exports(place: Path, system: str, sieve: Sieve) -> Exports:
    """All files of the system at a place; several of one kind are read as one."""
    parts: dict[str, list[pd.DataFrame]] = {}
    notes: list[str] = []
    foreign, read_names = list[str](), list[str]()
    for path, layout in _looked_at(place):
        if layout is None:
            foreign.append(path.name)
        elif layout.system == system:
            sheet = read_sheet(path)
            read_names.append(path.name)
            rows, told = _under_our_names(sheet, layout, sieve)
            parts.setdefault(layout.kind, []).append(rows)
            notes += [*sheet.notes, f"{path.name}: {len(rows):,} {layout.kind}.", *told]
    if foreign:
        notes.append(f"Of no known kind, not read: {', '.join(foreign)}.")
    if not any(len(each) for several in parts.values() for each in several):
        _raise_empty(sorted(read_names), sieve)
    of_system = [layout for layout in LAYOUTS if layout.system == system]
    rows_of = {
        layout.kind: pd.concat(parts[layout.kind], ignore_index=True)
        if layout.kind in parts
        else _empty(layout)
        for layout in of_system
    }
    return Exports(rows_of, tuple(notes))


def _raise_empty(names: list[str], sieve: Sieve) -> Never:
    """Say why nothing is left: rows at fault, or none at all."""
    at_fault = [problem for name in names if name in sieve.found for problem in sieve.found[name][1]]
    raise_problems(at_fault or [Problem(", ".join(names), "", "holds no rows", "Export it again.")])


def _empty(layout: Layout) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {name: pd.Series(dtype="str") for name in layout.columns}
    for name in layout.dates:
        columns[name] = pd.Series(dtype="datetime64[us, UTC]")
        columns[f"{name}_day_only"] = pd.Series(dtype="bool")
    return pd.DataFrame(columns)


def _under_our_names(sheet: Sheet, layout: Layout, sieve: Sieve) -> tuple[pd.DataFrame, tuple[str, ...]]:
    theirs = {str(name).strip().casefold(): name for name in sheet.rows.columns}
    headers = {
        ours: [theirs[name.casefold()] for name in names if name.casefold() in theirs]
        for ours, names in layout.columns.items()
    }
    rows = pd.DataFrame(
        {ours: _first_filled(sheet.rows, headers[ours], keep_all=ours == "email") for ours in layout.columns},
        index=sheet.rows.index,
    )
    dated = {headers[name][0]: rows[name].fillna("") for name in layout.dates if headers[name]}
    day_first, notes = layout.day_first or False, tuple[str, ...]()
    if layout.day_first is None:
        day_first, notes = day_goes_first(dated, sheet.name, sieve.config.day_first)
    faults = [
        (
            headers[name][0] if headers[name] else name,
            "is missing",
            "Fill it in, or drop the rows.",
            rows[name].isna(),
        )
        for name in layout.required
    ]
    for name in layout.dates:
        times = read_times(rows[name].fillna(""), day_first)
        header = headers[name][0] if headers[name] else name
        faults.append((header, "is no date", "Write dates as 2026-01-31.", times.unreadable))
        rows[name], rows[f"{name}_day_only"] = times.known_at(), times.day_only
    sound = sieve.keep(sheet.name, sheet.rows, faults, may_be_empty=True)
    return rows.loc[sound.index].reset_index(drop=True), notes


def _first_filled(rows: pd.DataFrame, headers: list[str], keep_all: bool) -> pd.Series:
    """The first filled cell of several columns; all of them, separated by spaces, where each one counts."""
    cells = [filled(rows[header]) for header in headers]
    if not cells:
        return pd.Series(pd.NA, rows.index, dtype="str")
    if keep_all:
        joined = cells[0].fillna("")
        for other in cells[1:]:
            joined = joined + " " + other.fillna("")
        return filled(joined)
    first = cells[0]
    for other in cells[1:]:
        first = first.fillna(other)
    return first.astype("str")

"""Rows of a foreign file under our names: text into ids, times, numbers, flags and known words."""

from __future__ import annotations

import pandas as pd

from influence.errors import ConfigError, nearest
from influence.geography import to_alpha2
from influence.readers.crm.deals import flags
from influence.readers.crm.numbers import amounts, whole_numbers
from influence.readers.crm.times import day_goes_first, read_times
from influence.readers.crm.words import filled, mapped, record_id
from influence.readers.mapping.config import FileMapping
from influence.readers.notes import unknown_countries
from influence.readers.sniffing import Sheet
from influence.schema import TABLES, Kind

Fault = tuple[str, str, str, pd.Series]
TIMES_BESIDE = ("accepted_at",)


def kind_of(table: str, column: str) -> Kind:
    """What a column holds; those beside the table's are text, or times."""
    if column in TIMES_BESIDE:
        return "time"
    return next((each.kind for each in TABLES[table].columns if each.name == column), "text")


def converted(
    sheet: Sheet, how: FileMapping, day_first: bool
) -> tuple[pd.DataFrame, list[Fault], tuple[str, ...]]:
    """The rows under our names, the faults of cells that could not be read, and what to tell.

    Raises
    ------
    ConfigError
        If the file lacks a header that the mapping names.
    """
    cells = {ours: _column(sheet, header) for ours, header in how.columns.items()}
    for ours, meanings in how.values.items():
        if ours in cells:
            known = {word.casefold().strip(): meaning for word, meaning in meanings.items()}
            cells[ours] = cells[ours].str.casefold().map(known).astype("str").fillna(cells[ours])
    dated = {
        how.columns[name]: cells[name].fillna("") for name in cells if kind_of(how.table, name) == "time"
    }
    order, notes = how.dates == "day_first", tuple[str, ...]()
    if how.dates is None:
        order, notes = day_goes_first(dated, sheet.name, day_first)
    columns, faults = dict[str, pd.Series](), list[Fault]()
    for ours, text in cells.items():
        columns[ours], fault, told = _read(text, kind_of(how.table, ours), sheet.name, order)
        if (how.table, ours) == ("invitations", "sent_at"):
            by_day = read_times(text.fillna(""), order).day_only
            columns["time_resolution"] = by_day.map({True: "day", False: "second"}).astype("str")
        notes = (*notes, *told)
        if fault is not None:
            what, remedy, mask = fault
            faults.append((how.columns[ours], what, remedy, mask))
    rows = pd.DataFrame(columns, index=sheet.rows.index)
    for ours, value in how.constants.items():
        constant = pd.Series(str(value), rows.index, dtype="str")
        rows[ours] = _read(constant, kind_of(how.table, ours), sheet.name, order)[0]
    return rows, faults, notes


def _column(sheet: Sheet, header: str) -> pd.Series:
    theirs = {str(name).strip().casefold(): name for name in sheet.rows.columns}
    if header.strip().casefold() not in theirs:
        names = [str(name) for name in sheet.rows.columns]
        raise ConfigError(f"{sheet.name} has no column {header!r}. {nearest(header, names)}")
    return filled(sheet.rows[theirs[header.strip().casefold()]]).astype("str")


def _read(
    text: pd.Series, kind: Kind, file: str, day_first: bool
) -> tuple[pd.Series, tuple[str, str, pd.Series] | None, tuple[str, ...]]:
    """Cells as what they are, a fault of those that are not, and what to tell."""
    empty = text.fillna("")
    if kind == "time":
        times = read_times(empty, day_first)
        return times.known_at(), ("is no date", "Write dates as 2026-01-31.", times.unreadable), ()
    if kind in ("number", "integer"):
        found = amounts(empty)[0] if kind == "number" else whole_numbers(empty)
        return found, ("is no number", "Correct it, or leave it empty.", text.notna() & found.isna()), ()
    if kind == "flag":
        found = flags(text)
        return found, ("is neither true nor false", "Map it under values.", text.notna() & found.isna()), ()
    if kind == "country":
        where = to_alpha2(text)
        return where.codes, None, unknown_countries(file, where.unknown)
    return (mapped(text, record_id) if kind == "id" else text), None, ()

"""Tables checked once, at the edge: every problem of every table in one error, with rows and remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Never

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data.checks import (
    cell_problems,
    export_problems,
    export_time,
    key_problems,
    reference_problems,
    row_problems,
)
from influence.data.coercion import coerce, nothing
from influence.data.problems import Problem
from influence.errors import DataError, nearest
from influence.schema import TABLES, Table
from influence.writing import as_text, write_table

PROBLEMS_TOLD = 100
"""More than a person reads; a table with a thousand unknown columns has a thousand problems."""

Tables = dict[str, pd.DataFrame]


def validate(tables: Mapping[str, pd.DataFrame]) -> Tables:
    """Tables in the columns, order and types of the schema.

    Absent optional columns are added as NA; ids become strings, times UTC (without a zone: taken as
    UTC).  An empty `invitations.observed_until` becomes the time of the export
    (`sources.exported_at`), else the latest time in any table.  An invitation that was accepted,
    declined or withdrawn needs its `responded_at`, a deal won or lost its `closed_at`: without them
    nobody could tell from when on the outcome was known.

    Raises
    ------
    DataError
        Listing every problem of every table, with rows (counted from 1) and remedy.
    """
    inspection = _inspect(tables)
    if inspection.problems:
        raise_problems(inspection.problems)
    return _completed(inspection.tables)


def validate_part(name: str, rows: pd.DataFrame, before: int) -> pd.DataFrame:
    """Some rows of a table, with `before` rows before them, by the rules that hold within them.

    Raises
    ------
    DataError
        Listing every problem; its rows are counted from the table's beginning.
    """
    inspection = _Inspection()
    _inspect_table(TABLES[name], rows.reset_index(drop=True), inspection)
    if inspection.problems:
        raise_problems([replace(problem, rows=problem.rows + before) for problem in inspection.problems])
    return inspection.tables[name]


def validate_setting_aside(
    tables: Mapping[str, pd.DataFrame], folder: str | Path
) -> tuple[Tables, tuple[str, ...]]:
    """Like `validate`, but rows at fault are written to `folder/<table>.csv` and left out.

    Each file holds the rows as they came, their number, and a column `problem`.  Rows that lose what
    they refer to are set aside too.

    Returns
    -------
    tables, notes
        The sound rows, and one sentence per kind of problem.

    Raises
    ------
    DataError
        On problems that no dropping of rows can mend, such as unknown columns, or where nothing is left.
    """
    inspection, found = _inspect(tables), list[Problem]()
    if any(problem.is_structural for problem in inspection.problems):
        raise_problems(inspection.problems)
    originals = {name: rows.reset_index(drop=True) for name, rows in tables.items()}
    kept = originals
    while inspection.problems:
        for problem in inspection.problems:
            labels = kept[problem.table].index.to_numpy(np.int64)[problem.rows]
            found.append(replace(problem, rows=labels))
        kept = {name: rows[~rows.index.isin(_labels(name, found))] for name, rows in originals.items()}
        inspection = _inspect(kept)
        if any(problem.is_structural for problem in inspection.problems):
            raise_problems([*found, *inspection.problems])
    notes = [
        note
        for name, rows in originals.items()
        for note in set_rows_aside(rows, [p for p in found if p.table == name], Path(folder) / f"{name}.csv")
    ]
    return _completed(inspection.tables), tuple(notes)


def _labels(table: str, problems: Sequence[Problem]) -> NDArray[np.int64]:
    rows = [problem.rows for problem in problems if problem.table == table]
    return np.unique(np.concatenate(rows)) if rows else np.empty(0, dtype=np.int64)


def set_rows_aside(rows: pd.DataFrame, problems: Sequence[Problem], path: Path) -> tuple[str, ...]:
    """Write the rows at fault as CSV, numbered from 1, with a column `problem`; say so; nothing for none."""
    if not problems:
        return ()
    path = path if path.suffix == ".csv" else path.with_name(f"{path.name}.csv")
    reasons: dict[int, list[str]] = {}
    for problem in problems:
        for row in problem.rows.tolist():
            reasons.setdefault(row, []).append(f"{problem.place} {problem.what}")
    chosen = sorted(reasons)
    aside = rows.iloc[chosen]
    aside.insert(0, "row", [row + 1 for row in chosen], allow_duplicates=True)
    write_table(as_text(aside).assign(problem=["; ".join(reasons[row]) for row in chosen]), path)
    return tuple(f"Set aside: {problem} Listed in {path}." for problem in problems)


@dataclass
class _Inspection:
    """The tables as far as they could be coerced, and all that is wrong with them."""

    tables: Tables = field(default_factory=dict)
    absent: dict[str, frozenset[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def _inspect(tables: Mapping[str, Any]) -> _Inspection:
    inspection = _Inspection()
    for name, rows in tables.items():
        if name not in TABLES:
            remedy = f"{nearest(str(name), TABLES)} Rename or leave it out."
            inspection.problems.append(Problem(str(name), "", "is no table of the vocabulary", remedy))
        elif not isinstance(rows, pd.DataFrame):
            what = f"is a {type(rows).__name__}"
            inspection.problems.append(Problem(name, "", what, "Give a pandas DataFrame."))
        else:
            _inspect_table(TABLES[name], rows.reset_index(drop=True), inspection)
    inspection.problems.extend(reference_problems(inspection.tables, inspection.absent))
    inspection.problems.extend(export_problems(inspection.tables))
    if not inspection.problems and not any(len(rows) for rows in inspection.tables.values()):
        remedy = "Give at least one table with one row, such as invitations."
        inspection.problems.append(Problem("The network", "", "holds no rows", remedy))
    return inspection


def _inspect_table(table: Table, rows: pd.DataFrame, inspection: _Inspection) -> None:
    inspection.problems.extend(_column_problems(table, rows))
    absent = frozenset(column.name for column in table.columns if column.name not in rows.columns)
    coerced, faults = _coerced(table, rows)
    inspection.problems.extend(faults)
    others = _table_problems(table, coerced, absent, faults)
    inspection.problems.extend(problem for problem in others if len(problem.rows))
    inspection.tables[table.name] = coerced
    inspection.absent[table.name] = absent | {fault.column for fault in faults}


def _coerced(table: Table, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    columns, faults = {}, list[Problem]()
    places = {name: place for place, name in reversed([*enumerate(rows.columns)])}  # the first of a name
    for column in table.columns:
        if column.name not in places:
            columns[column.name] = nothing(column, rows.index)
            continue
        columns[column.name], found = coerce(rows.iloc[:, places[column.name]], column)
        faults.extend(
            Problem(table.name, column.name, fault.what, fault.remedy, np.flatnonzero(fault.mask))
            for fault in found
        )
    return pd.DataFrame(columns, index=rows.index), faults


def _table_problems(
    table: Table, rows: pd.DataFrame, absent: frozenset[str], faults: Sequence[Problem]
) -> Iterator[Problem]:
    """All other problems; a cell that could not be turned is told once, not again as missing."""
    for problem in cell_problems(table, rows, absent):
        yield _without(problem, [fault for fault in faults if fault.column == problem.column])
    for problem in (*row_problems(table, rows), *key_problems(table, rows, absent)):
        yield _without(problem, faults)


def _without(problem: Problem, faults: Sequence[Problem]) -> Problem:
    told = np.concatenate([np.empty(0, dtype=np.int64), *(fault.rows for fault in faults)])
    return replace(problem, rows=np.setdiff1d(problem.rows, told))


def _column_problems(table: Table, rows: pd.DataFrame) -> Iterator[Problem]:
    names = [column.name for column in table.columns]
    for name in rows.columns[rows.columns.duplicated()].unique():
        yield Problem(table.name, str(name), "stands in several columns", "Keep one of them.")
    for name in rows.columns.unique():
        if name not in names:
            remedy = f"{nearest(str(name), names)} Rename or drop it."
            yield Problem(table.name, str(name), "is an unknown column", remedy)
    for name in table.required:
        if name not in rows.columns:
            yield Problem(table.name, name, "is a required column and absent", "Add it.")


def _completed(tables: Tables) -> Tables:
    """The tables, with `invitations.observed_until` filled where it is missing."""
    if "invitations" not in tables:
        return tables
    invitations = tables["invitations"]
    if invitations["observed_until"].notna().all():
        return tables
    until = export_time(tables)
    if until is None:
        until = max(latest_times(tables))
    filled = invitations["observed_until"].fillna(until)
    return {**tables, "invitations": invitations.assign(observed_until=filled)}


def latest_times(tables: Mapping[str, pd.DataFrame]) -> Iterator[pd.Timestamp]:
    """The latest time in each column of times; what `sources` tell of themselves is no record."""
    for name, rows in tables.items():
        for column in TABLES[name].columns:
            if column.kind == "time" and name != "sources" and rows[column.name].notna().any():
                yield rows[column.name].max()


def raise_problems(problems: Sequence[Problem]) -> Never:
    """Raise all of them as one `DataError`."""
    several = "One problem" if len(problems) == 1 else f"{len(problems)} problems"
    message = f"{several} in the records (rows are counted from 1, without the header):"
    told = [str(problem) for problem in problems[:PROBLEMS_TOLD]]
    if len(problems) > PROBLEMS_TOLD:
        told.append(f"{len(problems) - PROBLEMS_TOLD:,} more are not listed.")
    raise DataError(message, told)

"""SQLite, such as `mlflow.db`: rows removed, cells blanked, and what was deleted wiped by VACUUM."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pandas as pd

from influence.errors import DataError
from influence.privacy.keepers.binary import BINARY
from influence.privacy.keepers.keeper import Hits, Keeper
from influence.privacy.rows import Judged, judge
from influence.privacy.sought import Sought

BATCH_ROWS = 100_000
RUNS = "alembic_version"
"""A store of runs has this table: its ids are never of people, so that nothing but texts counts there."""


def clean(source: Path, target: Path | None, sought: Sought) -> Hits:
    """Look through every table; with a target, write the database without the people."""
    if target is None:
        with _opened(source, "ro") as database:
            return sum((_table(database, name, sought, False) for name in _tables(database)), Hits())
    with _opened(source) as database, _opened(target) as copy:
        database.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        hits = sum((_table(copy, name, sought, True) for name in _tables(copy)), Hits())
        copy.commit()
        copy.execute("VACUUM")
    if source.with_name(f"{source.name}-wal").exists():  # the last program to close it removes it
        raise DataError("another program has it open; end that, and run again")
    return hits + BINARY.clean(target, None, sought)


def exchange(path: Path, table: str, column: str, values: Mapping[str, str]) -> int:
    """Put values in the place of others, in one table where it exists; returns how many cells that took."""
    with _opened(path) as database:
        if table not in _tables(database):
            return 0
        update = f"UPDATE {_quoted(table)} SET {_quoted(column)} = ? WHERE {_quoted(column)} = ?"
        n = sum(database.execute(update, (new, old)).rowcount for old, new in values.items())
        database.commit()
    return n


@contextmanager
def _opened(path: Path, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True)) as database:
        database.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        yield database


def _tables(database: sqlite3.Connection) -> list[str]:
    """Tables with row ids of their own; what others hold is found by the search of the bytes."""
    names = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        "AND upper(sql) NOT LIKE '%WITHOUT ROWID%' AND upper(sql) NOT LIKE 'CREATE VIRTUAL%'"
    )
    return [name for (name,) in names]


def _table(database: sqlite3.Connection, name: str, sought: Sought, write: bool) -> Hits:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({_quoted(name)})")]
    is_runs = RUNS in _tables(database)
    hits, last = Hits(), -(2**63)
    wanted = ", ".join(map(_quoted, columns))
    select = f"SELECT rowid, {wanted} FROM {_quoted(name)} WHERE rowid > ? ORDER BY rowid"
    while batch := database.execute(f"{select} LIMIT {BATCH_ROWS}", (last,)).fetchall():
        last = batch[-1][0]
        judged = _judged(batch, columns, sought, is_runs)
        hits += Hits(judged.n_rows, judged.n_cells)
        if write:
            _apply(database, name, [row[0] for row in batch], judged)
    return hits


def _judged(batch: list[tuple[object, ...]], columns: list[str], sought: Sought, is_runs: bool) -> Judged:
    """Texts and ids of the rows, judged; of a store of runs the texts alone."""
    cells = {
        name: pd.Series([row[place + 1] for row in batch], dtype=object) for place, name in enumerate(columns)
    }
    text = {
        name: values.where(values.map(lambda value: isinstance(value, str))).astype("str")
        for name, values in cells.items()
        if values.map(lambda value: isinstance(value, str)).any()
    }
    return judge(pd.DataFrame(text, index=range(len(batch))), sought, () if is_runs else None)


def _apply(database: sqlite3.Connection, table: str, rows: list[object], judged: Judged) -> None:
    gone = [(row,) for row, is_theirs in zip(rows, judged.is_theirs, strict=True) if is_theirs]
    database.executemany(f"DELETE FROM {_quoted(table)} WHERE rowid = ?", gone)
    for name, cells in judged.changed.items():
        update = f"UPDATE {_quoted(table)} SET {_quoted(name)} = ? WHERE rowid = ?"
        values = cells.astype(object).where(cells.notna(), None)
        database.executemany(
            update, [(cell, rows[place]) for place, cell in zip(cells.index, values, strict=True)]
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


SQLITE = Keeper("SQLite", lambda path, start: start.startswith(b"SQLite format 3\0"), clean)

"""Rows asked about from a table of a database; what tells one run into a database from another."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from influence.addresses import shown, with_table
from influence.batch.runs import fingerprint_of
from influence.batch.stream import CHUNK_ROWS, check_columns
from influence.data.coercion import coerce
from influence.data.problems import rows_in_words
from influence.databases import quoted, snapshot
from influence.errors import ConfigError, DataError, nearest
from influence.readers.databases import Place, as_series, chunks_of, columns_in, selectable, tables_in
from influence.schema import Column
from influence.tasks import TASKS
from influence.writing import row_writer

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class TableAddress:
    """A table of a database, written `ADDRESS#table` or `ADDRESS#schema.table`."""

    database: str
    place: Place

    @classmethod
    def of(cls, written: str) -> TableAddress:
        """The parts of what was written.

        Raises
        ------
        ConfigError
            If no table is named.
        """
        database, table = with_table(written)
        if not table:
            raise ConfigError(f"Which table of {shown(database)}? Write its name after a #: ADDRESS#scores.")
        return cls(database, Place.of(table))

    def __str__(self) -> str:
        return f"{shown(self.database)}#{self.place}"


@contextmanager
def as_file(source: TableAddress, task: str, ids: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """What a table asks, as a temporary Parquet file in the order of its cells: the same for the same rows.

    With it comes how messages about its rows are to name it.

    Copied at one go: scoring takes long, and must neither hold a transaction open nor stand in the way of
    writing into the same database.

    Raises
    ------
    DataError
        If the table or one of its ids is not there.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "asked.parquet"
        with snapshot(source.database) as connection, row_writer(path) as write:
            there = _columns(connection, source, ids)
            columns = [
                *(Column(name, "id") for name in ids),
                *(c for c in TASKS[task].OPTIONAL_COLUMNS if c.name in there),
            ]
            n_rows = 0
            for cells in _in_order(connection, source.place, [column.name for column in columns]):
                write(_typed(cells, columns, source, n_rows))
                n_rows += len(cells)
        if n_rows == 0:
            raise DataError(f"{source} holds no rows. Give at least one with {' and '.join(ids)}.")
        yield path, _ordered(source, columns)


def check_table(source: TableAddress, ids: tuple[str, ...]) -> set[str]:
    """See that a database answers, and that the table is there with its ids; returns its columns.

    Raises
    ------
    DataError
        If not.
    """
    with snapshot(source.database) as connection:
        return set(_columns(connection, source, ids))


def _columns(connection: Connection, source: TableAddress, ids: tuple[str, ...]) -> list[str]:
    """The names of a table's columns, those of its ids among them."""
    there = tables_in(connection, source.place.schema)
    if source.place.name not in there:
        raise DataError(f"There is no table {source}. {nearest(source.place.name, there)}")
    names = columns_in(connection, source.place)
    check_columns(names, str(source), ids)
    return names


def _in_order(connection: Connection, place: Place, names: Sequence[str]) -> Iterator[Sequence[Any]]:
    from sqlalchemy import column, select

    asked = [column(quoted(name, connection)) for name in names]
    ordered = select(*asked).select_from(selectable(connection, place)).order_by(*asked)
    yield from chunks_of(connection, ordered, CHUNK_ROWS)


def _ordered(source: TableAddress, columns: Sequence[Column]) -> str:
    """A table as messages about its rows name it: of themselves these have no places."""
    return f"{source}, ordered by {', '.join(column.name for column in columns)}"


def _typed(
    answers: Sequence[Any], columns: Sequence[Column], source: TableAddress, first_row: int
) -> pd.DataFrame:
    typed = {}
    for column, cells in zip(columns, zip(*answers, strict=True), strict=True):
        typed[column.name], faults = coerce(as_series(cells), column)
        for fault in faults:
            rows = rows_in_words(np.flatnonzero(fault.mask) + first_row)
            raise DataError(
                f"{_ordered(source, columns)}: {column.name} {fault.what} in {rows}. {fault.remedy}"
            )
    return pd.DataFrame(typed)


def run_digest(model: Any, digest: str, target: TableAddress, **asked: object) -> str:
    """SHA-256 over all that decides what a run writes: model, the input's digest, question, table.

    Raises
    ------
    ConfigError
        If the model cannot be told from others.
    """
    parts = {"model": fingerprint_of(model), "input": digest, "table": str(target.place), **asked}
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()

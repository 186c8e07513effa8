"""The tables of a database in the words of the schema: read in chunks, from one consistent state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from influence.addresses import shown, with_table
from influence.data.coercion import coerce
from influence.databases import quoted, snapshot
from influence.errors import ConfigError, DataError, nearest
from influence.readers.config import DatabaseNames
from influence.readers.source import Reader, Records, Sieve
from influence.schema import TABLES, Table

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

NULLABLE = {
    pa.int16(): pd.Int64Dtype(),
    pa.int32(): pd.Int64Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}
"""Whole numbers with gaps stay whole: as floats, long ids would lose their last digits."""


@dataclass(frozen=True)
class Place:
    """Where a table of the vocabulary stands in a database."""

    schema: str | None
    name: str

    @classmethod
    def of(cls, written: str) -> Place:
        """From `people` or `crm.people`."""
        schema, dot, name = written.rpartition(".")
        return cls(schema if dot else None, name)

    def __str__(self) -> str:
        return self.name if self.schema is None else f"{self.schema}.{self.name}"


def recognises(path: Path) -> bool:
    """Never: a database is named by its address."""
    del path
    return False


def read(address: str, sieve: Sieve) -> Records:
    """The tables of the vocabulary that the database holds, under the names that the settings give them.

    Only columns of the vocabulary are asked for.

    Raises
    ------
    DataError
        If the database cannot be reached or refuses, or lacks a table or a column.
    """
    if with_table(address)[1] is not None:
        raise ConfigError(
            f"{shown(address)}: reading takes the address of the whole database, without #table. "
            "Name tables with reading.database.tables."
        )
    names = sieve.config.database
    tables, notes = dict[str, pd.DataFrame](), list[str]()
    with snapshot(address) as connection:
        for table, place in _places(connection, names, address):
            columns, others = _columns(connection, table, place, names)
            rows = _rows(connection, place, columns, names.chunk_rows)
            tables[table.name] = _typed(rows, table)
            if others:
                notes.append(f"{place}: not columns of the vocabulary, not read: {', '.join(others)}.")
    return Records(tables, tuple(notes))


def _places(connection: Connection, names: DatabaseNames, address: str) -> Iterator[tuple[Table, Place]]:
    """Each table of the vocabulary that is there; one that the settings name must be."""
    found = list[str]()
    for table in TABLES.values():
        given = names.tables.get(table.name)
        place = Place(names.schema_name, names.prefix + table.name) if given is None else Place.of(given)
        there = tables_in(connection, place.schema)
        if place.name in there:
            found.append(table.name)
            yield table, place
        elif given is not None:
            raise DataError(f"{shown(address)} has no table {given!r}. {nearest(place.name, there)}")
    if not found:
        there = tables_in(connection, names.schema_name)
        listed = f"It has {', '.join(there[:20])}" if there else "It has none that may be seen"
        raise DataError(
            f"{shown(address)} has no table of the vocabulary, such as {names.prefix}contacts or "
            f"{names.prefix}invitations. {listed}. Name yours with reading.database: schema_name, prefix or "
            "tables, as in --set 'reading.database.tables={contacts: crm.people}'."
        )


def tables_in(connection: Connection, schema: str | None) -> list[str]:
    """Tables and views of a schema of the database, sorted.

    Raises
    ------
    DataError
        If there is no such schema.
    """
    from sqlalchemy import inspect

    inspector = inspect(connection)
    if schema is None and connection.dialect.name == "duckdb":
        schema = "main"  # DuckDB's default lists those of every schema
    if schema is not None:
        _check_schema(schema, inspector.get_schema_names(), connection)
    names = {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}
    if connection.dialect.name == "postgresql":
        names |= {*inspector.get_materialized_view_names(schema), *inspector.get_foreign_table_names(schema)}
    return sorted(names)


def _check_schema(schema: str, there: Sequence[str], connection: Connection) -> None:
    """DuckDB names a schema after its database, too, and a database of its own besides."""
    known = {name.rpartition(".")[2] for name in there if not name.startswith(("system.", "temp."))}
    if schema.casefold() not in {name.casefold() for name in (*there, *known)}:
        raise DataError(
            f"{shown(str(connection.engine.url))} has no schema {schema!r}. {nearest(schema, known)} "
            "Leave the schema out where the database finds the table by itself."
        )


def columns_in(connection: Connection, place: Place) -> list[str]:
    """The columns of a table, in its order."""
    from sqlalchemy import literal_column, select

    every = select(literal_column("*")).select_from(selectable(connection, place)).limit(0)
    return list(connection.execute(every).keys())


def selectable(connection: Connection, place: Place) -> Any:
    """A table for SQLAlchemy, its names quoted where they must be."""
    from sqlalchemy import table

    schema = None if place.schema is None else quoted(place.schema, connection)
    return table(quoted(place.name, connection), schema=schema)


def _columns(
    connection: Connection, table: Table, place: Place, names: DatabaseNames
) -> tuple[dict[str, str], list[str]]:
    """Column of the vocabulary -> its name in the database; and those of the database that are none."""
    there, renamed = columns_in(connection, place), names.columns.get(table.name, {})
    for column, own in renamed.items():
        if own not in there:
            raise DataError(f"{place} has no column {own!r} for {column}. {nearest(own, there)}")
    known = {column.name: renamed.get(column.name, column.name) for column in table.columns}
    chosen = {column: own for column, own in known.items() if own in there}
    for column in table.required:
        if column not in chosen:
            raise DataError(
                f"{place} has no column for {table.name}.{column}. Found: {', '.join(there[:20])}. Name it "
                f"with --set 'reading.database.columns={{{table.name}: {{{column}: ITS_NAME}}}}'."
            )
    return chosen, [own for own in there if own not in chosen.values()]


def _rows(connection: Connection, place: Place, columns: Mapping[str, str], chunk_rows: int) -> pd.DataFrame:
    """The columns asked for, under the vocabulary's names."""
    from sqlalchemy import column, select

    asked = [column(quoted(own, connection)) for own in columns.values()]
    parts: list[list[pa.Array]] = [[] for _ in columns]
    for rows in chunks_of(connection, select(*asked).select_from(selectable(connection, place)), chunk_rows):
        for part, cells in zip(parts, zip(*rows, strict=True), strict=True):
            part.append(_array(cells))
    return pd.DataFrame({name: _series(part) for name, part in zip(columns, parts, strict=True)})


def _typed(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Columns in the schema's types where every cell fits; validation tells of those that do not."""
    columns = {}
    for name in rows.columns:
        coerced, faults = coerce(rows[name], table.column(name))
        columns[name] = rows[name] if faults else coerced
    return pd.DataFrame(columns)


def chunks_of(connection: Connection, statement: Any, chunk_rows: int) -> Iterator[Sequence[Any]]:
    """The rows of a statement, a chunk at a time, streamed where the server can."""
    result = connection.execution_options(yield_per=chunk_rows).execute(statement)
    yield from result.partitions(chunk_rows)


def _array(cells: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(cells, from_pandas=True)
    except (pa.ArrowException, OverflowError):
        return _as_text(cells)


def _as_text(cells: Sequence[Any]) -> pa.Array:
    return pa.array([None if cell is None else _plain(cell) for cell in cells], pa.string())


def _plain(cell: Any) -> str:
    """A cell as text; 7.0 beside text is the id "7"."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.decode("utf-8", "backslashreplace") if isinstance(cell, bytes) else str(cell)


def _series(parts: Sequence[pa.Array]) -> pd.Series:
    """Chunks of one column under one another; where their types differ, as text."""
    kinds = {part.type for part in parts if part.type != pa.null()}
    if len(kinds) > 1:
        parts, kinds = [_as_text(part.to_pylist()) for part in parts], {pa.string()}
    kind = kinds.pop() if kinds else pa.string()
    chunked = pa.chunked_array([part.cast(kind) for part in parts], kind)
    return chunked.to_pandas(types_mapper=NULLABLE.get)


def as_series(cells: Sequence[Any]) -> pd.Series:
    """The cells of one column as a driver gives them, in a type that holds them."""
    return _series([_array(cells)])


def content_digest(tables: Mapping[str, pd.DataFrame]) -> str:
    """SHA-256 over rows read; the order in which a server gave them is no matter."""
    digest = hashlib.sha256()
    for name, rows in tables.items():
        hashed = pd.util.hash_pandas_object(rows.astype("str"), index=False).to_numpy()
        digest.update(f"{name}:{len(rows)}:{','.join(rows.columns)}:{hashed.sum()}".encode())
    return digest.hexdigest()


DATABASE = Reader(
    "database",
    "no files, but an address: postgresql+psycopg://host/name, sqlite:///file.db, duckdb:///file.duckdb",
    recognises,
    read,
)

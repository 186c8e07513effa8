"""Rows merged into a table by its key, as quickly as each kind of database can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

WRITABLE = ("postgresql", "sqlite", "duckdb")
"""Kinds of databases with INSERT ... ON CONFLICT DO UPDATE."""

STAGE = "influence_batch"
"""Where a batch stands before it is merged; of one connection, and temporary."""


def merge(connection: Connection, table: Table, rows: pd.DataFrame, key: Sequence[str]) -> None:
    """Insert rows; one whose key is there already takes the old one's place.

    Parameters
    ----------
    rows
        Columns of the table, each key once.
    """
    stage = _stage(connection, table, rows)
    if stage is None:
        connection.execute(_upsert(connection, table, key, None), _cells(table, rows))
    else:
        connection.execute(_upsert(connection, table, key, stage))


def insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT that may be told what to do ON CONFLICT, in the words of this kind of database."""
    from sqlalchemy.dialects import postgresql, sqlite

    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def _upsert(connection: Connection, table: Table, key: Sequence[str], stage: Table | None) -> Any:
    from sqlalchemy import select

    names = [column.name for column in table.columns]
    statement = insert_into(connection, table)
    if stage is not None:
        statement = statement.from_select(names, select(*(stage.c[name] for name in names)))
    return statement.on_conflict_do_update(
        index_elements=[table.c[name] for name in key],
        set_={name: statement.excluded[name] for name in names if name not in key},
    )


def _stage(connection: Connection, table: Table, rows: pd.DataFrame) -> Table | None:
    """A temporary table that holds the rows; None where inserting them one by one is as quick."""
    import sqlalchemy as sql

    if connection.dialect.driver not in ("psycopg", "duckdb_engine"):
        return None
    columns = [sql.Column(column.name, column.type) for column in table.columns]
    stage = sql.Table(STAGE, sql.MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")
    batch = pa.Table.from_pandas(rows, preserve_index=False)
    driver: Any = connection.connection.driver_connection
    if connection.dialect.driver == "duckdb_engine":
        driver.register(STAGE, batch)
    else:
        stage.create(connection, checkfirst=False)
        _copy(driver, batch)
    return stage


def _copy(driver: Any, batch: pa.Table) -> None:
    """COPY through psycopg; in CSV an unquoted empty cell is missing, a quoted one empty text."""
    from psycopg import sql

    names = sql.SQL(", ").join(map(sql.Identifier, batch.column_names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(STAGE), names)
    cells = pa.BufferOutputStream()
    pyarrow.csv.write_csv(batch, cells, pyarrow.csv.WriteOptions(include_header=False))
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(cells.getvalue())


def _cells(table: Table, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as Python's own values; a moment as text where the column holds text."""
    from sqlalchemy import DateTime

    plain = {}
    for name in rows.columns:
        cells = rows[name]
        if pd.api.types.is_datetime64_any_dtype(cells.dtype):
            is_moment = isinstance(table.c[name].type, DateTime)
            cells = pd.Series(cells.dt.to_pydatetime() if is_moment else cells.map(pd.Timestamp.isoformat))
        plain[name] = cells.astype("object").where(cells.notna(), None).tolist()
    return [dict(zip(plain, row, strict=True)) for row in zip(*plain.values(), strict=True)]

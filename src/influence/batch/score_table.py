"""Answers into a table of a database: a batch and the progress it makes, in one transaction."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from influence.addresses import IN_FILES, shown
from influence.batch.databases import TableAddress
from influence.batch.merging import WRITABLE, insert_into, merge
from influence.batch.stream import Answers
from influence.data import to_utc
from influence.data.coercion import coerce
from influence.databases import answering, engine_of, quoted, snapshot
from influence.errors import ConfigError, DataError, columns_named
from influence.readers.databases import columns_in, tables_in
from influence.schema import TABLES

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

PROGRESS = "influence_progress"
"""The table that tells, beside the scores, how far each run has come."""


@contextmanager
def scores(
    target: TableAddress, fingerprint: str, ids: tuple[str, ...], at: str | pd.Timestamp | None
) -> Iterator[ScoreTable]:
    """The table that takes the answers of one run, after those that an earlier attempt has committed.

    Parameters
    ----------
    fingerprint
        Tells the run; see `run_digest`.
    ids, at
        With `at`, the ids are the key: an answer takes the place of an earlier one of the same key.

    Raises
    ------
    ConfigError
        If this kind of database cannot be written to.
    DataError
        If it cannot be reached, refuses, or is lost midway.
    """
    engine = engine_of(target.database, writes=True)
    if engine.dialect.name not in WRITABLE:
        raise ConfigError(
            f"{shown(target.database)}: scores can be written into PostgreSQL, SQLite and DuckDB. "
            "Write a Parquet file and load that."
        )
    with answering(engine, target.database), engine.connect() as connection:
        table = ScoreTable(engine, connection, target, fingerprint, ids, None if at is None else to_utc(at))
        table.open()
        yield table
        table.close()
    engine.dispose()


def check_moment(columns: Container[str], at: str | pd.Timestamp | None) -> None:
    """See that rows have a moment, which a table of scores keeps them by.

    Raises
    ------
    ConfigError
        If not.
    """
    if at is None and "sent_at" not in columns:
        raise ConfigError(
            "Scores in a database are kept by the moment they are for. Give it: --at 2026-01-31."
        )


def check_schema(target: TableAddress) -> None:
    """See that the schema is there that a table of scores is to lie in; a file may yet have to be made.

    Raises
    ------
    DataError
        If it is not.
    """
    if target.place.schema is None:
        return
    url = engine_of(target.database, writes=True).url
    if url.get_backend_name() not in IN_FILES or Path(str(url.database)).is_file():
        with snapshot(target.database) as connection:
            tables_in(connection, target.place.schema)


@dataclass
class ScoreTable:
    """A table that takes answers, batch by batch, and the progress of a run beside it."""

    engine: Engine
    connection: Connection
    target: TableAddress
    fingerprint: str
    ids: tuple[str, ...]
    at: pd.Timestamp | None
    done: int = 0
    """Rows of the input whose answers are committed."""
    tables: dict[tuple[str, ...], Table] = field(default_factory=dict)
    taken_out: int = 0
    part_rows: None = None
    takes_all: bool = False

    def open(self) -> None:
        """Find out how far an earlier attempt has come."""
        from sqlalchemy import delete, select

        with self.connection.begin():
            self.progress.create(self.connection, checkfirst=True)
            mine = self.progress.c.fingerprint == self.fingerprint
            found = self.connection.execute(select(self.progress.c.rows_done).where(mine)).scalar()
            if found and self.target.place.name in tables_in(self.connection, self._schema):
                self.done = int(found)
            elif found is not None:
                self.connection.execute(delete(self.progress).where(mine))

    def take(self, answers: Answers) -> None:
        """Write all that come, a chunk a transaction."""
        for _, rows in answers:
            self.write(rows)

    def write(self, rows: pd.DataFrame) -> None:
        """Upsert answers, and count them as done, in one transaction.

        Raises
        ------
        DataError
            If the connection is lost, another run is at the same work, or the table does not fit.
        """
        rows, key = self._keyed(rows)
        remedy = f"Run the same command again: it goes on after the {self.done:,} rows that are committed."
        n_rows = len(rows)
        rows = rows.drop_duplicates(key, keep="last")
        with answering(self.engine, self.target.database, remedy), self.connection.begin():
            table = self._table(rows, key)
            merge(self.connection, table, rows, key)
            self._count(n_rows)
        self.done += n_rows

    def close(self) -> None:
        """All is written: there is nothing left to resume."""
        from sqlalchemy import delete

        with self.connection.begin():
            mine = self.progress.c.fingerprint == self.fingerprint
            self.connection.execute(delete(self.progress).where(mine))

    @cached_property
    def progress(self) -> Table:
        """How far each run has come."""
        import sqlalchemy as sql

        return sql.Table(
            PROGRESS,
            sql.MetaData(),
            sql.Column("fingerprint", sql.Text, primary_key=True),
            sql.Column("table_name", sql.Text),
            sql.Column("rows_done", sql.BigInteger),
            schema=self._schema,
        )

    @property
    def _schema(self) -> str | None:
        return self.target.place.schema

    def _keyed(self, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
        """The rows with their moment, and the columns that tell one from any other."""
        check_moment(rows.columns, self.at)
        moment: Any = self.at
        if "sent_at" in rows.columns:
            moment, _ = coerce(rows["sent_at"], TABLES["invitations"].column("sent_at"))
            moment = moment if self.at is None else moment.fillna(self.at)
        topic = ["topic"] if "topic" in rows.columns else []
        kept = rows.drop(columns="sent_at", errors="ignore")
        kept.insert(len(self.ids), "at", moment)
        return kept.fillna(dict.fromkeys(topic, "")), [*self.ids, *topic, "at"]

    def _table(self, rows: pd.DataFrame, key: list[str]) -> Table:
        """The table of the scores; made where it is missing."""
        import sqlalchemy as sql

        names = tuple(rows.columns)
        if names in self.tables:
            return self.tables[names]
        exists = self.target.place.name in tables_in(self.connection, self._schema)
        kinds = {name: _kind(rows[name]) for name in names}
        if exists:
            kinds |= self._kinds_there(kinds)
        columns = [
            sql.Column(quoted(name, self.engine), kinds[name], primary_key=name in key) for name in names
        ]
        name = quoted(self.target.place.name, self.engine)
        self.tables[names] = table = sql.Table(name, sql.MetaData(), *columns, schema=self._schema)
        if not exists:
            table.create(self.connection)
        return table

    def _kinds_there(self, ours: Mapping[str, Any]) -> dict[str, Any]:
        """The types of the columns, as far as they can be told.

        Raises
        ------
        DataError
            If the table lacks one of the columns.
        """
        import sqlalchemy as sql

        there = columns_in(self.connection, self.target.place)
        if missing := [name for name in ours if name not in there]:
            raise DataError(
                f"{self.target} lacks the {columns_named(missing)}. "
                "Add what is lacking (ALTER TABLE), or name a new table."
            )
        if self.engine.dialect.name == "duckdb":
            return {}  # turns what it is given into the column's type by itself
        columns = sql.inspect(self.connection).get_columns(self.target.place.name, self._schema)
        told = {column["name"]: column["type"] for column in columns if column["name"] in ours}
        # SQLite's CREATE TABLE AS calls the type of moments NUM, and keeps them as the texts that they are.
        untold = (sql.types.NullType, sql.types.Numeric)
        return {
            name: kind
            for name, kind in told.items()
            if not isinstance(kind, untold if isinstance(ours[name], sql.DateTime) else sql.types.NullType)
        }

    def _count(self, n_rows: int) -> None:
        """The rows as done; a run that has written nothing yet is not on record."""
        from sqlalchemy import update

        counted: Any
        if self.done:
            mine = self.progress.c.fingerprint == self.fingerprint
            as_left = mine & (self.progress.c.rows_done == self.done)
            counted = update(self.progress).where(as_left).values(rows_done=self.done + n_rows)
        else:
            told = (self.fingerprint, self.target.place.name, n_rows)
            counted = insert_into(self.connection, self.progress).values(told).on_conflict_do_nothing()
        if self.connection.execute(counted).rowcount == 0:
            raise DataError(f"Another run writes the same scores into {self.target}. Let it end.")


def _kind(cells: pd.Series) -> Any:
    """The type of a new column."""
    import sqlalchemy as sql

    if pd.api.types.is_bool_dtype(cells.dtype):
        return sql.Boolean()
    if pd.api.types.is_integer_dtype(cells.dtype):
        return sql.BigInteger()
    if pd.api.types.is_float_dtype(cells.dtype):
        return sql.Double()
    return sql.DateTime(timezone=True) if pd.api.types.is_datetime64_any_dtype(cells.dtype) else sql.Text()

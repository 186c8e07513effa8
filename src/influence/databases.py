"""Connecting to databases: engines that keep still about rows, and errors that name the remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from influence.addresses import IN_FILES, checked, shown, without_credentials
from influence.errors import ConfigError, DataError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.sql import quoted_name

CONNECT_TIMEOUT_S = 10
"""After which a PostgreSQL server that does not answer is given up, unless the address says otherwise."""

LOCK_TIMEOUT_S = 60
"""How long a locked file of SQLite's is waited for, unless the address says otherwise."""

_LOST = "Run the same command again: what was committed stays."
_REMEDIES = (
    (r"password|authentication failed|28p01|28000", "Set PGPASSWORD, or add a line to ~/.pgpass."),
    (r"permission denied|readonly database|read-only", "Ask for the right to it (GRANT)."),
    (r"on conflict|no unique", "Give it a primary key over the ids, topic if there is one, and at."),
    (r"terminating connection|closed the connection|connection .*lost|is closed|57p0\d", _LOST),
    (r"locked|conflicting lock|different configuration", "Another program or run holds it: let that end."),
    (r"unknown database|schema .*does not exist|3f000", "Leave the schema out of the name, or make it."),
    (r"database .*does not exist|3d000", "Check the database's name in the address."),
    (r"not a database|not a valid duckdb", "Check the path in the address."),
    (r"could not convert|invalid input syntax", "Give the column a type that fits, or name a new table."),
    (r"could not|refused|timeout|resolve|connection", "Check host and port, and that the server runs."),
)  # fmt: skip
"""What a driver may say, and what to do then; the first that fits."""


def engine_of(address: str, *, writes: bool = False) -> Engine:
    """A SQLAlchemy engine whose errors never repeat values of rows.

    A database that lies in a file must be there to be read from.

    Raises
    ------
    ConfigError
        If the address holds a password or no known kind of database, or a package is missing.
    DataError
        If there is no such file.
    """
    try:
        import sqlalchemy
    except ImportError as error:
        raise ConfigError("Databases need the extra `sql`: pip install 'influence[sql]'.") from error
    try:
        url = sqlalchemy.make_url(checked(address))
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        kind = url.get_backend_name()
        _check_file(kind, url.database, address, writes)
        engine = sqlalchemy.create_engine(
            url,
            hide_parameters=True,
            poolclass=sqlalchemy.NullPool,
            connect_args=_arguments(kind, url, writes),
        )
    except ImportError as error:
        raise ConfigError(
            f"{shown(address)} needs the package {error.name}. Those for PostgreSQL, SQLite and DuckDB come "
            "with pip install 'influence[sql]'."
        ) from error
    except (sqlalchemy.exc.ArgumentError, ValueError) as error:
        raise ConfigError(
            f"{shown(address)} is no address of a database. Write postgresql+psycopg://host/name, "
            "sqlite:///file.db or duckdb:///file.duckdb."
        ) from error
    if kind == "sqlite":
        _begin_by_ourselves(engine, "BEGIN IMMEDIATE" if writes else "BEGIN")
    return engine


def _check_file(kind: str, path: str | None, address: str, writes: bool) -> None:
    if kind not in IN_FILES:
        return
    if path in (None, "", ":memory:"):
        raise ConfigError(f"The address {address!r} names no file. Write {kind}:///file.db.")
    if not writes and not Path(str(path)).is_file():
        raise DataError(f"There is no file {path!r}. Check the path in the address {address!r}.")


def _arguments(kind: str, url: Any, writes: bool) -> dict[str, Any]:
    if kind == "duckdb" and not writes:
        return {"read_only": True}
    if kind == "postgresql" and url.get_driver_name() == "psycopg" and "connect_timeout" not in url.query:
        return {"connect_timeout": CONNECT_TIMEOUT_S}
    if kind == "sqlite" and "timeout" not in url.query:
        return {"timeout": LOCK_TIMEOUT_S}
    return {}


def _begin_by_ourselves(engine: Engine, word: str) -> None:
    """Python's driver begins a transaction only before it writes; a snapshot begins before reading.

    Whoever will write takes the lock before reading: of two who read first, neither could wait for the other.
    """
    from sqlalchemy import event

    @event.listens_for(engine, "connect")
    def leave_it_to_us(connection: Any, record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(word)


@contextmanager
def answering(engine: Engine, address: str, remedy: str | None = None) -> Iterator[None]:
    """Turns a failure of the database into a message.

    Parameters
    ----------
    remedy
        What to do where the connection is lost.

    Raises
    ------
    DataError
        Saying which database, what it answered, and what to do.
    """
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:
        told = getattr(error, "orig", None) or error
        state = getattr(told, "sqlstate", None) or ""
        lines = [line.strip() for line in without_credentials(str(told)).splitlines() if line.strip()]
        first = lines[0][:300].rstrip(".") if lines else type(told).__name__
        found = next((does for says, does in _REMEDIES if re.search(says, f"{first} {state}".lower())), "")
        found = remedy if remedy is not None and found == _LOST else found
        raise DataError(f"{shown(address)}: {first}. {found}".rstrip()) from error


@contextmanager
def snapshot(address: str) -> Iterator[Connection]:
    """A connection that sees one consistent state of the database, and writes nothing.

    Rows stream from the server (`yield_per`) where it can.

    Raises
    ------
    DataError
        If the database cannot be reached or refuses; see `answering`.
    """
    engine = engine_of(address)
    with answering(engine, address):
        options: dict[str, Any] = {"stream_results": True}
        if engine.dialect.name == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection
    engine.dispose()


def quoted(name: str, engine: Engine | Connection) -> quoted_name:
    """A name for SQLAlchemy to quote; always for DuckDB, of whose reserved words it knows only some."""
    from sqlalchemy.sql import quoted_name

    return quoted_name(name, True if engine.dialect.name == "duckdb" else None)

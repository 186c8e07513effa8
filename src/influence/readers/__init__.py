"""Sources into networks: one file per kind of source, one line of the registry each."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pandas as pd

from influence.data import Network
from influence.errors import ConfigError, DataError, nearest
from influence.readers.airbnb import AIRBNB
from influence.readers.cascades import CASCADES
from influence.readers.collaborations import COLLABORATIONS
from influence.readers.crunchbase import CRUNCHBASE
from influence.readers.lastfm import LASTFM
from influence.readers.messages import MESSAGES
from influence.readers.openflights import OPENFLIGHTS
from influence.readers.ratings import RATINGS
from influence.readers.retweets import RETWEETS
from influence.readers.source import Reader, Records, Sieve
from influence.readers.surveys import SURVEYS
from influence.readers.tables import TABLE_FOLDER, write_tables
from influence.readers.transfers import TRANSFERS
from influence.readers.twitch import TWITCH
from influence.readers.villages import VILLAGES
from influence.readers.votes import VOTES
from influence.schema import TABLES, Table

__all__ = ["READERS", "Reader", "Records", "read", "write_tables"]

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        AIRBNB,
        MESSAGES,
        RATINGS,
        RETWEETS,
        VOTES,
        SURVEYS,
        VILLAGES,
        CASCADES,
        LASTFM,
        CRUNCHBASE,
        TRANSFERS,
        COLLABORATIONS,
        TWITCH,
        OPENFLIGHTS,
        TABLE_FOLDER,
    )
}
"""In the order in which they are asked whether they recognise a folder."""


def read(path: str | Path, reader: str | None = None, set_aside: str | Path | None = None) -> Network:
    """A folder of records as a validated network.

    The kind of source is recognised by its files and their headers; `Network.notes` says what was
    recognised, what could not be used, and what is static by declaration.

    Parameters
    ----------
    path : the folder
    reader : the name of the reader to use, instead of recognising the source
    set_aside : a folder; rows at fault are listed there and left out, those of the source's own files as
        `source/<file>`, those of the tables made from them as `<table>.csv`. Without it they are an error.

    Raises
    ------
    DataError
        If the folder is absent, empty or of no known kind, a file is broken, or records are at fault.
    ConfigError
        If there is no such reader.
    """
    folder = Path(path)
    chosen = _reader(path, reader)
    sieve = Sieve(None if set_aside is None else Path(set_aside))
    records = chosen.read(folder, sieve)
    aside = sieve.finish()
    network = Network.from_tables(records.tables, (*records.notes, *aside), set_aside)
    tables = {name: _in_order(TABLES[name], rows) for name, rows in network.tables.items()}
    notes = (f"Recognised as {chosen.name}.", *network.notes, *_static(tables))
    return Network(MappingProxyType(tables), notes)


def _reader(path: str | Path, name: str | None) -> Reader:
    folder = Path(path)
    if name is not None and name not in READERS:
        raise ConfigError(f"There is no reader {name!r}. {nearest(name, READERS)}")
    looked_for = [f"{each.name} looks for {each.looks_for}." for each in READERS.values()]
    if "://" in str(path):
        raise DataError(
            f"{str(path)!r} is an address; only folders can be read. Export the tables to a folder."
        )
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise DataError(f"{str(folder)!r} {what}. Name a folder that holds one of these:", looked_for)
    if not any(folder.iterdir()):
        raise DataError(f"{str(folder)!r} is empty. It must hold one of these:", looked_for)
    if name is not None:
        if not READERS[name].recognises(folder):
            raise DataError(
                f"{str(folder)!r} does not hold what {name} looks for: {READERS[name].looks_for}."
            )
        return READERS[name]
    for each in READERS.values():
        if each.recognises(folder):
            return each
    raise DataError(f"No reader recognises {str(folder)!r}. It must hold one of these:", looked_for)


def _in_order(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows by their key, so that the order within a file never matters; undated ones come first."""
    return rows.sort_values(list(table.key), na_position="first", ignore_index=True)


def _static(tables: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    """Which tables, or how many of their rows, hold no time of observation."""
    notes = []
    for name, rows in tables.items():
        since = TABLES[name].visible_from
        n_static = 0 if since is None else int(rows[since].isna().sum())
        if n_static:
            which = "all rows" if n_static == len(rows) else f"{n_static:,} of {len(rows):,} rows"
            notes.append(
                f"{name}: {which} without {since}: static by declaration, taken as known at any time."
            )
    return tuple(notes)

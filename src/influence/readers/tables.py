"""A folder of `<table>.csv` or `<table>.parquet` in the words of the schema, and its inverse."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from influence.data import Network
from influence.errors import DataError
from influence.files import new_folder
from influence.readers.source import Reader, Records, Sieve, read_csv, read_parquet
from influence.schema import TABLES

SUFFIXES = (".csv", ".parquet")


def recognises(folder: Path) -> bool:
    """Whether a file bears a table's name; asked last, so that an empty or foreign one is told by name."""
    return any(True for _ in _files(folder))


def _files(folder: Path) -> Iterator[Path]:
    for name in TABLES:
        for suffix in SUFFIXES:
            if (folder / f"{name}{suffix}").is_file():
                yield folder / f"{name}{suffix}"


def read(folder: Path, sieve: Sieve, leaving: Collection[str] = ()) -> Records:
    """The tables as they are, some left where they are; sub-folders, such as `truth/`, are never read.

    In CSV an empty cell is missing, and `NA` is the text: Namibia in a column of countries.
    """
    tables: dict[str, pd.DataFrame] = {}
    paths = [path for path in _files(folder) if path.stem not in leaving]
    for done, path in enumerate(paths):
        sieve.tell(path.name, done, len(paths))
        if path.stem in tables:
            raise DataError(f"{path.stem} stands in the folder as CSV and as Parquet. Remove one of them.")
        is_csv = path.suffix == ".csv"
        tables[path.stem] = read_csv(path, empty_is_missing=True) if is_csv else read_parquet(path)
    known = {path.name for path in _files(folder)}
    others = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name not in known)
    note = (f"Not tables of the vocabulary, not read: {', '.join(others)}.",) if others else ()
    return Records(tables, note)


def write_tables(network: Network, folder: str | Path) -> None:
    """Write a network as one Parquet file per table, all or nothing: the inverse of `read`.

    Raises
    ------
    ConfigError
        If the folder exists and is not empty, or cannot be written.
    """
    with new_folder(folder) as new:
        for name, rows in network.tables.items():
            rows.to_parquet(new / f"{name}.parquet", index=False)


TABLE_FOLDER = Reader(
    "tables", f"<table>.csv or <table>.parquet, named {', '.join(TABLES)}", recognises, read
)

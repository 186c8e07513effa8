"""Exports read as records, before ids of people are replaced."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from tests.readers.folders import write

from influence.data import Network
from influence.readers import READERS, ReadingConfig
from influence.readers.source import Records, Sieve


def read_records(folder: Path, reader: str, files: Mapping[str, str], **asked: object) -> Records:
    """What the reader finds in files, which must make a network."""
    records = READERS[reader].read(write(folder, files), Sieve(config=ReadingConfig.model_validate(asked)))
    Network.from_tables(records.tables)
    return records


def row(rows: pd.DataFrame, **where: object) -> pd.Series:
    """The only row in which these columns have these values."""
    for column, value in where.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1, f"{len(rows)} rows for {where}"
    return rows.iloc[0]


def told(records: Records, words: str) -> bool:
    """Whether a note says so."""
    return any(words in note for note in records.notes)

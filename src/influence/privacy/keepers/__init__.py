"""Kinds of files that may hold records of people: one file each, one line of the list."""

from __future__ import annotations

from pathlib import Path

from influence.privacy.keepers.arrays import ARRAYS
from influence.privacy.keepers.binary import BINARY
from influence.privacy.keepers.delimited import DELIMITED
from influence.privacy.keepers.json_file import JSON
from influence.privacy.keepers.keeper import Hits, Keeper
from influence.privacy.keepers.parquet import PARQUET
from influence.privacy.keepers.sqlite import SQLITE
from influence.privacy.keepers.tensors import TENSORS
from influence.privacy.keepers.text import SAMPLE_BYTES, TEXT
from influence.privacy.keepers.zipped import ZIPPED

__all__ = ["KEEPERS", "Hits", "Keeper", "keeper_of"]

KEEPERS: tuple[Keeper, ...] = (
    *(PARQUET, SQLITE, ARRAYS, ZIPPED, TENSORS),
    *(JSON, DELIMITED, TEXT, BINARY),
)
"""In the order in which they are asked whether a file is of their kind."""


def keeper_of(path: Path) -> Keeper:
    """The kind that a file is of, by its first bytes and its name."""
    with path.open("rb") as content:
        start = content.read(SAMPLE_BYTES)
    return next(keeper for keeper in KEEPERS if keeper.recognises(path, start))

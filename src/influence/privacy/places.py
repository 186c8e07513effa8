"""Where records of people lie: the files of places, models, and what is a source of the user's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from influence.addresses import MODEL_FILE
from influence.errors import DataError
from influence.exporting.xml import WRITTEN_HERE
from influence.privacy.keepers.parquet import table_of
from influence.readers import READERS
from influence.readers.source import header, read_csv
from influence.readers.stored import COLUMNS, IDS, MANIFEST, RECORDS
from influence.schema import TABLES

DEFAULT = ("runs", "mlruns", "mlflow.db")
"""What the tool writes to unless it is told otherwise."""
NOT_ENTERED = frozenset({".git", ".venv", "__pycache__"})
TOOLS_OWN = frozenset({"problem", "because", "p_within_3_weeks", "p_partner", "influence", "score"})
"""Columns that only what the tool writes has: answers, and rows set aside."""
HEAD_BYTES = 1 << 10
LAST = ("contents", "matches", "identities", "sources")
"""Tables that other files are understood by, in the order in which they are cleaned, after all else."""


@dataclass(frozen=True)
class Places:
    """Folders and files to look through.

    Raises
    ------
    DataError
        If a place does not exist.
    """

    roots: tuple[Path, ...]

    @classmethod
    def of(cls, named: Sequence[str | Path] = ()) -> Places:
        """The places named, or else those of `DEFAULT` that exist.

        Raises
        ------
        DataError
            If one does not exist, or none is named and none of the usual ones is there.
        """
        roots = [Path(one) for one in named] or [Path(one) for one in DEFAULT if Path(one).exists()]
        for root in roots:
            if not root.exists():
                raise DataError(f"There is nothing at {str(root)!r}. Name folders or files that exist.")
        if not roots:
            raise DataError(f"There is none of {', '.join(DEFAULT)} here. Name the places: --in FOLDER.")
        return cls(tuple(roots))

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """Every file, once; links are not followed."""
        found: dict[Path, Path] = {}
        for root in self.roots:
            for path in [root] if root.is_file() else _files(root):
                found.setdefault(path.resolve(), path)
        return tuple(sorted(found.values()))

    @cached_property
    def models(self) -> tuple[Path, ...]:
        """Folders of stored models."""
        cards = [path.parent for path in self.files if path.name == MODEL_FILE]
        return tuple(folder for folder in cards if (folder / RECORDS).is_dir())

    @cached_property
    def of_models(self) -> frozenset[Path]:
        """Cards and records of models, with the graph of these, which change together."""
        return frozenset(
            path
            for folder in self.models
            for path in (
                *(folder / name for name in (MODEL_FILE, IDS, MANIFEST)),
                *(folder / RECORDS).iterdir(),
                *(folder / COLUMNS).glob("*"),
            )
        )

    @cached_property
    def sources(self) -> tuple[Path, ...]:
        """Files that are, or belong to, sources of the user's own: not written by the tool."""
        places = {path.parent for path in self.files} | set(self.files)
        foreign = {place for place in places if _is_source(place)}
        return tuple(
            path
            for path in self.files
            if path not in self.of_models
            and (path.suffix.lower() == ".zip" or _is_table_in_csv(path) or {path, path.parent} & foreign)
            and not _is_own(path)
        )

    def tables(self) -> Iterator[tuple[Path, str, pd.DataFrame]]:
        """Tables of the vocabulary: file, name and rows as text or as stored."""
        for path in self.files:
            rows = _rows(path)
            if rows is not None and (name := table_of(path, [*rows.columns])) is not None:
                yield path, name, rows

    def in_order(self) -> list[Path]:
        """Files in the order in which they are to be cleaned, so that one kill midway loses no trace.

        What other files are understood by comes last: contents, matches, identities, sources.
        """
        alone = [path for path in self.files if path not in self.of_models]
        return sorted(alone, key=lambda path: (_rank(path), path))


def _rank(path: Path) -> int:
    if path.stem in LAST:
        return 2 + LAST.index(path.stem)
    return int(path.stem in TABLES and path.suffix.lower() in (".parquet", ".csv"))


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name in NOT_ENTERED:
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path


def _rows(path: Path) -> pd.DataFrame | None:
    """The rows of a file that bears a table's name; None of any other, or where they cannot be read."""
    if path.stem not in TABLES:
        return None
    try:
        if path.suffix == ".parquet":
            return pq.ParquetFile(path).read().to_pandas()
        return read_csv(path) if path.suffix == ".csv" else None
    except (OSError, ValueError, DataError):
        return None


def _is_source(place: Path) -> bool:
    """Whether a reader recognises a place as a source; tables are told apart by their format."""
    by = next((reader.name for reader in READERS.values() if reader.recognises(place)), "tables")
    return by != "tables"


def _is_table_in_csv(path: Path) -> bool:
    """Whether a file is a table as the user's own folders have them: the tool writes Parquet."""
    return path.stem in TABLES and path.suffix.lower() == ".csv"


def _is_own(path: Path) -> bool:
    """Whether a file can only come from the tool."""
    if path.suffix.lower() == ".csv":
        return bool(TOOLS_OWN & set(header(path)))
    if path.suffix.lower() in (".gexf", ".graphml"):
        with path.open("rb") as start:
            return WRITTEN_HERE.encode() in start.read(HEAD_BYTES)
    return path.suffix.lower() == ".parquet" and path.stem in TABLES

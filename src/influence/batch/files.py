"""What is asked, in files: Parquet or CSV, one or several, read as a stream of chunks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from influence.addresses import Place, label_of
from influence.batch.places import paths_of
from influence.batch.stream import CHUNK_ROWS, Chunk, as_frame, check_cells, check_columns
from influence.errors import DataError, InfluenceError, first_line
from influence.files import content_digest
from influence.writing import restored

CSV_BLOCK_BYTES = 4 << 20
PARQUET_BUFFER_BYTES = 1 << 20
"""Read at once of each column: a row group, whatever its size, never stands in memory as a whole."""
_ROW_LABELS = re.compile(r"__index_level_\d+__")


@dataclass(frozen=True)
class Asked:
    """Rows asked about, in files that follow each other.

    Attributes
    ----------
    told : what they are called in messages;  place : where the files were found, if they were looked for
    schema : names and types of the columns;  counts : rows of each file
    """

    paths: tuple[Path, ...]
    told: str
    ids: tuple[str, ...]
    schema: pa.Schema
    counts: tuple[int, ...]
    place: str | Path | None = None

    @classmethod
    def at(cls, place: str | Path, ids: tuple[str, ...]) -> Asked:
        """The rows of a file, of a folder, or of all files that a pattern matches; see `open`."""
        return replace(cls.open(paths_of(place), str(place), ids), place=place)

    @classmethod
    def open(cls, paths: tuple[Path, ...], told: str, ids: tuple[str, ...]) -> Asked:
        """Look at the files: what a CSV holds is read once, so that its faults show before the work begins.

        Raises
        ------
        DataError
            If one cannot be read or lacks a column `ids`, if they do not fit together, or hold no rows.
        """
        looks = [_look(path, ids) for path in paths]
        schema = _common(paths, [schema for schema, _ in looks])
        asked = cls(paths, told, ids, schema, tuple(n_rows for _, n_rows in looks))
        if asked.n_rows == 0:
            raise DataError(f"{told} holds no rows. Give at least one with {' and '.join(ids)}.")
        return asked

    @property
    def n_rows(self) -> int:
        """Rows of all files."""
        return sum(self.counts)

    @property
    def n_bytes(self) -> int:
        """Size of all files."""
        return sum(path.stat().st_size for path in self.paths)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the content of the file; over names and contents, where there are several."""
        if len(self.paths) == 1:
            return content_digest(self.paths[0])
        lines = "".join(f"{path.name} {content_digest(path)}\n" for path in self.paths)
        return hashlib.sha256(lines.encode()).hexdigest()

    def told_of(self, place: Place) -> dict[str, Any]:
        """What a manifest tells of the input, and knows it again by."""
        return {
            "name": label_of(place),
            "files": len(self.paths),
            "rows": self.n_rows,
            "bytes": self.n_bytes,
            "sha256": self.digest,
        }

    @cached_property
    def state(self) -> tuple[tuple[int, int, int] | None, ...]:
        """Size, time and inode of each file when first asked for."""
        return self._state()

    def check_unchanged(self) -> None:
        """See that the files are what they were when `state` was first asked for, and no others are there.

        Raises
        ------
        DataError
            If one was altered, added or taken away meanwhile.
        """
        if self.state != self._state() or not self._is_all():
            raise DataError(f"{self.told} was altered while it was read. Let it rest, and score it anew.")

    def _is_all(self) -> bool:
        with suppress(InfluenceError):
            return self.place is None or paths_of(self.place) == self.paths
        return False

    def _state(self) -> tuple[tuple[int, int, int] | None, ...]:
        return tuple(_state_of(path) for path in self.paths)

    def check_cells(self, task: str, at: str | pd.Timestamp | None) -> None:
        """See that no id is empty in any row, and no moment or note at fault, before the work begins.

        Raises
        ------
        DataError
            Naming the rows of the file, counted from 1, or if a file cannot be read.
        """
        from influence.tasks import TASKS  # too heavy for a look at a path

        heeded = {*self.ids, *(column.name for column in TASKS[task].OPTIONAL_COLUMNS)}
        names = tuple(name for name in self.schema.names if name in heeded)
        for path in self.paths:
            told, first_row = path if len(self.paths) > 1 else self.told, 0
            with _reading(path):
                for table in _stream(path, 0, CHUNK_ROWS, names):
                    rows = as_frame(table.select(names), self.ids)
                    check_cells(Chunk(rows, first_row, self.n_rows), told, self.ids, at)
                    first_row += len(rows)

    def chunks(self, chunk_rows: int, part_rows: int | None = None, first_row: int = 0) -> Iterator[Chunk]:
        """The rows from `first_row` on, in their order, `ids` as text.

        Cuts depend on positions alone, so that whoever starts at a multiple of `part_rows` gets the same
        chunks as everybody else.

        Parameters
        ----------
        chunk_rows
            Rows held in memory at once.
        part_rows
            A chunk ends at every multiple of so many rows, too.

        Raises
        ------
        DataError
            If a file cannot be read.
        """
        position = first_row
        for table in _cut(self._tables(first_row, chunk_rows), first_row, chunk_rows, part_rows):
            rows = as_frame(table, self.ids)
            yield Chunk(rows, position, self.n_rows)
            position += len(rows)

    def _tables(self, first_row: int, batch_rows: int) -> Iterator[pa.Table]:
        for path, n_rows in zip(self.paths, self.counts, strict=True):
            if first_row < n_rows:
                with self._resting(), _reading(path):
                    for table in _stream(path, first_row, batch_rows):
                        yield table.select(self.schema.names).cast(self.schema)
            first_row = max(0, first_row - n_rows)

    @contextmanager
    def _resting(self) -> Iterator[None]:
        """What cannot be read, or lacks a column, since it was altered meanwhile is told as that."""
        try:
            yield
        except (DataError, KeyError):
            self.check_unchanged()
            raise


def check_input(place: str | Path, ids: tuple[str, ...]) -> set[str]:
    """See that files have the columns `ids`, by their heads alone; returns the names that all of them have.

    Raises
    ------
    ConfigError, DataError
        As `paths_of` does, or if one cannot be read or lacks a column.
    """
    heads = []
    for path in paths_of(place):
        with _reading(path):
            is_parquet = path.suffix.lower() == ".parquet"
            names = pyarrow.parquet.read_schema(path).names if is_parquet else _header(path)
        check_columns(names, path, ids)
        heads.append(set(names))
    return set.intersection(*heads)


def _state_of(path: Path) -> tuple[int, int, int] | None:
    """Size, time and inode of a file; None where it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        is_csv = path.suffix.lower() == ".csv"
        remedy = (
            "Write it again: every row whole, as UTF-8." if is_csv else "It may be cut short: write it again."
        )
        # Rows are counted below the header everywhere else.
        told = re.sub(r"Row #(\d+)", lambda row: f"row {int(row[1]) - 1}", first_line(error))
        raise DataError(f"{path} cannot be read: {told}. {remedy}") from error


def _look(path: Path, ids: tuple[str, ...]) -> tuple[pa.Schema, int]:
    """Names and types of the columns, and the number of rows."""
    with _reading(path):
        if path.suffix.lower() == ".parquet":
            with pyarrow.parquet.ParquetFile(path) as file:
                schema, n_rows = file.schema_arrow.remove_metadata(), file.metadata.num_rows
        else:
            check_columns(_header(path), path, ids)
            schema, n_rows = None, 0
            for table in _csv(path):
                schema, n_rows = table.schema, n_rows + table.num_rows
            schema = pa.schema([(name, pa.string()) for name in _header(path)]) if schema is None else schema
    check_columns(schema.names, path, ids)
    return pa.schema([field for field in schema if not _ROW_LABELS.fullmatch(field.name)]), n_rows


def _common(paths: tuple[Path, ...], schemas: list[pa.Schema]) -> pa.Schema:
    """The schema that all files fit into.

    Raises
    ------
    DataError
        If one has other columns than the first, or a column of another kind.
    """
    for path, schema in zip(paths, schemas, strict=True):
        if set(schema.names) != set(schemas[0].names):
            differing = ", ".join(sorted(set(schema.names) ^ set(schemas[0].names)))
            raise DataError(f"{path} has other columns than {paths[0].name}: {differing}. Make them alike.")
    try:
        return pa.unify_schemas(schemas, promote_options="permissive")
    except pa.ArrowException as error:
        told = f"{paths[0].parent}: the files do not fit together: {first_line(error)}."
        raise DataError(told) from error


def _stream(
    path: Path, first_row: int, batch_rows: int, columns: tuple[str, ...] | None = None
) -> Iterator[pa.Table]:
    """The rows of one file from `first_row` on; of Parquet, perhaps some columns alone."""
    if path.suffix.lower() == ".csv":
        yield from _without(_csv(path), first_row)
        return
    with pyarrow.parquet.ParquetFile(path, buffer_size=PARQUET_BUFFER_BYTES) as file:
        groups = list(range(file.num_row_groups))
        while groups and first_row >= (n_rows := file.metadata.row_group(groups[0]).num_rows):
            first_row -= n_rows
            groups.pop(0)
        # Each group by a reader of its own: one for all of them keeps what it has read of each.
        batches = (
            batch
            for group in groups
            for batch in file.iter_batches(batch_size=batch_rows, row_groups=[group], columns=columns)
        )
        yield from _without((pa.Table.from_batches([batch]) for batch in batches), first_row)


def _without(tables: Iterator[pa.Table], n_rows: int) -> Iterator[pa.Table]:
    """All but the first `n_rows` rows."""
    for table in tables:
        yield table.slice(n_rows)
        n_rows = max(0, n_rows - table.num_rows)


def _cut(
    tables: Iterator[pa.Table], position: int, chunk_rows: int, part_rows: int | None
) -> Iterator[pa.Table]:
    """The same rows in tables that end where a chunk or a part does."""
    held = pa.table({})
    for table in tables:
        held = pa.concat_tables([held, table]) if held.num_rows else table
        while held.num_rows >= (size := _rows_to_cut(position, chunk_rows, part_rows)):
            yield held.slice(0, size)
            held, position = held.slice(size), position + size
    if held.num_rows:
        yield held


def _rows_to_cut(position: int, chunk_rows: int, part_rows: int | None) -> int:
    return chunk_rows if part_rows is None else min(chunk_rows, part_rows - position % part_rows)


def _header(path: Path) -> list[str]:
    read = pyarrow.csv.ReadOptions(block_size=CSV_BLOCK_BYTES)
    with pyarrow.csv.open_csv(path, read_options=read) as header:
        return list(header.schema.names)


def _csv(path: Path) -> Iterator[pa.Table]:
    """All cells as text."""
    convert = pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(_header(path), pa.string()), strings_can_be_null=False
    )
    read = pyarrow.csv.ReadOptions(block_size=CSV_BLOCK_BYTES)
    with pyarrow.csv.open_csv(path, read, convert_options=convert) as stream:
        for batch in stream:
            yield restored(pa.Table.from_batches([batch]))

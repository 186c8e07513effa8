"""Scoring a file of pairs as a plain stream: chunk in, chunk out, memory bounded, order kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from influence.errors import ConfigError, DataError, nearest
from influence.files import atomic
from influence.tasks import TASKS

FORMATS = (".parquet", ".csv")
CHUNK_ROWS = 65_536
CSV_BLOCK_BYTES = 4 << 20
EXPLAINED_ROWS = 256
"""Rows explained between two reports of progress; an explanation takes as long as a thousand scores."""


class Predictor(Protocol):
    """What scoring needs of a model."""

    def predict(self, task: str, pairs: pd.DataFrame, at: str | pd.Timestamp | None = None) -> pd.DataFrame:
        """One row of answers per row of `pairs`, in their order."""
        ...


@dataclass(frozen=True)
class Chunk:
    """Consecutive rows of the input, and how far the stream has come."""

    rows: pd.DataFrame
    first_row: int
    """Position of the first row in the input, counted from 0."""
    done: int
    """Rows (Parquet) or bytes (CSV) read so far, of `total`."""
    total: int


def score(
    model: Predictor,
    source: str | Path,
    target: str | Path,
    *,
    task: str = "acceptance",
    at: str | pd.Timestamp | None = None,
    explain: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
    chunk_rows: int = CHUNK_ROWS,
) -> int:
    """Score every row of `source` into `target`, which appears only when all rows are done.

    The output holds the input's columns, then the model's, which take the place of those of the same
    name; row order is kept and the numbers are those that `Model.predict` gives.

    Parameters
    ----------
    source, target
        Parquet or CSV, by the ending of the name.  Needed columns: sender_id and recipient_id, for
        leadership contact_id.
    at
        The moment to predict for; only what was visible strictly before it is used.
    explain
        Whether the columns of `Model.explain` follow.
    progress
        Called with a description, the work done and the whole of it.
    chunk_rows
        Rows held in memory at once (Parquet; CSV is cut by bytes).

    Returns
    -------
    int
        The number of rows scored.

    Raises
    ------
    DataError
        If the input cannot be read, lacks a column, holds an empty id, or has no rows.
    ConfigError
        If a format is not known or the output cannot be written.
    """
    source, target = Path(source), Path(target)
    check_paths(source, target)
    ids, n_rows = ids_of(task), 0
    with atomic(target) as temporary, _writer(temporary) as write:
        for chunk in _chunks(source, chunk_rows, EXPLAINED_ROWS if explain else None, ids):
            _check_ids(chunk, source, ids)
            rows = _marked(model, beside(chunk.rows, model.predict(task, chunk.rows, at=at), ids))
            write(explained(model, task, rows, at) if explain else rows)
            n_rows += len(chunk.rows)
            if progress is not None:
                progress("scoring", chunk.done, chunk.total)
        if n_rows == 0:
            raise DataError(f"{source} holds no rows. Give at least one with {' and '.join(ids)}.")
    return n_rows


def _marked(model: Predictor, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with a mark on those to be left alone, where the model knows of any list."""
    mark = getattr(model, "mark_suppressed", None)
    return rows if mark is None else mark(rows)


def explained(model: Predictor, task: str, rows: pd.DataFrame, at: str | pd.Timestamp | None) -> pd.DataFrame:
    """The rows with the reasons behind them.

    Raises
    ------
    ConfigError
        If the model gives none.
    """
    if not hasattr(model, "explain"):
        raise ConfigError("This model gives no reasons. Leave out --explain.")
    return beside(rows, model.explain(task, rows, at=at), ids_of(task))


def ids_of(task: str) -> tuple[str, ...]:
    """The columns that rows asked about must hold.

    Raises
    ------
    ConfigError
        If there is no such task.
    """
    if task not in TASKS:
        raise ConfigError(f"There is no task {task!r}. {nearest(task, TASKS)}")
    return TASKS[task].ID_COLUMNS


def check_paths(source: Path, target: Path) -> None:
    """See that input and output can be meant, before anything costly happens.

    Raises
    ------
    ConfigError, DataError
        As `score` does.
    """
    check_format(source)
    check_format(target)
    if not source.is_file():
        raise DataError(f"There is no file {str(source)!r}. Check the path of the input.")
    if target.exists() and source.samefile(target):
        raise ConfigError(f"{str(source)!r} is input and output at once. Name another output.")


def write_table(rows: pd.DataFrame, target: str | Path) -> None:
    """Write rows as Parquet or CSV, by the ending of the name; whole or not at all."""
    target = Path(target)
    check_format(target)
    with atomic(target) as temporary, _writer(temporary) as write:
        write(rows)


def check_format(path: Path) -> None:
    """See that the ending of a name tells a known format.

    Raises
    ------
    ConfigError
        If it does not.
    """
    if path.suffix.lower() not in FORMATS:
        raise ConfigError(f"{str(path)!r}: unknown format. Use a name that ends in .parquet or .csv.")


def _chunks(source: Path, chunk_rows: int, at_most: int | None, ids: tuple[str, ...]) -> Iterator[Chunk]:
    stream = _parquet_chunks if source.suffix.lower() == ".parquet" else _csv_chunks
    try:
        chunks = stream(source, chunk_rows, ids)
        yield from chunks if at_most is None else _cut(chunks, at_most)
    except pa.ArrowException as error:
        first_line = str(error).splitlines()[0]
        raise DataError(f"{source} cannot be read: {first_line} Write the file again as UTF-8.") from error


def _cut(chunks: Iterator[Chunk], at_most: int) -> Iterator[Chunk]:
    """The same rows in smaller chunks, the work done told in proportion."""
    before = 0
    for chunk in chunks:
        for first in range(0, len(chunk.rows), at_most):
            rows = chunk.rows.iloc[first : first + at_most]
            share = (first + len(rows)) / len(chunk.rows)
            done = before + round((chunk.done - before) * share)
            yield Chunk(rows, chunk.first_row + first, done, chunk.total)
        before = chunk.done


def _parquet_chunks(source: Path, chunk_rows: int, ids: tuple[str, ...]) -> Iterator[Chunk]:
    with pyarrow.parquet.ParquetFile(source) as file:
        _check_columns(file.schema_arrow.names, source, ids)
        n_done = 0
        for batch in file.iter_batches(batch_size=chunk_rows):
            rows = batch.to_pandas()
            yield Chunk(_as_text(rows, ids), n_done, n_done + len(rows), file.metadata.num_rows)
            n_done += len(rows)


def _csv_chunks(source: Path, chunk_rows: int, ids: tuple[str, ...]) -> Iterator[Chunk]:
    del chunk_rows  # a CSV stream is cut by bytes
    read = pyarrow.csv.ReadOptions(block_size=CSV_BLOCK_BYTES)
    with pyarrow.csv.open_csv(source, read_options=read) as header:
        names = header.schema.names
    _check_columns(names, source, ids)
    as_text = pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
    )
    n_done, size = 0, source.stat().st_size
    with source.open("rb") as handle, pyarrow.csv.open_csv(handle, read, convert_options=as_text) as stream:
        for batch in stream:
            rows = batch.to_pandas()
            yield Chunk(_as_text(rows, ids), n_done, min(handle.tell(), size), size)
            n_done += len(rows)


def _check_columns(names: list[str], source: Path, ids: tuple[str, ...]) -> None:
    if missing := [name for name in ids if name not in names]:
        found = ", ".join(names[:20])
        raise DataError(
            f"{source} lacks the column {' and '.join(missing)}. Found: {found}. Rename or add it."
        )
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"{source} has the column {', '.join(twice)} more than once. Keep one.")


def _as_text(rows: pd.DataFrame, ids: tuple[str, ...]) -> pd.DataFrame:
    return rows.assign(**{name: rows[name].astype("str") for name in ids})


def _check_ids(chunk: Chunk, source: Path, ids: tuple[str, ...]) -> None:
    for name in ids:
        cells = chunk.rows[name]
        empty = (cells.isna() | (cells.str.strip() == "")).to_numpy().nonzero()[0]
        if len(empty):
            rows = ", ".join(str(chunk.first_row + position + 1) for position in empty[:10])
            raise DataError(f"{source}: {name} is empty in {len(empty)} rows ({rows}). Fill or drop them.")


def beside(rows: pd.DataFrame, answers: pd.DataFrame, ids: tuple[str, ...]) -> pd.DataFrame:
    """The rows, then the answers' columns but the ids; what the rows had under the same names gives way."""
    fresh = answers[[name for name in answers.columns if name not in ids]]
    kept = rows[[name for name in rows.columns if name not in fresh.columns]]
    return pd.concat([kept.reset_index(drop=True), fresh.reset_index(drop=True)], axis="columns")


@contextmanager
def _writer(path: Path) -> Iterator[Callable[[pd.DataFrame], None]]:
    """A function that appends a frame to the file; the first frame fixes the columns' types."""
    is_parquet = path.suffix.lower() == ".parquet"
    sink: pyarrow.parquet.ParquetWriter | pyarrow.csv.CSVWriter | None = None
    schema: pa.Schema | None = None

    def write(frame: pd.DataFrame) -> None:
        nonlocal sink, schema
        if schema is None:
            schema = _schema(frame)
            plain = pyarrow.csv.WriteOptions(quoting_style="needed")
            sink = (
                pyarrow.parquet.ParquetWriter(path, schema)
                if is_parquet
                else pyarrow.csv.CSVWriter(path, schema, write_options=plain)
            )
        assert sink is not None
        sink.write_table(pa.Table.from_pandas(frame, schema, preserve_index=False))

    try:
        yield write
    finally:
        if sink is not None:
            sink.close()


def _schema(frame: pd.DataFrame) -> pa.Schema:
    """The frame's types; a column without a value in the first chunk is taken as text."""
    found = pa.Schema.from_pandas(frame, preserve_index=False).remove_metadata()
    return pa.schema(
        [pa.field(field.name, pa.string() if pa.types.is_null(field.type) else field.type) for field in found]
    )

"""Tables in files: read as a stream of chunks, written whole or not at all; Parquet or CSV, by the name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from influence.batch.stream import Chunk, as_text, check_columns
from influence.errors import ConfigError, DataError
from influence.files import atomic

FORMATS = (".parquet", ".csv")
CSV_BLOCK_BYTES = 4 << 20


def write_table(rows: pd.DataFrame, target: str | Path) -> None:
    """Write rows as Parquet or CSV, by the ending of the name; whole or not at all."""
    target = Path(target)
    check_format(target)
    with atomic(target) as temporary, writer(temporary) as write:
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


def chunks(source: Path, chunk_rows: int, ids: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of a file in their order, `ids` as text.

    Parameters
    ----------
    chunk_rows
        Rows held in memory at once (Parquet; CSV is cut by bytes).

    Raises
    ------
    DataError
        If the file cannot be read or lacks one of the columns `ids`.
    """
    stream = _parquet_chunks if source.suffix.lower() == ".parquet" else _csv_chunks
    try:
        yield from stream(source, chunk_rows, ids)
    except pa.ArrowException as error:
        first_line = str(error).splitlines()[0]
        raise DataError(f"{source} cannot be read: {first_line} Write the file again as UTF-8.") from error


def _parquet_chunks(source: Path, chunk_rows: int, ids: tuple[str, ...]) -> Iterator[Chunk]:
    with pyarrow.parquet.ParquetFile(source) as file:
        check_columns(file.schema_arrow.names, source, ids)
        n_done = 0
        for batch in file.iter_batches(batch_size=chunk_rows):
            rows = batch.to_pandas()
            yield Chunk(as_text(rows, ids), n_done, n_done + len(rows), file.metadata.num_rows)
            n_done += len(rows)


def _csv_chunks(source: Path, chunk_rows: int, ids: tuple[str, ...]) -> Iterator[Chunk]:
    del chunk_rows  # a CSV stream is cut by bytes
    read = pyarrow.csv.ReadOptions(block_size=CSV_BLOCK_BYTES)
    with pyarrow.csv.open_csv(source, read_options=read) as header:
        names = header.schema.names
    check_columns(names, source, ids)
    convert = pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
    )
    n_done, size = 0, source.stat().st_size
    with source.open("rb") as handle, pyarrow.csv.open_csv(handle, read, convert_options=convert) as stream:
        for batch in stream:
            rows = batch.to_pandas()
            yield Chunk(as_text(rows, ids), n_done, min(handle.tell(), size), size)
            n_done += len(rows)


@contextmanager
def writer(path: Path) -> Iterator[Callable[[pd.DataFrame], None]]:
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

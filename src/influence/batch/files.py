"""Tables in files, read as a stream of chunks; Parquet or CSV, by the name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from influence.batch.stream import Chunk, as_text, check_columns
from influence.errors import DataError
from influence.writing import restored

CSV_BLOCK_BYTES = 4 << 20


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
            rows = restored(pa.Table.from_batches([batch])).to_pandas()
            yield Chunk(as_text(rows, ids), n_done, min(handle.tell(), size), size)
            n_done += len(rows)

"""Parquet: rows removed, cells blanked; values that only a dictionary or the metadata held go too."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from influence.privacy.keepers.json_file import cleaned
from influence.privacy.keepers.keeper import Hits, Keeper
from influence.privacy.rows import Judged, is_id, judge
from influence.privacy.sought import Sought
from influence.readers.duties import STAYS
from influence.schema import TABLES

BATCH_ROWS = 262_144


def clean(source: Path, target: Path | None, sought: Sought) -> Hits:
    """Look through every batch; with a target, write what is left."""
    hits = Hits()
    with pq.ParquetFile(source) as file:
        schema, metadata = file.schema_arrow, _metadata(file.schema_arrow.metadata, sought)
        hits += Hits(cells=int(metadata != schema.metadata))
        table = table_of(source, schema.names)
        writer = None if target is None else pq.ParquetWriter(target, schema.with_metadata(metadata))
        try:
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                left, found = _batch(pa.Table.from_batches([batch]), sought, table)
                hits += found
                if writer is not None:
                    writer.write_table(left.replace_schema_metadata(metadata))
        finally:
            if writer is not None:
                writer.close()
    return hits


def table_of(path: Path, columns: list[str]) -> str | None:
    """The table of the vocabulary that a file holds, by its name and columns."""
    known = TABLES.get(path.stem)
    return known.name if known is not None and set(known.required) <= set(columns) else None


def _batch(rows: pa.Table, sought: Sought, table: str | None) -> tuple[pa.Table, Hits]:
    readable = _readable(rows)
    judged = judge(readable, sought, table=table)
    hits = Hits(judged.n_rows, judged.n_cells)
    left = _without(rows, readable, judged)
    bare = judged.is_bare[~judged.is_theirs]
    for place, field in enumerate(rows.schema):
        column = left.column(place)
        if bare.any() and field.name not in STAYS:
            kind = _plain(field.type)
            column = pc.if_else(pa.array(bare), pa.scalar(None, kind), column.cast(kind))
        if pa.types.is_nested(field.type):
            values = column.to_pylist()
            blanked, n = cleaned(values, sought)
            if n:
                column, hits = pa.chunked_array([pa.array(blanked, field.type)]), hits + Hits(cells=n)
        elif pa.types.is_dictionary(field.type):  # a dictionary keeps the values of removed rows
            column = pc.dictionary_encode(column.cast(_plain(field.type))).cast(field.type)
        elif _is_binary(field.type):
            hits += Hits(left=_binary_left(column, field.name, sought))
        left = left.set_column(place, field, column)
    return left, hits


def _readable(rows: pa.Table) -> pd.DataFrame:
    """Columns of text, and those of ids of any plain type."""
    found = {}
    for field in rows.schema:
        kind = _plain(field.type)
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        if is_text or (is_id(field.name) and pa.types.is_integer(kind)):
            found[field.name] = rows.column(field.name).cast(pa.string()).to_pandas().astype("str")
    return pd.DataFrame(found, index=range(rows.num_rows))


def _without(rows: pa.Table, readable: pd.DataFrame, judged: Judged) -> pa.Table:
    for name, cells in judged.changed.items():
        place = rows.schema.get_field_index(name)
        kind = _plain(rows.schema.field(place).type)
        altered = readable[name].astype(object)
        altered[cells.index] = cells
        rows = rows.set_column(place, name, pa.array(altered.to_numpy(object), kind, from_pandas=True))
    return rows.filter(pa.array(~judged.is_theirs))


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    )


def _binary_left(column: pa.ChunkedArray, name: str, sought: Sought) -> str:
    found = any(value and any(needle in value for needle in sought.needles) for value in column.to_pylist())
    return f"The column {name} holds bytes that name them: remove the column, or the file." if found else ""


def _metadata(told: dict[bytes, bytes] | None, sought: Sought) -> dict[bytes, bytes] | None:
    if told is None:
        return None
    text = ("utf-8", "surrogateescape")
    return {
        key: value if key == b"ARROW:schema" else sought.redact(value.decode(*text)).encode(*text)
        for key, value in told.items()
    }


PARQUET = Keeper("Parquet", lambda path, start: start[:4] == b"PAR1", clean)

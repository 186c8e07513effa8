"""Tables streamed into edges by the week, and into Parquet as they were validated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pa_parquet
from numpy.typing import NDArray
from pandas.util import hash_pandas_object

from influence.data import Network
from influence.data.problems import Problem
from influence.data.validation import latest_times, raise_problems
from influence.graph.spilling import Spill, records_from
from influence.graph.temporal import Edges, edges_of
from influence.graph.timeline import MICROSECONDS_PER_DAY
from influence.readers.streaming import Held, streamed_files, validated_parts
from influence.schema import TABLES

WEEK = 7 * MICROSECONDS_PER_DAY
HASHED = np.dtype("<u8")


@dataclass(frozen=True)
class Streamed:
    """What has been made of the tables."""

    contact_ids: pd.Index
    held_edges: Edges
    """Edges of the tables that are not streamed, which `by_week` holds too."""
    by_week: Spill
    rows: Mapping[str, int]
    last_observed_at: str | None
    notes: tuple[str, ...]


def stream(records: Path, target: Path, spill: Path, tell: Callable[[str, int, int], None]) -> Streamed:
    """Validate a folder of tables; edges go to `spill`, all tables to `target` as Parquet.

    Raises
    ------
    DataError
        If the records are at fault.
    """
    files, held = streamed_files(records), Held.read(records)
    ids = _contact_ids(held.network, files)
    by_week, keys = Spill(spill / "weeks"), Spill(spill / "keys")
    target.mkdir()
    rows, latest = dict[str, int](), list[pd.Timestamp]()
    for done, (name, path) in enumerate(files.items()):
        tell(f"reading {name}", done, len(files))
        rows[name] = 0
        for part in _kept(validated_parts(name, path, held.network), target / f"{name}.parquet"):
            rows[name] += len(part)
            latest.extend(latest_times({name: part}))
            _distribute(by_week, edges_of(name, part, ids))
            hashes = _hashes(name, part)
            keys.distribute(hashes[0], hashes[1])
        _see_that_keys_differ(name, path, keys, held.network)
    network = held.completed(latest)
    for name, table in network.tables.items():
        table.to_parquet(target / f"{name}.parquet", index=False)
    held_edges = edges_of("invitations", network.table("invitations"), ids)
    _distribute(by_week, held_edges)
    times = [*latest_times(network.tables), *latest]
    sizes = {name: len(table) for name, table in network.tables.items()} | rows
    return Streamed(ids, held_edges, by_week, sizes, max(times).isoformat() if times else None, network.notes)


def _contact_ids(held: Network, files: Mapping[str, Path]) -> pd.Index:
    """All contacts; where a table of contacts is there, nobody else may be named."""
    if "contacts" in held:
        return held.contact_ids
    found = set(held.contact_ids)
    for name, path in files.items():
        ends = [column.name for column in TABLES[name].columns if column.references == "contacts"]
        for part in validated_parts(name, path, held):
            for end in ends:
                found.update(part[end].dropna().unique())
    return pd.Index(sorted(found), dtype="str", name="contact_id")


def _kept(parts: Iterator[pd.DataFrame], path: Path) -> Iterator[pd.DataFrame]:
    """The parts, each written on its way."""
    writer: pa_parquet.ParquetWriter | None = None
    try:
        for part in parts:
            table = pa.Table.from_pandas(part, preserve_index=False)
            writer = writer or pa_parquet.ParquetWriter(path, table.schema)
            writer.write_table(table)
            yield part
    finally:
        if writer is not None:
            writer.close()


def _distribute(by_week: Spill, edges: Edges) -> None:
    week = edges.at // WEEK
    order = np.argsort(week, kind="stable")
    by_week.distribute(week[order], records_from(edges.where(order)))


def _hashes(name: str, rows: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """(Bucket, hash) of each row's key, by bucket: rows with equal keys meet in one."""
    hashes = np.sort(hash_pandas_object(rows[list(TABLES[name].key)], index=False).to_numpy())
    return (hashes >> np.uint64(60)).astype(np.int64), hashes


def _see_that_keys_differ(name: str, path: Path, keys: Spill, held: Network) -> None:
    """Sort the hashes bucket by bucket; where two are equal, compare the keys themselves."""
    several = np.concatenate([np.empty(0, HASHED), *(_repeated(keys, bucket) for bucket in keys.buckets)])
    if not len(several):
        return
    key, before, found = list(TABLES[name].key), 0, []
    for part in validated_parts(name, path, held):
        suspect = np.isin(hash_pandas_object(part[key], index=False).to_numpy(), several)
        found.append(part.loc[suspect, key].set_axis(np.flatnonzero(suspect) + before, axis="index"))
        before += len(part)
    suspects = pd.concat(found)
    repeated = suspects.index[suspects.duplicated()].to_numpy(np.int64)
    if len(repeated):
        first = ", ".join(str(cell) for cell in suspects.loc[repeated[0]])
        what = f"repeats a key of an earlier row ({first})"
        raise_problems([Problem(name, "+".join(key), what, "Keep one row per key.", repeated)])


def _repeated(keys: Spill, bucket: int) -> NDArray[np.uint64]:
    hashes = np.sort(keys.take(bucket, HASHED))
    return hashes[1:][hashes[1:] == hashes[:-1]]

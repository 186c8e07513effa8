"""Tables too large to be held, read and validated part by part.

What grows without end in a team's records are connections and interactions: these are streamed.  All other
tables grow with the number of contacts, and are read as usual.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
from numpy.typing import NDArray

from influence.data import Network
from influence.data.checks import export_problems, export_time
from influence.data.problems import Problem, shown
from influence.data.validation import latest_times, raise_problems, validate_part
from influence.errors import DataError, first_line
from influence.readers import tables
from influence.readers.ordering import in_order
from influence.readers.source import LARGEST_RECORD, Sieve, csv_reason, header
from influence.schema import TABLES

STREAMED = ("connections", "interactions")
PART = 2**18
"""Rows that are validated at once."""


def streamed_files(folder: Path) -> dict[str, Path]:
    """The tables of a folder that are streamed, and the file of each.

    Raises
    ------
    DataError
        If one stands there as CSV and as Parquet.
    """
    files = [folder / f"{name}{suffix}" for name in STREAMED for suffix in tables.SUFFIXES]
    found: dict[str, Path] = {}
    for path in filter(Path.is_file, files):
        if path.stem in found:
            raise DataError(f"{path.stem} stands in the folder as CSV and as Parquet. Remove one of them.")
        found[path.stem] = path
    return found


@dataclass(frozen=True)
class Held:
    """The other tables of a folder, and which invitations do not tell until when they were watched."""

    network: Network
    unwatched: NDArray[np.bool_]

    @classmethod
    def read(cls, folder: Path) -> Held:
        """Read them as usual.

        Raises
        ------
        DataError
            As reading the folder would.
        """
        raw = tables.read(folder, Sieve(), leaving=STREAMED)
        network = Network.from_tables(raw.tables, raw.notes)
        return cls(network, _unwatched(raw.tables.get("invitations"), network))

    def completed(self, latest: Sequence[pd.Timestamp]) -> Network:
        """The tables by their keys; who does not tell was watched until the latest time of all records."""
        held = dict(self.network.tables)
        until = max([*latest_times(held), *latest], default=None)
        if self.unwatched.any():
            watched = held["invitations"]["observed_until"].mask(self.unwatched, until)
            held["invitations"] = held["invitations"].assign(observed_until=watched)
        return Network(
            {name: in_order(TABLES[name], rows) for name, rows in held.items()}, self.network.notes
        )


def _unwatched(raw: pd.DataFrame | None, network: Network) -> NDArray[np.bool_]:
    if raw is None or export_time(network.tables) is not None:
        return np.zeros(len(network.table("invitations")), np.bool_)
    if "observed_until" not in raw:
        return np.ones(len(raw), np.bool_)
    told = raw["observed_until"]
    return (told.isna() | (told.astype("str") == "")).to_numpy(np.bool_)


def validated_parts(name: str, path: Path, held: Network) -> Iterator[pd.DataFrame]:
    """A table in the types of the schema, part by part.

    Keys that stand in two parts are not looked for here.

    Raises
    ------
    DataError
        If the file cannot be read, or at the first part whose rows are at fault, counted from the beginning.
    """
    known, before = _known(name, held), 0
    exported = {"sources": held.table("sources")} if "sources" in held else {}
    for raw in _raw_parts(path):
        rows = validate_part(name, raw, before)
        problems = list(_dangling(name, rows, known))
        problems.extend(export_problems({name: rows, **exported}))
        if problems:
            raise_problems([replace(problem, rows=problem.rows + before) for problem in problems])
        before += len(rows)
        yield rows


def _known(name: str, held: Network) -> dict[str, tuple[str, pd.Index]]:
    """Column -> the table that it refers to and the ids there, where that table is present."""
    found = {}
    for column in TABLES[name].columns:
        of = column.references
        if of is not None and of in held:
            found[column.name] = of, pd.Index(held.table(of)[TABLES[of].key[0]].unique(), dtype="str")
    return found


def _dangling(name: str, rows: pd.DataFrame, known: Mapping[str, tuple[str, pd.Index]]) -> Iterator[Problem]:
    for column, (of, ids) in known.items():
        cells = rows[column]
        unknown = np.flatnonzero((ids.get_indexer(pd.Index(cells)) < 0) & cells.notna().to_numpy())
        if len(unknown):
            what = f"names an id that {of} lacks ({shown(cells.iloc[unknown[0]])})"
            yield Problem(name, column, what, f"Add it to {of}, or drop the rows.", unknown)


def _raw_parts(path: Path) -> Iterator[pd.DataFrame]:
    """The cells of a file as they come, so many rows at a time."""
    try:
        for batch in _csv_batches(path) if path.suffix == ".csv" else _parquet_batches(path):
            for begin in range(0, batch.num_rows, PART):
                yield batch.slice(begin, PART).to_pandas()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = csv_reason(str(error)) if path.suffix == ".csv" else f"{first_line(error)}."
        raise DataError(f"{path.name} cannot be read: {reason}") from error


def _parquet_batches(path: Path) -> Iterator[pa.RecordBatch]:
    yield from pa_parquet.ParquetFile(path, memory_map=True).iter_batches(PART)


def _csv_batches(path: Path) -> Iterator[pa.RecordBatch]:
    columns = dict.fromkeys(header(path), pa.large_string())
    yield from pa_csv.open_csv(
        path,
        pa_csv.ReadOptions(block_size=LARGEST_RECORD, use_threads=False),
        pa_csv.ParseOptions(newlines_in_values=True),
        pa_csv.ConvertOptions(column_types=columns, strings_can_be_null=True, null_values=[""]),
    )

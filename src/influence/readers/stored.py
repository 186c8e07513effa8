"""Records whose graph was built on disk (`graph/building.py`): tables in Parquet, read when asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from influence.data import Network, to_utc
from influence.errors import ConfigError, DataError
from influence.readers.ordering import in_order
from influence.readers.source import read_parquet
from influence.schema import TABLES

MANIFEST, RECORDS, COLUMNS, IDS = "graph.json", "records", "columns", "ids.parquet"
"""What the folder of a graph holds: what it was built from, tables, columns of the graph, its contacts."""
FORMAT = 1
"""Raised whenever a stored graph could be misread."""


class StoredTables(Mapping[str, pd.DataFrame]):
    """The tables of a folder by name, each read from its file whenever it is asked for.

    The large ones are not kept: what is in use is held by whoever asked.
    """

    def __init__(self, folder: Path) -> None:
        self.files = {path.stem: path for path in sorted(folder.glob("*.parquet"))}

    def __getitem__(self, name: str) -> pd.DataFrame:
        return in_order(TABLES[name], read_parquet(self.files[name]))  # the streamed ones lie as they came

    def __contains__(self, name: object) -> bool:
        return name in self.files

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def is_stored(place: object) -> bool:
    """Whether a place is the folder of a graph."""
    return isinstance(place, str | Path) and (Path(place) / MANIFEST).is_file()


def stored_among(places: str | Path | Sequence[str | Path]) -> Path | None:
    """The folder of a graph, where that is what is to be read.

    Raises
    ------
    ConfigError
        If it is one of several places: a graph is not joined with others.
    """
    listed = [places] if isinstance(places, str | Path) else list(places)
    found = [Path(place) for place in listed if is_stored(place)]
    if found and len(listed) > 1:
        raise ConfigError(
            f"{str(found[0])!r} is a graph on disk, which is read alone. Join its records, and build anew."
        )
    return found[0] if found else None


def read_manifest(folder: Path) -> dict[str, Any]:
    """What is told of a graph, after a look at the sizes of its files.

    Raises
    ------
    DataError
        If it cannot be read, is of another format, or a file is missing or cut short.
    """
    remedy = "Build it anew: influence build-graph RECORDS GRAPH"
    try:
        told = json.loads((folder / MANIFEST).read_text())
        files, version = dict(told["files"]), told["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{folder / MANIFEST} cannot be read ({error}). {remedy}") from error
    if version != FORMAT:
        raise DataError(f"{folder} is a graph of format {version}, this version reads {FORMAT}. {remedy}")
    for name, size in files.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != size:
            raise DataError(f"{path} is missing or not as it was written. {remedy}")
    return dict(told)


def read_stored(folder: Path) -> Network:
    """A network that answers from the graph in a folder; the tables were validated when it was built.

    Raises
    ------
    DataError
        If the graph is damaged.
    """
    told = read_manifest(folder)
    note = f"A graph on disk, built from records with the fingerprint {told['fingerprint'][:12]}."
    network = Network(StoredTables(folder / RECORDS), (note, *told["notes"]), graph=folder)
    ids = pd.read_parquet(folder / IDS)["contact_id"]
    # What would take all the tables to find out.
    network.__dict__["contact_ids"] = pd.Index(ids, dtype="str", name="contact_id")
    network.__dict__["fingerprint"] = told["fingerprint"]
    network.__dict__["last_observed_at"] = to_utc(told["last_observed_at"])
    return network

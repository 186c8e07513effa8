"""Records whose graph was built on disk (`graph/building.py`): tables in Parquet, read when asked for.

A model learnt from them keeps them in its own folder in the same layout, so that it answers from disk, too.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from influence.data import Network, to_utc
from influence.data.network import without_files
from influence.data.profile import Profile, Span
from influence.errors import ConfigError, DataError
from influence.files import link
from influence.readers.ordering import in_order
from influence.readers.source import read_parquet
from influence.schema import TABLES

MANIFEST, RECORDS, COLUMNS, IDS = "graph.json", "records", "columns", "ids.parquet"
"""What the folder of a graph holds: what it was built from, tables, columns of the graph, its contacts."""
FORMAT = 1
"""Raised whenever a stored graph could be misread."""


class StoredTables(Mapping[str, pd.DataFrame]):
    """The tables of a folder by name, each read from its file whenever it is asked for.

    The large ones are not kept: what is in use is held by whoever asked.  They are asked for long after the
    folder was opened: if another has taken its place by then, such as a model trained anew, they are refused.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self._opened = folder, _mark(folder)
        self.files = {path.stem: path for path in sorted(folder.glob("*.parquet"))}

    def __getitem__(self, name: str) -> pd.DataFrame:
        return in_order(TABLES[name], read_parquet(self._file(name)))  # the streamed ones lie as they came

    def _file(self, name: str) -> Path:
        path = self.files[name]
        if _mark(self.folder) != self._opened:
            raise DataError(f"{self.folder} has changed since it was opened. Open it again.")
        return path

    def profile(self, name: str) -> Profile:
        """Figures of a table, from what Parquet tells of its columns: no row is read."""
        told = pq.read_metadata(self._file(name))
        missing, spans = dict[str, int](), dict[str, Span]()
        for group in range(told.num_row_groups):
            for place in range(told.num_columns):
                column = told.row_group(group).column(place)
                found, key = column.statistics, column.path_in_schema
                if found.null_count:
                    missing[key] = missing.get(key, 0) + found.null_count
                if found.has_min_max and TABLES[name].column(key).kind == "time":
                    ends = (*spans.get(key, ()), pd.Timestamp(found.min), pd.Timestamp(found.max))
                    spans[key] = min(ends), max(ends)
        return Profile(told.num_rows, missing, spans)

    def __contains__(self, name: object) -> bool:
        return name in self.files

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def _mark(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another that takes its place, and from itself with other files."""
    try:
        state = folder.stat()
    except OSError:
        return None
    return state.st_ino, state.st_mtime_ns


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
    if told["last_observed_at"] is not None:
        network.__dict__["last_observed_at"] = to_utc(told["last_observed_at"])
    return network


def keep_stored(network: Network, folder: Path) -> None:
    """Lay stored records and their graph into another folder, without what tells who people are.

    Files are linked where the disk knows links: nothing is read, and nothing lies there twice.

    Raises
    ------
    DataError
        If the graph is damaged.
    """
    assert network.graph is not None
    told, tables = read_manifest(network.graph), StoredTables(network.graph / RECORDS)
    kept = [name for name in tables if not TABLES[name].personal]
    for part in (RECORDS, COLUMNS):
        (folder / part).mkdir()
    for name in kept:
        target = folder / RECORDS / f"{name}.parquet"
        if name == "sources":
            without_files(tables[name]).to_parquet(target, index=False)
        else:
            link(tables.files[name], target)
    for path in sorted((network.graph / COLUMNS).iterdir()):
        link(path, folder / COLUMNS / path.name)
    link(network.graph / IDS, folder / IDS)
    rows = {name: n for name, n in told["rows"].items() if name in kept}
    write_manifest(folder, {**told, "rows": rows, "notes": []})


def leave_graph(folder: Path) -> None:
    """Take the graph away from records that have changed, which stay as tables by their keys."""
    if not is_stored(folder):
        return
    for path in sorted((folder / RECORDS).glob("*.parquet")):
        rows = in_order(TABLES[path.stem], read_parquet(path))
        path.unlink()  # it may be another folder's, too
        rows.to_parquet(path, index=False)
    shutil.rmtree(folder / COLUMNS)
    for name in (IDS, MANIFEST):
        (folder / name).unlink()


def write_manifest(folder: Path, told: Mapping[str, Any]) -> None:
    """Tell of a graph, and of the sizes of the files of its parts."""
    places = (
        each for part in (RECORDS, COLUMNS, IDS) for each in (folder / part, *(folder / part).rglob("*"))
    )
    files = sorted(each for each in places if each.is_file())
    sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
    (folder / MANIFEST).write_text(json.dumps({**told, "files": sizes}, indent=1))

"""The graph on disk: what memory would hold, the same bytes every time, whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import influence
from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.evaluation.protocol import Study
from influence.graph import building
from influence.graph.building import build_graph
from influence.graph.pairs import PairFeatures
from influence.readers import write_tables
from influence.readers.stored import MANIFEST

TINY = 1
"""MiB: the little world of these tests then falls into many ranges of contacts."""


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world") / "tables"
    write_tables(influence.synthesize(300, seed=3, median_degree=8.0), folder)
    return folder


@pytest.fixture(scope="module")
def graph(records: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graph") / "graph"
    assert build_graph(records, folder, TINY)
    return folder


def arrays(rows: Any, name: str = "") -> dict[str, np.ndarray]:
    """The arrays of a dataclass, and of those in it."""
    found = {}
    for field in dataclasses.fields(rows):
        value = getattr(rows, field.name)
        inner = dataclasses.is_dataclass(value)
        found |= arrays(value, f"{name}{field.name}.") if inner else {f"{name}{field.name}": value}
    return found


def everything(features: PairFeatures) -> dict[str, np.ndarray]:
    graph = features.graph
    parts = {"edges": graph.edges, "incidence": graph.incidence}
    parts |= {"-".join(role): timeline for role, timeline in graph.timelines.items()}
    parts |= features.ties
    parts |= {f"pairs-{group}": pairs.timeline for group, pairs in features.pair_timelines.items()}
    found = {f"{name}.{key}": array for name, part in parts.items() for key, array in arrays(part).items()}
    return found | {f"pairs-{g}": pairs.pairs for g, pairs in features.pair_timelines.items()}


def digest(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def test_build_graph__many_ranges__every_column_as_in_memory(
    records: Path, graph: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(building, "BYTES_PER_EDGE", 2**20 // 97)  # 97 edges at once
    monkeypatch.setattr(building, "CHUNK", 89)
    build_graph(records, tmp_path / "parts", TINY)
    expected = everything(PairFeatures(influence.read(records)))
    for folder in (graph, tmp_path / "parts"):
        found = everything(PairFeatures(influence.read(folder)))
        assert found.keys() == expected.keys()
        for name, array in expected.items():
            assert array.dtype == found[name].dtype, name
            np.testing.assert_array_equal(found[name], array, err_msg=name)


def test_stored__features__as_from_the_tables(records: Path, graph: Path) -> None:
    stored, tables = (Study.of(influence.read(place)).queries for place in (graph, records))
    for column in ("pair", "surroundings", "neighbours"):
        np.testing.assert_array_equal(getattr(stored, column), getattr(tables, column))
    np.testing.assert_array_equal(stored[:9].snapshot(30.0, 1), tables[:9].snapshot(30.0, 1))


def test_stored__tables__the_same_rows(records: Path, graph: Path) -> None:
    stored, tables = influence.read(graph), influence.read(records)
    assert set(stored.tables) == set(tables.tables)
    assert stored.last_observed_at == tables.last_observed_at
    assert stored.contact_ids.equals(tables.contact_ids)
    for name, rows in tables.tables.items():
        pd.testing.assert_frame_equal(stored.table(name), rows)


def test_stored__past__is_made_from_the_tables(records: Path, graph: Path) -> None:
    stored, tables = (influence.read(place).as_of("2025-01-01") for place in (graph, records))
    assert stored.graph is None
    assert stored.fingerprint == tables.fingerprint


def test_build_graph__csv__the_same_columns(graph: Path, tmp_path: Path) -> None:
    rows = influence.read(graph)
    (tmp_path / "csv").mkdir()
    for name in rows.tables:
        rows.table(name).to_csv(tmp_path / "csv" / f"{name}.csv", index=False)
    build_graph(tmp_path / "csv", tmp_path / "graph", TINY)
    expected, found = (everything(PairFeatures(influence.read(p))) for p in (graph, tmp_path / "graph"))
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)


def test_build_graph__again__the_same_bytes(records: Path, graph: Path, tmp_path: Path) -> None:
    build_graph(records, tmp_path / "again", TINY)
    assert digest(tmp_path / "again") == digest(graph)


def test_build_graph__of_the_same_records__nothing_to_do(records: Path, graph: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in graph.rglob("*")}
    assert not build_graph(records, graph, TINY)
    assert {path: path.stat().st_mtime_ns for path in graph.rglob("*")} == before


def test_build_graph__other_records__refused(graph: Path, tmp_path: Path) -> None:
    write_tables(influence.synthesize(300, seed=4), tmp_path / "other")
    with pytest.raises(ConfigError, match="graph of other records"):
        build_graph(tmp_path / "other", graph, TINY)


def test_build_graph__stopped_midway__nothing_is_there(
    records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(building, "_write_range", stop)
        with pytest.raises(KeyboardInterrupt):
            build_graph(records, tmp_path / "graph", TINY)
    assert not (tmp_path / "graph").exists()
    assert build_graph(records, tmp_path / "graph", TINY)


def test_read__file_cut_short__refused(records: Path, tmp_path: Path) -> None:
    build_graph(records, tmp_path / "graph", TINY)
    file = tmp_path / "graph" / "columns" / "edges.at.npy"
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(DataError, match=r"edges\.at\.npy is missing or not as it was written"):
        influence.read(tmp_path / "graph")


def test_read__graph_in_a_list__read_as_one(graph: Path) -> None:
    assert influence.read([graph]).graph == graph


def test_read__graph_beside_others__refused(records: Path, graph: Path) -> None:
    with pytest.raises(ConfigError, match="read alone"):
        influence.read([graph, records])


def test_read__other_format__refused(records: Path, tmp_path: Path) -> None:
    build_graph(records, tmp_path / "graph", TINY)
    manifest = tmp_path / "graph" / MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 99}))
    with pytest.raises(DataError, match="format 99"):
        influence.read(tmp_path / "graph")


def altered(records: Path, target: Path, **changed: pd.DataFrame) -> Path:
    target.mkdir()
    for path in records.glob("*.parquet"):
        changed.get(path.stem, pd.read_parquet(path)).to_parquet(target / path.name, index=False)
    return target


def test_build_graph__row_at_fault_in_a_later_part__told_by_its_number(
    records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("influence.readers.streaming.PART", 64)
    rows = pd.read_parquet(records / "interactions.parquet")
    rows.loc[200, "kind"] = "wave"
    folder = altered(records, tmp_path / "tables", interactions=rows)
    with pytest.raises(DataError, match=r"interactions\.kind.*\(201\)"):
        build_graph(folder, tmp_path / "graph", TINY)
    assert not (tmp_path / "graph").exists()


def test_build_graph__unknown_contact__told(records: Path, tmp_path: Path) -> None:
    rows = pd.read_parquet(records / "interactions.parquet")
    rows.loc[3, "actor_id"] = "nobody"
    folder = altered(records, tmp_path / "tables", interactions=rows)
    with pytest.raises(DataError, match=r"contacts lacks \('?nobody"):
        build_graph(folder, tmp_path / "graph", TINY)


def test_build_graph__key_twice_in_two_parts__told(
    records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("influence.readers.streaming.PART", 64)
    rows = pd.read_parquet(records / "interactions.parquet")
    rows.loc[300, "event_id"] = rows.loc[2, "event_id"]
    folder = altered(records, tmp_path / "tables", interactions=rows)
    with pytest.raises(DataError, match=r"repeats a key of an earlier row.*\(301\)"):
        build_graph(folder, tmp_path / "graph", TINY)


def test_build_graph__no_table_of_contacts__all_who_are_named(records: Path, tmp_path: Path) -> None:
    folder = altered(records, tmp_path / "tables")
    (folder / "contacts.parquet").unlink()
    build_graph(folder, tmp_path / "graph", TINY)
    stored, tables = influence.read(tmp_path / "graph"), influence.read(folder)
    assert stored.contact_ids.equals(tables.contact_ids)
    expected, found = everything(PairFeatures(tables)), everything(PairFeatures(stored))
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)


def test_build_graph__nobody_tells_how_long_was_watched__until_the_latest_time_of_all(
    records: Path, tmp_path: Path
) -> None:
    invitations = pd.read_parquet(records / "invitations.parquet").assign(observed_until=pd.NaT)
    folder = altered(records, tmp_path / "tables", invitations=invitations)
    (folder / "sources.parquet").unlink()
    build_graph(folder, tmp_path / "graph", TINY)
    expected = influence.read(folder).table("invitations")
    found = influence.read(tmp_path / "graph").table("invitations")
    pd.testing.assert_frame_equal(found, expected)


def test_build_graph__only_invitations__a_graph(tmp_path: Path) -> None:
    network = influence.synthesize(150, seed=1)
    write_tables(Network({"invitations": network.table("invitations")}), tmp_path / "tables")
    build_graph(tmp_path / "tables", tmp_path / "graph", TINY)
    expected, found = (
        everything(PairFeatures(influence.read(tmp_path / name))) for name in ("tables", "graph")
    )
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)


def test_build_graph__one_row_in_each_streamed_table__built(tmp_path: Path) -> None:
    """Keys of the second table fall into other buckets than those of the first."""
    at = pd.Timestamp("2025-01-01", tz="UTC")
    people = pd.DataFrame({"contact_id": list("abcdefgh")})
    ties = pd.DataFrame({"source_id": list("abcd"), "target_id": list("efgh"), "connected_at": at})
    met = pd.DataFrame({"event_id": ["1"], "actor_id": "a", "target_id": "b", "kind": "message", "at": at})
    tables = {"contacts": people, "connections": ties, "interactions": met}
    write_tables(Network.from_tables(tables), tmp_path / "tables")
    assert build_graph(tmp_path / "tables", tmp_path / "graph", TINY)
    assert influence.read(tmp_path / "graph").n_rows("interactions") == 1


def test_stored__no_times__opens(tmp_path: Path) -> None:
    tables = {
        "contacts": pd.DataFrame({"contact_id": ["a", "b", "c"]}),
        "connections": pd.DataFrame({"source_id": ["a", "b"], "target_id": ["b", "c"]}),
    }
    write_tables(Network.from_tables(tables), tmp_path / "tables")
    build_graph(tmp_path / "tables", tmp_path / "graph", TINY)
    assert len(influence.read(tmp_path / "graph").contact_ids) == 3

"""Figures of tables: by hand, and from Parquet as from memory."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import influence
from influence.data import Network
from influence.data.profile import Profile
from influence.graph.building import build_graph
from influence.readers import streaming, write_tables
from influence.schema import TABLES


def test_profile__few_rows__counted_by_hand() -> None:
    network = Network.from_tables(
        {
            "connections": pd.DataFrame(
                {
                    "source_id": ["a", "a", "b"],
                    "target_id": ["b", "c", "c"],
                    "connected_at": ["2025-03-01", None, "2025-01-01"],
                }
            )
        }
    )
    told = network.profile("connections")
    assert told.rows == network.n_rows("connections") == 3
    assert told.spans == {
        "connected_at": (pd.Timestamp("2025-01-01", tz="UTC"), pd.Timestamp("2025-03-01", tz="UTC"))
    }
    assert told.missing["connected_at"] == 1
    assert told.missing["removed_at"] == 3
    assert "source_id" not in told.missing


def test_profile__absent_table__nothing() -> None:
    assert Network({}).profile("deals") == Profile(0, {}, {})
    assert Network({}).n_rows("deals") == 0


def test_profile__stored_in_several_parts__as_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "PART", 100)
    write_tables(influence.synthesize(120, seed=2, median_degree=6.0), tmp_path / "tables")
    build_graph(tmp_path / "tables", tmp_path / "graph", 1)
    stored, tables = influence.read(tmp_path / "graph"), influence.read(tmp_path / "tables")
    for name in TABLES:
        assert stored.profile(name) == tables.profile(name), name
        assert stored.n_rows(name) == tables.n_rows(name), name
    assert (
        stored.describe().markdown().split("Reading them")[0]
        == (tables.describe().markdown().split("Reading them")[0])
    )

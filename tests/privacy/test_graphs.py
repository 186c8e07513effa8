"""Graphs that the tool has exported lose people; graphs of the user's own are only named."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from influence.data import Network
from influence.exporting import export, graph_of
from influence.privacy import forget
from influence.readers import write_tables

EDGES = pd.DataFrame({"source_id": ["ann-7", "bo-8", "cy-9"], "target_id": ["bo-8", "cy-9", "ann-7"]})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    identities = {"contact_id": ["ann-7", "bo-8"], "kind": "name", "value": ["Ann O'Lee", "Bo Ek"]}
    contacts = pd.DataFrame({"contact_id": ["ann-7", "bo-8", "cy-9"]})
    network = Network.from_tables(
        {"contacts": contacts, "connections": EDGES, "identities": pd.DataFrame(identities)}
    )
    write_tables(network, tmp_path / "records")
    for name in ("net.gexf", "net.graphml"):
        export(graph_of(network, names=True), tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", ["net.gexf", "net.graphml"])
def test_forget__exported_graph__node_and_edges_gone_and_it_still_opens(name: str, place: Path) -> None:
    done = forget(["Ann O'Lee"], [place])
    assert not done.left
    graph = {"net.gexf": nx.read_gexf, "net.graphml": nx.read_graphml}[name](place / name)
    assert sorted(graph.nodes) == ["bo-8", "cy-9"]
    assert list(graph.edges) == [("bo-8", "cy-9")]
    assert "Lee" not in (place / name).read_text("utf-8")


def test_forget__graph_of_the_user_s_own__named_and_left(place: Path) -> None:
    graph = nx.DiGraph([("ann-7", "bo-8")])
    nx.write_graphml(graph, place / "own.graphml")
    done = forget(["ann-7"], [place])
    assert [path.name for path, _ in done.left] == ["own.graphml"]
    assert "ann-7" in (place / "own.graphml").read_text("utf-8")

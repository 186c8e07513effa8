"""Graphs and rows for other programs: valid, complete, the same again when read."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.exporting import Graph, export, graph_of
from influence.exporting.xml import escaped, write_gexf, write_graphml
from influence.readers import ReadingConfig, read
from influence.writing import read_table, write_table

WRITERS = {".gexf": (write_gexf, nx.read_gexf), ".graphml": (write_graphml, nx.read_graphml)}
STRANGE = "\"<Ann> & 'Bo'\n\tZoë\x00\x1b"


def network() -> Network:
    """Two connected, one of them writes twice, kindly and not; a request that is accepted later."""
    return Network.from_tables(
        {
            "contacts": pd.DataFrame(
                {
                    "contact_id": ["a", "a", "b", "c", "d"],
                    "observed_at": ["2024-01-01", "2024-06-01", None, None, None],
                    "country": ["DE", "FR", "NA", None, None],
                    "n_connections": [3, 7, None, 1, None],
                    "is_own_team": [True, True, False, None, None],
                }
            ),
            "connections": pd.DataFrame(
                {
                    "source_id": ["a", "c"],
                    "target_id": ["b", "b"],
                    "connected_at": ["2024-01-01", "2024-01-01"],
                    "removed_at": [None, "2024-02-01"],
                    "direction": ["mutual", "mutual"],
                }
            ),
            "interactions": pd.DataFrame(
                {
                    "event_id": ["1", "2", "3"],
                    "actor_id": ["a", "a", "b"],
                    "target_id": ["b", "b", "a"],
                    "kind": "message",
                    "at": ["2024-03-01", "2024-07-01", "2024-03-02"],
                    "sentiment": [1.0, -0.5, None],
                }
            ),
            "invitations": pd.DataFrame(
                {
                    "invitation_id": ["i"],
                    "sender_id": ["c"],
                    "recipient_id": ["a"],
                    "sent_at": ["2024-05-01"],
                    "outcome": ["accepted"],
                    "responded_at": ["2024-07-02"],
                    "observed_until": ["2024-08-01"],
                }
            ),
            "identities": pd.DataFrame({"contact_id": ["a"], "kind": ["name"], "value": ["=Ann"]}),
        }
    )


def edges_of(graph: Graph, *columns: str) -> dict[tuple[str, str], tuple[object, ...]]:
    rows = graph.edges.set_index(["source", "target"])[list(columns)]
    return dict(zip(rows.index, rows.itertuples(index=False, name=None), strict=True))


def test_graph_of__everything__events_counted_by_pair_and_kind() -> None:
    found = edges_of(graph_of(network()), "weight", "invited", "accepted", "connected", "interactions")
    assert found == {
        ("a", "b"): (3.0, 0, 0, 1, 2),
        ("b", "a"): (1.0, 0, 0, 0, 1),
        ("c", "a"): (1.0, 1, 0, 0, 0),
        ("a", "c"): (1.0, 0, 1, 0, 0),
    }
    tones = graph_of(network()).edges.set_index(["source", "target"])["sentiment"]
    assert tones["a", "b"] == 0.25
    assert tones.isna().sum() == 3


def test_graph_of__moment__as_it_was_known_then() -> None:
    then = graph_of(network(), "2024-06-15")
    assert edges_of(then, "weight") == {("a", "b"): (2.0,), ("b", "a"): (1.0,), ("c", "a"): (1.0,)}
    assert then.edges["last_at"].max() == pd.Timestamp("2024-05-01", tz="UTC")
    countries = then.nodes.set_index("contact_id")["country"]
    assert countries["a"] == "FR"
    assert graph_of(network(), "2024-05-15").nodes.set_index("contact_id").loc["a", "country"] == "DE"
    assert ("c", "b") in edges_of(graph_of(network(), "2024-01-15"), "weight")
    assert ("c", "b") not in edges_of(then, "weight")


def test_graph_of__scores_of_pairs__edge_attributes_and_new_edges() -> None:
    scores = pd.DataFrame(
        {"sender_id": ["a", "e"], "recipient_id": ["b", "d"], "p_within_3_weeks": [0.5, 0.25]}
    )
    graph = graph_of(network(), scores=scores)
    found = edges_of(graph, "weight", "p_within_3_weeks", "interactions")
    assert found["a", "b"] == (3.0, 0.5, 2)
    assert found["e", "d"] == (1.0, 0.25, 0)
    assert np.isnan(found["b", "a"][1])  # type: ignore[call-overload]
    assert graph.nodes["contact_id"].tolist() == ["a", "b", "c", "d", "e"]
    assert graph.nodes["label"].tolist() == ["a", "b", "c", "d", "e"]


def test_graph_of__scores_of_contacts__node_attributes() -> None:
    scores = pd.DataFrame({"contact_id": ["b", "z"], "influence": [1.5, 0.5], "country": ["x", "y"]})
    nodes = graph_of(network(), scores=scores).nodes.set_index("contact_id")
    assert nodes["influence"].dropna().to_dict() == {"b": 1.5, "z": 0.5}
    assert nodes.loc["b", ["country", "scored_country"]].tolist() == ["NA", "x"]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"who": ["a"]}, "name neither contact_id nor sender_id"),
        ({"contact_id": ["a", "a"]}, "name a more than once"),
    ],
)
def test_graph_of__scores_of_neither__says_so(columns: dict[str, list[str]], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        graph_of(network(), scores=pd.DataFrame(columns))


def test_graph_of__before_anything__says_so() -> None:
    early = Network.from_tables({"invitations": network().table("invitations")})
    with pytest.raises(DataError, match="name no contacts at that moment"):
        graph_of(early, "2000-01-01")


def test_graph_of__names_only_where_asked() -> None:
    assert graph_of(network()).nodes["label"].tolist() == ["a", "b", "c", "d"]
    assert graph_of(network(), names=True).nodes["label"].tolist() == ["=Ann", "b", "c", "d"]


@pytest.mark.parametrize("ending", WRITERS)
def test_export__graph__same_in_networkx(ending: str, tmp_path: Path) -> None:
    scores = pd.DataFrame({"contact_id": ["b"], "influence": [1 / 3], "remark": [STRANGE]})
    graph = graph_of(network(), scores=scores, communities=True)
    export(graph, tmp_path / f"g{ending}")
    found = WRITERS[ending][1](tmp_path / f"g{ending}")
    assert found.is_directed()
    assert set(found) == {"a", "b", "c", "d"}
    assert found.nodes["a"]["country"] == "FR"
    assert found.nodes["a"]["n_connections"] == 7
    assert found.nodes["a"]["is_own_team"] is True
    assert found.nodes["b"]["influence"] == 1 / 3
    assert found.nodes["b"]["remark"] == STRANGE.translate(dict.fromkeys((0, 27), "\ufffd"))
    assert "country" not in found.nodes["c"]
    assert found.edges["a", "b"]["weight"] == 3.0
    assert found.edges["a", "b"]["interactions"] == 2
    assert found.edges["a", "b"]["last_at"] == "2024-07-01T00:00:00Z"
    assert found.number_of_edges() == len(graph.edges)


@pytest.mark.parametrize("ending", WRITERS)
def test_export__graph__read_again_gives_contacts_and_ties(ending: str, tmp_path: Path) -> None:
    export(graph_of(network(), names=True), tmp_path / f"g{ending}")
    again = read(tmp_path, config=ReadingConfig(edges_are="connections"))
    assert sorted(again.contact_ids) == ["a", "b", "c", "d"]
    assert again.names["a"] == "=Ann"
    assert len(again.table("connections")) == 4


def test_gexf__structure__as_the_schema_of_1_2_asks(tmp_path: Path) -> None:
    export(graph_of(network(), communities=True), tmp_path / "g.gexf")
    root = ET.parse(tmp_path / "g.gexf").getroot()
    tag = "{http://www.gexf.net/1.2draft}"
    assert (root.tag, root.get("version")) == (f"{tag}gexf", "1.2")
    (graph,) = root
    assert [child.tag for child in graph] == [
        f"{tag}{name}" for name in ("attributes", "attributes", "nodes", "edges")
    ]
    kinds = {"integer", "long", "double", "float", "boolean", "liststring", "string", "anyURI"}
    for of, parent in zip(("node", "edge"), (graph[2], graph[3]), strict=True):
        declared = next(each for each in graph if each.get("class") == of)
        assert {each.get("type") for each in declared} <= kinds
        ids = {each.get("id") for each in declared}
        assert {value.get("for") for value in parent.iter(f"{tag}attvalue")} <= ids
        assert len({each.get("id") for each in parent}) == len(parent)
    nodes = {each.get("id") for each in graph[2]}
    assert {each.get(end) for each in graph[3] for end in ("source", "target")} <= nodes
    assert all(float(each.get("weight", "0")) >= 1 for each in graph[3])


@given(st.text(max_size=30))
def test_escaped__any_text__read_back_but_for_what_xml_cannot_hold(text: str) -> None:
    element = ET.fromstring(f'<a b="{escaped(text)}">{escaped(text)}</a>'.encode())
    assert element.get("b") == (element.text or "")
    legal = [
        sign in "\t\n\r" or " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign > "\uffff"
        for sign in text
    ]
    assert element.get("b") == "".join(sign if ok else "\ufffd" for sign, ok in zip(text, legal, strict=True))


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_export__rows__contacts_or_pairs_and_no_formula(ending: str, tmp_path: Path) -> None:
    export(graph_of(network(), names=True), tmp_path / f"rows{ending}")
    assert read_table(tmp_path / f"rows{ending}", ["contact_id"])["label"].tolist() == ["=Ann", "b", "c", "d"]
    if ending == ".csv":
        assert ",'=Ann," in (tmp_path / "rows.csv").read_text()
    scores = pd.DataFrame({"sender_id": ["a"], "recipient_id": ["b"], "p": [0.5]})
    export(graph_of(network(), scores=scores), tmp_path / f"pairs{ending}")
    assert len(read_table(tmp_path / f"pairs{ending}")) == 4


def test_export__unknown_ending__refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\.gexf, \.graphml, \.csv or \.parquet"):
        export(graph_of(network()), tmp_path / "g.dot")


def test_export__fails_midway__old_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "g.gexf").write_text("yesterday's")
    graph = graph_of(network())
    broken = Graph(graph.nodes, graph.edges.drop(columns="weight"))
    with pytest.raises(KeyError):
        export(broken, tmp_path / "g.gexf")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("g.gexf", "yesterday's")]


def test_read_table__ids__text_whatever_they_look_like(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"contact_id": ["007", "1e5", "-x"], "n": [1, 2, 3]}), tmp_path / "t.csv")
    again = read_table(tmp_path / "t.csv", ["contact_id", "sender_id"])
    assert again["contact_id"].tolist() == ["007", "1e5", "-x"]
    assert again["n"].tolist() == [1, 2, 3]
    with pytest.raises(DataError, match="There is no file"):
        read_table(tmp_path / "absent.csv")

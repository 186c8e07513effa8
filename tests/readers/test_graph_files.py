"""GEXF, GraphML and lists of edges: what is read, what is told, what is refused."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.data import Network
from influence.errors import DataError
from influence.readers import ReadingConfig, read
from influence.readers.graphs import EDGE_LIST, GRAPH_FILE, graph_file, packed
from influence.readers.graphs.moments import moments


def listed(folder: Path, text: str, name: str = "links.csv", **asked: object) -> Network:
    """What is read of a file of this text."""
    (folder / name).write_text(text, encoding="utf-8")
    return read(folder / name, config=ReadingConfig.model_validate(asked))


def ties(network: Network, *more: str) -> list[tuple[object, ...]]:
    rows = network.table("connections")[["source_id", "target_id", *more]]
    return [tuple(row) for row in rows.itertuples(index=False)]


def events(network: Network, *more: str) -> list[tuple[object, ...]]:
    rows = network.table("interactions")[["actor_id", "target_id", *more]]
    return [tuple(row) for row in rows.itertuples(index=False)]


WRITINGS = {
    "csv": ("a.csv", "source,target\n1,2\n2,3\n"),
    "csv_no_header": ("a.csv", "1,2\n2,3\n"),
    "gephi": (
        "edges.csv",
        "Source,Target,Type,Id,Label,timeset,Weight\n1,2,Directed,0,,,1.0\n2,3,Directed,1,,,1.0\n",
    ),
    "tsv": ("a.tsv", "from\tto\n1\t2\n2\t3\n"),
    "semicolon": ("a.csv", "Source;Target\n1;2\n2;3\n"),
    "snap": ("a.txt", "# Directed graph: a.txt\n# Nodes: 3 Edges: 2\n# FromNodeId\tToNodeId\n1\t2\n2\t3\n"),
    "konect": ("out.net", "% asym unweighted\n% 2 3 3\n1 2 \n2 3 \n"),
    "blanks": ("a.edges", "1   2\n  2 3\n"),
}


@pytest.mark.parametrize("name", WRITINGS)
@pytest.mark.parametrize("is_packed", [False, True])
def test_edge_list__every_writing__same_connections(name: str, is_packed: bool, tmp_path: Path) -> None:
    file, text = WRITINGS[name]
    path = tmp_path / (file + ".gz" if is_packed else file)
    path.write_bytes(gzip.compress(text.encode()) if is_packed else text.encode())
    for place in (path, tmp_path):
        network = read(place)
        assert network.notes[0] == "Recognised as edge_list."
        assert ties(network, "direction") == [("1", "2", "directed"), ("2", "3", "directed")]
        assert network.table("connections")["connected_at"].isna().all()
        assert any("2 edges are taken as connections, directed" in note for note in network.notes)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("out.net", "% sym unweighted\n2 1\n1 2\n3 2\n"),
        ("a.txt", "# Undirected graph: a\n2\t1\n1\t2\n3\t2\n"),
        ("a.csv", "source,target,type\n2,1,Undirected\n1,2,undirected\n3,2,mutual\n"),
    ],
)
def test_edge_list__undirected__mutual_and_each_pair_once(name: str, text: str, tmp_path: Path) -> None:
    network = listed(tmp_path, text, name)
    assert ties(network, "direction") == [("1", "2", "mutual"), ("2", "3", "mutual")]
    assert any("1 repeated edges were dropped" in note for note in network.notes)


@pytest.mark.parametrize(
    ("cells", "first", "told"),
    [
        (["1082040961", "1082040962"], "2004-04-15 14:56:01", "seconds since 1970"),
        (["1082040961.5", "1082040962"], "2004-04-15 14:56:01.500", "seconds since 1970"),
        (["1700000000123", ""], "2023-11-14 22:13:20.123", "milliseconds since 1970"),
        (["1700000000123456", ""], "2023-11-14 22:13:20.123456", "microseconds since 1970"),
        (["2024-01-02T03:04:05+02:00", "2024-01-03"], "2024-01-02 01:04:05", "dates as written"),
        (["2024-01-02", ""], "2024-01-02", "dates as written"),
        (["20240102", "20240103"], "2024-01-02", "YYYYMMDD"),
        (["1998", "2003"], "1998-01-01", "years"),
        (["5", "70"], "2000-01-01 00:00:05", "relative; 0 is set to 2000-01-01"),
    ],
)  # fmt: skip
def test_moments__one_way_of_writing__told_by_size_and_form(cells: list[str], first: str, told: str) -> None:
    found = moments(pd.Series(cells))
    assert found.at.iloc[0] == pd.Timestamp(first, tz="UTC")
    assert told in found.told
    assert not found.bad.any()
    assert found.at.isna().tolist() == [cell == "" for cell in cells]


@given(st.lists(st.text(max_size=12) | st.floats().map(str) | st.integers().map(str), max_size=6))
def test_moments__any_cells__times_or_bad(cells: list[str]) -> None:
    found = moments(pd.Series(cells, dtype="str"))
    given_at_all = pd.Series([cell.strip() != "" for cell in cells], dtype=bool)
    assert (found.at.notna() | found.bad | ~given_at_all).all()


@pytest.mark.parametrize("word", ["now", "today", "2024-13-01", "-5"])
def test_moments__no_time__bad(word: str) -> None:
    assert moments(pd.Series(["2024-01-01", "2024-01-02", word])).bad.tolist() == [False, False, True]


TIMED = "source,target,time\na,b,2024-01-01\nb,a,2024-01-02\na,b,2024-01-03\nc,a,2024-01-04\n"
ONCE = "source,target,time,end\na,b,2024-01-01,2024-02-01\nb,a,2024-01-02,\n"


def test_edge_list__pairs_repeat__interactions(tmp_path: Path) -> None:
    network = listed(tmp_path, TIMED)
    assert sorted(network.tables) == ["interactions"]
    assert sorted(events(network, "kind")) == [
        ("a", "b", "message"),
        ("a", "b", "message"),
        ("b", "a", "message"),
        ("c", "a", "message"),
    ]
    assert any("1 repeat a pair, so dated edges are taken as interactions" in note for note in network.notes)


def test_edge_list__no_pair_repeats__connections_with_dates(tmp_path: Path) -> None:
    network = listed(tmp_path, ONCE)
    first, last = pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-02-01", tz="UTC")
    assert ties(network, "connected_at", "removed_at")[0] == ("a", "b", first, last)
    assert len(ties(network)) == 2
    assert any("no pair is repeated, so dated edges are taken as connections" in n for n in network.notes)


def test_edge_list__asked_for__as_asked(tmp_path: Path) -> None:
    assert sorted(listed(tmp_path, ONCE, edges_are="interactions").tables) == ["interactions"]
    network = listed(tmp_path, TIMED, edges_are="connections")
    assert ties(network, "connected_at")[0] == ("a", "b", pd.Timestamp("2024-01-01", tz="UTC"))
    assert any("1 repeated edges were dropped" in note for note in network.notes)


def test_edge_list__requests__first_contact_and_the_answer_to_it(tmp_path: Path) -> None:
    network = listed(tmp_path, TIMED, edges_are="requests", edge_kind="email")
    rows = network.table("invitations").set_index("invitation_id")
    assert rows["outcome"].to_dict() == {"a>b": "accepted", "c>a": "pending"}
    assert rows.loc["a>b", "responded_at"] == pd.Timestamp("2024-01-02", tz="UTC")
    assert rows["observed_until"].unique().tolist() == [pd.Timestamp("2024-01-04", tz="UTC")]
    assert set(network.table("interactions")["kind"]) == {"email"}


@pytest.mark.parametrize(
    ("text", "asked", "sentence"),
    [
        ("source,target\na,b\n", "requests", "have no times"),
        ("source,target\na,b\n", "interactions", "have no times"),
        ("source,target,type,time\na,b,Undirected,2024-01-01\n", "requests", "have no direction"),
        ("source,target,time\na,b,soon\n", "auto", "time is not a time in 1 row"),
        ("source,target,weight\na,b,much\n", "auto", "weight is not a number in 1 row"),
        ("source,target\na,\n", "auto", "source or target is missing in 1 row"),
    ],
)
def test_edge_list__cannot_be__says_why(text: str, asked: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=sentence):
        listed(tmp_path, text, edges_are=asked)


def test_edge_list__bipartite__refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="two kinds of nodes"):
        listed(tmp_path, "% bip unweighted\n1 2\n", "out.films")


def test_edge_list__signs_and_weights__sentiment_and_weight(tmp_path: Path) -> None:
    rated = listed(tmp_path, "6,2,4,1289241911\n6,5,-10,1289241941\n6,2,2,1289250000\n")
    assert sorted(events(rated, "sentiment")) == [("6", "2", 0.2), ("6", "2", 0.4), ("6", "5", -1.0)]
    assert any("weights below 0 stand in it" in note for note in rated.notes)
    weighed = listed(
        tmp_path, "source,target,w,ts,kind\na,b,3,1289241911,like\na,b,2,1289241919,wink\n", "b.csv"
    )
    assert sorted(events(weighed, "weight", "kind")) == [("a", "b", 2.0, "message"), ("a", "b", 3.0, "like")]
    assert any("kinds that are not known: wink" in note for note in weighed.notes)
    signed = listed(tmp_path, "a b 1\nb c -1\n", "signed.edges")
    assert ties(signed, "sentiment") == [("a", "b", 1.0), ("b", "c", -1.0)]


def test_edge_list__konect_of_four_columns__weight_then_time(tmp_path: Path) -> None:
    network = listed(tmp_path, "% asym positive\n1 2 1 1082040961\n1 2 1 1082040999\n", "out.mails")
    assert events(network, "at", "weight")[0] == (
        "1",
        "2",
        pd.Timestamp("2004-04-15 14:56:01", tz="UTC"),
        1.0,
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("messages.csv", "sender,recipient,time\n1,2,1082040961\n"),
        ("connections.csv", "source,target\n1,2\n"),
        ("people.csv", "name,age\nann,3\n"),
        ("Invitations.csv", "From,To,Sent At,Message,Direction\nAnn,Bo,5/12/21,hi,OUTGOING\n"),
        ("notes.txt", "hello world\nand more\n"),
        ("numbers.csv", "1,2,3,4,5\n"),
        ("empty.csv", ""),
        ("comments.txt", "# nothing\n# else\n"),
        ("links.xlsx", "source,target\n1,2\n"),
    ],
)
def test_edge_list__files_of_others__not_taken(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert not EDGE_LIST.recognises(tmp_path / name)
    assert not EDGE_LIST.recognises(tmp_path)


def test_edge_list__two_lists_in_a_folder__each_is_read(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("source,target\n1,2\n")
    (tmp_path / "two.csv").write_text("source,target\n2,3\n")
    assert not EDGE_LIST.recognises(tmp_path)
    assert ties(read(tmp_path)) == [("1", "2"), ("2", "3")]


def test_edge_list__description_beside_it__not_in_the_way(tmp_path: Path) -> None:
    for name, text in (("out.net", "% sym\n1 2\n"), ("README.net", "see"), ("meta.net", "name: x")):
        (tmp_path / name).write_text(text)
    assert ties(read(tmp_path)) == [("1", "2")]


def graph(directed: bool = True) -> nx.Graph:
    found = nx.MultiDiGraph() if directed else nx.Graph()
    found.add_node("ann", country="NA", seniority="vp", n_connections=12, mood="good", label="Ann A.")
    found.add_node("bo", country="DE")
    found.add_node("zoe")
    found.add_edge("ann", "bo", weight=2.5, sign=-0.5, timestamp="2024-01-01", hue="red")
    if directed:
        found.add_edge("ann", "bo", weight=1.0, timestamp="2024-01-02", kind="like")
    return found


@pytest.mark.parametrize(("write", "name"), [(nx.write_gexf, "g.gexf"), (nx.write_graphml, "g.graphml")])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_graph_file__written_by_networkx__contacts_and_interactions(
    write: Callable[..., None], name: str, ending: str, tmp_path: Path
) -> None:
    write(graph(), tmp_path / (name + ending))
    network = read(tmp_path)
    contacts = network.table("contacts").set_index("contact_id")
    assert contacts.loc["ann", ["country", "seniority", "n_connections"]].tolist() == ["NA", "vp", 12]
    assert sorted(contacts.index) == ["ann", "bo", "zoe"]
    assert sorted(events(network, "kind", "weight")) == [
        ("ann", "bo", "like", 1.0),
        ("ann", "bo", "message", 2.5),
    ]
    assert set(network.table("interactions")["sentiment"].dropna()) == {-0.5}
    told = "\n".join(network.notes)
    assert "attributes of nodes that are not used: mood" in told
    assert "attributes of edges that are not used: hue" in told
    assert "3 nodes are taken as contacts with country, seniority, n_connections" in told
    assert network.names["ann"] == "Ann A."


@pytest.mark.parametrize(("write", "name"), [(nx.write_gexf, "g.gexf"), (nx.write_graphml, "g.graphml")])
def test_graph_file__undirected__mutual(write: Callable[..., None], name: str, tmp_path: Path) -> None:
    write(graph(directed=False), tmp_path / name)
    network = read(tmp_path / name)
    assert ties(network, "direction", "sentiment") == [("ann", "bo", "mutual", -0.5)]


GEXF = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" version="1.3"><graph defaultedgetype="directed" mode="dynamic" {form}>
<attributes class="node" mode="dynamic"><attribute id="0" title="seniority" type="string"/></attributes>
<nodes><node id="a" label="a"><attvalues><attvalue for="0" value="junior" start="{0}" end="{1}"/>
<attvalue for="0" value="senior" start="{1}" end="{2}"/></attvalues></node><node id="b" label="b"/></nodes>
<edges><edge id="0" source="a" target="b"><spells><spell start="{0}" end="{1}"/>
<spell start="{1}" end="{2}"/></spells></edge></edges></graph></gexf>"""


@pytest.mark.parametrize(
    ("form", "times"),
    [
        ('timeformat="date"', ("2024-01-01", "2024-02-01", "2024-03-01")),
        ('timeformat="dateTime"', ("2024-01-01T00:00:00", "2024-02-01T00:00:00", "2024-03-01T00:00:00")),
        ('timeformat="double"', ("1704067200.0", "1706745600.0", "1709251200.0")),
        ("", ("1704067200", "1706745600", "1709251200")),
    ],
)
def test_gexf__dynamic__spells_are_events_and_attributes_observations(
    form: str, times: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "g.gexf").write_text(GEXF.format(*times, form=form))
    network = read(tmp_path)
    first, second = pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-02-01", tz="UTC")
    assert network.table("interactions")["at"].tolist() == [first, second]
    contacts = network.table("contacts")
    assert contacts.loc[contacts["contact_id"] == "a", "observed_at"].tolist() == [first, second]
    assert network.as_of("2024-01-15").table("contacts")["seniority"].dropna().tolist() == ["junior"]


LAUGHS = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE graphml [<!ENTITY d SYSTEM "file:///etc/hostname">]>"""
BODY = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed">
<node id="&d;"/></graph></graphml>"""


@pytest.mark.parametrize("prologue", [LAUGHS, OUTSIDE], ids=["billion_laughs", "external_entity"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_graph_file__entities__refused_before_parsing(
    prologue: str, encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nx, "read_graphml", lambda *_, **__: pytest.fail("the parser was asked"))
    (tmp_path / "g.graphml").write_bytes((prologue + BODY).encode(encoding))
    with pytest.raises(DataError, match="declares a document type"):
        read(tmp_path)


def test_graph_file__document_type_behind_much_else__never_parsed(tmp_path: Path) -> None:
    head, rest = LAUGHS.split("?>", 1)
    (tmp_path / "g.graphml").write_text(f"{head}?><!--{'x' * 2**17}-->{rest}{BODY}")
    assert not GRAPH_FILE.recognises(tmp_path)


@pytest.mark.parametrize("name", ["g.graphml", "g.graphml.gz"])
def test_graph_file__too_large_unpacked__refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nx.write_graphml(graph(), tmp_path / name)
    monkeypatch.setattr(graph_file, "LARGEST_BYTES", 500)
    monkeypatch.setattr(packed, "BLOCK_BYTES", 100)
    with pytest.raises(DataError, match=r"holds more than .* MiB"):
        read(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        BODY.replace("&d;", "a").replace("</graph>", '<node id="b"><data key="none">1</data></node></graph>'),
        BODY.replace("&d;", "a").replace("</graph></graphml>", "</graph>"),
        BODY.replace("&d;", "a").replace(
            "</graph>", '<edge source="a" target="a" directed="false"/></graph>'
        ),
    ],
    ids=["unknown_key", "cut_off", "mixed"],
)
def test_graph_file__breaks_its_format__error_names_file_and_remedy(text: str, tmp_path: Path) -> None:
    (tmp_path / "g.graphml").write_text(text)
    with pytest.raises(DataError, match=r"g\.graphml cannot be read as a graph: "):
        read(tmp_path)


@given(st.binary(max_size=80), st.integers(0, 900))
def test_graph_file__bytes_exchanged__network_or_error(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int
) -> None:
    text = GEXF.format("2024", "2025", "2026", form='timeformat="double"').encode()
    folder = tmp_path_factory.mktemp("graph")
    (folder / "g.gexf").write_bytes(text[:place] + noise + text[place + len(noise) :])
    try:
        assert isinstance(read(folder), Network)
    except DataError as error:
        assert len(str(error)) < 8_000


def test_edge_list__many_edges__all_but_self_loops(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.integers(0, 500, (2_000, 2)), columns=["source", "target"])
    rows["time"] = 1_600_000_000 + np.arange(2_000)
    rows.to_csv(tmp_path / "links.csv", index=False)
    network = read(tmp_path)
    assert len(network.table("interactions")) == (rows["source"] != rows["target"]).sum()

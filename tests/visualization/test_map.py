"""What the map shows, counted by hand, and that records cannot make it run anything."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.app.worlds import saved_model
from tests.commands import ran
from tests.visualization.worlds import ABROAD, HOME, two_groups

import influence
from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.prediction import Model
from influence.prediction.suppression import VARIABLE
from influence.texts.table import read
from influence.visualization import content_of, fragment, network_figure, network_map


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A model that knows leaders and ways in."""
    return influence.load(saved_model(tmp_path_factory.mktemp("map")))


def told(page: str) -> Any:
    """What the script is given."""
    found = re.search(r'<script type="application/json">(.*?)</script>', page, flags=re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_content__two_groups__counted() -> None:
    found = content_of(two_groups())
    communities = found.communities.set_index("community")
    assert communities["n_people"].tolist() == [4, 3]
    assert communities["n_ties"].tolist() == [6, 3]
    assert communities["n_companies"].tolist() == [3, 2]
    assert communities["country"].tolist() == ["DE", "FR"]
    assert communities["industry"].tolist() == ["steel", "food"]
    assert communities["topic"].isna().tolist() == [True, False]
    assert communities["topic"][1] == "wine"
    assert found.ties[["source", "target", "n_ties"]].to_numpy().tolist() == [[0, 1, 2]]
    assert (found.n_people, found.n_ties, found.n_alone, found.n_not_drawn) == (8, 11, 1, 0)
    assert set(found.people["contact_id"]) == {*HOME, *ABROAD}
    assert len(found.acquaintances) == 9


def test_content__fact_of_hardly_anybody__does_not_stand_for_all() -> None:
    names = [f"p{i:02}" for i in range(11)]
    contacts = pd.DataFrame({"contact_id": names, "country": ["DE", *[None] * 10]})
    ties = pd.DataFrame({"source_id": names[0], "target_id": names[1:], "connected_at": "2024-01-01"})
    network = Network.from_tables({"contacts": contacts, "connections": ties})
    found = content_of(network)
    assert found.communities["n_people"].tolist() == [11] and found.communities["country"].isna().all()
    page = network_map(network)
    assert "Industry" not in page and "Companies" not in page, "of nobody on record"


def test_content__bridge__joins_countries_and_is_not_us() -> None:
    bridges = content_of(two_groups()).bridges.set_index("contact_id")
    assert bridges.index[0] == "b1" and "a1" not in bridges.index
    assert bridges.loc["b1", ["n_communities", "n_countries", "n_pairs"]].tolist() == [2, 2, 4]


def test_content__as_of__later_ties_unseen() -> None:
    before = content_of(two_groups(), at="2024-05-01")
    assert before.ties["n_ties"].tolist() == [1]
    assert before.n_ties == 10
    with pytest.raises(DataError, match="No three people are tied"):
        content_of(two_groups(), at="2023-01-01")


def test_content__people__within_their_own_disc() -> None:
    found = content_of(two_groups())
    discs = found.communities.set_index("community").loc[found.people["community"]]
    away = (
        (found.people["x"] - discs["x"].to_numpy()) ** 2 + (found.people["y"] - discs["y"].to_numpy()) ** 2
    ) ** 0.5
    assert (away < discs["radius"].to_numpy()).all()


def test_content__target_without_model__says_what_is_needed() -> None:
    with pytest.raises(ConfigError, match="--model"):
        content_of(two_groups(), target="b2")


def test_content__model_of_leaders_and_ways__marked_unless_left_alone(
    answering: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = content_of(answering.network, model=answering)
    first = found.leaders["contact_id"][0]
    assert first in set(found.people["contact_id"]) and len(found.leaders) <= 20
    assert len(found.ways) and set(found.ways["target_id"]) <= set(found.leaders["contact_id"])
    for path in found.ways["path"]:
        assert set(path) <= set(found.people["contact_id"]), "everybody on a way has a place"
    (tmp_path / "list.txt").write_text(first)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "list.txt"))
    later = content_of(answering.network, model=answering)
    for rows in (later.leaders, later.bridges):
        assert first not in set(rows["contact_id"])
    assert not any(first in path for path in later.ways["path"])


def test_content__target__its_way_alone(answering: Model) -> None:
    page = network_map(answering.network, model=answering, target="p150")
    ways = told(page)["ways"]
    assert len(ways) == 1 and len(ways[0]["x"]) >= 2 and 'data-chosen="true"' in page
    with pytest.raises(DataError, match="nobody_at_all"):
        content_of(answering.network, model=answering, target="nobody_at_all")


def test_content__moment_before_any_take_up__map_without_leaders(answering: Model) -> None:
    first = answering.network.table("adoptions")["at"].min()
    found = content_of(answering.network, model=answering, at=first)
    assert len(found.leaders) == 0 and len(found.communities)


def test_content__names__in_the_place_of_ids_only_if_asked() -> None:
    named = two_groups().with_tables(
        identities=pd.DataFrame({"contact_id": ["a1"], "kind": ["name"], "value": ["Ann Lee"]})
    )
    assert "Ann Lee" not in network_map(named)
    assert "Ann Lee" in network_map(named, names=True)


@pytest.mark.parametrize(
    "strange", ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a\"'&b"]
)
def test_fragment__mark_up_in_records__stays_text(strange: str) -> None:
    page = network_map(two_groups(strange))
    assert strange not in page.replace(json.dumps(strange)[1:-1] if "<" not in strange else "\0", "")
    assert page.count("<script") == 2 and page.count("</script>") == 2 and "<img" not in page
    data = told(page)
    inside = data["people"]["1"]
    assert any(row[0] == strange for row in inside["rows"]), (
        "as text, which the script never takes for mark-up"
    )
    assert not any("<script" in each or "<img" in each for each in inside["text"])


def test_fragment__data__complete_and_consistent() -> None:
    data = told(network_map(two_groups()))
    names = [trace["name"] for trace in data["figure"]["data"]]
    assert names.index("communities") < names.index("people") < names.index("leaders") < names.index("labels")
    assert data["by"] == ["country", "topic", "industry"]
    for inside in data["people"].values():
        n = len(inside["x"])
        assert {len(inside[name]) for name in ("y", "text", "rows")} == {n}
        assert all(len(colours) == n for colours in inside["colour"].values())
    assert len(data["discs"]["country"]) == len(data["figure"]["layout"]["shapes"]) == 2
    assert [label for label, _ in data["legend"]["country"]][:2] == ["Germany", "France"]


def test_fragment__french__says_everything_in_french() -> None:
    page = network_map(two_groups(), language="fr")
    assert 'lang="fr"' in page and "communauté" in page and "Allemagne" in page
    for key, told in read().items():
        if key.startswith("map.") and len(told["en"]) > 12 and "{" not in told["en"]:
            assert f">{told['en']}<" not in page, key


def test_network_map__unknown_language__names_those_spoken() -> None:
    with pytest.raises(ConfigError, match=r"'xx'.*en, fr"):
        network_map(two_groups(), language="xx")


def test_network_figure__community__its_people_and_their_ties() -> None:
    figure = network_figure(content_of(two_groups()), community=1, by="industry")
    traces = {trace.name: trace for trace in figure.data}
    assert len(traces["people"].x) == 3
    assert len(traces["acquaintances"].x) == 3 * 3
    assert len(set(traces["people"].marker.color)) == 2
    assert len(network_figure(content_of(two_groups())).data[5].x) == 0


def test_colours__palette__contrast_against_white() -> None:
    from influence.visualization.colours import OTHER, PALETTE, UNKNOWN

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour in (*PALETTE, OTHER, UNKNOWN):
        assert 1.05 / (luminance(colour) + 0.05) >= 4.5, colour


def written(network: Network, folder: Path) -> Path:
    folder.mkdir()
    for name, rows in network.tables.items():
        rows.to_parquet(folder / f"{name}.parquet", index=False)
    return folder


def test_visualize__records__one_page_that_stands_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records, page = written(two_groups(), tmp_path / "records"), tmp_path / "map.html"
    assert ran("visualize", records, page, "--language", "fr", "--names", "--at", "2024-05-01") == 0
    shown = capsys.readouterr()
    assert shown.out == f"The map of 8 contacts is in {page}.\n"
    assert "No names are known here" in shown.err
    text = page.read_text(encoding="utf-8")
    assert "default-src 'none'" in text and "<title>Carte du réseau</title>" in text
    assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", text)


def test_visualize__faults__told_before_the_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran("visualize", tmp_path / "nowhere", tmp_path / "map.png") == 2
    assert ".html" in capsys.readouterr().err
    records = written(two_groups(), tmp_path / "records")
    assert ran("visualize", records, tmp_path / "map.html", "--language", "de") == 2
    assert ran("visualize", records, tmp_path / "map.html", "--target", "b2") == 2
    assert not (tmp_path / "map.html").exists()


def test_fragment__nothing_known_of_anybody__still_drawn() -> None:
    bare = Network.from_tables({"connections": two_groups().table("connections")})
    page = fragment(content_of(bare))
    assert told(page)["by"] == ["country"]
    assert "unknown" in page


def test_fragment__numbers__as_the_language_writes_them(answering: Model) -> None:
    content = content_of(answering.network, model=answering)
    english, french = fragment(content), fragment(content, "fr")
    assert re.search(r"<td class=\"number\">\d\.\d\d – \d\.\d\d<", english)
    assert re.search(r"<td class=\"number\">\d,\d\d – \d,\d\d<", french)
    assert re.search(r"<td class=\"number\">\d+ %<", english) and re.search(
        r"<td class=\"number\">\d+\s%<", french
    )

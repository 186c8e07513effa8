"""Surveys and villages: what is read, and that no copy of a nomination or adoption gets in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.readers.folders import SOURCES, write

from influence.data import Network
from influence.errors import DataError
from influence.readers import read
from influence.readers.surveys import why_left_out


def _rows(table: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(table[list(columns)].itertuples(index=False, name=None))


@pytest.fixture
def survey(tmp_path: Path) -> Network:
    return read(write(tmp_path, SOURCES["surveys"]))


def test_surveys__nominations__run_from_who_asks_to_who_is_asked_each_once(survey: Network) -> None:
    assert _rows(survey.table("nominations"), "source_id", "target_id", "topic") == [
        ("1001", "1002", "advice"),
        ("1002", "1003", "friend"),
        ("1003", "1002", "advice"),
    ]
    assert survey.table("nominations")["at"].isna().all()


def test_surveys__dropped_nominations__are_counted(survey: Network) -> None:
    told = " ".join(survey.notes)
    assert "1 nominations of oneself" in told
    assert "1 nominations of people outside the sample" in told
    assert "1 nominations given twice" in told


def test_surveys__community__stands_in_company_id(survey: Network) -> None:
    assert _rows(survey.table("contacts"), "contact_id", "company_id") == [
        ("1001", "1"), ("1002", "1"), ("1003", "1"), ("2001", "2"),
    ]  # fmt: skip


def test_surveys__traits__numbers_and_words_missing_ones_absent(survey: Network) -> None:
    assert _rows(survey.table("traits"), "contact_id", "name", "value") == [
        ("1001", "age", 30.0), ("1001", "trade=baker", 1.0), ("1001", "trade=smith", 0.0),
        ("1002", "age", 41.0), ("1002", "trade=baker", 0.0), ("1002", "trade=smith", 1.0),
        ("1003", "trade=baker", 0.0), ("1003", "trade=smith", 1.0),
        ("2001", "age", 25.0), ("2001", "trade=baker", 1.0), ("2001", "trade=smith", 0.0),
    ]  # fmt: skip


def test_surveys__who_had_not_adopted__has_no_row(survey: Network) -> None:
    day = (survey.table("adoptions")["at"] - pd.Timestamp("2000-01-01", tz="UTC")).dt.days
    assert list(zip(survey.table("adoptions")["contact_id"], day, strict=True)) == [
        ("1001", 2), ("1003", 1), ("2001", 3),
    ]  # fmt: skip


LEAKS = """
net11 net85 net1_3 n2prac n5adv stand educ rfampl1 rfampll rabortl reduc5 reducl rgoods3 hub4 respf
resppi repsccp poly oltotal iol toa adopted ado ado3 adopt adoptpct thresh ctl catbak paadico practA
yrL curC yr innovtim fp1 fp10 fpt12 cfp cbyr cemnth clngth cawe1 fatt1t3 byrt9 lngtht12 awe4t1
famawe5 date timeA src2 srce1 expect recall id id7 recno2 village idold
"""


@pytest.mark.parametrize("column", LEAKS.split())
def test_why_left_out__copies_and_what_follows_from_adoption__never_read(column: str) -> None:
    assert why_left_out(column) is not None


@pytest.mark.parametrize(
    "column", ["age", "hubed", "wifeed", "media3", "income", "school", "fatt", "proage", "radio1"]
)
def test_why_left_out__answers_about_oneself__read(column: str) -> None:
    assert why_left_out(column) is None


def _large(folder: Path) -> Path:
    """150 people who name two others each, with copies of it all under names that no list knows."""
    rng, n = np.random.default_rng(3), 150
    community = np.arange(n) // 50 + 1
    node = community * 1000 + np.arange(n) % 50 + 1
    named = np.array([[rng.permutation(np.flatnonzero(community == c))[:2] for c in community]])[0]
    source, target = np.repeat(np.arange(n), 2), named.ravel()
    source, target = source[source != target], target[source != target]
    toa = rng.integers(1, 12, n)
    received = np.bincount(target, minlength=n)
    people = pd.DataFrame(
        {"node": node, "community": community, "toa": toa, "adopted": (toa < 11).astype(int),
         "honest": rng.integers(18, 60, n), "answer": rng.integers(0, 2, n),
         "whom_i_ask": node[named[:, 1]] % 1000, "whom_i_ask_in_full": node[named[:, 0]],
         "popularity": received * 3 + 1, "started": 1960 + toa, "thresh": toa / 12, "net11": 1}
    )  # fmt: skip
    edges = pd.DataFrame({"source": node[source], "target": node[target], "relation": "advice"})
    return write(folder, {"nodes.csv": people.to_csv(index=False), "edges.csv": edges.to_csv(index=False)})


def test_surveys__copies_under_other_names__found_by_their_contents_and_told(tmp_path: Path) -> None:
    network = read(_large(tmp_path))
    assert set(network.table("traits")["name"]) == {"answer", "honest"}
    assert any("whom_i_ask, whom_i_ask_in_full, popularity, started" in note for note in network.notes)


def test_surveys__a_stranger_asks__error_names_the_rows(tmp_path: Path) -> None:
    files = {**SOURCES["surveys"], "edges.csv": "source,target,relation\n1001,1002,advice\n7,1002,advice\n"}
    with pytest.raises(DataError, match=r"edges.csv.source is nobody in nodes.csv in 1 row"):
        read(write(tmp_path, files))


def test_villages__households__ties_once_leaders_and_undated_loans(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["villages"]))
    assert _rows(network.table("connections"), "source_id", "target_id") == [("101", "102")]
    traits = network.table("traits")
    assert _rows(traits[traits["name"] == "leader"], "contact_id", "value") == [
        ("101", 1.0), ("102", 0.0), ("201", 1.0),
    ]  # fmt: skip
    assert not traits["name"].str.contains("loan").any()
    assert network.table("adoptions")["contact_id"].tolist() == ["101"]
    assert network.table("adoptions")["at"].isna().all()
    assert any("1 ties to oneself" in note for note in network.notes)
    assert any("1 ties to households not listed" in note for note in network.notes)


@pytest.mark.parametrize(("source", "file"), [("surveys", "nodes.csv"), ("villages", "households.csv")])
def test_read__several_columns_without_a_name__not_taken_for_traits(
    source: str, file: str, tmp_path: Path
) -> None:
    sound = SOURCES[source]
    spaced = {**sound, file: "".join(f"{line},7,8\n" for line in str(sound[file]).splitlines())}
    spaced[file] = spaced[file].replace(",7,8\n", ",,\n", 1)
    before, after = (read(write(tmp_path / name, files)) for name, files in (("a", sound), ("b", spaced)))
    pd.testing.assert_frame_equal(after.table("traits"), before.table("traits"))

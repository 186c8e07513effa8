"""The readers of ties and links across borders against tables worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.readers.folders import SOURCES, write

from influence.errors import DataError
from influence.readers import read


def _utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def _rows(table: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(table[list(columns)].fillna("").itertuples(index=False, name=None))


def test_lastfm__numbered_countries__codes_that_name_no_country(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["lastfm"]))
    assert _rows(network.table("contacts"), "contact_id", "country") == [
        ("0", "XA"), ("12", "XJ"), ("3", "XL"), ("5", "XJ"), ("7", "XS"),
    ]  # fmt: skip
    assert any("the 4 countries are numbers without names" in note for note in network.notes)


def test_lastfm__follows__undated_each_pair_once(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["lastfm"]))
    ties = network.table("connections")
    assert _rows(ties, "source_id", "target_id", "direction") == [
        ("0", "12", "mutual"), ("12", "5", "mutual"), ("3", "5", "mutual"),
    ]  # fmt: skip
    assert ties["connected_at"].isna().all()
    assert "edges.csv: 1 ties to oneself were dropped." in network.notes
    assert "edges.csv: 1 repeated ties were dropped." in network.notes


@pytest.mark.parametrize("number", ["25", "-1", "2.5", "Peru", ""])
def test_lastfm__country_that_is_no_number__told_with_its_row(number: str, tmp_path: Path) -> None:
    files = {**SOURCES["lastfm"], "countries.csv": f"id,target\n0,24\n12,0\n3,0\n5,0\n9,{number}\n"}
    with pytest.raises(DataError, match=r"target is not a whole number from 0 to 24 in 1 row \(4\)"):
        read(write(tmp_path, files))


def test_lastfm__a_tie_to_nobody_listed__told_with_its_row(tmp_path: Path) -> None:
    files = {**SOURCES["lastfm"]}
    files["edges.csv"] += "5,99\n"
    with pytest.raises(DataError, match=r"node_1 or node_2 is listed nowhere else in 1 row \(5\)"):
        read(write(tmp_path, files))


def test_crunchbase__acquisitions__run_from_who_bought_to_who_was_bought(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["crunchbase"]))
    assert _rows(network.table("company_links"), "source_id", "target_id", "kind", "at") == [
        ("acme", "bolt", "acquirer", _utc("2012-03-01")),
        ("acme", "bolt", "acquirer", _utc("2013-05-02")),
        ("cogs", "acme", "acquirer", _utc("2014-01-01")),
        ("dyne", "cogs", "acquirer", _utc("2014-01-01")),
    ]
    assert "deals.csv: 1 acquisitions of a firm by itself were dropped." in network.notes
    assert "deals.csv: 1 acquisitions listed again for the same day were dropped." in network.notes


def test_crunchbase__firms__most_frequent_facts_of_equals_the_latest(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["crunchbase"]))
    assert _rows(network.table("companies"), "company_id", "country", "city", "industry") == [
        ("acme", "US", "Reno", "Tools|Steel"),  # two deals say so, one says Tools
        ("bolt", "AT", "Ulm", "Screws"),  # one deal each: the later one
        ("cogs", "NA", "", "Wheels"),  # Namibia is a country
        ("dyne", "", "Oz", ""),
    ]
    assert network.table("companies")["observed_at"].isna().all()
    told = " ".join(network.notes)
    assert "1 firms have more than one country" in told
    assert "1 firms have more than one industry" in told
    assert "unknown country codes were left out: XYZ (1)" in told
    assert "as of a later crawl" in told


def test_crunchbase__a_day_that_is_none__told_with_its_row(tmp_path: Path) -> None:
    files = {"deals.csv": SOURCES["crunchbase"]["deals.csv"].replace("2013-05-02", "spring 2013")}
    with pytest.raises(DataError, match=r"deals\.csv\.date is not a day in 1 row \(2\)"):
        read(write(tmp_path, files))

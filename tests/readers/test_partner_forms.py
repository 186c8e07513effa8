"""The readers of ties and links across borders against tables worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.readers.folders import SOURCES, write

from influence.errors import DataError
from influence.readers import read
from influence.readers.club_names import club_names


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
    with pytest.raises(DataError, match=r"target is not a whole number from 0 to 24 in 1 row \(5\)"):
        read(write(tmp_path, files))


def test_lastfm__a_tie_to_nobody_listed__told_with_its_row(tmp_path: Path) -> None:
    files = {**SOURCES["lastfm"]}
    files["edges.csv"] += "5,99\n"
    with pytest.raises(DataError, match=r"node_1 or node_2 is listed nowhere else in 1 row \(6\)"):
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
    assert "unknown countries were left out: XYZ (1)" in told
    assert "as of a later crawl" in told


def test_crunchbase__a_day_that_is_none__told_with_its_row(tmp_path: Path) -> None:
    files = {"deals.csv": SOURCES["crunchbase"]["deals.csv"].replace("2013-05-02", "spring 2013")}
    with pytest.raises(DataError, match=r"deals\.csv\.date is not a day in 1 row \(3\)"):
        read(write(tmp_path, files))


def test_transfers__a_deal_that_both_clubs_list__counts_once(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["transfers"]))
    assert _rows(network.table("company_links"), "source_id", "target_id", "kind", "at", "weight") == [
        ("Hamburger SV", "Man City FC", "supplier", _utc("2000-12-01"), 5.0),
        ("Hamburger SV", "Man City FC", "supplier", _utc("2001-12-01"), 1.0),  # listed by the seller alone
        ("Zagreb", "Man City FC", "supplier", _utc("2001-06-01"), 2.0),  # two players who are alike
    ]


def test_transfers__clubs__have_the_country_of_their_league_others_none(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["transfers"]))
    assert _rows(network.table("companies"), "company_id", "country") == [
        ("Hamburger SV", "DE"), ("Man City FC", "GB"), ("Zagreb", ""),
    ]  # fmt: skip
    told = " ".join(network.notes)
    assert "75% of the players moved between two clubs with a country (2 of 3 clubs)" in told
    assert "1 rows without another club" in told
    assert "1 returns from a loan" in told
    assert "2 deals within a club" in told
    assert "5 rows list a deal that another row lists too" in told


def _deals(*lines: str) -> pd.DataFrame:
    names = ["club_name", "club_involved_name", "transfer_movement", "fee"]
    rows = pd.DataFrame([line.split(",") for line in lines], columns=names)
    return rows.assign(season="2000/2001", transfer_period="Summer", age="21", position="Back")


def test_club_names__deals_that_both_list__settle_the_short_name() -> None:
    lines = [f"Albion Rovers,Bor,in,{fee}" for fee in range(5)]
    lines += [f"Borussia,Rovers,out,{fee}" for fee in range(5)]
    assert club_names(_deals(*lines)) == {"Bor": "Borussia", "Rovers": "Albion Rovers"}
    assert club_names(_deals(*lines[1:])) == {}  # four votes settle nothing


def test_club_names__votes_for_two_clubs__settle_nothing() -> None:
    lines = [f"Albion Rovers,Bor,in,{fee}" for fee in range(12)]
    lines += [f"Borussia,Rovers,out,{fee}" for fee in range(7)]
    lines += [f"Boreas,Rovers,out,{fee}" for fee in range(7, 12)]
    assert club_names(_deals(*lines)) == {"Rovers": "Albion Rovers"}


def test_club_names__youth_and_reserve_sides__mean_their_club_where_it_is_known() -> None:
    deals = _deals(
        "Willem II,Willem II U21,in,1", "Ajax,Willem II,in,2", "Ajax,Porto B,in,3", "Ajax,Ajax B,in,4"
    )
    assert club_names(deals) == {"Willem II U21": "Willem II", "Willem II": "Willem II", "Ajax B": "Ajax"}


def test_collaborations__quarter__is_known_once_it_has_ended(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["collaborations"]))
    assert _rows(network.table("company_links"), "source_id", "target_id", "kind", "at", "weight") == [
        ("DE", "NA", "partner", _utc("2024-04-01"), 204.0),
        ("NA", "DE", "partner", _utc("2024-01-01"), 101.0),
        ("NA", "DE", "partner", _utc("2024-04-01"), 150.0),
    ]
    assert _rows(network.table("companies"), "company_id", "country") == [("DE", "DE"), ("NA", "NA")]
    told = " ".join(network.notes)
    assert "1 rows of an aggregate (EU) were dropped" in told
    assert "1 rows of an economy with itself were dropped" in told
    assert "smallest weight is 101" in told


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("101,Namibia,DE,2023,4", "source or destination is not an ISO 3166-1 alpha-2 code"),
        ("101,NA,DE,2023,5", "year and quarter are no quarter of a year"),
        ("0,NA,DE,2023,3", "weight is not a number above 0"),
        ("7,NA,DE,2023,4", "source and destination stand twice in a quarter"),
    ],
)
def test_collaborations__row_at_fault__told_with_its_number(line: str, problem: str, tmp_path: Path) -> None:
    text = SOURCES["collaborations"]["collaborators.csv"] + line + "\n"
    with pytest.raises(DataError, match=rf"{problem} in 1 row \(6\)"):
        read(write(tmp_path, {"collaborators.csv": text}))


@pytest.mark.parametrize(("market", "country"), [("DE", "DE"), ("ENGB", "GB"), ("twitch", "")])
def test_twitch__one_market__country_of_its_folder_ids_carry_it(
    market: str, country: str, tmp_path: Path
) -> None:
    of = f"{market}:" if country else ""
    network = read(write(tmp_path / market, SOURCES["twitch"]))
    assert _rows(network.table("contacts"), "contact_id", "country") == [
        (f"{of}0", country), (f"{of}12", country), (f"{of}7", country),
    ]  # fmt: skip
    assert _rows(network.table("connections"), "source_id", "target_id") == [
        (f"{of}0", f"{of}7"), (f"{of}12", f"{of}7"),
    ]  # fmt: skip


def test_twitch__streamer_listed_twice__the_later_count_of_views(tmp_path: Path) -> None:
    network = read(write(tmp_path / "DE", SOURCES["twitch"]))
    rows = network.table("traits")
    assert _rows(rows[rows["contact_id"] == "DE:12"], "name", "value") == [
        ("days", 700.0), ("mature", 1.0), ("partner", 1.0), ("views", 90_001.0),
    ]  # fmt: skip
    assert "target.csv: 1 rows of a streamer listed again were dropped." in network.notes


def test_twitch__folder_of_markets__the_same_number_is_another_streamer(tmp_path: Path) -> None:
    for market in ("ENGB", "FR"):
        write(tmp_path / market, SOURCES["twitch"])
    network = read(tmp_path)
    assert network.notes[0] == "Recognised as twitch."
    assert dict(network.table("contacts").groupby("country").size()) == {"FR": 3, "GB": 3}
    ends = network.table("connections")[["source_id", "target_id"]]
    assert (ends["source_id"].str[:2] == ends["target_id"].str[:2]).all()
    assert len(ends) == 4


def test_openflights__routes__weighed_by_their_airlines_each_way(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["openflights"]))
    links = network.table("company_links")
    assert _rows(links, "source_id", "target_id", "kind", "weight") == [
        ("1", "2", "partner", 2.0), ("2", "1", "partner", 1.0),
    ]  # fmt: skip
    assert links["at"].isna().all()
    assert "routes.dat: 1 routes of airports that are not in airports.dat were dropped." in network.notes
    assert "routes.dat: 1 routes of an airport to itself were dropped." in network.notes


def test_openflights__airports__in_their_country_unknown_ones_listed(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["openflights"]))
    assert _rows(network.table("companies"), "company_id", "country", "city") == [
        ("1", "DE", "Town"), ("2", "", ""), ("3", "FR", "Village"),
    ]  # fmt: skip
    assert "airports.dat: unknown countries were left out: Nowhere (1)." in network.notes

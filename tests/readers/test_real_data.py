"""Counts on the public data sets; they run where INFLUENCE_DATA names the folder that holds them."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from influence.readers import read

ROOT = os.environ.get("INFLUENCE_DATA")
pytestmark = pytest.mark.skipif(not ROOT, reason="INFLUENCE_DATA is not set: no public data here")


@pytest.mark.parametrize(
    ("dataset", "n_requests", "n_watched"),
    [
        ("uci_messages", 13_838, 13_682),
        ("enron", 2_097, 2_095),
        ("bitcoin_otc", 21_492, 21_473),
        ("airbnb_dublin", 6_649, 6_649),
    ],
)
def test_read__public_requests__counts_as_known(dataset: str, n_requests: int, n_watched: int) -> None:
    rows = read(_folder(dataset)).table("invitations")
    watched = rows["sent_at"] + pd.Timedelta(days=21) <= rows["observed_until"]
    assert (len(rows), int(watched.sum())) == (n_requests, n_watched)


def test_read__public_votes__counts_as_known() -> None:
    ties = read(_folder("wiki_rfa")).table("connections")
    assert len(ties) + 80 == 178_096  # 80 voted for themselves


def test_read__music_site__counts_as_known() -> None:
    network = read(_folder("lastfm_asia", "partners"))
    contacts = network.table("contacts")
    assert (len(contacts), contacts["country"].nunique()) == (7_624, 18)
    assert len(network.table("connections")) == 25_060


def test_read__acquisitions__cross_border_ones_from_2013_as_known() -> None:
    network = read(_folder("crunchbase_acquisitions", "partners"))
    links = network.table("company_links")
    assert len(links) == 10_808 - 19 - 23  # by themselves, listed again
    country = network.table("companies").set_index("company_id")["country"]
    abroad = links["source_id"].map(country) != links["target_id"].map(country)
    tested = links[abroad & (links["at"] >= pd.Timestamp("2013-01-01", tz="UTC"))]
    assert (len(tested), tested["source_id"].nunique()) == (980, 798)


def test_read__transfers__each_deal_once_and_coverage_said() -> None:
    network = read(_folder("football_transfers", "partners"))
    links = network.table("company_links")
    assert (len(links), links["weight"].sum()) == (85_478, 95_471)
    assert network.table("companies")["country"].value_counts().sum() == 398  # all clubs that list deals
    assert any("49% of the players moved between two clubs with a country" in note for note in network.notes)


def test_read__collaborations__namibia_stays_the_aggregate_goes() -> None:
    network = read(_folder("github_innovation", "partners"))
    countries = set(network.table("companies")["country"])
    assert len(network.table("company_links")) == 74_127 - 4_121
    assert "NA" in countries
    assert "EU" not in countries


def test_read__markets__friendships_within_each() -> None:
    network = read(_folder("twitch", "partners"))
    assert dict(network.table("contacts").groupby("country").size()) == {
        "DE": 9_498, "ES": 4_648, "FR": 6_549, "GB": 7_126,
    }  # fmt: skip
    assert len(network.table("connections")) == 360_510


def test_read__flights__a_link_for_each_ordered_pair_of_airports() -> None:
    network = read(_folder("openflights", "partners"))
    assert len(network.table("companies")) == 7_698
    assert len(network.table("company_links")) == 36_906


def _folder(dataset: str, task: str = "acceptance") -> Path:
    folder = Path(str(ROOT)) / task / dataset
    if not folder.is_dir():
        pytest.skip(f"{task}/{dataset} is not in INFLUENCE_DATA")
    return folder

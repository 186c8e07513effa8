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


def _folder(dataset: str, task: str = "acceptance") -> Path:
    folder = Path(str(ROOT)) / task / dataset
    if not folder.is_dir():
        pytest.skip(f"{task}/{dataset} is not in INFLUENCE_DATA")
    return folder

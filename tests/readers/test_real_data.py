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


def _folder(dataset: str) -> Path:
    folder = Path(str(ROOT)) / "acceptance" / dataset
    if not folder.is_dir():
        pytest.skip(f"acceptance/{dataset} is not in INFLUENCE_DATA")
    return folder

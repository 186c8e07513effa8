"""Trees of retweets against tables worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.readers.folders import RETWEETS, SOURCES, write

from influence.errors import DataError
from influence.readers import read

POSTED = pd.Timestamp((693785810311778304 >> 22) + 1_288_834_974_657, unit="ms", tz="UTC")


def test_retweets__posts__have_the_time_in_their_id(tmp_path: Path) -> None:
    contents = read(write(tmp_path, SOURCES["retweets"])).table("contents")
    assert contents["author_id"].tolist() == ["ann", "bob"]
    assert contents["at"].tolist() == [POSTED, POSTED]
    assert POSTED.year == 2016


def test_retweets__take_ups__are_first_times_and_shares_name_the_parent(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["retweets"]))
    taken = network.table("adoptions")
    first = taken[taken["item"] == "693785810311778304"].set_index("contact_id")["at"]
    seconds = ((first - POSTED) / pd.Timedelta(seconds=1)).round(2).to_dict()
    assert seconds == {"ann": 0, "bob": 31.8, "cem": 150, "dan": 420, "eva": 180, "fay": 480}
    shares = network.table("interactions")
    pairs = list(zip(shares["actor_id"], shares["target_id"], strict=True))
    # eva's share precedes that of dan, her parent; fay's parent is nowhere in the tree; bob's came twice.
    assert pairs == [("bob", "ann"), ("cem", "bob"), ("dan", "bob"), ("ann", "bob")]
    notes = " ".join(network.notes)
    assert "1 shares that precede their parent were dropped" in notes
    assert "1 shares of a parent outside the tree were dropped" in notes
    assert "1 rows were there twice" in notes


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("693785810311778305,ROOT", "12,ROOT", "is not the id of a post"),
        ("bob,ann,1.25", "bob,ann,soon", "is not a number of minutes"),
        ("bob,ann,1.25", "bob,,1.25", "parent_user is missing"),
        ("bob,ann,1.25", "ann,ann,1.25", "is its own parent"),
    ],
)
def test_retweets__broken_rows__error_says_which(tmp_path: Path, old: str, new: str, what: str) -> None:
    with pytest.raises(DataError, match=what):
        read(write(tmp_path, {"edges.csv": RETWEETS.replace(old, new)}))

"""Marks: kept in a file that every recommendation understands, and rows of invitations."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from influence.app import Marks
from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.planning import read_ids

MOMENT = pd.Timestamp("2026-03-01T09:30:15", tz="UTC")
STRANGE = ("=1+1", "p 1", "007", 'Zoë,"x"\n')


def test_marks__strange_ids__come_back_and_are_left_alone(tmp_path: Path) -> None:
    marks = Marks(tmp_path / "new" / "marks.csv")
    assert len(marks.rows()) == 0 and not marks.file.exists()
    for one in STRANGE:
        marks.add(one, "suppressed", MOMENT)
    assert set(marks.rows()["contact_id"]) == set(STRANGE) == marks.ids()
    assert read_ids(marks.file) == {one.strip() for one in STRANGE}
    assert "'=1+1" in marks.file.read_text(), "no spreadsheet takes it for a formula"


def test_marks__marked_again__latest_counts_and_can_be_taken_away(tmp_path: Path) -> None:
    marks = Marks(tmp_path / "marks.csv")
    marks.add("a", "suppressed", MOMENT)
    marks.add("b", "invited", MOMENT, "me")
    marks.add("a", "invited", MOMENT + pd.Timedelta(days=1), "me")
    assert marks.rows()[["contact_id", "mark"]].to_numpy().tolist() == [["b", "invited"], ["a", "invited"]]
    assert marks.rows()["marked_at"].tolist() == [MOMENT, MOMENT + pd.Timedelta(days=1)]
    marks.remove("a")
    marks.remove("nobody")
    assert marks.ids() == {"b"}


def test_marks__invited__rows_of_invitations_that_can_be_read(tmp_path: Path) -> None:
    marks = Marks(tmp_path / "marks.csv")
    marks.add("a", "invited", MOMENT, "me")
    marks.add("b", "suppressed", MOMENT)
    until = MOMENT + pd.Timedelta(days=2)
    sent = Network.from_tables({"invitations": marks.invitations(until)}).table("invitations")
    assert sent[["sender_id", "recipient_id", "outcome"]].to_numpy().tolist() == [["me", "a", "pending"]]
    assert sent["sent_at"].tolist() == [MOMENT] and sent["observed_until"].tolist() == [until]
    assert len(Marks(tmp_path / "none.csv").invitations(until)) == 0


def test_marks__other_files__refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\.csv"):
        Marks(tmp_path / "marks.txt")
    (tmp_path / "list.csv").write_text("name\nAnn\n")
    with pytest.raises(DataError, match="lacks contact_id, mark"):
        Marks(tmp_path / "list.csv").rows()
    (tmp_path / "broken.csv").write_text('contact_id,mark,sender_id,marked_at\na,invited,me,"soon"\n')
    with pytest.raises(DataError, match="marked_at"):
        Marks(tmp_path / "broken.csv").rows()

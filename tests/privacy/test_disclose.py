"""What is held on a person: all of it, and nothing that tells who others are."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from tests.privacy.people import ANN, BO, CY, DEE, KEY, NAMES, folder, own

from influence import cli
from influence.errors import ConfigError, DataError
from influence.privacy import disclose


@pytest.fixture
def place(tmp_path: Path, key_file: Path) -> Path:
    key_file.write_text(KEY)
    place = folder(tmp_path / "net")
    (place / "scores.csv").write_text(
        f"sender_id,recipient_id,p_within_3_weeks,reasons\n{own(BO)},{own(ANN)},.5,known by {own(CY)}\n"
        f"{own(BO)},{own(CY)},.2,none\n"
    )
    (place / "notes.txt").write_text("first line\nAnn Lee met Bo Day\n")
    return place


def test_disclose__person__every_row_and_where_it_came_from(place: Path, tmp_path: Path) -> None:
    told = disclose("Ann Lee", [place], tmp_path / "out")
    n_rows = {one.table or one.file.name: len(one.rows) for one in told.found if one.rows is not None}
    assert n_rows == {
        "adoptions": 1, "connections": 2, "contacts": 1, "contents": 1, "deal_roles": 1, "identities": 3,
        "interactions": 2, "invitations": 2, "matches": 1, "nominations": 1, "traits": 1, "sources": 1,
        "scores.csv": 1, "notes.txt": 1,
    }  # fmt: skip
    assert told.sources["legal_basis"].tolist() == ["consent"]
    page = (tmp_path / "out" / "index.html").read_text()
    assert "consent" in page and "ann.lee@acme.example" in page and "<script" not in page
    listed = json.loads((tmp_path / "out" / "disclosure.json").read_text())
    assert listed["called"]["ids"] == [own(ANN)]
    record = pd.read_parquet(place / "matches.parquet").set_index("contact_id").loc[own(ANN), "record_id"]
    words = {"Ann Lee", "ann-lee-7", "ann.lee@acme.example", record}
    assert set(listed["called"]["words"]) == words, "and nothing that only the search makes of these"
    assert all((tmp_path / "out" / one["rows"]).is_file() for one in listed["files"] if "rows" in one)


def test_disclose__others__unrecognisable_but_told_apart(place: Path, tmp_path: Path) -> None:
    disclose("Ann Lee", [place], tmp_path / "out")
    text = "".join(path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file())
    for other in (BO, CY, DEE):
        for term in (other, own(other), NAMES[other], other.partition(":")[2]):
            assert term.casefold() not in text.casefold(), term
    scores = next((tmp_path / "out" / "rows").glob("*scores.csv"))
    row = pd.read_csv(scores).iloc[0]
    assert row["recipient_id"] == own(ANN)
    assert row["sender_id"].startswith("person-")
    assert row["reasons"].startswith("known by person-") and row["sender_id"] not in row["reasons"]


def test_disclose__files_named_after_others__told_without_their_names(place: Path, tmp_path: Path) -> None:
    (place / "Ann Lee met.csv").write_text(f"sender_id,p_within_3_weeks\n{own(BO)},.5\n")
    told = disclose("Bo Day", [place], tmp_path / "out")
    text = "".join(f"{path} {path.read_text()}" for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert "ann lee" not in text.casefold()
    assert told.sources["file"].str.fullmatch(r"Export_person-\d+\.zip").all()


def test_disclose__zip_by_the_command__whole(place: Path, tmp_path: Path) -> None:
    words = ["disclose", "ann-lee-7", "--in", str(place), "--output", str(tmp_path / "ann.zip")]
    with pytest.raises(SystemExit) as left:
        cli.main(words)
    assert left.value.code == 0
    with zipfile.ZipFile(tmp_path / "ann.zip") as archive:
        assert {"index.html", "disclosure.json"} <= set(archive.namelist())


def test_disclose__name_that_no_table_there_knows__said_with_the_remedy(place: Path, tmp_path: Path) -> None:
    told = disclose("Ann Lee", [place / "notes.txt"], tmp_path / "out")
    assert len(told.notes) == 1 and "--in" in told.notes[0] and told.words == ("ann lee",)
    assert "No table here knows" in (tmp_path / "out" / "index.html").read_text()
    assert json.loads((tmp_path / "out" / "disclosure.json").read_text())["notes"] == list(told.notes)
    assert disclose("Ann Lee", [place], tmp_path / "whole").notes == ()


def test_disclose__nobody_or_no_room__told(place: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Nothing is held on 'Zoe Zed'"):
        disclose("Zoe Zed", [place], tmp_path / "out")
    with pytest.raises(ConfigError, match="exists already"):
        disclose("Ann Lee", [place], place)

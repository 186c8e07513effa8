from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.data.frames import sound_tables, spoilt

from influence.data import Network
from influence.data.validation import validate_setting_aside
from influence.errors import DataError


def test_set_aside__rows_at_fault__left_out_counted_and_listed(tmp_path: Path) -> None:
    tables = {**sound_tables(), **spoilt("invitations", "responded_at", 0, "2023-12-31")}
    tables["interactions"]["sentiment"] = [7.0, -7.0]
    network = Network.from_tables(tables, ["read"], set_aside=tmp_path / "aside")
    assert network.table("invitations")["invitation_id"].tolist() == ["i1", "i2"]
    assert len(network.table("interactions")) == 0
    assert network.notes == (
        "read",
        "Set aside: invitations.responded_at is before sent_at in 1 row (1). Correct or drop them. "
        f"Listed in {tmp_path / 'aside' / 'invitations.csv'}.",
        "Set aside: interactions.sentiment is outside -1 to 1 ('7.0', '-7.0') in 2 rows (1, 2). "
        f"Correct or drop them. Listed in {tmp_path / 'aside' / 'interactions.csv'}.",
    )
    listed = pd.read_csv(tmp_path / "aside" / "invitations.csv")
    assert listed["row"].tolist() == [1]
    assert listed["invitation_id"].tolist() == ["i0"]
    assert listed["problem"].tolist() == ["invitations.responded_at is before sent_at"]
    assert sorted(path.name for path in (tmp_path / "aside").iterdir()) == [
        "interactions.csv",
        "invitations.csv",
    ]


def test_set_aside__contact_at_fault__what_refers_to_it_follows(tmp_path: Path) -> None:
    tables = {**sound_tables(), **spoilt("contacts", "country", 0, "Nambia")}
    tables, notes = validate_setting_aside(tables, tmp_path)
    assert tables["contacts"]["contact_id"].tolist() == ["bob", "cem", "dot"]
    assert tables["invitations"]["invitation_id"].tolist() == ["i2"]
    assert tables["connections"]["source_id"].tolist() == ["bob"]
    assert tables["interactions"]["event_id"].tolist() == ["e1"]
    assert len(tables["deal_roles"]) == 0
    assert "names an id that contacts lacks ('ann') in 2 rows (1, 2)" in "\n".join(notes)
    assert pd.read_csv(tmp_path / "invitations.csv")["row"].tolist() == [1, 2]


def test_set_aside__repeated_key__first_row_is_kept(tmp_path: Path) -> None:
    tables, _ = validate_setting_aside(spoilt("invitations", "invitation_id", 1, "i0"), tmp_path)
    assert tables["invitations"]["recipient_id"].tolist() == ["bob", "cem"]
    assert tables["invitations"]["invitation_id"].tolist() == ["i0", "i2"]


def test_set_aside__nothing_at_fault__nothing_is_written(tmp_path: Path) -> None:
    tables, notes = validate_setting_aside(sound_tables(), tmp_path / "aside")
    assert notes == ()
    assert len(tables["invitations"]) == 3
    assert not (tmp_path / "aside").exists()


def test_set_aside__structure_at_fault__still_an_error_and_nothing_is_written(tmp_path: Path) -> None:
    tables = spoilt("contacts", "country", 0, "Nambia")
    tables["contacts"]["foo"] = 1
    with pytest.raises(DataError, match=r"contacts\.foo is an unknown column"):
        validate_setting_aside(tables, tmp_path / "aside")
    assert not (tmp_path / "aside").exists()


def test_set_aside__no_row_left__error_tells_why_and_nothing_is_written(tmp_path: Path) -> None:
    rows = pd.DataFrame({"contact_id": ["a"], "country": ["Nambia"]})
    with pytest.raises(DataError) as caught:
        validate_setting_aside({"contacts": rows}, tmp_path / "aside")
    assert "names no country" in caught.value.problems[0]
    assert "holds no rows" in caught.value.problems[1]
    assert not (tmp_path / "aside").exists()

"""`influence map` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import ran
from tests.readers.mapping.test_mapped import ASKED, PEOPLE


def test_map__then_read__network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, mapping = tmp_path / "kunden.csv", tmp_path / "mapping.yaml"
    file.write_text(PEOPLE, encoding="utf-8")
    assert ran("map", str(file), "--output", str(mapping)) == 0
    shown = capsys.readouterr().out
    assert "kunden.csv as contacts" in shown
    assert "ann@acme.com" in shown
    assert ran("read", str(file), "--set", f"mapping={mapping}") == 0
    assert "contacts                   2" in capsys.readouterr().out


def test_map__no_output__mapping_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text(ASKED)
    assert ran("map", str(tmp_path / "a.csv")) == 0
    shown = capsys.readouterr()
    assert "accepted_at: Accepted" in shown.out
    assert "sender_id" in shown.err


def test_map__file_exists__kept_unless_overwritten(tmp_path: Path) -> None:
    file, mapping = tmp_path / "a.csv", tmp_path / "mapping.yaml"
    file.write_text(PEOPLE, encoding="utf-8")
    mapping.write_text("mine")
    assert ran("map", str(file), "--output", str(mapping)) == 2
    assert mapping.read_text() == "mine"
    assert ran("map", str(file), "--output", str(mapping), "--overwrite") == 0
    assert "table: contacts" in mapping.read_text()


@pytest.mark.parametrize("table", ["contcts", "identities"])
def test_map__unknown_table__error(table: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text(PEOPLE)
    assert ran("map", str(tmp_path / "a.csv"), "--table", table) == 2
    assert "There is no table" in capsys.readouterr().err

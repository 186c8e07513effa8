"""Several sources read as one network, and what is noted of where they came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.readers.folders import MESSAGES, write

from influence.data.pseudonyms import pseudonym
from influence.errors import ConfigError
from influence.readers import ReadingConfig, read

OTHERS = "sender,recipient,time\n8,9,1500000000\n9,8,1500000100\n"


def test_read__two_folders__one_network_traced(tmp_path: Path) -> None:
    one = write(tmp_path / "one", {"messages.csv": MESSAGES})
    other = write(tmp_path / "other", {"messages.csv": OTHERS})
    both = read([one, other])
    apart = read(one).table("invitations"), read(other).table("invitations")
    assert sorted(both.table("invitations")["invitation_id"]) == sorted(
        [*apart[0]["invitation_id"], *apart[1]["invitation_id"]]
    )
    assert both.table("sources")["file"].tolist() == ["one", "other"] or len(both.table("sources")) == 2
    assert both.notes[:2] == ("one: recognised as messages.", "other: recognised as messages.")


def test_read__folder_of_sources__read_one_level_down(tmp_path: Path) -> None:
    write(tmp_path / "all" / "one", {"messages.csv": MESSAGES})
    write(tmp_path / "all" / "other", {"messages.csv": OTHERS})
    listed = read([tmp_path / "all" / "one", tmp_path / "all" / "other"])
    assert read(tmp_path / "all").fingerprint == listed.fingerprint


def test_read__key_asked_for__ids_are_pseudonyms(tmp_path: Path) -> None:
    folder = write(tmp_path / "one", {"messages.csv": OTHERS})
    key = "ab" * 32
    (tmp_path / "key").write_text(key)
    network = read(folder, config=ReadingConfig(key_file=tmp_path / "key"))
    known = {pseudonym(bytes.fromhex(key), own) for own in ("8", "9")}
    assert set(network.contact_ids) == known
    assert "8>9" not in network.table("invitations")["invitation_id"].tolist()
    assert any("pseudonyms under the key" in note for note in network.notes)


def test_read__no_place__error() -> None:
    with pytest.raises(ConfigError, match="Nothing to read"):
        read([])

"""The wholly invented archive beside the public data, where INFLUENCE_DATA names the folder that holds it."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from tests.readers.linkedin.writing import in_slugs

from influence.errors import DataError
from influence.readers import read

ROOT = os.environ.get("INFLUENCE_DATA")
pytestmark = pytest.mark.skipif(not ROOT, reason="INFLUENCE_DATA is not set: no public data here")


def _sample() -> Path:
    return Path(str(ROOT)) / "formats" / "linkedin_archive_sample"


def test_sample__dates_of_the_19th_century__refused_or_set_aside(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(_sample())
    assert any(
        problem.startswith("Connections.csv.Connected On is older than LinkedIn (2003-05-05) in 2,000 rows")
        for problem in caught.value.problems
    )
    found = read(_sample(), set_aside=tmp_path / "aside")
    assert set(found.table("interactions")["kind"]) == {"follow"}
    assert (tmp_path / "aside" / "source" / "Invitations.csv").is_file()


@pytest.fixture
def modern(tmp_path: Path) -> Path:
    """The sample two centuries later."""
    folder = tmp_path / "linkedin"
    shutil.copytree(_sample(), folder, copy_function=shutil.copyfile)
    for path in folder.glob("*.csv"):
        path.chmod(0o644)
        path.write_text(re.sub(r"\b18(\d\d)\b", r"20\1", path.read_text("utf-8")), "utf-8")
    return folder


def test_sample__two_centuries_later__counts_as_known(modern: Path) -> None:
    """81 of 85 invitations sent, and 75 of 77 received, are of connections; some connected earlier."""
    found = read(modern)
    sizes = {name: len(rows) for name, rows in found.tables.items()}
    assert (sizes["connections"], sizes["invitations"]) == (2_000, 162)
    kinds = found.table("interactions")["kind"].value_counts().to_dict()
    assert kinds == {"endorse": 2_200, "like": 80, "comment": 60, "follow": 52, "recommend": 48}
    owner = "fake-ada-byron-lovelace"
    rows = in_slugs(found, "contacts")
    assert rows.loc[rows["is_own_team"].fillna(False), "contact_id"].tolist() == [owner]
    sent = in_slugs(found, "invitations")
    assert (sent["sender_id"] == owner).sum() == 85
    assert any("talks with an assistant, no messages between people: not read: guide_messages.csv, "
               "learning_role_play_messages.csv." in note for note in found.notes)  # fmt: skip

"""Forgetting in a folder of parts: its manifest tells what is there now."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.privacy.people import ANN, BO, CY, DEE, KEY, folder, holding, own

from influence import batch
from influence.privacy import forget, forgetting


class Half:
    """A model to whom all chances are even."""

    version, fingerprint, data_until = "v1", "v1 2025", pd.Timestamp("2025-01-01", tz="UTC")

    def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
        return pairs[["sender_id", "recipient_id"]].assign(p_within_3_weeks=0.5)


@pytest.fixture
def scores(tmp_path: Path, key_file: Path) -> Path:
    """Two parts of two rows each; the first names somebody who will be forgotten."""
    key_file.write_text(KEY)
    folder(tmp_path / "net")
    ends = [(BO, CY), (ANN, BO), (CY, DEE), (DEE, BO)]
    rows = pd.DataFrame([(own(one), own(two)) for one, two in ends], columns=["sender_id", "recipient_id"])
    rows.to_parquet(tmp_path / "pairs.parquet")
    score(tmp_path)
    return tmp_path / "scores"


def score(place: Path) -> int:
    return batch.score(Half(), place / "pairs.parquet", place / "scores", partition_rows=2)


def told(scores: Path) -> dict[str, Any]:
    return dict(json.loads((scores / "_manifest.json").read_text()))


def check(scores: Path) -> None:
    """The manifest tells of just what is there."""
    manifest = told(scores)
    assert [part["rows"] for part in manifest["parts"]] == [1, 2]
    assert (manifest["rows"], manifest["finished"]) == (3, True)
    for part in manifest["parts"]:
        content = (scores / part["file"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (part["bytes"], part["sha256"])


def test_forget__part_of_a_run__manifest_tells_what_is_left(scores: Path, tmp_path: Path) -> None:
    before = told(scores)
    forget(["Ann Lee"], [tmp_path / "net", scores])
    assert holding(scores) == []
    check(scores)
    after = told(scores)
    assert [*after] == [*before]
    assert (after["input"], after["parts"][1]) == (before["input"], before["parts"][1])
    assert score(tmp_path) == 3, "the run is known again, and is finished: these rows are there"


def test_forget__killed_between_manifest_and_part__run_again_ends_the_same(
    scores: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: Path, new: Path) -> None:
        tell_altered(path, new)
        raise KeyboardInterrupt

    tell_altered = forgetting.tell_altered
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(forgetting, "tell_altered", killed)
        forget(["Ann Lee"], [tmp_path / "net", scores])
    forget(["Ann Lee"], [tmp_path / "net", scores])
    assert holding(scores) == []
    check(scores)


def test_forget__a_manifest_of_others__left_as_it_is(scores: Path, tmp_path: Path) -> None:
    others = tmp_path / "others"
    shutil.copytree(scores, others)
    (others / "_manifest.json").write_text('{"format": 99}')
    forget(["Ann Lee"], [tmp_path / "net", others])
    assert holding(others) == []
    assert (others / "_manifest.json").read_text() == '{"format": 99}'

"""Candidates in a folder of parts: resumed after any interruption, refused where it is not the same run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from influence import batch
from influence.batch import candidates
from influence.errors import ConfigError

SENDERS = [f"s{number}" for number in range(11)]


class Proposing:
    """Proposes as many contacts to a sender as its number says, at most four; may stop after some senders."""

    version, fingerprint = "v1", "v1 2024-01-01"
    data_until = pd.Timestamp("2024-01-01", tz="UTC")

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after, self.asked = stop_after, list[str]()

    def senders(self, task: str, at: object = None) -> list[str]:
        return SENDERS

    def candidates(self, task: str, *, sender_id: list[str], k: int, **_: Any) -> pd.DataFrame:
        self.asked += sender_id
        if self.stop_after is not None and len(self.asked) > self.stop_after:
            raise KeyboardInterrupt
        counts = {sender: min(int(sender[1:]), k) for sender in sender_id}
        rows = [(sender, f"r{rank}", rank) for sender, n in counts.items() for rank in range(n)]
        found = pd.DataFrame(rows, columns=["sender_id", "recipient_id", "rank"])
        return found.astype({"sender_id": "str", "recipient_id": "str", "rank": "int64"})


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "SENDERS_AT_ONCE", 2)


def run(target: Path, model: Proposing | None = None, **asked: Any) -> int:
    return batch.write_candidates(model or Proposing(), target, **{"k": 4, "partition_senders": 3, **asked})


def contents(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_write_candidates__folder__rows_of_the_file_in_parts(tmp_path: Path) -> None:
    n_rows = 0 + 1 + 2 + 3 + 4 * 7
    assert run(tmp_path / "one.parquet") == run(tmp_path / "parts") == n_rows
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "parts"), pd.read_parquet(tmp_path / "one.parquet"), check_dtype=False
    )
    told = json.loads((tmp_path / "parts" / "_manifest.json").read_text())
    assert [part["rows"] for part in told["parts"]] == [3, 11, 12, 8]
    assert (told["finished"], told["rows"], told["input"]["senders"]) == (True, n_rows, 11)
    assert told["request"]["partition_senders"] == 3


@pytest.mark.parametrize("stops", [[0], [1], [4], [10], [5, 3, 4]])
def test_write_candidates__interrupted__goes_on_to_the_same_bytes(tmp_path: Path, stops: list[int]) -> None:
    run(tmp_path / "undisturbed")
    for stop in stops:
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "out", Proposing(stop_after=stop))
    n_parts = len(list((tmp_path / "out").glob("*.parquet")))
    model, heard = Proposing(), list[int]()
    run(tmp_path / "out", model, progress=lambda _, done, total: heard.append(done))
    assert model.asked == SENDERS[3 * n_parts :]
    assert (heard[0], heard[-1]) == (3 * n_parts, 11), "told before the first are found: that may compile"
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")


def test_write_candidates__killed_before_the_last_word__nothing_twice(tmp_path: Path) -> None:
    run(tmp_path / "out")
    whole, file = contents(tmp_path / "out"), tmp_path / "out" / "_manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"finished": False}))
    model = Proposing()
    run(tmp_path / "out", model)
    assert model.asked == []
    assert contents(tmp_path / "out") == whole


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"k": 2}, "another request: k was 4, now 2"),
        ({"at": "2024-05-01"}, "another request: at"),
        ({"suppress": ["r1"]}, "another request: suppress"),
        ({"senders": ["s1", "s2"]}, "another input: senders"),
        ({"partition_senders": 4}, "another request: partition_senders"),
    ],
)
def test_write_candidates__another_run__refused(tmp_path: Path, other: dict[str, Any], says: str) -> None:
    run(tmp_path / "out")
    before = contents(tmp_path / "out")
    with pytest.raises(ConfigError, match=says):
        run(tmp_path / "out", **other)
    assert contents(tmp_path / "out") == before


def test_write_candidates__people_to_leave_alone__no_name_in_the_manifest(tmp_path: Path) -> None:
    run(tmp_path / "out", suppress=["ann.lee"])
    assert "ann.lee" not in (tmp_path / "out" / "_manifest.json").read_text()

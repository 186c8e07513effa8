"""The measurement of reasons, as a user runs it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from benchmarks import explanations

from influence.explanation.groups import NAMES

SETTINGS = "encoder: {width: 8, heads: 2, fan_out: [4]}\ntrees: {max_rounds: 20}\ntraining: {max_epochs: 1}\n"


@pytest.mark.slow
def test_benchmark__tiny_world__every_table_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"{SETTINGS}output: {tmp_path / 'model'}\n", encoding="utf-8")
    words = ("--contacts", "400", "--seeds", "0", "--requests", "12", "--record-requests", "2")
    monkeypatch.setattr(sys, "argv", ["explanations", str(config), *words])
    explanations.main()
    told = capsys.readouterr().out
    for group in NAMES:
        assert f"| {group} |" in told
    assert "order within a request" in told
    assert told.count("| 2 |") == 2

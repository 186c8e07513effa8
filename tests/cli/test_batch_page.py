"""The worked example of docs/batch.md, run as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from influence.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "batch.md"
QUICK = (
    *("--set", "seeds=[0]", "--set", "training.max_epochs=1", "--set", "trees.max_rounds=5"),
    *("--set", "tracking.enabled=false"),
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_page__worked_example__runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("configs").symlink_to(PAGE.parents[1] / "configs")
    [commands], [reading] = blocks("sh"), blocks("python")
    ran = []
    for line in commands.splitlines():
        words = shlex.split(line, comments=True)[1:]
        with pytest.raises(SystemExit) as ended:
            main([*words, *(QUICK if words[0] == "train" else ())])
        ran.append((words[0], ended.value.code))
    assert ran == [("synth", 0), ("train", 0), ("candidates", 0), ("score", 0), ("score", 0)]
    found: dict[str, Any] = {}
    exec(reading, found)
    scores, candidates = found["scores"], pd.read_parquet("candidates.parquet")
    assert scores["recipient_id"].tolist() == candidates["recipient_id"].tolist()
    assert {"model_version", "data_until", "is_cold_sender", "proposed_by"} <= set(scores.columns)
    assert len(found["likely"]) == (scores["p_within_3_weeks"] > 0.2).sum()
    assert len(list(Path("scores").glob("part-*.parquet"))) == -(-len(scores) // 150)

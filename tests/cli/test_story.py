"""The page from data to champion: every block runs, in its order, in an empty folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "from_data_to_champion.md"


def blocks() -> list[tuple[str, str]]:
    return re.findall(r"```(sh|python)\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)


@pytest.mark.slow
def test_page__run_from_top_to_bottom__leaves_what_it_says(tmp_path: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "src")}
    environment.pop("MLFLOW_TRACKING_URI", None)
    for kind, block in blocks():
        words = ["bash", "-euo", "pipefail", "-c", block] if kind == "sh" else [sys.executable, "-c", block]
        ran = subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{block}\n{ran.stdout}\n{ran.stderr}"
    assert (tmp_path / "winter.md").read_text("utf-8").startswith("# Data sheet")
    for model in ("first", "second"):
        assert "test rows" in (tmp_path / "runs" / model / "MODEL_CARD.md").read_text("utf-8")
    assert "data:image/png" in (tmp_path / "comparison.html").read_text("utf-8")
    assert len((tmp_path / "scores.csv").read_text("utf-8").splitlines()) == 21
    assert json.loads((tmp_path / "drift.json").read_text("utf-8"))
    assert "takes_over" in json.loads((tmp_path / "contest.json").read_text("utf-8"))


def test_page__steps__numbered_in_order() -> None:
    numbers = re.findall(r"^## (\d+)\.", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    assert numbers == [str(n + 1) for n in range(len(numbers))]
    assert len(blocks()) >= len(numbers)

"""What commands say when they end."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from influence.cli import terminal
from influence.cli.terminal import Pace
from influence.progress import bars


def test_pace__went_on_after_an_interruption__rows_of_now_only(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 104.0])
    monkeypatch.setattr(terminal.time, "perf_counter", lambda: next(clock))
    heard = list[tuple[str, int, int]]()
    pace = Pace(lambda *told: heard.append(told))
    for done in (3_000, 4_000, 5_000):
        pace("scoring", done, 5_000)
    assert pace.told == "2,000 rows in 4.0 s, 500 rows/s, 3,000 were done before."
    assert heard == [("scoring", 3_000, 5_000), ("scoring", 4_000, 5_000), ("scoring", 5_000, 5_000)]


def test_progress__rows__rate_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with bars("rows") as report:
        for done in (0, 50, 100):
            report("scoring", done, 100)
    assert "rows/s" in capsys.readouterr().err


def test_show_rows__a_file_there_already__said_to_be_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, file = pd.DataFrame({"contact_id": ["ana"]}), tmp_path / "list.csv"
    for _ in range(2):
        terminal.show_rows(rows, file)
    assert capsys.readouterr().out.splitlines() == [
        f"1 rows in {file}.",
        f"1 rows in {file}, in place of the earlier file.",
    ]
    assert terminal.in_place("sqlite:///crm.db#scores") == terminal.in_place(tmp_path) == ""

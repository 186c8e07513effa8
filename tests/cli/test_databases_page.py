"""The worked example of docs/databases.md, run as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import duckdb
import pytest
import sqlalchemy

from influence.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "databases.md"
QUICK = (
    *("--set", "seeds=[0]", "--set", "training.max_epochs=1", "--set", "trees.max_rounds=5"),
    *("--set", "tracking.enabled=false"),
)


def blocks(language: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8").partition("## Addresses")[0]
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_page__worked_example__runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("configs").symlink_to(PAGE.parents[1] / "configs")
    (fill_sqlite, fill_duckdb), (first, *others) = blocks("python"), blocks("sh")
    exec(fill_sqlite, {})
    assert run(first) == [("read", 0), ("train", 0), ("score", 0)]
    to_tables, to_scores = others
    assert run(to_tables) == [("read", 0)]
    exec(fill_duckdb, {})
    assert run(to_scores) == [("score", 0)]
    engine = sqlalchemy.create_engine("sqlite:///crm.db")
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.exec_driver_sql(question()).fetchall()]
    engine.dispose()
    assert len(found) == 5
    assert [row[2] for row in found] == sorted((row[2] for row in found), reverse=True)
    with duckdb.connect("crm.duckdb") as scores:
        also = scores.execute(question("duckdb")).fetchall()
    assert [row[2] for row in also] == [row[2] for row in found]


def run(commands: str) -> list[tuple[str, object]]:
    """The commands of a block, with what each ended with."""
    ran = []
    for line in commands.splitlines():
        words = shlex.split(line)[1:]
        with pytest.raises(SystemExit) as ended:
            main([*words, *(QUICK if words[0] == "train" else ())])
        ran.append((words[0], ended.value.code))
    return ran


def question(database: str = "sqlite") -> str:
    """What the page asks, with the condition that it gives for DuckDB."""
    [asked], [moment] = blocks("sql"), re.findall(r"`WHERE (.*?)`", PAGE.read_text(encoding="utf-8"))
    return asked if database == "sqlite" else asked.replace("\"at\" LIKE '2025-05-01%'", moment)


def test_page__moment_in_duckdb__is_found() -> None:
    with duckdb.connect() as scores:
        scores.execute("SET TimeZone = 'America/New_York'")
        columns = '(sender_id TEXT, recipient_id TEXT, "at" TIMESTAMPTZ, p_within_3_weeks DOUBLE)'
        scores.execute(f"CREATE TABLE scores {columns}")
        for recipient, at, chance in (("b", "2025-05-01", 0.2), ("c", "2025-05-02", 0.3)):
            row = ("a", recipient, f"{at} 00:00:00+00", chance)
            scores.execute("INSERT INTO scores VALUES (?, ?, ?, ?)", row)
        found = scores.execute(question("duckdb")).fetchall()
    assert found == [("a", "b", 0.2)]

"""What can be told of input and output by a look at them is told before anything heavy is loaded."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from influence import batch
from influence.addresses import check_model
from influence.errors import CheckpointError, ConfigError, DataError, InfluenceError

EACH = """
import json, sys
from influence.cli import main
for command in json.load(sys.stdin):
    try:
        main(command)
    except SystemExit as end:
        heavy = sorted({"torch", "numba", "lightgbm", "mlflow"} & set(sys.modules))
        print(end.code, heavy, file=sys.stderr)
"""


def test_command__what_is_wrong_with_a_name__told_before_anything_heavy(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("sender_id,recipient_id\na,b\n")
    (tmp_path / "file").write_text("not a folder")
    model = tmp_path / "model"
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "model.json").write_text("{}")
    wrong = {
        "There is no file": ["score", model, tmp_path / "none.csv", "out.csv"],
        "no file or folder 'pairs'": ["score", model, "pairs/", "out.csv"],
        "unknown format": ["score", model, pairs, "out.xlsx"],
        "is a file. Name another place": ["score", model, pairs, tmp_path / "file" / "out.csv"],
        "There is no model": ["score", model, pairs, tmp_path / "out.csv"],
        "Did you mean 'made'?": ["score", tmp_path / "mad", pairs, tmp_path / "out.csv"],
        "holds no model.json": ["score", tmp_path, pairs, tmp_path / "out.csv"],
        "is not a time": ["score", tmp_path / "made", pairs, tmp_path / "out.csv", "--at", "soon"],
        "no engine 'spark'": ["score", tmp_path / "made", pairs, "out", "--engine", "spark"],
        "known format. Use": ["candidates", model, "out.xlsx"],
        "no data at 'gone'": ["drift", tmp_path / "made", "--data", "gone"],
        "no data at 'lost'": ["promote", tmp_path / "made", "--data", "lost"],
        "no file 'gone.db'": ["score", tmp_path / "made", pairs, "out", "--data", "sqlite:///gone.db"],
        "maed'. Did you mean 'made'?": ["drift", tmp_path / "made", "--data", tmp_path / "maed"],
        "no data at 'none'": ["recommend", tmp_path / "made", "acceptance", "--data", "none"],
    }
    told = json.dumps([[str(word) for word in command] for command in wrong.values()])
    ended = subprocess.run(
        [sys.executable, "-c", EACH], input=told, capture_output=True, text=True, check=True
    )
    lines = ended.stderr.splitlines()
    assert len(lines) == 2 * len(wrong)
    for words, line, end in zip(wrong, lines[::2], lines[1::2], strict=True):
        assert words in line
        assert end == "2 []", line


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_check_input__a_column_missing__told_by_the_head(tmp_path: Path, ending: str) -> None:
    rows, file = pd.DataFrame({"sender_id": ["a"], "to": ["b"]}), tmp_path / f"pairs{ending}"
    rows.to_parquet(file) if ending == ".parquet" else rows.to_csv(file, index=False)
    with pytest.raises(DataError, match=r"lacks the column recipient_id\. Found: sender_id, to"):
        batch.check_input(file, "acceptance")
    with pytest.raises(ConfigError, match="Did you mean 'acceptance'"):
        batch.check_input(file, "acceptanc")
    rows.rename(columns={"to": "recipient_id"}).to_parquet(tmp_path / "right.parquet")
    batch.check_input(tmp_path / "right.parquet", "acceptance")
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute("create table made (id)")
    asked = tmp_path / "right.parquet", "acceptance"
    for name in ("crm.db#scores", "crm.db#main.scores", "yet to be made.db#scores"):
        batch.check_input(*asked, f"sqlite:///{tmp_path}/{name}", "2025-05-01")
    with pytest.raises(DataError, match=r"crm.db has no schema 'sales'\. Known: main\."):
        batch.check_input(*asked, f"sqlite:///{tmp_path}/crm.db#sales.scores", "2025-05-01")
    assert not (tmp_path / "yet to be made.db").exists()
    (tmp_path / "cut.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match="cannot be read"):
        batch.check_input(tmp_path / "cut.parquet", "acceptance")


def test_check_input__no_such_table__nearest_named(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect(tmp_path / "crm.duckdb") as crm:
        crm.execute("create table pairs (sender_id text, reciever_id text)")
    address = f"duckdb:///{tmp_path / 'crm.duckdb'}"
    for table, says in (("pears", "Did you mean 'pairs'"), ("pairs", "lacks the column recipient_id")):
        with pytest.raises(InfluenceError, match=says):
            batch.check_input(f"{address}#{table}", "acceptance")


def test_check_target__folders_that_are_missing__made_later(tmp_path: Path) -> None:
    batch.check_target(tmp_path / "a" / "b" / "out.csv")
    batch.check_target(f"{tmp_path}/a/parts/")
    assert not (tmp_path / "a").exists()


def test_check_model__address_of_a_registry__asked_later(tmp_path: Path) -> None:
    check_model("models:/influence@champion")
    with pytest.raises(CheckpointError, match="Train one: influence train CONFIG"):
        check_model(tmp_path)


def test_check_input__into_a_table_without_a_moment__told_before_any_work(tmp_path: Path) -> None:
    file, table = tmp_path / "pairs.csv", f"sqlite:///{tmp_path / 'crm.db'}#scores"
    file.write_text("sender_id,recipient_id\na,b\n")
    with pytest.raises(ConfigError, match="--at 2026-01-31"):
        batch.check_input(file, "acceptance", table)
    batch.check_input(file, "acceptance", table, "2026-01-31")
    batch.check_input(file, "acceptance", tmp_path / "scores")
    file.write_text("sender_id,recipient_id,sent_at\na,b,2026-01-31\n")
    batch.check_input(file, "acceptance", table)

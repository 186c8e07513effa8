"""Scores into databases: by key, a batch a transaction, and on from where an attempt was cut off."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy

from influence import batch
from influence.batch.score_table import PROGRESS, ScoreTable
from influence.errors import ConfigError, DataError, InfluenceError

KINDS = ("sqlite", "duckdb")
AT = "2024-01-01"


class Lengths:
    """A model whose answers follow from the ids, and from nothing else."""

    def __init__(self, fingerprint: str = "lengths") -> None:
        self.fingerprint = fingerprint
        self.n_asked = 0
        self.columns: list[str] = []

    def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
        self.n_asked += len(pairs)
        self.columns = list(pairs.columns)
        number = pairs["sender_id"].str.removeprefix("s").astype("float64")
        p = 1 / (1 + number + pairs["recipient_id"].str.len())
        return pairs[["sender_id", "recipient_id"]].assign(p_within_3_weeks=p, is_cold=number % 2 == 0)

    def explain(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
        return pairs[["sender_id", "recipient_id"]].assign(reasons="since " + pairs["sender_id"])


class Topics:
    """A model of leadership; without a topic asked for, the answer is on none."""

    fingerprint = "topics"

    def predict(self, task: str, rows: pd.DataFrame, at: object = None) -> pd.DataFrame:
        return rows[["contact_id"]].assign(topic=rows.get("topic", None), influence=1.5)


def pairs(n_rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "sender_id": [f"s{number}" for number in rng.permutation(n_rows)],
            "recipient_id": ["r" * length for length in rng.integers(1, 9, n_rows)],
            "campaign": rng.integers(0, 5, n_rows),
        }
    )


def address(kind: str, folder: Path) -> str:
    return f"{kind}:///{folder}/crm.db"


def fill(url: str, rows: pd.DataFrame, table: str = "pairs") -> str:
    kinds = [
        sqlalchemy.Column(name, sqlalchemy.BigInteger if rows[name].dtype == "int64" else sqlalchemy.Text)
        for name in rows.columns
    ]
    made = sqlalchemy.Table(table, sqlalchemy.MetaData(), *kinds)
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        made.create(connection)
        connection.execute(made.insert(), rows.astype("object").where(rows.notna(), None).to_dict("records"))
    engine.dispose()
    return f"{url}#{table}"


def load(url: str, query: str = "select * from scores") -> pd.DataFrame:
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        result = connection.exec_driver_sql(query)
        rows = pd.DataFrame(result.fetchall(), columns=list(result.keys()))
    engine.dispose()
    return rows


def same_as_predicted(url: str, asked: pd.DataFrame) -> None:
    expected = Lengths().predict("acceptance", asked).sort_values("sender_id", ignore_index=True)
    found = load(url).sort_values("sender_id", ignore_index=True)
    assert found["sender_id"].tolist() == expected["sender_id"].tolist()
    assert found["recipient_id"].tolist() == expected["recipient_id"].tolist()
    np.testing.assert_array_equal(found["p_within_3_weeks"], expected["p_within_3_weeks"])
    assert found["is_cold"].astype(bool).tolist() == expected["is_cold"].tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_score__table_to_table_of_one_database__ids_moment_and_answers(tmp_path: Path, kind: str) -> None:
    url, asked, model = address(kind, tmp_path), pairs(107), Lengths()
    n_rows = batch.score(model, fill(url, asked), f"{url}#scores", at=AT, chunk_rows=10)
    assert n_rows == 107
    assert model.columns == ["sender_id", "recipient_id"]
    same_as_predicted(url, asked)
    scores = load(url)
    assert list(scores.columns) == ["sender_id", "recipient_id", "at", "p_within_3_weeks", "is_cold"]
    assert {pd.Timestamp(at).tz_localize(None) for at in scores["at"]} == {pd.Timestamp(AT)}
    assert len(load(url, f"select * from {PROGRESS}")) == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_score__file_to_table_and_back__same_numbers(tmp_path: Path, kind: str, ending: str) -> None:
    url, asked, source = address(kind, tmp_path), pairs(50), tmp_path / f"in{ending}"
    asked.to_parquet(source) if ending == ".parquet" else asked.to_csv(source, index=False)
    batch.score(Lengths(), source, f"{url}#scores", at=AT, chunk_rows=9)
    same_as_predicted(url, asked)
    batch.score(Lengths(), f"{url}#scores", tmp_path / "out.parquet", at=AT, chunk_rows=9)
    out = pd.read_parquet(tmp_path / "out.parquet").set_index("sender_id")
    assert list(out.columns) == ["recipient_id", "p_within_3_weeks", "is_cold"]
    expected = Lengths().predict("acceptance", asked).set_index("sender_id")
    np.testing.assert_array_equal(
        out["p_within_3_weeks"], expected.loc[out.index, "p_within_3_weeks"].to_numpy()
    )


@pytest.mark.parametrize("kind", KINDS)
def test_score__again_for_the_same_and_for_another_moment__replaced_and_added(
    tmp_path: Path, kind: str
) -> None:
    url, asked = address(kind, tmp_path), pairs(20)
    source = fill(url, pd.concat([asked, asked.head(3)]))
    batch.score(Lengths(), source, f"{url}#scores", at=AT, chunk_rows=7)
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("update scores set p_within_3_weeks = -1")
    engine.dispose()
    batch.score(Lengths(), source, f"{url}#scores", at=AT, chunk_rows=7)
    same_as_predicted(url, asked)
    batch.score(Lengths(), source, f"{url}#scores", at="2024-02-01T12:00:00+02:00", chunk_rows=7)
    assert len(load(url)) == 40
    assert sorted({str(pd.Timestamp(at).tz_localize(None)) for at in load(url)["at"]}) == [
        "2024-01-01 00:00:00",
        "2024-02-01 10:00:00",
    ]


def cut_off(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """The connection is lost while the batch `after` so many is under way, its rows already merged."""
    count, calls = ScoreTable._count, [0]

    def lost(self: ScoreTable, n_rows: int) -> None:
        calls[0] += 1
        if calls[0] > after:
            raise sqlalchemy.exc.OperationalError(
                "update", None, Exception("server closed the connection unexpectedly")
            )
        count(self, n_rows)

    monkeypatch.setattr(ScoreTable, "_count", lost)


@pytest.mark.parametrize("kind", KINDS)
def test_score__cut_off_midway__goes_on_after_the_last_committed_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    url, asked = address(kind, tmp_path), pairs(107)
    source = fill(url, asked)
    with monkeypatch.context() as patched:
        cut_off(patched, after=4)
        with pytest.raises(DataError, match="it goes on after the 40 rows that are committed"):
            batch.score(Lengths(), source, f"{url}#scores", at=AT, chunk_rows=10)
    assert len(load(url)) == 40
    model, seen = Lengths(), list[int]()
    n_rows = batch.score(
        model, source, f"{url}#scores", at=AT, chunk_rows=16, progress=lambda *told: seen.append(told[1])
    )
    assert (n_rows, model.n_asked) == (107, 67)
    assert seen[-1] == 107
    same_as_predicted(url, asked)


@pytest.mark.parametrize("what", ["model", "input", "at", "explain", "table", "dropped"])
def test_score__cut_off_then_something_else_asked__starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    url, asked = address("sqlite", tmp_path), pairs(50)
    source = tmp_path / "in.parquet"
    asked.to_parquet(source)
    with monkeypatch.context() as patched:
        cut_off(patched, after=2)
        with pytest.raises(DataError):
            batch.score(Lengths(), source, f"{url}#scores", at=AT, chunk_rows=10)
    if what == "input":
        asked.assign(recipient_id="other").to_parquet(source)
    connection = sqlite3.connect(tmp_path / "crm.db")
    if what in ("dropped", "explain"):
        connection.execute("drop table scores")
    connection.close()
    model = Lengths("other" if what == "model" else "lengths")
    batch.score(
        model,
        source,
        f"{url}#{'others' if what == 'table' else 'scores'}",
        at="2025-01-01" if what == "at" else AT,
        explain=what == "explain",
    )
    assert model.n_asked == 50


@pytest.mark.parametrize(("before", "until"), [(0, 10), (1, 20), (1, None)])
def test_score__two_runs_at_the_same_work__the_later_one_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, until: int | None
) -> None:
    """The other one comes `before` so many batches are written, and goes on `until` so many rows are."""
    url, asked = address("sqlite", tmp_path), pairs(30)
    source = fill(url, asked)
    write, begun = ScoreTable.write, list[int]()

    def leave(_: str, done: int, total: int) -> None:
        if done == until:
            raise KeyboardInterrupt

    def overtaken(self: ScoreTable, rows: pd.DataFrame) -> None:
        begun.append(len(rows))
        if len(begun) == before + 1:
            with suppress(KeyboardInterrupt):
                batch.score(Lengths(), source, f"{url}#scores", at=AT, chunk_rows=10, progress=leave)
        write(self, rows)

    monkeypatch.setattr(ScoreTable, "write", overtaken)
    with pytest.raises(DataError, match="Another run writes the same scores"):
        batch.score(Lengths(), source, f"{url}#scores", at=AT, chunk_rows=10)
    assert len(load(url)) == (until or 30)
    batch.score(Lengths(), source, f"{url}#scores", at=AT, chunk_rows=10)
    same_as_predicted(url, asked)


def test_score__two_transactions_at_once__the_second_waits_before_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = address("sqlite", tmp_path), pairs(30)
    source, write, seen = fill(url, asked), ScoreTable.write, list[str]()

    def beside(self: ScoreTable, rows: pd.DataFrame) -> None:
        with self.connection.begin():
            self.connection.exec_driver_sql("select 1")  # the first thing that a batch does is to read
            with pytest.raises(DataError, match=r"locked\. Another program or run holds it") as told:
                batch.score(Lengths(), source, f"{url}?timeout=0.1#others", at=AT)
        seen.append(str(told.value))
        write(self, rows)

    monkeypatch.setattr(ScoreTable, "write", beside)
    batch.score(Lengths(), source, f"{url}#scores", at=AT)
    assert len(seen) == 1
    same_as_predicted(url, asked)


def test_score__moments_of_their_own_and_notes__asked_about_and_kept_by(tmp_path: Path) -> None:
    url = address("sqlite", tmp_path)
    asked = pairs(3).assign(sent_at=["2024-05-01T10:00:00", None, "2024-05-02"], has_note="1", phone="030")
    model = Lengths()
    batch.score(model, fill(url, asked), f"{url}#scores", at=AT)
    assert model.columns == ["sender_id", "recipient_id", "sent_at", "has_note"]
    assert sorted(load(url)["at"]) == [
        "2024-01-01 00:00:00.000000",
        "2024-05-01 10:00:00.000000",
        "2024-05-02 00:00:00.000000",
    ]


def test_score__leadership_by_topic__a_row_for_each(tmp_path: Path) -> None:
    url = address("duckdb", tmp_path)
    asked = pd.DataFrame({"contact_id": ["ann", "ann", "bob"], "topic": ["ai", "law", None]})
    batch.score(Topics(), fill(url, asked), f"{url}#scores", task="leadership", at=AT)
    batch.score(Topics(), f"{url}#pairs", f"{url}#scores", task="leadership", at=AT)
    found = load(url).sort_values(["contact_id", "topic"])
    assert found[["contact_id", "topic"]].to_numpy().tolist() == [["ann", "ai"], ["ann", "law"], ["bob", ""]]


def test_score__explained__reasons_beside_the_scores(tmp_path: Path) -> None:
    url = address("sqlite", tmp_path)
    batch.score(Lengths(), fill(url, pairs(9)), f"{url}#scores", at=AT, explain=True)
    assert (load(url)["reasons"] == "since " + load(url)["sender_id"]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_score__table_of_the_team_s_own__its_types_kept_and_extra_columns_left(
    tmp_path: Path, kind: str
) -> None:
    url = address(kind, tmp_path)
    source = fill(url, pd.DataFrame({"sender_id": [2**60 + 1, 7], "recipient_id": [3, 4]}))
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            'create table "Scores of May" (sender_id bigint, recipient_id bigint, "at" varchar, '
            "remark varchar default 'none', p_within_3_weeks float, is_cold boolean, "
            'primary key (sender_id, recipient_id, "at"))'
        )
    engine.dispose()
    for _ in range(2):
        batch.score(Lengths(), source, f"{url}#Scores of May", at=AT)
    found = load(url, 'select * from "Scores of May" order by sender_id')
    assert found["sender_id"].tolist() == [7, 2**60 + 1]
    assert found["remark"].tolist() == ["none", "none"]
    assert found["at"].str.startswith("2024-01-01").all()


def test_score__table_made_as_a_copy_of_sqlite_s__moments_kept_as_they_are_written(tmp_path: Path) -> None:
    url = address("sqlite", tmp_path)
    source = fill(url, pairs(5))
    batch.score(Lengths(), source, f"{url}#scores", at=AT)
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute("create table mine as select * from scores where 0")
        connection.execute('create unique index one on mine (sender_id, recipient_id, "at")')
    for _ in range(2):
        batch.score(Lengths(), source, f"{url}#mine", at=AT)
    pd.testing.assert_frame_equal(load(url, "select * from mine"), load(url))


def test_score__tables_that_do_not_fit__say_what_is_missing(tmp_path: Path) -> None:
    url = address("sqlite", tmp_path)
    source = fill(url, pairs(5))
    connection = sqlite3.connect(tmp_path / "crm.db")
    connection.execute("create table narrow (sender_id, recipient_id, at, is_cold)")
    connection.execute("create table keyless (sender_id, recipient_id, at, is_cold, p_within_3_weeks)")
    connection.execute("create table empty (sender_id, recipient_id)")
    connection.execute("create table gaps (sender_id, recipient_id)")
    connection.execute("insert into gaps values ('s2', 'a'), ('s1', null), ('s0', 'a')")
    connection.execute("create table vague (sender_id, recipient_id, sent_at)")
    connection.execute("insert into vague values ('s1', 'a', 'soon'), ('s0', 'a', '2025-05-01')")
    connection.commit()
    for place, target, at, sentence in (
        (source, f"{url}#narrow", AT, "lacks the column p_within_3_weeks. Add what"),
        (source, f"{url}#keyless", AT, "Give it a primary key over the ids"),
        (source, f"{url}#scores", None, "Give it: --at 2026-01-31"),
        (source, url, AT, "Which table of crm.db"),
        (source, source, AT, "input and output at once"),
        (f"{url}#pair", f"{url}#scores", AT, "no table crm.db#pair. Did you mean 'pairs'"),
        (f"{url}#crm.pairs", f"{url}#scores", AT, "crm.db has no schema 'crm'. Known: main. Leave"),
        (source, f"{url}#sales.scores", AT, "unknown database sales. Leave the schema out of the name"),
        (f"{url}#empty", f"{url}#scores", AT, "empty holds no rows"),
        (
            f"{url}#gaps",
            f"{url}#scores",
            AT,
            r"ordered by sender_id, recipient_id: recipient_id is empty in 1 row \(2\)",
        ),
        (f"{url}#vague", f"{url}#scores", AT, r"ordered by .*sent_at: sent_at is not .* in 1 row \(2\)"),
        (f"{url}#influence_progress", f"{url}#scores", AT, "lacks the columns sender_id and recipient_id"),
    ):
        with pytest.raises(InfluenceError, match=sentence):
            batch.score(Lengths(), place, target, at=at)
    assert "scores" not in load(url, "select name from sqlite_master")["name"].tolist()
    assert load(url, f"select * from {PROGRESS}").empty, "nothing was begun"


def test_score__model_without_a_fingerprint_and_other_databases__refused(tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    pairs(5).to_parquet(source)
    model = Lengths()
    del model.fingerprint
    with pytest.raises(ConfigError, match="give it a `fingerprint`"):
        batch.score(model, source, f"{address('sqlite', tmp_path)}#scores", at=AT)
    with pytest.raises(ConfigError, match="holds a password"):
        batch.score(Lengths(), source, "postgresql://ann:hunter2@host/crm#scores", at=AT)
    with pytest.raises(DataError, match="Check host and port"):
        batch.score(Lengths(), source, "postgresql://127.0.0.1:9/crm#scores", at=AT)


def test_score__place_of_a_model__told_to_load_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Load it: influence.load\('runs/model'\)"):
        batch.score("runs/model", tmp_path / "in.csv", tmp_path / "out.csv")  # type: ignore[arg-type]

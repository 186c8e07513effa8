"""Against a PostgreSQL server of the test's own: a connection killed midway, and nothing lost or twice."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy
from tests.batch.postgres import binaries, server

import influence
from influence import batch
from influence.cli import main
from influence.errors import DataError
from influence.readers import ReadingConfig, read

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(binaries() is None, reason="no PostgreSQL binaries (initdb, pg_ctl) on this machine"),
]
AT = "2024-01-01"
MILLION = 1_000_000


class Hashed:
    """A model that costs nothing; its answers follow from the ids."""

    fingerprint = "hashed"

    def __init__(self, kill: int | None = None, engine: sqlalchemy.Engine | None = None) -> None:
        self.kill, self.engine, self.n_asked = kill, engine, 0

    def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
        if self.kill is not None and self.n_asked <= self.kill < self.n_asked + len(pairs):
            assert self.engine is not None
            threading.Timer(0.05, terminate_writers, [self.engine]).start()
        self.n_asked += len(pairs)
        p = pairs["sender_id"].str[1:].astype("int64").to_numpy() % 1000 / 1000
        return pairs[["sender_id", "recipient_id"]].assign(
            p_at_once=p / 2, p_within_3_weeks=p, median_days=p * 20, is_cold=p > 0.5
        )


def terminate_writers(engine: sqlalchemy.Engine) -> int:
    with engine.begin() as connection:
        ended = connection.exec_driver_sql(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where pid <> pg_backend_pid() "
            "and backend_type = 'client backend'"
        )
        return int(ended.scalar() or 0)


@pytest.fixture(scope="module")
def socket() -> Iterator[Path]:
    with server() as folder:
        yield folder


@pytest.fixture
def url(socket: Path) -> Iterator[str]:
    """A database of the test's own."""
    root = sqlalchemy.create_engine(
        f"postgresql+psycopg://owner@/postgres?host={socket}", isolation_level="AUTOCOMMIT"
    )
    with root.connect() as connection:
        connection.exec_driver_sql("drop database if exists crm with (force)")
        connection.exec_driver_sql("create database crm")
    root.dispose()
    yield f"postgresql+psycopg://owner@/crm?host={socket}"


def engine_of(url: str) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)


def run(url: str, *statements: str) -> list[tuple[object, ...]]:
    engine, rows = engine_of(url), list[tuple[object, ...]]()
    with engine.begin() as connection:
        for statement in statements:
            result = connection.exec_driver_sql(statement)
            rows = [tuple(row) for row in result] if result.returns_rows else []
    return rows


def numbered(n_rows: int) -> pd.DataFrame:
    number = np.random.default_rng(1).permutation(n_rows).astype("str")
    return pd.DataFrame({"sender_id": "s" + pd.Series(number), "recipient_id": "r" + pd.Series(number)})


def checksum(url: str) -> tuple[object, ...]:
    """Over every cell, in the order of the key."""
    [found] = run(
        url,
        "select count(*), count(distinct (sender_id, recipient_id, at)), md5(string_agg(concat_ws(',', "
        "sender_id, recipient_id, p_at_once, p_within_3_weeks, median_days, is_cold), ';' "
        'order by sender_id collate "C", recipient_id collate "C")) from scores',
    )
    return found


def expected_checksum(asked: pd.DataFrame) -> str:
    rows = Hashed().predict("acceptance", asked).sort_values(["sender_id", "recipient_id"])
    cells = [
        ",".join(
            (sender, recipient, *(np.format_float_positional(x, trim="-") for x in numbers), "ft"[int(cold)])
        )
        for sender, recipient, *numbers, cold in rows.itertuples(index=False, name=None)
    ]
    return hashlib.md5(";".join(cells).encode()).hexdigest()


@pytest.mark.parametrize(("input_is", "n_rows"), [("file", MILLION), ("table", MILLION // 5)])
def test_score__connection_killed_midway_twice__resumed_nothing_lost_nothing_twice(
    url: str, tmp_path: Path, input_is: str, n_rows: int
) -> None:
    asked, chunk_rows = numbered(n_rows), n_rows // 20
    source = str(tmp_path / "pairs.parquet")
    asked.to_parquet(source)
    if input_is == "table":
        fill(url, "pairs", asked)
        source = f"{url}#pairs"
    engine, committed = engine_of(url), 0
    for kill in (n_rows // 4, n_rows // 3):
        model = Hashed(kill, engine)
        with pytest.raises(DataError, match=r"Run the same command again: it goes on after the [\d,]+ rows"):
            batch.score(model, source, f"{url}#scores", at=AT, chunk_rows=chunk_rows)
        [(rows, done)] = run(
            url, "select (select count(*) from scores), (select max(rows_done) from influence_progress)"
        )
        assert rows == done
        assert committed < int(str(done)) < n_rows
        committed = int(str(done))
    model = Hashed()
    assert batch.score(model, source, f"{url}#scores", at=AT, chunk_rows=chunk_rows) == n_rows
    assert model.n_asked == n_rows - committed
    assert checksum(url) == (n_rows, n_rows, expected_checksum(asked))
    assert run(url, "select count(*) from influence_progress") == [(0,)]


class Quoting:
    """A model whose answers are hard to write as text."""

    fingerprint = "quoting"
    answers = ("", None, 'a "quoted", word', "two\nlines\r\n", "\\N \\. \t", "’ü", "NULL")

    def predict(self, task: str, pairs: pd.DataFrame, at: object = None) -> pd.DataFrame:
        number = pairs["recipient_id"].astype(int)
        told = pd.Series([self.answers[n] for n in number], pairs.index, dtype="str")
        p = np.where(number % 2 == 0, np.nan, 1 / 3 + number)
        return pairs[["sender_id", "recipient_id"]].assign(
            via=told, p=p, n=number.astype("Int64").mask(p > 4)
        )


def test_score__answers_hard_to_write__arrive_as_they_are(url: str, tmp_path: Path) -> None:
    asked = pd.DataFrame({"sender_id": "o\"'x", "recipient_id": [str(n) for n in range(7)]})
    asked.to_parquet(tmp_path / "pairs.parquet")
    batch.score(Quoting(), tmp_path / "pairs.parquet", f"{url}#scores", at=AT)
    found = run(url, "select via, p, n, sender_id, at from scores order by recipient_id::int")
    assert [row[0] for row in found] == list(Quoting.answers)
    assert [row[1] for row in found] == [None if n % 2 == 0 else 1 / 3 + n for n in range(7)]
    assert [row[2] for row in found] == [0, 1, 2, 3, 4, None, 6]
    assert {row[3] for row in found} == {"o\"'x"}
    assert {row[4] for row in found} == {pd.Timestamp(AT, tz="UTC")}


def test_score__table_of_the_team_s_own_in_a_schema__its_types_kept(url: str, tmp_path: Path) -> None:
    pd.DataFrame({"sender_id": [7, 8], "recipient_id": [1, 2]}).to_parquet(tmp_path / "pairs.parquet")
    run(
        url,
        "create schema crm",
        'create table crm."Scores" (id serial, sender_id bigint, recipient_id bigint, at date, via text, '
        "p numeric, n smallint, unique (at, sender_id, recipient_id))",
    )
    for _ in range(2):
        batch.score(Quoting(), tmp_path / "pairs.parquet", f"{url}#crm.Scores", at=AT)
    found = run(url, 'select sender_id, at::text, via from crm."Scores" order by 1')
    assert found == [(7, AT, None), (8, AT, 'a "quoted", word')]
    run(url, "drop role if exists guest", "create role guest login", "grant usage on schema crm to guest")
    guest = url.replace("owner@", "guest@")
    with pytest.raises(DataError, match=r"permission denied for (schema crm|table influence_progress)"):
        batch.score(Quoting(), tmp_path / "pairs.parquet", f"{guest}#crm.Scores", at=AT)


def fill(url: str, table: str, rows: pd.DataFrame) -> None:
    engine = engine_of(url)
    with engine.begin() as connection:
        columns = ", ".join(f"{name} text" for name in rows.columns)
        connection.exec_driver_sql(f"create table {table} ({columns})")
        driver = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"copy {table} from stdin") as copy:  # type: ignore
            for row in rows.itertuples(index=False, name=None):
                copy.write_row(row)


def test_score__real_model_over_its_own_records_in_the_database__as_predict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    secret, world = "correct horse", influence.synthesize(150, seed=2)
    monkeypatch.setenv("PGPASSWORD", secret)
    with server(password=secret) as socket:
        url = f"postgresql+psycopg://owner@/postgres?host={socket}"
        engine = engine_of(url)
        with engine.begin() as connection:
            for name, rows in world.tables.items():
                rows.to_sql(name, connection, index=False)
        folder = as_folder(world, tmp_path / "tables")
        assert read(url).fingerprint == influence.read(folder).fingerprint
        config, model, at = tmp_path / "config.yaml", tmp_path / "model", "2025-05-01"
        config.write_text(
            f"data: {url}\nseeds: [0]\ntracking: {{uri: 'sqlite:///{tmp_path}/mlflow.db'}}\noutput: {model}\n"
            "training: {max_epochs: 1}\ntrees: {max_rounds: 10}\n"
        )
        monkeypatch.chdir(tmp_path)
        commanded("train", config)
        run(url, "create table pairs as select sender_id, recipient_id from invitations limit 40")
        for _ in range(2):
            commanded("score", model, f"{url}#pairs", f"{url}#scores", "--at", at, "--data", url)
        scored = pd.DataFrame(
            run(url, "select sender_id, recipient_id, p_within_3_weeks from scores order by 1, 2"),
            columns=["sender_id", "recipient_id", "p"],
        )
    told = "".join(capfd.readouterr())
    assert "40 rows scored into postgresql+psycopg:///postgres?host=" in told
    assert secret not in told
    predicted = influence.load(model).predict("acceptance", scored[["sender_id", "recipient_id"]], at=at)
    np.testing.assert_array_equal(scored["p"].astype(float), predicted["p_within_3_weeks"])
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"mlflow.db", "model.json"} <= {path.name for path in kept}
    assert not [path for path in kept if secret.encode() in path.read_bytes()]


def commanded(*words: object) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    assert ended.value.code == 0


def as_folder(network: influence.Network, folder: Path) -> Path:
    from influence.readers import write_tables

    write_tables(network, folder)
    return folder


def test_read__rows_that_come_while_reading__not_seen(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from influence.readers import databases

    contacts = pd.DataFrame({"contact_id": [f"c{n}" for n in range(2_000)]})
    fill(url, "contacts", contacts)
    fill(url, "companies", contacts.head(1).set_axis(["company_id"], axis=1))
    columns_in, n_seen = databases.columns_in, [0]

    def busy(connection: sqlalchemy.Connection, place: databases.Place) -> list[str]:
        n_seen[0] += 1
        run(url, f"insert into {place} values ('late {n_seen[0]}')")
        return columns_in(connection, place)

    run(url, "alter table companies add column employees int")
    monkeypatch.setattr(databases, "columns_in", busy)
    network = read(url, config=ReadingConfig(database={"chunk_rows": 100}))
    assert n_seen[0] == 2
    assert (len(network.table("contacts")), len(network.table("companies"))) == (2_000, 1)


def test_read__reader_without_rights__told_what_is_missing(url: str, socket: Path) -> None:
    fill(url, "contacts", pd.DataFrame({"contact_id": ["c1"]}))
    run(url, "drop role if exists guest", "create role guest login")
    guest = f"postgresql+psycopg://guest@/crm?host={socket}"
    with pytest.raises(DataError, match=r"permission denied for table contacts\. Ask for the right"):
        read(guest)
    run(url, "grant select on contacts to guest")
    assert len(read(guest).table("contacts")) == 1
    with pytest.raises(DataError, match=r"does not exist\. Check the database's name"):
        read(f"postgresql+psycopg://owner@/nothing?host={socket}")


def test_read__password_from_the_environment_and_the_driver_s_file__never_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "correct horse"
    with server(password=secret) as socket:
        url = f"postgresql+psycopg://owner@/postgres?host={socket}"
        monkeypatch.setenv("PGPASSWORD", secret)
        fill(url, "contacts", pd.DataFrame({"contact_id": ["c1"]}))
        commanded("read", url, "--output", tmp_path / "tables")
        monkeypatch.setenv("PGPASSWORD", "wrong battery")
        with pytest.raises(DataError, match=r"authentication failed.*Set PGPASSWORD") as caught:
            read(url)
        assert "battery" not in str(caught.value)
        monkeypatch.delenv("PGPASSWORD")
        with pytest.raises(DataError, match=r"no password supplied.*Set PGPASSWORD"):
            read(url)
        passfile = tmp_path / "pgpass"
        passfile.write_text(f"*:*:*:owner:{secret}\n")
        passfile.chmod(0o600)
        monkeypatch.setenv("PGPASSFILE", str(passfile))
        assert len(read(url).table("contacts")) == 1
    told = "".join(capfd.readouterr())
    assert secret not in told
    kept = [path.read_bytes() for path in (tmp_path / "tables").rglob("*")]
    assert kept and not any(secret.encode() in content for content in kept)

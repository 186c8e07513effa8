"""Databases as sources: the same network as from files, under whatever names, and errors with a remedy."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy
from tests.readers.folders import MESSAGES, write

import influence
from influence.data import Network
from influence.errors import ConfigError, DataError, InfluenceError
from influence.readers import ReadingConfig, read
from influence.readers.config import DatabaseNames

KINDS = ("sqlite", "duckdb")
INVITATIONS = [
    ("i1", "ann", "bob", "2024-01-01 08:00:00", "accepted", "2024-01-02 08:00:00"),
    ("i2", "bob", "cem", "2024-01-03 08:00:00", "pending", None),
]
COLUMNS = ("invitation_id", "sender_id", "recipient_id", "sent_at", "outcome", "responded_at")


@pytest.fixture(scope="module")
def world() -> Network:
    return influence.synthesize(100, seed=3)


def address(kind: str, folder: Path) -> str:
    return f"{kind}:///{folder}/crm.db"


def fill(url: str, tables: Mapping[str, pd.DataFrame], schema: str | None = None) -> str:
    """Tables as another program might have made them: text, whole numbers, flags and times typed."""
    kinds = {"Int64": sqlalchemy.BigInteger(), "boolean": sqlalchemy.Boolean(), "str": sqlalchemy.Text()}
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for name, rows in tables.items():
            types = {
                column: kinds.get(str(rows[column].dtype), sqlalchemy.DateTime(timezone=True))
                for column in rows.columns
                if rows[column].dtype != "float64"
            }
            columns = [
                sqlalchemy.Column(
                    sqlalchemy.sql.quoted_name(column, True), types.get(column, sqlalchemy.Double())
                )
                for column in rows.columns
            ]
            table = sqlalchemy.Table(name, sqlalchemy.MetaData(), *columns, schema=schema)
            table.create(connection)
            cells = rows.astype("object").where(rows.notna(), None)
            if len(rows):
                connection.execute(table.insert(), cells.to_dict("records"))
    engine.dispose()
    return url


def requests(url: str, name: str = "invitations", columns: Iterable[str] = COLUMNS) -> str:
    return fill(url, {name: pd.DataFrame(INVITATIONS, columns=list(columns))})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chunk_rows", [7, 50_000])
def test_read__tables_named_as_in_the_vocabulary__same_network(
    tmp_path: Path, world: Network, kind: str, chunk_rows: int
) -> None:
    url = fill(address(kind, tmp_path), {name: rows.head(200) for name, rows in world.tables.items()})
    expected = Network.from_tables({name: rows.head(200) for name, rows in world.tables.items()})
    network = read(url, config=ReadingConfig(database=DatabaseNames(chunk_rows=chunk_rows)))
    for name in expected.tables:
        by = list(expected.table(name).columns)
        pd.testing.assert_frame_equal(
            network.table(name).sort_values(by, ignore_index=True),
            expected.table(name).sort_values(by, ignore_index=True),
        )
    assert network.notes[0] == "Recognised as database."


@pytest.mark.parametrize("kind", KINDS)
def test_read__other_names__found_by_the_settings(tmp_path: Path, kind: str) -> None:
    url = requests(address(kind, tmp_path), "Order", ("select", "from", "to", "sent at", "outcome", "at"))
    own = dict(zip(COLUMNS, ("select", "from", "to", "sent at", "outcome", "at"), strict=True))
    network = influence.read(
        url, database={"tables": {"invitations": "Order"}, "columns": {"invitations": own}}
    )
    invitations = network.table("invitations")
    assert invitations["sender_id"].tolist() == ["ann", "bob"]
    assert invitations["responded_at"].tolist() == [pd.Timestamp("2024-01-02 08:00", tz="UTC"), pd.NaT]


def test_read__prefix_and_schema__found(tmp_path: Path) -> None:
    url = address("duckdb", tmp_path)
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.schema.CreateSchema("sales"))
    engine.dispose()
    requests(url, "other_invitations")
    fill(url, {"our_invitations": pd.DataFrame(INVITATIONS[:1], columns=list(COLUMNS))}, schema="sales")
    assert len(influence.read(url, database={"prefix": "other_"}).table("invitations")) == 2
    asked = {"prefix": "our_", "schema_name": "sales"}
    assert len(influence.read(url, database=asked).table("invitations")) == 1
    asked = {"tables": {"invitations": "sales.our_invitations"}}
    assert len(influence.read(url, database=asked).table("invitations")) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "asked", [{"tables": {"invitations": "sale.requests"}}, {"schema_name": "sale"}], ids=["table", "schema"]
)
def test_read__schema_that_is_not_there__told_with_those_that_are(
    tmp_path: Path, kind: str, asked: dict[str, Any]
) -> None:
    url = requests(address(kind, tmp_path), "requests")
    with pytest.raises(DataError, match=r"^crm.db has no schema 'sale'. Known: .*main. Leave the schema out"):
        influence.read(url, database=asked)
    main = {"tables": {"invitations": "main.requests"}}
    assert len(influence.read(url, database=main).table("invitations")) == 2


def test_read__columns_of_the_team_s_own__left_where_they_are_and_told(tmp_path: Path) -> None:
    url = fill(
        address("sqlite", tmp_path),
        {"invitations": pd.DataFrame(INVITATIONS, columns=list(COLUMNS)).assign(phone="030", notes="secret")},
    )
    network = read(url)
    assert "invitations: not columns of the vocabulary, not read: phone, notes." in network.notes


def test_read__long_whole_numbers_with_gaps_and_mixed_types__ids_kept(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "crm.db")
    connection.execute("create table contacts (contact_id, company_id, n_connections)")
    connection.executemany(
        "insert into contacts values (?, ?, ?)",
        [(2**60 + 1, None, 4), ("ann", 2**60 + 3, "5"), (7.0, None, None), (b"bob", 9, 6.0)],
    )
    connection.commit()
    asked = {"columns": {}, "chunk_rows": 1}
    contacts = influence.read(f"sqlite:///{tmp_path}/crm.db", database=asked).table("contacts")
    assert sorted(contacts["contact_id"]) == [str(2**60 + 1), "7", "ann", "bob"]
    assert sorted(contacts["company_id"].dropna()) == [str(2**60 + 3), "9"]
    assert sorted(contacts["n_connections"].dropna()) == [4, 5, 6]


def test_read__faulty_cells__told_by_row_and_set_aside(tmp_path: Path) -> None:
    rows = [*INVITATIONS, ("i3", "cem", "ann", "yesterday", "accepted", None)]
    url = fill(address("sqlite", tmp_path), {"invitations": pd.DataFrame(rows, columns=list(COLUMNS))})
    with pytest.raises(DataError, match="sent_at is not a time"):
        read(url)
    network = read(url, set_aside=tmp_path / "aside")
    assert len(network.table("invitations")) == 2
    assert "yesterday" in (tmp_path / "aside" / "invitations.csv").read_text()


def test_read__database_and_folder__one_network_that_names_both(tmp_path: Path) -> None:
    folder = write(tmp_path / "log", {"messages.csv": MESSAGES})
    network = read([requests(address("sqlite", tmp_path)), folder])
    sources = network.table("sources").set_index("reader")
    assert sources.loc["database", "file"] == "crm.db"
    assert {"i1", "i2"} < set(network.table("invitations")["invitation_id"])
    again = read([address("sqlite", tmp_path), folder])
    assert again.fingerprint == network.fingerprint


def test_read__names_that_are_not_there__nearest_and_remedy(tmp_path: Path) -> None:
    url = requests(address("sqlite", tmp_path), "requests", ("id", *COLUMNS[1:]))
    with pytest.raises(DataError, match=r"no table of the vocabulary.*It has requests\. Name yours"):
        read(url)
    for asked, sentence in (
        ({"tables": {"invitations": "request"}}, "has no table 'request'. Did you mean 'requests'"),
        ({"tables": {"invitation": "requests"}}, "no table 'invitation' in the vocabulary. Did you mean"),
        ({"tables": {"invitations": "requests"}}, "has no column for invitations.invitation_id. Found: id"),
        ({"columns": {"invitations": {"sender": "id"}}}, "has no column 'sender'. Did you mean 'sender_id'"),
        (
            {"tables": {"invitations": "requests"}, "columns": {"invitations": {"invitation_id": "idd"}}},
            "requests has no column 'idd' for invitation_id. Did you mean 'id'",
        ),
    ):
        with pytest.raises(InfluenceError, match=sentence):
            influence.read(url, database=asked)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql+psycopg://127.0.0.1:9/crm", "127.0.0.1:9/crm: .*Check host and port"),
        ("postgresql://127.0.0.1:9/crm", "postgresql://127.0.0.1:9/crm: .*Check host and port"),
        ("sqlite:///nowhere/crm.db", "There is no file 'nowhere/crm.db'"),
        ("sqlite://", "names no file"),
        ("postgrespl://host/crm", "is no address of a database"),
        ("postgresql://host:port/crm", "is no address of a database"),
        ("https://example.org/crm", "is no address of a database"),
        ("mysql+pymysql://host/crm", "needs the package pymysql"),
        ("sqlite:///crm.db#contacts", "without #table"),
    ],
)  # fmt: skip
def test_read__address_that_leads_nowhere__says_why(url: str, sentence: str) -> None:
    with pytest.raises(InfluenceError, match=sentence):
        read(url)


@pytest.mark.parametrize("kind", KINDS)
def test_read__file_of_another_kind__says_so(tmp_path: Path, kind: str) -> None:
    (tmp_path / "crm.db").write_text("sender,recipient\n" * 200)
    with pytest.raises(DataError, match=r"crm\.db: .*Check the path"):
        read(address(kind, tmp_path))


def test_read__address_and_another_reader__refused() -> None:
    with pytest.raises(ConfigError, match="is an address: leave out the reader 'messages'"):
        read("sqlite:///crm.db", reader="messages")


def test_read__without_the_extra__names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(ConfigError, match=r"pip install 'influence\[sql\]'"):
        read(address("sqlite", tmp_path))

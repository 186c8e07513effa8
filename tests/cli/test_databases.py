"""Databases named on the command line: wherever records are asked for, and never with a password."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy
from tests.commands import ran

PASSWORD = "hunter2"
LOGINS = (
    f"postgresql+psycopg://ann:{PASSWORD}@127.0.0.1:9/crm",
    f"postgresql+psycopg://ann:{PASSWORD}/1@127.0.0.1:9/crm",
    f"postgresql+psycopg://ann:{PASSWORD}?1#2@127.0.0.1:9/crm",
    f"postgresql+psycopg://127.0.0.1:9/crm?password={PASSWORD}",
    f"sqlite:///crm.db?token={PASSWORD}",
)


def written(folder: Path) -> Iterable[bytes]:
    return (path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def database(tmp_path: Path) -> str:
    rows = pd.DataFrame(
        {
            "invitation_id": ["i1", "i2"],
            "sender_id": ["ann", "bob"],
            "recipient_id": ["bob", "cem"],
            "sent_at": ["2024-01-01T08:00:00", "2024-01-03T08:00:00"],
            "outcome": ["pending", "pending"],
        }
    )
    url = f"sqlite:///{tmp_path}/crm.db"
    engine = sqlalchemy.create_engine(url)
    rows.to_sql("our_invitations", engine, index=False)
    engine.dispose()
    return url


@pytest.mark.parametrize("key", ["database.prefix", "reading.database.prefix"])
def test_read__address_and_names__tables_kept_in_a_folder(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    folder = tmp_path / "tables"
    assert ran("read", database, "--set", f"{key}=our_", "--output", folder) == 0
    told = capsys.readouterr()
    assert "invitations" in told.out and "Recognised as database." in told.err
    assert pd.read_parquet(folder / "invitations.parquet")["sender_id"].tolist() == ["ann", "bob"]


@pytest.mark.parametrize("by", ["--data", "data", "--set"])
def test_train__address__read_as_it_stands(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], by: str
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"data: {database}\n" if by == "data" else "")
    words = {"--data": ("--data", database), "data": (), "--set": ("--set", f"data={database}")}[by]
    prefix = ("--set", "reading.database.prefix=our_", "--set", "tracking.enabled=false")
    assert ran("train", config, *words, *prefix, "--set", f"output={tmp_path}/model") == 2
    told = capsys.readouterr().err
    assert "Recognised as database." in told
    assert "invitations" in told  # two are too few to learn from, and the message says so
    assert ran("train", config, *words) == 2
    assert "no table of the vocabulary" in capsys.readouterr().err


@pytest.mark.parametrize("login", LOGINS)
def test_any_command__password_in_an_address__refused_and_never_repeated(
    login: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.yaml").write_text("")
    Path("pairs.csv").write_text("sender_id,recipient_id\nann,bob\n")
    for words in (
        ("read", login),
        ("read", login, "--output", "tables"),
        ("train", "empty.yaml", "--data", login),
        ("train", "empty.yaml", "--set", f"data='{login}'"),
        ("evaluate", "empty.yaml", "--data", login, "--json", "figures.json"),
        ("audit", "empty.yaml", "--data", login),
        ("people", login, "communities"),
        ("train", "empty.yaml", "--set", f"tracking.uri='{login}'"),
    ):
        assert ran(*words) == 2, words
        told = "".join(capfd.readouterr())
        assert PASSWORD not in told, words
        assert "PGPASSWORD" in told or "MLFLOW_TRACKING_URI" in told, words
    for words in (("score", login, "pairs.csv", "out.csv"), ("train", login), ("report", login)):
        assert ran(*words) != 0, words
        assert PASSWORD not in "".join(capfd.readouterr()), words
    Path("planted.yaml").write_text(f"data: '{login}'\n")
    assert ran("train", "planted.yaml") == 2
    told = "".join(capfd.readouterr())
    assert PASSWORD not in told and "PGPASSWORD" in told
    Path("planted.yaml").unlink()
    assert not any(PASSWORD.encode() in content for content in written(tmp_path))

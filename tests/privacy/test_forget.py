"""Forgetting a person: nothing of theirs is left, nothing of others is lost."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file, save_file
from tests.commands import ran
from tests.privacy.people import ANN, BO, CY, DEE, KEY, TERMS, folder, holding, network, own

from influence import readers
from influence.bundle import Bundle
from influence.config import Config
from influence.errors import DataError
from influence.graph.building import build_graph
from influence.privacy import forget, forgetting, models
from influence.provenance import model_digest


@pytest.fixture
def key(key_file: Path) -> Path:
    key_file.write_text(KEY)
    return key_file


@pytest.mark.parametrize(
    "asked",
    [
        "Ann Lee",
        "ann-lee-7",
        "https://www.linkedin.com/in/Ann-Lee-7/?x=1",
        "ANN.LEE@acme.example",
        own(ANN),
        ANN,
    ],
)
def test_forget__network__only_the_rows_of_others_are_left(tmp_path: Path, key: Path, asked: str) -> None:
    place = folder(tmp_path / "net")
    before = network()
    found = forget([asked], [place])
    assert holding(place) == []
    assert found.left == []
    after = readers.read(place)
    people = {own(one) for one in (BO, CY, DEE)}
    assert set(after.contact_ids) == people
    for name, rows in before.tables.items():
        ends = [column for column in ENDS if column in rows.columns and name != "sources"]
        others = rows[~rows[ends].isin([own(ANN)]).any(axis=1)]
        assert len(after.table(name)) == len(others), name
    connection = after.table("connections").iloc[0]
    assert pd.isna(connection["observed_by"]) and connection["target_id"] == own(CY)
    contents = set(after.table("contents")["content_id"])
    assert len(contents) == 1
    refer = after.table("interactions")["content_id"]
    assert refer.isna().sum() == 1 and set(refer.dropna()) == contents


def test_forget__again__same_files(tmp_path: Path, key: Path) -> None:
    place = folder(tmp_path / "net")
    forget(["Ann Lee"], [place])
    content = {path.name: path.read_bytes() for path in place.iterdir()}
    again = forget(["Ann Lee"], [place])
    assert again.touched == [] and "knows 'Ann Lee'" in again.notes[0]
    assert {path.name: path.read_bytes() for path in place.iterdir()} == content


def test_forget__killed_after_any_file__run_again_ends_the_same(
    tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = folder(tmp_path / "whole")
    (whole / "scores.csv").write_text(f"query_id,p\n{_invitation(own(ANN))},0.5\nx,0.2\n")
    n_files = len(forget(["Ann Lee"], [whole]).touched)
    real = forgetting.atomic
    for n in range(0, n_files, 3):
        place = folder(tmp_path / f"cut{n}")
        (place / "scores.csv").write_text(f"query_id,p\n{_invitation(own(ANN))},0.5\nx,0.2\n")
        left = [n]

        def failing(target: Path, left: list[int] = left) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return real(target)

        monkeypatch.setattr(forgetting, "atomic", failing)
        with pytest.raises(KeyboardInterrupt):
            forget(["Ann Lee"], [place])
        monkeypatch.setattr(forgetting, "atomic", real)
        forget(["Ann Lee"], [place])
        assert holding(place) == []
        for path in whole.iterdir():
            assert path.read_bytes() == (place / path.name).read_bytes(), path.name


def _invitation(sender: str) -> str:
    rows = network().table("invitations")
    return str(rows.loc[rows["sender_id"] == sender, "invitation_id"].iloc[0])


def test_forget__namesakes__nothing_done_but_listed(tmp_path: Path, key: Path) -> None:
    place = folder(tmp_path / "net")
    rows = pd.read_parquet(place / "identities.parquet")
    rows.loc[rows["value"] == "Bo Day", "value"] = "ann lee"
    rows.to_parquet(place / "identities.parquet", index=False)
    with pytest.raises(DataError, match=r"may be 2 people\. Nothing was done") as told:
        forget(["Ann Lee"], [place])
    assert own(ANN) in str(told.value) and "email ann.lee@acme.example" in str(told.value)
    found = forget([own(ANN)], [place])
    assert "Others are called so too, where it stays: Ann Lee." in found.notes
    assert "ann lee" in set(pd.read_parquet(place / "identities.parquet")["value"])


def test_forget__dry_run__same_list_nothing_changed(tmp_path: Path, key: Path) -> None:
    place = folder(tmp_path / "net")
    content = {path.name: path.read_bytes() for path in place.iterdir()}
    dry = forget(["Ann Lee"], [place], dry_run=True)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == content
    assert forget(["Ann Lee"], [place]).touched == dry.touched != []


ENDS = ("contact_id", "sender_id", "recipient_id", "actor_id", "target_id", "source_id", "author_id")

SCORES = (
    f"sender_id,recipient_id,p_within_3_weeks,introducers,reasons\r\n{own(ANN)},{own(BO)},.1,,x\r\n"
    f'{own(BO)},{own(CY)},.2,"{own(ANN)}, {own(DEE)}","known by {own(ANN)}"\r\n'
    f'{own(BO)},{own(DEE)},.3,,"a ""b"""\r\n'
)
CARD = {"rows": [{"contact_id": own(ANN)}, {"contact_id": own(BO)}], "by": "Ann Lee", own(ANN): 1}
PAGE = "<tr><td>Ann Lee</td></tr><tr><td>Bo</td></tr>"
LISTS = pa.table(
    {
        "n": [1, 2],
        "ids": [[own(ANN), own(BO)], [own(CY)]],
        "who": pa.array([own(BO), "Ann Lee"]).dictionary_encode(),
    }
)
FILES: dict[str, Callable[[Path], object]] = {
    "scores.csv": lambda path: path.write_bytes(SCORES.encode()),
    "card.json": lambda path: path.write_text(json.dumps(CARD)),
    "page.html": lambda path: path.write_text(f"<!doctype html><table>{PAGE}</table><p>Ann Lee leads</p>"),
    "run.yaml": lambda path: path.write_text("note: written for ann.lee@acme.example\n"),
    "lists.parquet": lambda path: pq.write_table(LISTS, path),
    "text.npz": lambda path: np.savez(path, who=np.array([own(ANN), own(BO)]), n=np.arange(3)),
    "notes.txt": lambda path: path.write_text("linkedin.com/in/ann-lee-7 and ann-lee-77\n"),
}


@pytest.mark.parametrize("name", FILES)
def test_forget__kind_of_file__nothing_left_others_stay(tmp_path: Path, key: Path, name: str) -> None:
    place = folder(tmp_path / "net")
    FILES[name](place / name)
    assert holding(place / name)
    forget(["Ann Lee"], [place])
    rest = [one for one in holding(place / name) if one != "notes.txt: ann-lee-7"]  # of ann-lee-77
    assert rest == []
    if name == "scores.csv":
        left = (place / name).read_bytes().decode()
        assert len(left.splitlines()) == 3
        assert left.endswith(f'{own(BO)},{own(DEE)},.3,,"a ""b"""\r\n'), "rows of others stay byte for byte"
    elif name == "lists.parquet":
        assert pq.read_table(place / name).to_pydict()["ids"] == [[own(BO)]]
    elif name == "text.npz":
        assert np.load(place / name)["who"].tolist() == ["", own(BO)]
    elif name == "notes.txt":
        assert "ann-lee-77" in (place / name).read_text()


def test_forget__safetensors__others_bit_for_bit(tmp_path: Path, key: Path) -> None:
    place = folder(tmp_path / "net")
    tensors = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), own(ANN): np.ones(5), "z": np.arange(3)}
    save_file(tensors, place / "w.safetensors", {"who": "Ann Lee"})
    forget(["Ann Lee"], [place])
    assert holding(place) == []
    left = load_file(place / "w.safetensors")
    assert set(left) == {"a", "z"}
    assert all((left[name] == tensors[name]).all() for name in left)


def test_forget__sqlite__rows_gone_from_the_pages_too(tmp_path: Path, key: Path) -> None:
    place = folder(tmp_path / "net")
    with closing(sqlite3.connect(place / "scores.db")) as database:
        database.execute("CREATE TABLE s (sender_id TEXT, p REAL, reasons TEXT)")
        rows = [(own(ANN), 0.1, "a"), (own(BO), 0.2, "met Ann Lee"), (own(CY), 0.3, "c")]
        database.executemany("INSERT INTO s VALUES (?, ?, ?)", rows)
        database.commit()
    forget(["Ann Lee"], [place])
    assert holding(place) == []
    with closing(sqlite3.connect(place / "scores.db")) as database:
        assert database.execute("SELECT * FROM s").fetchall() == [(own(BO), 0.2, "met (forgotten)"), rows[2]]


def test_forget__archive_and_unknown_file__listed_not_touched(tmp_path: Path, key: Path) -> None:
    place = folder(tmp_path / "net")
    text = "First Name,Last Name,URL\nAnn,Lee,https://www.linkedin.com/in/ann-lee-7\nBo,Day,\nAnn,Lee,\n"
    with zipfile.ZipFile(place / "export.zip", "w") as archive:
        archive.writestr("Connections.csv", text)
    (place / "thing.bin").write_bytes(b"\x00\xff\x01" + own(ANN).encode())
    content = (place / "export.zip").read_bytes()
    found = forget(["Ann Lee"], [place])
    assert [file.name for file, _ in found.left] == ["export.zip", "thing.bin"]
    assert "--sources" in found.left[0][1] and "remove it" in found.left[1][1]
    assert (place / "export.zip").read_bytes() == content


def _encrypted(archive: zipfile.ZipFile) -> None:
    archive.writestr("a.csv", "contact_id\nx\n")
    archive.filelist[0].flag_bits |= 1


def _bomb(archive: zipfile.ZipFile) -> None:
    archive.writestr("a.csv", b"0" * 2**23, zipfile.ZIP_DEFLATED)


def _outside(archive: zipfile.ZipFile) -> None:
    archive.writestr("../a.csv", "contact_id\nx\n")


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [(_encrypted, "is encrypted"), (_bomb, "archives.ratio"), (_outside, "outside the folder")],
)
def test_forget__zip_that_no_reader_would_unpack__listed_not_opened(
    spoiled: Callable[[zipfile.ZipFile], None], why: str, tmp_path: Path, key: Path
) -> None:
    place = folder(tmp_path / "net")
    with zipfile.ZipFile(place / "odd.zip", "w") as archive:
        spoiled(archive)
    content = (place / "odd.zip").read_bytes()
    found = forget(["Ann Lee"], [place])
    assert [file.name for file, reason in found.left if why in reason] == ["odd.zip"]
    assert (place / "odd.zip").read_bytes() == content
    assert not (tmp_path / "a.csv").exists()


def test_forget__tables_in_csv__listed_as_sources_other_lists_cleaned(tmp_path: Path, key: Path) -> None:
    place = folder(tmp_path / "net")
    (place / "list.csv").write_text(f"contact_id,note\n{own(ANN)},x\n{own(BO)},y\n")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "adoptions.csv").write_text(f"contact_id,item\n{own(ANN)},x\n{own(BO)},y\n")
    found = forget(["Ann Lee"], [place, tmp_path / "own"])
    assert [file.name for file, _ in found.left] == ["adoptions.csv"]
    assert (place / "list.csv").read_text() == f"contact_id,note\n{own(BO)},y\n"
    assert forget([own(ANN)], [tmp_path / "own"], with_sources=True).left == []
    assert holding(tmp_path / "own") == []


def test_forget__archive_with_sources__cleaned(tmp_path: Path, key: Path) -> None:
    place = folder(tmp_path / "net")
    text = "First Name,Last Name,URL\nAnn,Lee,https://www.linkedin.com/in/ann-lee-7\nBo,Day,\nAnn,Lee,\n"
    with zipfile.ZipFile(place / "export.zip", "w") as archive:
        archive.writestr("Connections.csv", text)
    assert forget(["Ann Lee"], [place], with_sources=True).left == []
    with zipfile.ZipFile(place / "export.zip") as archive:
        assert archive.read("Connections.csv").decode() == "First Name,Last Name,URL\nBo,Day,\n"


def test_forget__command__lists_files_and_what_is_left(
    tmp_path: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = folder(tmp_path / "net")
    assert ran("forget", "Ann Lee", "--in", place, "--json", tmp_path / "out.json") == 0
    told = json.loads((tmp_path / "out.json").read_text())
    assert {Path(one["file"]).name for one in told["files"]} >= {"contacts.parquet", "identities.parquet"}
    assert holding(tmp_path / "out.json") == []
    assert "identities.parquet: 3 rows removed" in capsys.readouterr().out
    (place / "thing.bin").write_bytes(b"\x00\xff" + TERMS[3].encode())
    assert ran("forget", TERMS[3], "--in", place) == 1


def test_forget__no_such_place__told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is nothing at"):
        forget(["x"], [tmp_path / "nowhere"])


def test_forget__sqlite_in_use__left_alone_and_said(tmp_path: Path, key: Path) -> None:
    place = folder(tmp_path / "net")
    with closing(sqlite3.connect(place / "scores.db")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE s (sender_id TEXT)")
        database.execute("INSERT INTO s VALUES (?)", (own(ANN),))
        database.commit()
        found = forget(["Ann Lee"], [place])
        assert any(file.name == "scores.db" and "has it open" in why for file, why in found.left)
        assert database.execute("SELECT count(*) FROM s").fetchone() == (1,)
    assert forget([own(ANN)], [place]).left == []
    assert holding(place) == []


@pytest.fixture
def stored(tmp_path: Path, key: Path) -> Path:
    """A model without heads, which loads as any other, stored with the people's records."""
    until = pd.Timestamp("2025-02-01", tz="UTC")
    Bundle(network(), Config(), {}, until).write(tmp_path / "runs" / "model")
    return tmp_path / "runs" / "model"


def test_forget__model__loads_without_them_and_says_so(stored: Path) -> None:
    assert holding(stored), "the pseudonym stands in the records"
    before = Bundle.read(stored, {}).network
    found = forget([ANN, "Ann Lee"], [stored.parent])  # no table here knows the name
    assert holding(stored) == []
    assert found.retrain == [stored] and found.left == []
    after = Bundle.read(stored, {})
    assert after.network.notes == (
        "People were forgotten from these records after the model had learnt: train it anew.",
    )
    assert set(before.contact_ids) - set(after.network.contact_ids) == {own(ANN)}
    assert own(ANN) not in set(after.aliases.values()) and own(BO) in set(after.aliases.values())
    again = forget([ANN, "Ann Lee"], [stored.parent])
    assert again.touched == [] and again.retrain == [stored], "told until it is trained anew"


def test_forget__model_killed_while_it_changes__loads_at_any_moment(
    stored: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(folder: Path) -> None:
        raise KeyboardInterrupt

    renew = models._renew
    monkeypatch.setattr(models, "_renew", killed)
    with pytest.raises(KeyboardInterrupt):
        forget([ANN], [stored.parent])
    assert own(ANN) in Bundle.read(stored, {}).network.contact_ids
    monkeypatch.setattr(models, "_renew", renew)
    assert forget([ANN, "Ann Lee"], [stored.parent], key_file=key).left == []
    assert holding(stored.parent) == []


def test_forget__model_with_a_graph__loads_from_tables_without_them(tmp_path: Path, key: Path) -> None:
    readers.write_tables(network().impersonal(), tmp_path / "tables")
    build_graph(tmp_path / "tables", tmp_path / "graph", 1)
    folder, until = tmp_path / "runs" / "model", pd.Timestamp("2025-02-01", tz="UTC")
    Bundle(readers.read(tmp_path / "graph"), Config(), {}, until).write(folder)
    before = Bundle.read(folder, {}).network
    rows = before.table("interactions")
    assert own(ANN) in before.contact_ids
    found = forget([ANN], [folder.parent])
    assert holding(folder) == [] and found.left == [] and found.retrain == [folder]
    after = Bundle.read(folder, {}).network
    assert after.graph is None
    assert set(before.contact_ids) - set(after.contact_ids) == {own(ANN)}
    others = rows[(rows["actor_id"] != own(ANN)) & (rows["target_id"] != own(ANN))]
    assert after.table("interactions")["event_id"].tolist() == others["event_id"].tolist()
    assert own(ANN) in readers.read(tmp_path / "graph").contact_ids, "what was linked is not written into"


def test_forget__run_that_keeps_a_model__still_found_by_its_digest(stored: Path, tmp_path: Path) -> None:
    before = model_digest(stored)
    with closing(sqlite3.connect(tmp_path / "runs" / "mlflow.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT)")
        database.execute("INSERT INTO tags VALUES ('model_digest', ?, 'r')", (before,))
        database.execute("INSERT INTO tags VALUES ('mlflow.note.content', 'asked for by Ann Lee', 'r')")
        database.commit()
    forget(["Ann Lee", ANN], [tmp_path / "runs"])
    assert model_digest(stored) != before
    with closing(sqlite3.connect(tmp_path / "runs" / "mlflow.db")) as database:
        tags = dict(database.execute("SELECT key, value FROM tags"))
    assert tags == {"model_digest": model_digest(stored), "mlflow.note.content": "asked for by (forgotten)"}

"""From sources to a list of whom to invite next week, in one command, as a user runs it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from tests.commands import ran

import influence
from influence.cli.inviting import SHOWN, on_screen
from influence.data import Network
from influence.data.pseudonyms import key_of, pseudonym
from influence.readers import write_tables
from influence.readers.notes import gathered
from influence.synthesis.archives import own_team, write_archives
from influence.texts import language_now

QUICK = ("--set", "training.max_epochs=1", "--set", "trees.max_rounds=10")


@pytest.fixture(scope="module")
def network() -> Network:
    return influence.synthesize(400, seed=1)


def folder_of(network: Network, folder: Path, **tables: pd.DataFrame) -> Path:
    write_tables(network.with_tables(**tables), folder)
    return folder


@pytest.fixture(scope="module")
def invited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A list from the archives of ten members of a tiny world's team, and the model kept."""
    folder = tmp_path_factory.mktemp("invited")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("INFLUENCE_KEY_FILE", str(folder / "key"))
        assert ran("synth", "world", "--contacts", 500, "--archives", 10) == 0
        words = (
            "invite",
            *sorted((folder / "world" / "archives").iterdir()),
            "--output",
            "list.csv",
            "-k",
            12,
        )
        assert ran(*words, "--weekly-quota", 3, "--model", "model", *QUICK) == 0
    return folder


def test_synth__archives__one_for_each_member_and_who_is_who_in_the_truth(invited: Path) -> None:
    people = pd.read_parquet(invited / "world" / "truth" / "people.parquet")
    contacts = pd.read_parquet(invited / "world" / "contacts.parquet")
    ours = contacts.loc[contacts["is_own_team"], "contact_id"].drop_duplicates().sort_values().head(10)
    slugs = people.set_index("contact_id").loc[ours, "profile"]
    assert sorted(path.name for path in (invited / "world" / "archives").iterdir()) == sorted(slugs + ".zip")
    assert ran("synth", invited / "more", "--contacts", 500, "--archives", 21) == 2
    assert not (invited / "more").exists()


def test_invite__archives_of_a_team__ranked_with_names_and_reasons(invited: Path) -> None:
    found = pd.read_csv(invited / "list.csv")
    assert found["rank"].tolist() == list(range(1, 13))
    assert found["p_within_3_weeks"].is_monotonic_decreasing
    assert (found["p_at_once"] <= found["p_within_3_weeks"]).all()
    assert found["sender_name"].value_counts().max() <= 3
    people = pd.read_parquet(invited / "world" / "truth" / "people.parquet")
    names = people["first_name"] + " " + people["last_name"]
    assert set(found["recipient_name"]) <= set(names)
    slugs = found["recipient_profile"].str.removeprefix("https://www.linkedin.com/in/").map(unquote)
    assert slugs.map(names.set_axis(people["profile"])).tolist() == found["recipient_name"].tolist()
    assert (found["reasons"].str.len() > 10).all()
    assert not found["reasons"].str.contains(r"[0-9a-f]{24}").any(), "people are called by their names"


def test_invite__pairs_named__neither_connected_nor_asked_before(invited: Path) -> None:
    found, world = pd.read_csv(invited / "list.csv"), influence.read(invited / "world")
    people = pd.read_parquet(invited / "world" / "truth" / "people.parquet")
    key, _ = key_of(invited / "key")
    own = people["contact_id"].set_axis(("profile:" + people["profile"]).map(lambda one: pseudonym(key, one)))
    senders, recipients = found["sender_id"].map(own), found["recipient_id"].map(own)
    team = world.table("contacts").query("is_own_team == True")["contact_id"]
    assert senders.isin(team).all()
    asked = {frozenset(pair) for pair in zip(senders, recipients, strict=True)}
    ties, sent = world.table("connections"), world.table("invitations")
    standing = ties.loc[ties["removed_at"].isna(), ["source_id", "target_id"]]
    assert len(asked) == 12
    assert not asked & {frozenset(pair) for pair in standing.to_numpy()}
    assert not asked & {frozenset(pair) for pair in sent[["sender_id", "recipient_id"]].to_numpy()}


def test_invite__model_kept__gives_the_same_plan_from_python(invited: Path) -> None:
    plan = influence.load(invited / "model").plan("acceptance", k=12, weekly_quota=3)
    found = pd.read_csv(invited / "list.csv")
    assert plan.invitations["recipient_id"].tolist() == found["recipient_id"].tolist()
    assert plan.invitations["p_within_3_weeks"].tolist() == pytest.approx(found["p_within_3_weeks"].tolist())


def test_recommend__archives_as_records_in_french__a_list_that_a_french_spreadsheet_opens(
    invited: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(invited)
    monkeypatch.setenv("INFLUENCE_KEY_FILE", str(invited / "key"))
    words = ("recommend", "model", "acceptance", "--data", "world/archives", "-k", 5, "--explain")
    assert ran(*words, "--output", "liste.csv", "--language", "fr") == 0
    written = (invited / "liste.csv").read_bytes()
    assert written.startswith("\ufeff".encode())
    found = pd.read_csv(invited / "liste.csv", sep=";", decimal=",")
    people = pd.read_parquet(invited / "world" / "truth" / "people.parquet")
    assert set(found["recipient_name"]) <= set(people["first_name"] + " " + people["last_name"])
    assert found["p_within_3_weeks"].between(0, 1).all() and found["recipient_id"].str.len().eq(24).all()
    assert found["reasons"].str.contains("en commun|une demande").all()
    assert "devraient être acceptées" in capsys.readouterr().err
    assert language_now() == "en"
    assert ran(*words) == 0
    shown = capsys.readouterr().out
    assert found["recipient_name"].iloc[0] in shown
    assert not re.search(r"[0-9a-f]{24}", shown), "names stand in the place of codes"


def test_invite__separator_unknown__said(invited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        ran("people", invited / "world", "communities", "--output", invited / "x.csv", "--separator", "|")
        == 2
    )
    assert "Give ',' or ';'" in capsys.readouterr().err and not (invited / "x.csv").exists()


def test_invite__list_to_leave_alone_that_cannot_be_used__said_before_training(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("influence.experiment.fit", lambda *_, **__: pytest.fail("trained"))
    records, leave = folder_of(network, tmp_path / "records"), tmp_path / "leave.txt"
    assert ran("invite", records, "--set", f"suppress={leave}") == 2
    assert "There is no file" in capsys.readouterr().err
    leave.write_text("Ann Lee\n")
    assert ran("invite", records, "--set", f"suppress={leave}") == 2
    assert "'Ann Lee', which is no id on record" in " ".join(capsys.readouterr().err.split())


def test_gathered__the_same_of_several_files__told_once_with_how_many() -> None:
    notes = ["ann.zip: no messages", "all read", "bo.zip: no messages", "bo.zip: cut short", "all read"]
    assert gathered(notes) == ["ann.zip and 1 more: no messages", "all read", "bo.zip: cut short"]


def test_on_screen__somebody_without_a_name__called_by_the_id(invited: Path) -> None:
    found = pd.read_csv(invited / "list.csv")
    shown = on_screen(found.assign(recipient_name=found["recipient_name"].mask(found["rank"] == 2)))
    assert list(shown.columns) == list(SHOWN)
    assert shown["recipient_name"].iloc[0] == found["recipient_name"].iloc[0]
    assert shown["recipient_name"].iloc[1] == found["recipient_id"].iloc[1]


def test_invite__records_impossible_to_learn_from__said_before_the_work(
    network: Network, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = network.table("invitations")
    contacts = network.table("contacts")
    pending = sent.assign(
        outcome="pending", responded_at=pd.Series(pd.NaT, sent.index, sent["sent_at"].dtype)
    )
    strange = contacts.assign(is_own_team=pd.array([pd.NA] * len(contacts), "boolean"))
    for name, tables, sentence in (
        ("none", {"invitations": sent[:0]}, "hold no invitations to learn from"),
        ("pending", {"invitations": pending}, "None of the 600 invitations in these sources is known to be"),
        ("team", {"contacts": strange}, "Nobody in these sources is of the own team"),
    ):
        records = folder_of(network, tmp_path / name, **tables)
        assert ran("invite", records, "--output", tmp_path / "list.csv") == 2
        assert sentence in capsys.readouterr().err
    assert ran("invite", records, "--output", tmp_path / "list.pdf") == 2
    assert "unknown format" in capsys.readouterr().err
    assert not list(tmp_path.glob("list.*"))


def test_invite__one_archive_alone__nobody_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whom one person knows of is, without colleagues, whom that person is connected with or has invited.
    world = influence.synthesize(300, seed=1, own_team=1)
    sent = world.table("invitations")
    sent = sent[sent["sender_id"] == "p000"]
    table = {
        "invitations": sent,
        "contacts": world.table("contacts").query("contact_id in @sent.recipient_id or contact_id == 'p000'"),
    }
    write_tables(Network.from_tables(table), tmp_path / "records")
    monkeypatch.chdir(tmp_path)
    assert ran("invite", tmp_path / "records", "--output", tmp_path / "list.csv", *QUICK) == 2
    told = capsys.readouterr().err
    assert "There is nobody to invite." in told
    assert "were invited before, asked themselves or are connected" in told
    assert "Add the archives of colleagues" in told
    assert not (tmp_path / "list.csv").exists()


def test_invite__archives_without_acceptances__told_what_to_add(
    network: Network, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = network.with_tables(connections=network.table("connections")[:0])
    write_archives(alone, own_team(alone, 3), tmp_path / "archives", rng=np.random.default_rng(0))
    assert ran("invite", tmp_path / "archives", "--output", tmp_path / "list.csv") == 2
    assert "is known to be accepted. Archives list acceptances as connections" in capsys.readouterr().err

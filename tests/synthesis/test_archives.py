"""The archives of a synthetic world: what they hold, how they are written, and what reading gives back."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from influence.data import Network
from influence.errors import ConfigError
from influence.synthesis import World
from influence.synthesis.archives import LOCALES, Style, View, mapping_of, own_team, write_archives

N_OWNERS = 4
PLAIN = Style("en", *[False] * 7)


@pytest.fixture(scope="module")
def network(small: World) -> Network:
    return small.network


@pytest.fixture(scope="module")
def owners(network: Network) -> tuple[str, ...]:
    return own_team(network, N_OWNERS)


def written(
    network: Network, owners: tuple[str, ...], folder: Path, style: Style | None = None, zipped: bool = False
) -> pd.DataFrame:
    return write_archives(network, owners, folder, rng=np.random.default_rng(7), style=style, zipped=zipped)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_own_team__more_asked_than_there_are__error_tells_both(network: Network) -> None:
    with pytest.raises(ConfigError, match="1,000 archives were asked for, and the own team has 20 members"):
        own_team(network, 1_000)


def test_write_archives__same_seed__same_bytes(
    network: Network, owners: tuple[str, ...], tmp_path: Path
) -> None:
    people = written(network, owners, tmp_path / "a", zipped=True)
    written(network, owners, tmp_path / "b", zipped=True)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(f"{slug}.zip" for slug in people.loc[list(owners), "profile"])
    assert [(tmp_path / "a" / name).read_bytes() for name in names] == [
        (tmp_path / "b" / name).read_bytes() for name in names
    ]


def test_write_archives__zip_and_folder__dated_with_the_export(
    network: Network, owners: tuple[str, ...], tmp_path: Path
) -> None:
    exported_at = network.table("sources")["exported_at"].iloc[0]
    written(network, owners, tmp_path / "zips", zipped=True)
    written(network, owners, tmp_path / "folders")
    for path in (tmp_path / "zips").iterdir():
        entries = zipfile.ZipFile(path).infolist()
        assert {each.date_time for each in entries} == {exported_at.timetuple()[:6]}
    for path in (tmp_path / "folders").rglob("*.csv"):
        assert path.stat().st_mtime == exported_at.timestamp()


def test_write_archives__one_owner__rows_counted_in_the_world(
    network: Network, owners: tuple[str, ...], tmp_path: Path
) -> None:
    people = written(network, owners, tmp_path, PLAIN)
    ties, sent = network.table("connections"), network.table("invitations")
    acts, posts = network.table("interactions"), network.table("contents")
    for owner in owners:
        folder = tmp_path / people.loc[owner, "profile"]
        texts = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
        mine = (ties["source_id"] == owner) | (ties["target_id"] == owner)
        by, to = acts["actor_id"] == owner, acts["target_id"] == owner
        kind = acts["kind"]
        n_rows = {name: len(rows_of(text)) for name, text in texts.items()}
        assert (
            len(rows_of(texts["Connections.csv"].split("\n\n", 1)[1]))
            == (mine & ties["removed_at"].isna()).sum()
        )
        assert (
            n_rows["Invitations.csv"]
            == ((sent["sender_id"] == owner) | (sent["recipient_id"] == owner)).sum()
        )
        assert n_rows["messages.csv"] == ((kind == "message") & (by | to)).sum()
        assert n_rows["Reactions.csv"] == ((kind == "like") & by).sum()
        assert n_rows["Comments.csv"] == ((kind == "comment") & by).sum()
        assert n_rows["Shares.csv"] == ((kind == "share") & by).sum() + (posts["author_id"] == owner).sum()
        assert n_rows["Endorsement_Given_Info.csv"] == ((kind == "endorse") & by).sum()
        assert n_rows["Endorsement_Received_Info.csv"] == ((kind == "endorse") & to).sum()


def test_write_archives__employer__told_of_connections_only(
    network: Network, owners: tuple[str, ...], tmp_path: Path
) -> None:
    people = written(network, owners, tmp_path, PLAIN)
    for owner in owners:
        for path in (tmp_path / people.loc[owner, "profile"]).iterdir():
            if path.name not in ("Connections.csv", "Positions.csv", "Company Follows.csv"):
                assert not [name for name in people["company"].dropna().unique() if name in path.read_text()]


def test_people__whole_world__no_two_slugs_alike(
    network: Network, owners: tuple[str, ...], tmp_path: Path
) -> None:
    people = written(network, owners, tmp_path)
    assert people.index.equals(network.contact_ids)
    assert people["profile"].is_unique
    assert (people["profile"] == people["profile"].str.lower()).all()
    assert not people["profile"].str.isascii().all()
    assert people[["first_name", "last_name"]].duplicated().any() or len(people) < 1_000


@pytest.mark.parametrize("locale", LOCALES)
def test_mapping_of__headers_written__lead_back_to_ours(
    locale: str, network: Network, owners: tuple[str, ...], tmp_path: Path
) -> None:
    ours = Style(locale, *[False] * 7)
    people = written(network, owners[:1], tmp_path, ours)
    written(network, owners[:1], tmp_path / "plain", PLAIN)
    mapping, slug = mapping_of(locale), people.loc[owners[0], "profile"]
    for name in ("Connections.csv", "Invitations.csv", "Positions.csv", "messages.csv"):
        theirs, english = (
            (folder / slug / name)
            .read_text("utf-8")
            .splitlines()[3 if name == "Connections.csv" else 0]
            .split(",")
            for folder in (tmp_path, tmp_path / "plain")
        )
        assert [mapping.get(name, {}).get(header, header) for header in theirs] == english


@pytest.mark.parametrize(
    ("style", "day", "minute", "month"),
    [
        (PLAIN, "05 Mar 2021", "3/5/21, 3:07 PM", "Mar 2021"),
        (Style(short_years=True), "05 Mar 21", "3/5/21, 3:07 PM", "Mar 2021"),
        (Style("de"), "5. März 2021", "05.03.21, 15:07", "März 2021"),
        (Style("fr"), "5 mars 2021", "05/03/2021 15:07", "mars 2021"),
    ],
)
def test_style__dates_of_a_language__as_written_there(
    style: Style, day: str, minute: str, month: str
) -> None:
    at = pd.Series([pd.Timestamp("2021-03-05T15:07:59", tz="UTC")])
    assert style.day(at).tolist() == [day]
    assert style.minute(at).tolist() == [minute]
    assert style.month(at).tolist() == [month]


def test_style__midnight_and_noon__twelve(network: Network) -> None:
    at = pd.Series(pd.to_datetime(["2021-03-05T00:01:00", "2021-11-25T12:59:00"], utc=True))
    assert PLAIN.minute(at).tolist() == ["3/5/21, 12:01 AM", "11/25/21, 12:59 PM"]


def test_write_archives__every_habit__bytes_show_it(
    network: Network, owners: tuple[str, ...], tmp_path: Path
) -> None:
    people = written(network, owners[:1], tmp_path, Style())
    own = people.loc[owners[0]]
    folder = tmp_path / own["profile"]
    content = (folder / "Connections.csv").read_bytes()
    assert content.startswith(b'\xef\xbb\xbfNotes:\r\n"')
    assert b'\r\n\r\n"First Name","Last Name","URL",' in content
    assert (folder / f"Reactions_{own['member_id']}.csv").is_file()
    assert b'"IS CONVERSATION DRAFT"\r\n' in (folder / "messages.csv").read_bytes()


def test_view__rows__touch_an_owner(network: Network, owners: tuple[str, ...]) -> None:
    view = View.of(network, owners)
    for rows, ends in (
        (view.connections, ["source_id", "target_id"]),
        (view.invitations, ["sender_id", "recipient_id"]),
        (view.interactions, ["actor_id", "target_id"]),
    ):
        assert len(rows)
        assert rows[ends].isin(owners).any(axis=1).all()
    own = view.interactions[view.interactions["kind"].isin(["like", "comment", "share"])]
    assert own["actor_id"].isin(owners).all()

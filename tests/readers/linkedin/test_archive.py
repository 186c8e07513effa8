"""One archive: recognised by content, read by the columns that matter, and nothing more."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from tests.readers.linkedin.writing import (
    connection,
    files_of,
    in_slugs,
    invitation,
    message,
    outcomes,
    text_of,
    url,
    write_folder,
    write_zip,
)

from influence.data import Network
from influence.data.pseudonyms import key_of, pseudonym
from influence.errors import ConfigError, DataError
from influence.readers import ReadingConfig, read

OWNER = "ann-lee"
POST = "https://www.linkedin.com/posts/bo-ek_on-gears-activity-7012345678901234567-AbCd"
SHARE = "https://www.linkedin.com/feed/update/urn:li:share:"
BARE = "https://www.linkedin.com/feed/update/urn:li:activity:7012345678901234567"
ROWS: dict[str, list[list[str]]] = {
    "Connections.csv": [
        connection("bo-ek", "14 May 2021", email="Bo.Ek@Mail.example"),
        connection("eve-ott", "2 Jan 2020"),
    ],
    "Invitations.csv": [
        invitation(OWNER, "bo-ek", "5/12/21, 3:14 PM", OWNER),
        invitation(OWNER, "cy-da", "4/2/21, 9:05 AM", OWNER, "Hi,\nSECRET"),
        invitation("di-fox", OWNER, "6/30/21, 8:00 AM", OWNER),
    ],
    "messages.csv": [
        message(OWNER, ["bo-ek", "eve-ott"], "2021-05-15 10:00:00 UTC", text='SECRET, "he said"\nand more'),
        message("bo-ek", [OWNER], "2021-05-15 11:30:05 UTC"),
        message(OWNER, ["bo-ek"], "2021-05-15 12:00:00 UTC", draft="Yes"),
        message(OWNER, [OWNER], "2021-05-16 12:00:00 UTC"),
    ],
    "Reactions.csv": [["2021-05-20 08:00:00", "PRAISE", POST]],
    "Comments.csv": [["2021-05-19 08:00:00", BARE + "?commentUrn=urn%3Ali%3Acomment%3A%28activity%29", ""]],
    "Shares.csv": [
        ["2021-05-21 08:00:00", SHARE + "70", "SECRET", "", "", "PUBLIC"],
        ["2021-05-22 08:00:00", SHARE + "71", "SECRET", POST, "", "PUBLIC"],
    ],
    "Positions.csv": [
        ["Cogs & Co", "Head of sales", "SECRET", "", "Mar 2019", ""],
        ["Old Ltd", "Clerk", "", "", "Mar 2009", "Mar 2019"],
    ],
    "Company Follows.csv": [["Royal Society", "28 Nov 2020"]],
    "Endorsement_Given_Info.csv": [["2021/03/01 10:00:00 UTC", "Gears", "Bo", "Ek", url("bo-ek"), ""]],
    "Endorsement_Received_Info.csv": [["2021/03/02 10:00:00 UTC", "Sales", "Eve", "Ott", url("eve-ott"), ""]],
    "Recommendations_Given.csv": [["Eve", "Ott", "Acme", "CTO", "SECRET", "03/04/21, 10:00 AM", "VISIBLE"]],
    "Recommendations_Received.csv": [["Gil", "Who", "Acme", "CTO", "SECRET", "03/05/21, 10:00 AM", ""]],
    "Profile.csv": [["Ann", "Lee", "", ""]],
}  # fmt: skip
FILES = files_of(ROWS)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    folder = tmp_path_factory.mktemp("archive")
    return read(
        write_zip(folder / "Complete_Export.zip", FILES), config=ReadingConfig(key_file=folder / "key")
    )


def _same(one: Network, other: Network) -> None:
    for name in ("contacts", "connections", "invitations", "interactions", "contents", "identities"):
        trace = {"contacts": "source", "identities": "source_id"}.get(name)
        drop = [] if trace is None else [trace]
        pd.testing.assert_frame_equal(
            one.table(name).drop(columns=drop), other.table(name).drop(columns=drop), obj=name
        )


def test_read__every_file__who_whom_and_when(network: Network) -> None:
    acts = in_slugs(network, "interactions").sort_values(["at", "target_id"])
    told = [
        (f"{row.at:%Y-%m-%d %H:%M:%S}", row.kind, row.actor_id, row.target_id) for row in acts.itertuples()
    ]
    told = [tuple("" if pd.isna(cell) else cell for cell in row) for row in told]
    assert told == [
        ("2020-11-29 00:00:00", "follow", OWNER, ""),
        ("2021-03-01 10:00:00", "endorse", OWNER, "bo-ek"),
        ("2021-03-02 10:00:00", "endorse", "eve-ott", OWNER),
        ("2021-03-04 10:00:00", "recommend", OWNER, "eve-ott"),
        ("2021-03-05 10:00:00", "recommend", "Gil Who", OWNER),
        ("2021-05-15 10:00:00", "message", OWNER, "bo-ek"),
        ("2021-05-15 10:00:00", "message", OWNER, "eve-ott"),
        ("2021-05-15 11:30:05", "message", "bo-ek", OWNER),
        ("2021-05-19 08:00:00", "comment", OWNER, "bo-ek"),
        ("2021-05-20 08:00:00", "like", OWNER, "bo-ek"),
        ("2021-05-22 08:00:00", "share", OWNER, "bo-ek"),
    ]
    assert set(acts.loc[acts["kind"] == "endorse", "topic"]) == {"Gears", "Sales"}
    of_post = acts[acts["kind"].isin(("comment", "like", "share"))]
    assert of_post["content_id"].nunique() == 1 and of_post["content_id"].notna().all()


def test_read__posts__own_ones_dated_and_others_by_the_first_reaction(network: Network) -> None:
    posts = in_slugs(network, "contents").sort_values("at")
    assert list(zip(posts["author_id"], posts["at"].dt.strftime("%m-%d"), strict=True)) == [
        ("bo-ek", "05-19"),
        (OWNER, "05-21"),
    ]


def test_read__outcomes__day_of_the_connection_at_its_end(network: Network) -> None:
    assert outcomes(network) == {
        f"{OWNER}>cy-da": ("pending", "", "12-31 10:00"),
        f"{OWNER}>bo-ek": ("accepted", "05-15 00:00", "12-31 10:00"),
        f"di-fox>{OWNER}": ("pending", "", "12-31 10:00"),
    }
    rows = in_slugs(network, "invitations").set_index("recipient_id")
    assert rows["has_note"].to_dict() == {"bo-ek": False, "cy-da": True, OWNER: False}
    assert set(rows["time_resolution"]) == {"day"}


def test_read__connections__mutual_and_observed_by_the_owner(network: Network) -> None:
    ties = in_slugs(network, "connections").sort_values("connected_at")
    assert ties["target_id"].tolist() == ["eve-ott", "bo-ek"]
    assert set(ties["source_id"]) == set(ties["observed_by"]) == {OWNER}
    assert ties["connected_at"].dt.strftime("%Y-%m-%d").tolist() == ["2020-01-03", "2021-05-15"]
    assert ties["removed_at"].isna().all()


def test_read__people__own_team_is_the_owner_and_the_rest_is_not_told(network: Network) -> None:
    rows = in_slugs(network, "contacts").set_index("contact_id")
    assert rows.index[rows["is_own_team"].fillna(False)].tolist() == [OWNER]
    empty = rows.columns.difference(["is_own_team", "source"])
    assert rows[empty].isna().all(axis=None)


def test_read__identities__profile_name_email_and_employer(network: Network) -> None:
    told = in_slugs(network, "identities")
    of_one = told[told["contact_id"] == "bo-ek"]
    assert dict(zip(of_one["kind"], of_one["value"], strict=True)) == {
        "profile": "bo-ek", "name": "Bo Ek", "email": "bo.ek@mail.example", "employer": "Acme",
    }  # fmt: skip
    own = told[(told["contact_id"] == OWNER) & (told["kind"] == "employer")]
    assert own["value"].tolist() == ["Cogs & Co"]


def test_read__ids__pseudonyms_of_profiles(network: Network, tmp_path: Path) -> None:
    read(write_folder(tmp_path / "x", FILES), config=ReadingConfig(key_file=tmp_path / "key"))
    key, _ = key_of(tmp_path / "key")
    again = read(tmp_path / "x", config=ReadingConfig(key_file=tmp_path / "key"))
    assert pseudonym(key, "profile:bo-ek") in again.contact_ids
    assert not any("bo-ek" in cell for cell in again.table("interactions")["event_id"])


def test_read__what_was_written__nowhere(network: Network) -> None:
    for rows in network.tables.values():
        assert not rows.astype("str").apply(lambda cells: cells.str.contains("SECRET")).any(axis=None)
    assert not any("SECRET" in note for note in network.notes)


def test_read__folder__same_as_zip(network: Network, tmp_path: Path) -> None:
    """A folder has no date of its own: it is watched until the newest date inside."""
    folder = read(write_folder(tmp_path / "one", FILES), config=ReadingConfig(key_file=tmp_path / "key"))
    zipped = write_zip(tmp_path / "a.zip", FILES, at="2021-06-30 08:00:00", inside="Complete_LinkedIn/")
    _same(folder, read(zipped, config=ReadingConfig(key_file=tmp_path / "key")))
    assert outcomes(folder)[f"{OWNER}>cy-da"] == ("pending", "", "06-30 08:00")


def test_read__bom_crlf_quotes_and_numbered_files__same(tmp_path: Path) -> None:
    config = ReadingConfig(key_file=tmp_path / "key")
    plain = read(write_folder(tmp_path / "plain", FILES), config=config)
    quoted = {file: text_of(file, rows, quoting=csv.QUOTE_ALL) for file, rows in ROWS.items()}
    renamed = {
        name if name == "Profile.csv" else name.replace(".csv", "_123456.csv"): text
        for name, text in quoted.items()
    }
    _same(plain, read(write_folder(tmp_path / "dressed", renamed, bom=True, crlf=True), config=config))


def test_read__member_numbers_behind_names__same_people(tmp_path: Path) -> None:
    config = ReadingConfig(key_file=tmp_path / "key")
    rows = [[*row[:1], row[1] + "_4711", *row[2:]] for row in ROWS["Connections.csv"]]
    numbered = FILES | {"Connections.csv": text_of("Connections.csv", rows)}
    plain = read(write_folder(tmp_path / "a" / "one", FILES), config=config)
    _same(plain, read(write_folder(tmp_path / "b" / "one", numbered), config=config))


def test_read__talks_with_assistants__skipped_by_name_and_said(tmp_path: Path) -> None:
    talk = text_of("messages.csv", [message(OWNER, ["zed-zed"], "2021-05-15 10:00:00 UTC")])
    extra = dict.fromkeys(
        ("guide_messages.csv", "learning_role_play_messages.csv", "learning_coach_messages.csv"), talk
    )
    found = read(write_folder(tmp_path / "one", {**FILES, **extra, "Skills.csv": "Name\nGo\n"}))
    assert "zed-zed" not in set(found.table("identities")["value"])
    assert any("talks with an assistant" in note and "learning_coach" in note for note in found.notes)
    assert any("of no use here: not read: Skills.csv." in note for note in found.notes)


def test_read__no_profile_of_the_owner__by_the_sent_messages_or_the_name(tmp_path: Path) -> None:
    some = {"messages.csv": FILES["messages.csv"], "Connections.csv": FILES["Connections.csv"]}
    by_messages = read(write_folder(tmp_path / "one", some))
    assert set(in_slugs(by_messages, "connections")["source_id"]) == {OWNER}
    named = {"Profile.csv": FILES["Profile.csv"], "Connections.csv": FILES["Connections.csv"]}
    by_name = read(write_folder(tmp_path / "two", named))
    assert set(in_slugs(by_name, "connections")["source_id"]) == {"Ann Lee"}


def test_read__nothing_tells_whose__error_with_remedy(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"one: nothing tells whose archive it is\. Put its Invitations.csv"):
        read(write_folder(tmp_path / "one", {"Connections.csv": FILES["Connections.csv"]}))


def test_read__dates_before_linkedin__told_or_set_aside(tmp_path: Path) -> None:
    old = [*ROWS["Connections.csv"], connection("ada-b", "5 Jun 1833"), connection("al-z", "soon")]
    folder = write_folder(tmp_path / "one", FILES | {"Connections.csv": text_of("Connections.csv", old)})
    with pytest.raises(DataError) as caught:
        read(folder)
    assert list(caught.value.problems) == [
        "Connections.csv.Connected On is not a date in 1 row (4). Correct or drop the rows; months of other "
        "languages can be named by headers=.",
        "Connections.csv.Connected On is older than LinkedIn (2003-05-05) in 1 row (3). Correct or drop the "
        "rows.",
    ]
    found = read(folder, set_aside=tmp_path / "aside")
    assert len(found.table("connections")) == 2
    assert len(pd.read_csv(tmp_path / "aside" / "source" / "Connections.csv")) == 2


def test_read__nobody_left__counted_and_dropped(tmp_path: Path) -> None:
    rows = [*ROWS["Connections.csv"], ["", "", "", "", "", "", "3 Mar 2020"], [""] * 7]
    found = read(
        write_folder(tmp_path / "one", FILES | {"Connections.csv": text_of("Connections.csv", rows)})
    )
    assert len(found.table("connections")) == 2
    assert (
        "one: 1 connections without a name and an address, of people who left or hide were dropped."
        in found.notes
    )


def test_read__headers_of_another_language__by_a_table_of_the_user(tmp_path: Path) -> None:
    theirs = {"First Name": "Imię", "Last Name": "Nazwisko", "Connected On": "Data"}
    rows = [
        [*row[:6], day]
        for row, day in zip(ROWS["Connections.csv"], ("14 maja 2021", "2 sty 2020"), strict=True)
    ]
    text = text_of("Connections.csv", rows, renamed=theirs)
    folder = write_folder(tmp_path / "one", FILES | {"Connections.csv": text})
    with pytest.raises(DataError, match="no line with the columns First Name, Last Name, Connected On"):
        read(folder)
    mapping = tmp_path / "polish.yaml"
    mapping.write_text(
        "Connections.csv: {Imię: First Name, Nazwisko: Last Name, Data: Connected On}\n"
        "months: {maja: 5, sty: 1}\n",
        encoding="utf-8",
    )
    config = ReadingConfig(key_file=tmp_path / "key", headers=mapping)
    _same(read(folder, config=config), read(write_folder(tmp_path / "two", FILES), config=config))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Conections.csv: {a: First Name}", "Did you mean 'connections'"),
        ("months: {maja: 13}", "write a number from 1 to 12"),
        ("- 1", "expected {file"),
        ("a: [", "not valid YAML"),
    ],
)
def test_read__broken_table_of_headers__error(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "h.yaml").write_text(text)
    folder = write_folder(tmp_path / "one", FILES)
    with pytest.raises(ConfigError, match=says):
        read(folder, config=ReadingConfig(headers=tmp_path / "h.yaml"))


def test_read__names_without_addresses__outcome_unknown(tmp_path: Path) -> None:
    """Older archives name people only: a namesake among the connections is no acceptance."""
    rows = [[*row[:5], "", ""] for row in ROWS["Invitations.csv"]]
    found = read(
        write_folder(tmp_path / "one", FILES | {"Invitations.csv": text_of("Invitations.csv", rows)})
    )
    told = found.table("invitations")
    assert set(told["outcome"]) == {"unknown"} and told["responded_at"].isna().all()


def test_read__broken_zip__error(tmp_path: Path) -> None:
    place = write_zip(tmp_path / "a.zip", FILES)
    place.write_bytes(place.read_bytes()[:-200])
    with pytest.raises(DataError):
        read(place)


def test_read__two_archives_in_one_zip__error_with_remedy(tmp_path: Path) -> None:
    files = {f"{folder}/{name}": text for folder in "ab" for name, text in FILES.items()}
    with pytest.raises(DataError, match=r"holds several archives\. Unpack it"):
        read(write_zip(tmp_path / "both.zip", files))


def test_read__empty_archive__error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no rows"):
        read(write_folder(tmp_path / "one", files_of({file: [] for file in ROWS})))


def test_read__one_file_of_it__error_names_the_folder(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "one", FILES)
    with pytest.raises(DataError, match="is one file of what linkedin reads as a whole"):
        read(folder / "Connections.csv")

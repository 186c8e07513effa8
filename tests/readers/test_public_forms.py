"""The readers of public data sets against tables worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.readers.folders import SOURCES, write

from influence.errors import DataError
from influence.readers import read


def _utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def _rows(table: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(table[list(columns)].itertuples(index=False, name=None))


def test_messages__first_of_a_pair__is_a_request_and_a_later_one_back_accepts(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["messages"]))
    invitations = network.table("invitations")
    assert _rows(invitations, "invitation_id", "sender_id", "recipient_id", "outcome") == [
        (
            "a>b",
            "a",
            "b",
            "accepted",
        ),  # both wrote at first: a sorts before b; b's later one accepts
        ("b>d", "b", "d", "pending"),
        ("c>a", "c", "a", "pending"),
    ]
    assert invitations["sent_at"].iloc[0] == pd.Timestamp(1082040961, unit="s", tz="UTC")
    assert invitations["responded_at"].iloc[0] == pd.Timestamp(1082040970.5, unit="s", tz="UTC")
    assert set(invitations["observed_until"]) == {pd.Timestamp(1082050000, unit="s", tz="UTC")}


def test_messages__all_of_them__are_interactions_repeats_too(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["messages"]))
    assert _rows(network.table("interactions"), "event_id", "actor_id", "target_id", "kind") == [
        ("a>b@1082040961", "a", "b", "message"),
        ("b>a@1082040961", "b", "a", "message"),
        ("b>a@1082040970.5", "b", "a", "message"),
        ("b>d@1082050000", "b", "d", "message"),
        ("c>a@1082041000", "c", "a", "message"),
        ("c>a@1082041000#2", "c", "a", "message"),
    ]
    assert "messages.csv: 1 messages to oneself were dropped." in network.notes


def test_messages__relative_times__begin_in_2000_and_say_so(tmp_path: Path) -> None:
    network = read(write(tmp_path, {"messages.csv": "sender,recipient,time\n1,2,0\n2,1,86400\n"}))
    (row,) = network.table("invitations").to_dict("records")
    assert (row["sent_at"], row["responded_at"]) == (_utc("2000-01-01"), _utc("2000-01-02"))
    assert any("the times are relative" in note for note in network.notes)


def test_messages__ids_that_are_numbers__stay_text(tmp_path: Path) -> None:
    network = read(write(tmp_path, {"messages.csv": "sender,recipient,time\n007,7,1082040961\n"}))
    assert network.contact_ids.tolist() == ["007", "7"]


def test_ratings__a_rating_returned__accepts_even_at_the_same_moment(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["ratings"]))
    invitations = network.table("invitations")
    assert _rows(invitations, "invitation_id", "outcome") == [
        ("1>2", "accepted"),
        ("1>4", "accepted"),
        ("3>1", "pending"),
    ]
    assert invitations["responded_at"].iloc[0] == pd.Timestamp(1289241911.25, unit="s", tz="UTC")
    assert invitations["responded_at"].iloc[1] == pd.Timestamp(1289244000, unit="s", tz="UTC")


def test_ratings__value__becomes_sentiment(tmp_path: Path) -> None:
    interactions = read(write(tmp_path, SOURCES["ratings"])).table("interactions")
    assert set(interactions["kind"]) == {"endorse"}
    sentiment = dict(zip(interactions["event_id"], interactions["sentiment"], strict=True))
    assert sentiment["2>1@1289241911.25"] == -1.0
    assert sentiment["4>1@1289245000"] == 0.3
    assert len(sentiment) == 6


def test_votes__no_times__undated_signed_ties(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["votes"]))
    ties = network.table("connections")
    assert _rows(ties, "source_id", "target_id", "direction", "sentiment") == [
        ("0", "1", "directed", 1.0),
        ("1", "0", "directed", -1.0),
        ("10", "1", "directed", 0.0),
    ]
    assert ties["connected_at"].isna().all()
    assert "votes.csv: 1 votes for oneself were dropped." in network.notes
    assert any("usable for the sign of a tie only" in note for note in network.notes)
    assert (
        "connections: no row tells since when it was known (connected_at): taken as known at any time."
        in (network.notes)
    )


def test_airbnb__outcomes__reply_without_acceptance_declines_only_after_21_days(tmp_path: Path) -> None:
    invitations = read(write(tmp_path, SOURCES["airbnb"])).table("invitations")
    never = _utc("2100-01-01")
    invitations = invitations.assign(responded_at=invitations["responded_at"].fillna(never))
    assert _rows(invitations, "sender_id", "recipient_id", "outcome", "responded_at") == [
        ("ann", "hal", "accepted", _utc("2014-10-05 10:00")),
        ("ann", "ida", "declined", _utc("2014-10-31 12:00")),  # 21 days after the request
        ("bob", "hal", "pending", never),
        ("ida", "hal", "declined", _utc("2014-11-20 12:00")),  # the reply itself came later
    ]
    assert set(invitations["observed_until"]) == {_utc("2015-02-28")}


def test_airbnb__before_the_answer__a_reply_looks_the_same_with_and_without(
    tmp_path: Path,
) -> None:
    files = SOURCES["airbnb"]
    without = {**files, "contacts.csv": files["contacts.csv"].replace("2014-10-05 10:00:00.0", "")}
    moment = "2014-10-05T10:00:00Z"
    known = read(write(tmp_path / "a", files)).as_of(moment)
    other = read(write(tmp_path / "b", without)).as_of(moment)
    pd.testing.assert_frame_equal(known.table("invitations"), other.table("invitations"))
    pd.testing.assert_frame_equal(known.table("interactions"), other.table("interactions"))


def test_airbnb__replies__are_messages_of_the_host(tmp_path: Path) -> None:
    interactions = read(write(tmp_path, SOURCES["airbnb"])).table("interactions")
    assert _rows(interactions, "actor_id", "target_id", "kind", "at") == [
        ("hal", "ann", "message", _utc("2014-10-04 16:26:28")),
        ("ida", "ann", "message", _utc("2014-10-10 15:00")),
        ("hal", "ida", "message", _utc("2014-11-20 12:00")),
    ]


def test_airbnb__countries__visible_once_the_day_of_the_search_is_over(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["airbnb"]))
    contacts = network.table("contacts")
    dated = contacts[contacts["observed_at"].notna()]
    assert _rows(dated, "contact_id", "observed_at", "country") == [
        ("ann", _utc("2014-10-02"), "GB"),  # three searches against one from IE
        ("ann", _utc("2014-10-04"), "IE"),  # the search of the 2nd changed nothing
        ("bob", _utc("2014-10-03"), "NA"),
    ]
    undated = contacts[contacts["observed_at"].isna()]
    assert undated["contact_id"].tolist() == [
        "ann",
        "bob",
        "hal",
        "ida",
    ]  # ida is both, zoe neither
    assert undated["country"].isna().all()
    assert "searches.csv: 1 searches from places that are no country were left out." in network.notes


@pytest.mark.parametrize("column", ["ts_booking_at", "n_messages"])
def test_airbnb__known_only_by_the_outcome__never_read(column: str, tmp_path: Path) -> None:
    network = read(write(tmp_path / "a", SOURCES["airbnb"]))
    rows = pd.read_csv(tmp_path / "a" / "contacts.csv").drop(columns=column)
    without = {**SOURCES["airbnb"], "contacts.csv": rows.to_csv(index=False)}
    assert read(write(tmp_path / "b", without)).fingerprint == network.fingerprint


def test_cascades__events_and_edges__are_take_ups_and_undated_ties(tmp_path: Path) -> None:
    network = read(write(tmp_path, SOURCES["cascades"]))
    start = _utc("2000-01-01")
    us = pd.Timedelta(1, "us")
    assert _rows(network.table("adoptions"), "contact_id", "item", "at") == [
        ("10", "0", start + pd.Timedelta(seconds=5.5) + us),  # second in the file's order at that moment
        ("2", "0", start + pd.Timedelta(seconds=5.5)),
        ("2", "1", start + pd.Timedelta(seconds=1)),
        ("7", "0", start + pd.Timedelta(seconds=9)),
    ]
    ties = network.table("connections")
    assert _rows(ties, "source_id", "target_id") == [("10", "2"), ("2", "7")]
    assert ties["connected_at"].isna().all()
    for note in (
        "1 later take-ups",
        "1 ties to oneself",
        "1 repeated ties",
        "times are relative",
        "no dates",
    ):
        assert any(note in each for each in network.notes), note


def test_cascades__a_time_that_is_none__is_told_with_its_row(tmp_path: Path) -> None:
    files = dict(SOURCES["cascades"])
    files["events.csv"] += "1,9,3,soon\n"
    with pytest.raises(DataError, match=r"events\.csv.*time is not a number of seconds"):
        read(write(tmp_path, files))

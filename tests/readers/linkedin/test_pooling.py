"""Outcomes told from connections and silence; colleagues and snapshots as one network."""

from __future__ import annotations

from collections.abc import Sequence
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
    write_zip,
)

from influence.data import Network
from influence.errors import DataError
from influence.readers import ReadingConfig, read
from influence.tasks.acceptance import outcomes_of

ANN, BOB = "ann-lee", "bob-ray"
Rows = Sequence[Sequence[str]]


def _read(tmp_path: Path, *places: Path) -> Network:
    return read(list(places), config=ReadingConfig(key_file=tmp_path / "key"))


def _archive(place: Path, invitations: Rows, connections: Rows | None, at: str, messages: Rows = ()) -> Path:
    files = {"Invitations.csv": invitations, "messages.csv": messages}
    return write_zip(
        place, files_of(files if connections is None else {**files, "Connections.csv": connections}), at=at
    )


def _sent(slug: str, at: str, owner: str = ANN) -> list[str]:
    return invitation(owner, slug, at, owner)


FILLER = [_sent(f"old-{i:02}", "1/1/20, 8:00 AM") for i in range(20)]
"""Enough for a file to be judged by itself; half of them accepted."""
FILLER_MET = [connection(f"old-{i:02}", "3 Jan 2020") for i in range(0, 20, 2)]


@pytest.mark.parametrize(
    ("sent_at", "connected_on", "expected"),
    [
        ("5/12/21, 3:14 PM", "12 May 2021", ("accepted", "05-13 00:00")),
        ("5/12/21, 3:14 PM", "13 May 2021", ("accepted", "05-14 00:00")),
        ("5/12/21, 12:00 AM", "12 May 2021", ("accepted", "05-13 00:00")),
        ("5/12/21, 11:59 PM", "12 May 2021", ("accepted", "05-13 00:00")),
        ("5/12/21, 3:14 PM", "12 May 21", ("accepted", "05-13 00:00")),
        ("2021-05-12 15:14:40 UTC", "12 May 21", ("accepted", "05-13 00:00")),
        ("5/12/21, 3:14 PM", "11 May 2021", ("pending", "")),
        ("12/30/21, 9:00 AM", "31 Dec 2021", ("accepted", "12-31 10:00")),
        ("12/31/21, 9:00 AM", "31 Dec 2021", ("accepted", "12-31 10:00")),
    ],
)
def test_outcome__connected_since_the_day_of_sending__accepted_at_the_end_of_the_day(
    sent_at: str, connected_on: str, expected: tuple[str, str], tmp_path: Path
) -> None:
    rows = [*FILLER, _sent("cy-da", sent_at)], [*FILLER_MET, connection("cy-da", connected_on)]
    found = _read(tmp_path, _archive(tmp_path / "a.zip", *rows, at="2021-12-31 10:00:00"))
    assert outcomes(found)[f"{ANN}>cy-da"][:2] == expected


def test_outcome__the_day_alone_is_known__at_once_means_the_day_of_sending(tmp_path: Path) -> None:
    """Classes: 1 within a day for certain, 2 within three weeks, 0 neither."""
    sent = {"same-day": "12 May 2021", "next-day": "13 May 2021", "in-time": "1 Jun 2021",
            "too-late": "2 Jun 2021", "not-yet": ""}  # fmt: skip
    rows = [*FILLER, *(_sent(slug, "5/12/21, 3:14 PM") for slug in sent)]
    ties = [*FILLER_MET, *(connection(slug, day) for slug, day in sent.items() if day)]
    found = _read(tmp_path, _archive(tmp_path / "a.zip", rows, ties, at="2021-12-31 10:00:00"))
    table = in_slugs(found, "invitations")
    classes = dict(zip(table["recipient_id"], outcomes_of(table).classes.tolist(), strict=True))
    assert {slug: classes[slug] for slug in sent} == {
        "same-day": 1, "next-day": 2, "in-time": 2, "too-late": 0, "not-yet": 0,
    }  # fmt: skip


def test_outcome__answer_not_seen_before_its_day_is_over(tmp_path: Path) -> None:
    rows = [*FILLER, _sent("cy-da", "5/12/21, 3:14 PM")], [*FILLER_MET, connection("cy-da", "12 May 2021")]
    found = _read(tmp_path, _archive(tmp_path / "a.zip", *rows, at="2021-12-31 10:00:00"))
    evening, later = found.as_of("2021-05-13"), found.as_of("2021-05-13T00:00:01")
    assert outcomes(evening)[f"{ANN}>cy-da"] == ("pending", "", "05-13 00:00")
    assert outcomes(later)[f"{ANN}>cy-da"][0] == "accepted"
    assert len(later.table("connections")) == len(evening.table("connections")) + 1


def test_outcome__younger_than_three_weeks_at_the_export__censored(tmp_path: Path) -> None:
    rows = [*FILLER, _sent("cy-da", "12/20/21, 3:14 PM")]
    found = _read(tmp_path, _archive(tmp_path / "a.zip", rows, FILLER_MET, at="2021-12-31 10:00:00"))
    table = in_slugs(found, "invitations").set_index("recipient_id").loc[["cy-da"]].reset_index()
    known = outcomes_of(table)
    assert known.n_at_risk.tolist() == [4] and known.event.tolist() == [0]


def test_outcome__invited_twice__the_last_one_before_the_connection_was_accepted(tmp_path: Path) -> None:
    twice = [
        _sent("cy-da", "3/1/21, 8:00 AM"),
        _sent("cy-da", "5/12/21, 8:00 AM"),
        _sent("cy-da", "9/1/21, 8:00 AM"),
    ]
    rows = [*FILLER, *twice], [*FILLER_MET, connection("cy-da", "14 May 2021")]
    found = _read(tmp_path, _archive(tmp_path / "a.zip", *rows, at="2021-12-31 10:00:00"))
    table = in_slugs(found, "invitations")
    of_one = table[table["recipient_id"] == "cy-da"].sort_values("sent_at")
    assert of_one["outcome"].tolist() == ["unknown", "accepted", "pending"]
    assert of_one["responded_at"].dt.strftime("%m-%d").tolist()[:2] == ["05-12", "05-15"]


def test_outcome__accepted_after_months__told_apart_from_those_in_time(tmp_path: Path) -> None:
    rows = [*FILLER, _sent("cy-da", "3/1/21, 8:00 AM")], [*FILLER_MET, connection("cy-da", "14 May 2021")]
    found = _read(tmp_path, _archive(tmp_path / "a.zip", *rows, at="2021-12-31 10:00:00"))
    n = len(FILLER_MET) + 1
    assert any(f"; {n} accepted, 1 of these later than 21 days, " in note for note in found.notes)


def test_outcome__received_invitation__by_the_same_rule(tmp_path: Path) -> None:
    came = [
        invitation("di-fox", ANN, "5/12/21, 3:14 PM", ANN),
        invitation("ed-gil", ANN, "5/12/21, 3:14 PM", ANN),
    ]
    rows = [*FILLER, *came], [*FILLER_MET, connection("di-fox", "14 May 2021")]
    told = outcomes(_read(tmp_path, _archive(tmp_path / "a.zip", *rows, at="2021-12-31 10:00:00")))
    assert told[f"di-fox>{ANN}"] == ("accepted", "05-15 00:00", "12-31 10:00")
    assert told[f"ed-gil>{ANN}"] == ("pending", "", "12-31 10:00")


def test_outcome__file_of_pending_ones__nothing_learned_and_said(tmp_path: Path) -> None:
    """Connections without their invitations: all in the list look refused, and none may be learned so."""
    place = _archive(tmp_path / "a.zip", FILLER, [connection("x-y", "3 Jan 2020")], at="2021-12-31 10:00:00")
    found = _read(tmp_path, place)
    table = found.table("invitations")
    assert set(table["outcome"]) == {"pending"}
    assert set(outcomes_of(table).n_at_risk) == {0}
    said = "a.zip: 0 of 20 invitations sent belong to a connection, fewer than 5 %: taken for a list"
    assert any(said in note for note in found.notes)


def test_outcome__few_invitations__judged_with_those_of_colleagues(tmp_path: Path) -> None:
    """Two without an answer prove nothing; dropped alone, colleagues with bad luck would be missing."""
    ann = _archive(tmp_path / "a.zip", FILLER, FILLER_MET, at="2021-12-31 10:00:00")
    rows = [_sent("q-a", "5/12/21, 3:14 PM", BOB), _sent("q-b", "5/12/21, 3:14 PM", BOB)]
    bob = _archive(tmp_path / "b.zip", rows, [connection("z-z", "3 Jan 2020")], at="2021-12-31 10:00:00")
    alone, both = _read(tmp_path, bob), _read(tmp_path, ann, bob)
    assert set(outcomes_of(alone.table("invitations")).n_at_risk) == {0}
    assert outcomes(both)[f"{BOB}>q-a"] == ("pending", "", "12-31 10:00")


def test_outcome__no_connections__unknown_and_said(tmp_path: Path) -> None:
    found = _read(tmp_path, _archive(tmp_path / "a.zip", FILLER, None, at="2021-12-31 10:00:00"))
    assert set(found.table("invitations")["outcome"]) == {"unknown"}
    assert any("without a list of connections" in note for note in found.notes)


SPRING, SUMMER = "2021-04-30 10:00:00", "2021-07-31 10:00:00"


def _pending_twice(tmp_path: Path) -> Network:
    """A person's lists of pending ones, in spring and in summer."""
    young = ["yes-soon", "yes-late", "still-open", "gone-away"]
    spring = [*FILLER, *(_sent(slug, "4/20/21, 8:00 AM") for slug in young)]
    summer = [*FILLER, _sent("still-open", "4/20/21, 8:00 AM"), _sent("new-one", "7/1/21, 8:00 AM")]
    met = [connection("x-y", "3 Jan 2020"), connection("was-friend", "4 Jan 2020")]
    later = [
        connection("x-y", "3 Jan 2020"),
        connection("yes-soon", "2 May 2021"),
        connection("yes-late", "1 Jul 2021"),
    ]
    return _read(
        tmp_path,
        _archive(tmp_path / "spring.zip", spring, met, at=SPRING),
        _archive(tmp_path / "summer.zip", summer, later, at=SUMMER),
    )


def test_snapshots__pending_lists__a_later_one_shows_the_end(tmp_path: Path) -> None:
    found = _pending_twice(tmp_path)
    told = outcomes(found)
    assert told[f"{ANN}>yes-soon"] == ("accepted", "05-03 00:00", "05-03 00:00")
    assert told[f"{ANN}>yes-late"] == ("accepted", "07-02 00:00", "07-02 00:00")
    assert told[f"{ANN}>still-open"] == ("pending", "", "07-31 10:00")
    assert told[f"{ANN}>gone-away"] == ("unknown", "04-30 10:00", "04-30 10:00")
    # New in the last list, or past three weeks in the first one: those accepted are missing beside them.
    assert told[f"{ANN}>new-one"] == ("pending", "", "07-01 08:00")
    assert told[f"{ANN}>old-00"] == ("pending", "", "01-01 08:00")


def test_snapshots__connection_gone__removed_when_the_later_export_lacks_it(tmp_path: Path) -> None:
    ties = in_slugs(_pending_twice(tmp_path), "connections").set_index("target_id")
    assert ties.loc["was-friend", "removed_at"] == pd.Timestamp(SUMMER, tz="UTC")
    assert ties["removed_at"].notna().sum() == 1 and len(ties) == 4


def test_snapshots__complete_lists__withdrawn_one_censored_when_last_seen(tmp_path: Path) -> None:
    spring = [*FILLER, _sent("gone-away", "4/20/21, 8:00 AM"), _sent("yes-late", "4/20/21, 8:00 AM")]
    summer = [*FILLER, _sent("yes-late", "2021-04-20 08:00:37 UTC")]
    met = [*FILLER_MET, connection("yes-late", "1 Jun 2021")]
    found = _read(
        tmp_path,
        _archive(tmp_path / "spring.zip", spring, FILLER_MET, at=SPRING),
        _archive(tmp_path / "summer.zip", summer, met, at=SUMMER),
    )
    told = outcomes(found)
    assert told[f"{ANN}>gone-away"] == ("unknown", "04-30 10:00", "04-30 10:00")
    assert told[f"{ANN}>yes-late"] == ("accepted", "06-02 00:00", "07-31 10:00")
    assert len(told) == 22 == len(found.table("invitations"))
    assert any("Archives: 2 of 1 people" in note for note in found.notes)


def _colleagues(tmp_path: Path) -> list[Path]:
    """Ann invited Bob; both know Cy; each has a talk with the other."""
    between = [message(ANN, [BOB], "2021-06-01 10:00:00 UTC"), message(BOB, [ANN], "2021-06-01 10:00:00 UTC"),
               message(BOB, [ANN], "2021-06-01 10:00:00 UTC")]  # fmt: skip
    asked = invitation(ANN, BOB, "5/12/21, 3:14 PM", ANN)
    ann = [*FILLER, asked], [*FILLER_MET, connection(BOB, "13 May 2021"), connection("cy-da", "1 Feb 2021")]
    got = invitation(ANN, BOB, "5/12/21, 3:14 PM", BOB)
    bob = [_sent(f"new-{i}", "3/1/21, 9:00 AM", BOB) for i in range(3)] + [got]
    known = [
        connection(ANN, "13 May 2021"),
        connection("CY-da/", "1 Mar 2021"),
        connection("new-1", "2 Mar 2021"),
    ]
    return [
        _archive(tmp_path / "ann.zip", *ann, at="2021-08-01 10:00:00", messages=between),
        _archive(tmp_path / "bob.zip", bob, known, at="2021-09-01 10:00:00", messages=between),
    ]


def test_colleagues__same_invitation_in_both__one_row(tmp_path: Path) -> None:
    found = _read(tmp_path, *_colleagues(tmp_path))
    told = in_slugs(found, "invitations")
    both = told[(told["sender_id"] == ANN) & (told["recipient_id"] == BOB)]
    assert both["outcome"].tolist() == ["accepted"] and len(told) == 24
    assert found.table("interactions")["kind"].tolist() == ["message"] * 3


def test_colleagues__connections__one_row_per_pair_and_who_observed_it(tmp_path: Path) -> None:
    ties = in_slugs(_read(tmp_path, *_colleagues(tmp_path)), "connections")
    pairs = set(zip(ties["source_id"], ties["target_id"], strict=True))
    assert len(pairs) == len(ties) and (ANN, BOB) in pairs and (BOB, ANN) not in pairs
    assert {(ANN, "cy-da"), (BOB, "cy-da")} <= pairs
    assert (ties["observed_by"] == ties["source_id"]).all()


def test_colleagues__both_are_own_team_and_two_sources(tmp_path: Path) -> None:
    found = _read(tmp_path, *_colleagues(tmp_path))
    rows = in_slugs(found, "contacts").set_index("contact_id")
    assert sorted(rows.index[rows["is_own_team"].fillna(False)]) == [ANN, BOB]
    sources = found.table("sources")
    assert sources["exported_at"].dt.strftime("%m-%d").tolist() in (["08-01", "09-01"], ["09-01", "08-01"])
    told = outcomes(found)
    assert (told[f"{ANN}>old-01"][2], told[f"{BOB}>new-0"][2]) == ("08-01 10:00", "09-01 10:00")


def test_pool__places_in_any_order_or_twice__same_network(tmp_path: Path) -> None:
    later = _archive(tmp_path / "later.zip", FILLER, FILLER_MET, at="2021-10-01 10:00:00")
    places = [*_colleagues(tmp_path), later]
    first = _read(tmp_path, *places)
    for order in (places[::-1], [*places[1:], *places]):
        assert _read(tmp_path, *order).fingerprint == first.fingerprint


def test_pool__a_folder_of_archives__read_as_one(tmp_path: Path) -> None:
    _colleagues(tmp_path / "all")
    folder = _read(tmp_path, tmp_path / "all")
    assert folder.fingerprint == _read(tmp_path, *sorted((tmp_path / "all").iterdir())).fingerprint


def test_pool__fault_in_one_archive__told_with_its_name(tmp_path: Path) -> None:
    places = _colleagues(tmp_path)
    bad = _archive(
        tmp_path / "bad.zip", [*FILLER, _sent("e-f", "soon")], FILLER_MET, at="2021-08-01 10:00:00"
    )
    with pytest.raises(DataError) as caught:
        _read(tmp_path, *places, bad)
    assert caught.value.problems[0].startswith("bad.zip/Invitations.csv.Sent At is not a date in 1 row (21).")


def test_snapshots__connection_gone_for_one_of_two_colleagues__removed_when_both_lack_it(
    tmp_path: Path,
) -> None:
    """Ann's archive of June lacks it, Bob's of July still shows it, and his of September does not."""
    tie, filler = connection(BOB, "13 May 2020"), [connection("x-y", "3 Jan 2020")]
    back = connection(ANN, "13 May 2020")
    sent = [_sent("q-a", "1/1/20, 8:00 AM", BOB)]
    places = [
        _archive(tmp_path / "a1.zip", FILLER, [tie, *filler], at="2021-05-01 10:00:00"),
        _archive(tmp_path / "a2.zip", FILLER, filler, at="2021-06-01 10:00:00"),
        _archive(tmp_path / "b1.zip", sent, [back, *filler], at="2021-07-01 10:00:00"),
    ]
    stands = in_slugs(_read(tmp_path, *places), "connections").set_index("target_id").loc[BOB]
    assert pd.isna(stands["removed_at"])
    last = _archive(tmp_path / "b2.zip", sent, filler, at="2021-09-01 10:00:00")
    gone = in_slugs(_read(tmp_path, *places, last), "connections").set_index("target_id").loc[BOB]
    assert gone["removed_at"] == pd.Timestamp("2021-09-01 10:00:00", tz="UTC")


def test_snapshots__later_list_is_empty__all_others_have_ended(tmp_path: Path) -> None:
    rows = [*FILLER, _sent("gone-away", "4/20/21, 8:00 AM")]
    said = [message(ANN, ["x-y"], "2021-06-01 10:00:00 UTC")] * 2
    said.append(message("w-w", [ANN], "2021-06-02 10:00:00 UTC"))
    found = _read(
        tmp_path,
        _archive(tmp_path / "spring.zip", rows, FILLER_MET, at=SPRING),
        _archive(tmp_path / "summer.zip", [], FILLER_MET, at=SUMMER, messages=said),
    )
    assert outcomes(found)[f"{ANN}>gone-away"] == ("unknown", "04-30 10:00", "04-30 10:00")


@pytest.mark.parametrize("at", ["1980-01-01 00:00:00", "2021-12-01 10:00:00"])
def test_export__zip_dated_before_what_it_holds__by_the_newest_date_inside(at: str, tmp_path: Path) -> None:
    rows = [*FILLER, _sent("cy-da", "12/30/21, 9:30 PM")]
    found = _read(tmp_path, _archive(tmp_path / "a.zip", rows, FILLER_MET, at=at))
    assert found.table("sources")["exported_at"].tolist() == [pd.Timestamp("2021-12-30 21:30", tz="UTC")]

"""Rows that tell the same fact, table by table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import pytest
from tests.readers.joining.people import source

from influence.data import Network
from influence.readers import ReadingConfig, Records
from influence.readers.joining import join
from influence.readers.joining.visibility import outcome_given_away

ANNA, BOB = {"id": "profile:anna", "profile": "anna"}, {"id": "profile:bob", "profile": "bob"}
ANNA_2, BOB_2 = {"id": "crm:1", "profile": "anna"}, {"id": "crm:2", "profile": "bob"}
LATE, EARLY = "2026-03-01T00:00:00Z", "2026-01-01T00:00:00Z"


def both(table: str, one: Sequence[Mapping[str, object]], other: Sequence[Mapping[str, object]]) -> Records:
    """Two sources with such rows; the second was exported later."""
    first = source("linkedin:1", [ANNA, BOB], EARLY, **{table: pd.DataFrame(one)})
    second = source("crm:1", [ANNA_2, BOB_2], LATE, **{table: pd.DataFrame(other)})
    records, turned = (join(found, ReadingConfig()) for found in ([first, second], [second, first]))
    network = Network.from_tables(records.tables)
    for name, rows in Network.from_tables(turned.tables).tables.items():
        key = list(rows.columns)
        pd.testing.assert_frame_equal(
            rows.sort_values(key, ignore_index=True), network.tables[name].sort_values(key, ignore_index=True)
        )
    assert set(network.contact_ids) == {"profile:anna", "profile:bob"}
    return Records(network.tables, records.notes)


def connection(one: str, other: str, at: str, removed: str | None = None, **more: str) -> dict[str, object]:
    return {"source_id": one, "target_id": other, "connected_at": at, "removed_at": removed, **more}


@pytest.mark.parametrize(("removed", "ended"), [("2025-01-01", "2025-02-01"), (None, None)])
def test_connections__two_sources__earliest_and_over_only_if_both_say_so(
    removed: str | None, ended: str | None
) -> None:
    rows = both(
        "connections",
        [connection("profile:anna", "profile:bob", "2024-02-01", "2025-02-01", observed_by="profile:anna")],
        [connection("crm:2", "crm:1", "2024-01-01", removed)],
    ).tables["connections"]
    assert rows["connected_at"].tolist() == [pd.Timestamp("2024-01-01", tz="UTC")]
    assert rows["observed_by"].tolist() == ["profile:anna"]
    told = rows["removed_at"].iloc[0]
    assert pd.isna(told) if ended is None else told == pd.Timestamp(ended, tz="UTC")


def test_connections__directed__both_ways_stay() -> None:
    rows = both(
        "connections",
        [connection("profile:anna", "profile:bob", "2024-02-01", direction="directed")],
        [connection("crm:2", "crm:1", "2024-01-01", direction="directed")],
    ).tables["connections"]
    assert len(rows) == 2


def invitation(
    name: str, ends: tuple[str, str], sent: str, outcome: str = "pending", **more: str
) -> dict[str, object]:
    return {
        "invitation_id": name, "sender_id": ends[0], "recipient_id": ends[1], "sent_at": sent,
        "time_resolution": "second", "has_note": None, "outcome": outcome, "responded_at": None,
        "observed_until": EARLY, **more,
    }  # fmt: skip


OWN, CRM = ("profile:anna", "profile:bob"), ("crm:1", "crm:2")


def test_invitations__seen_to_the_day_and_to_the_second__one_with_the_finer_clock() -> None:
    answer = {"outcome": "accepted", "responded_at": "2025-05-09T00:00:00Z"}
    finer = {"outcome": "accepted", "responded_at": "2025-05-09T10:00:00Z", "has_note": "true"}
    rows = both(
        "invitations",
        [invitation("a", OWN, "2025-05-08", time_resolution="day", **answer)],
        [invitation("b", CRM, "2025-05-08T12:30:15", observed_until=LATE, **finer)],
    ).tables["invitations"]
    assert rows["invitation_id"].tolist() == ["b"]
    assert rows["time_resolution"].tolist() == ["second"]
    assert rows["observed_until"].iloc[0] == pd.Timestamp(LATE)
    assert rows["has_note"].tolist() == [True]


def test_invitations__answered_in_the_earlier_export__answer_stands_and_watch_is_longest() -> None:
    rows = both(
        "invitations",
        [invitation("a", OWN, "2025-05-08T12:30:15", "accepted", responded_at="2025-05-09")],
        [invitation("b", CRM, "2025-05-08T12:30:15", observed_until=LATE)],
    ).tables["invitations"]
    assert rows["outcome"].tolist() == ["accepted"]
    assert rows["observed_until"].iloc[0] == pd.Timestamp(LATE)


def test_invitations__sources_contradict__the_one_watched_longer_stands() -> None:
    rows = both(
        "invitations",
        [invitation("a", OWN, "2025-05-08T12:30:15", "declined", responded_at="2025-05-09")],
        [
            invitation(
                "b", CRM, "2025-05-08T12:30:15", "accepted", responded_at="2025-05-10", observed_until=LATE
            )
        ],
    ).tables["invitations"]
    assert rows["outcome"].tolist() == ["accepted"]


@pytest.mark.parametrize("sent", ["2025-05-08T12:30:16", "2025-05-09T12:30:15"])
def test_invitations__other_moment__two(sent: str) -> None:
    rows = both("invitations", [invitation("a", OWN, "2025-05-08T12:30:15")], [invitation("b", CRM, sent)])
    assert len(rows.tables["invitations"]) == 2


def test_invitations__two_of_one_source_on_a_day__stay_two() -> None:
    first = [invitation("a", OWN, "2025-05-08T08:00:00"), invitation("c", OWN, "2025-05-08T09:00:00")]
    rows = both("invitations", first, [invitation("b", CRM, "2025-05-08", time_resolution="day")])
    assert len(rows.tables["invitations"]) == 2


def test_invitations__watched_until_unknown__until_the_end_of_their_own_source() -> None:
    first = [invitation("a", OWN, "2025-05-08T08:00:00") | {"observed_until": None}]
    second = [invitation("b", CRM, "2025-08-08T08:00:00") | {"observed_until": None}]
    rows = both("invitations", first, second).tables["invitations"]
    until = dict(zip(rows["invitation_id"], rows["observed_until"], strict=True))
    assert until == {"a": pd.Timestamp(EARLY), "b": pd.Timestamp(LATE)}


def event(name: str, ends: tuple[str, str], at: str, **more: object) -> dict[str, object]:
    return {"event_id": name, "actor_id": ends[0], "target_id": ends[1], "kind": "message", "at": at, **more}


def test_interactions__seen_by_two_sources__one_with_missing_cells_filled() -> None:
    records = both(
        "interactions",
        [event("a", OWN, "2025-05-08T12:30:15.2Z", sentiment=0.5, topic=None)],
        [event("b", CRM, "2025-05-08T12:30:15.9Z", sentiment=None, topic="milling")],
    )
    rows = records.tables["interactions"]
    assert rows[["sentiment", "topic"]].to_numpy().tolist() == [[0.5, "milling"]]
    assert "interactions: 2 rows of several sources are 1 events." in records.notes


@pytest.mark.parametrize("more", [{"kind": "call"}, {"at": "2025-05-08T12:30:16Z"}, {"target_id": None}])
def test_interactions__other_event__two(more: dict[str, object]) -> None:
    rows = both(
        "interactions",
        [event("a", OWN, "2025-05-08T12:30:15Z")],
        [event("b", CRM, "2025-05-08T12:30:15Z") | more],
    ).tables["interactions"]
    assert len(rows) == 2


def test_interactions__between_records_that_are_one__dropped_and_told() -> None:
    mixed = [
        event("a", ("profile:anna", "crm:1"), "2025-05-08T12:30:15Z"),
        event("c", OWN, "2025-05-08T12:30:15Z"),
    ]
    people = [
        {"id": "profile:anna", "profile": "anna"},
        {"id": "profile:bob"},
        {"id": "crm:1", "profile": "anna"},
    ]
    records = join(
        [source("a:0", people, interactions=pd.DataFrame(mixed)), source("b:0", [ANNA])], ReadingConfig()
    )
    assert records.tables["interactions"]["event_id"].tolist() == ["c"]
    assert "interactions: 1 rows tie records that are one; they were dropped." in records.notes


def test_contacts__one_moment__filled_and_the_later_export_stands() -> None:
    def contacts(own: str, **more: object) -> dict[str, object]:
        return {"contact_id": own, "observed_at": "2025-01-01", **more}

    first = source("linkedin:1", [ANNA], EARLY)
    second = source("crm:1", [ANNA_2], LATE)
    tables = [
        {**first.tables, "contacts": pd.DataFrame([contacts("profile:anna", country="DE", industry="x")])},
        {**second.tables, "contacts": pd.DataFrame([contacts("crm:1", country="FR", industry=None)])},
    ]
    records = join([Records(each) for each in tables], ReadingConfig())
    assert records.tables["contacts"][["country", "industry"]].to_numpy().tolist() == [["FR", "x"]]
    assert any("contacts: sources contradict each other (country 1)" in note for note in records.notes)


def test_contacts__one_source_has_the_table__the_ids_of_the_other_are_added() -> None:
    ties = pd.DataFrame([connection("9", "8", "2024-01-01")])
    plain = Records({"connections": ties, "sources": pd.DataFrame({"source_id": ["ties:0"]})})
    network = Network.from_tables(join([plain, source("crm:0", [ANNA])], ReadingConfig()).tables)
    assert network.table("contacts")["contact_id"].tolist() == ["profile:anna", "8", "9"]


def company(own: str, name: str | None = None, domain: str | None = None) -> dict[str, object]:
    return {"company_id": own, "name": name, "domain": domain}


@pytest.mark.parametrize(
    ("one", "other", "ids"),
    [
        ([company("acme.com", "Acme")], [company("acme", "ACME Inc.")], {"acme.com"}),
        ([company("7", "Acme", "acme.com")], [company("acme.com", "Ackmee")], {"acme.com"}),
        ([company("acme.com", "Acme")], [company("acme.de", "Acme")], {"acme.com", "acme.de"}),
        ([company("7", "Acme"), company("8", "Acme")], [company("acme", "Acme")], {"7", "8", "acme"}),
        ([company("7", "Acme", "gmail.com")], [company("8", "Bolt", "gmail.com")], {"7", "8"}),
    ],
)
def test_companies__domain_or_name__one_company(one: list[dict], other: list[dict], ids: set[str]) -> None:
    assert set(both("companies", one, other).tables["companies"]["company_id"]) == ids


def test_rows_at_fault__several_sources__told_by_validation() -> None:
    records = join(
        [
            source("a:0", [ANNA, BOB], connections=pd.DataFrame([connection(*OWN, "soon")])),
            source("b:0", [ANNA_2, BOB_2], connections=pd.DataFrame([connection(*CRM, "2024-01-01")])),
        ],
        ReadingConfig(),
    )
    with pytest.raises(Exception, match="is not a time \\('soon'\\)"):
        Network.from_tables(records.tables)


@pytest.mark.parametrize(("n_accepted", "warns"), [(30, True), (0, False)])
def test_outcome_given_away__joined_for_acceptors_alone__warned(n_accepted: int, warns: bool) -> None:
    recipients = [str(n) for n in range(60)]
    invitations = pd.DataFrame({"recipient_id": recipients, "outcome": ["accepted"] * 30 + ["pending"] * 30})
    matches = pd.DataFrame({"contact_id": recipients[:n_accepted], "rule": "email"})
    said = outcome_given_away({"invitations": invitations}, matches)
    assert bool(said) is warns
    assert not warns or "100% were joined" in said[0]

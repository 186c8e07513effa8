"""Campaign logs and Sales Navigator: requests, answers, and what a log does not show."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from tests.readers.crm.records import read_records, row, told
from tests.readers.folders import ACTIVITIES, CAMPAIGN

HEADER = CAMPAIGN.splitlines()[0]
SENT, ACCEPTED = "connection_request_sent", "connection_request_accepted"


def log(*events: tuple[str, str, str]) -> dict[str, str]:
    """Lead, day of January 2026, event."""
    lines = [
        f"{lead},X,linkedin.com/in/{lead},Founder,Paris (France),Signal,2026-01-{day}T09:00:00Z,{event}"
        for lead, day, event in events
    ]
    return {"log.csv": "\n".join([HEADER, *lines]) + "\n"}


def test_log__sent_and_accepted__invitation_with_outcome(tmp_path: Path) -> None:
    records = read_records(tmp_path, "campaign_log", {"log.csv": CAMPAIGN})
    invitations = records.tables["invitations"]
    maya, jon = row(invitations, recipient_id="profile:maya"), row(invitations, recipient_id="profile:jon")
    assert (maya["outcome"], maya["responded_at"]) == ("accepted", pd.Timestamp("2026-01-02T09:00Z"))
    assert (jon["outcome"], jon["observed_until"]) == ("pending", pd.Timestamp("2026-01-02T09:00Z"))
    assert row(records.tables["connections"])["connected_at"] == pd.Timestamp("2026-01-02T09:00Z")


def test_log__leads__known_before_their_first_event(tmp_path: Path) -> None:
    contacts = read_records(tmp_path, "campaign_log", {"log.csv": CAMPAIGN}).tables["contacts"]
    maya = row(contacts, contact_id="profile:maya")
    assert maya["observed_at"] < pd.Timestamp("2026-01-01T09:00Z")
    assert maya[["country", "seniority", "company_id"]].tolist() == ["US", "vp", "acme"]


def test_log__owner_named__is_the_sender(tmp_path: Path) -> None:
    records = read_records(
        tmp_path, "campaign_log", {"log.csv": CAMPAIGN}, owner="https://www.linkedin.com/in/Jo-Fox"
    )
    assert set(records.tables["invitations"]["sender_id"]) == {"profile:jo-fox"}
    assert row(records.tables["contacts"], contact_id="profile:jo-fox")["is_own_team"]
    assert not told(records, "tell no sender")
    unnamed = read_records(tmp_path, "campaign_log", {"log.csv": CAMPAIGN})
    assert set(unnamed.tables["invitations"]["sender_id"]) == {"campaign_log:sender"}
    assert told(unnamed, "3 tell no sender")


def test_log__column_for_the_sender__goes_before_owner(tmp_path: Path) -> None:
    lines = CAMPAIGN.splitlines()
    text = "\n".join(
        [lines[0] + ",Sender Email", *(f"{line},jo{n}@us.com" for n, line in enumerate(lines[1:]))]
    )
    found = read_records(tmp_path, "campaign_log", {"log.csv": text}, owner="x@us.com").tables["invitations"]
    assert set(found["sender_id"]) == {"email:jo0@us.com", "email:jo2@us.com"}


def test_log__accepted_without_request__connection_only(tmp_path: Path) -> None:
    records = read_records(tmp_path, "campaign_log", log(("kim", "05", ACCEPTED), ("lu", "04", SENT)))
    assert records.tables["invitations"]["recipient_id"].tolist() == ["profile:lu"]
    assert records.tables["connections"]["target_id"].tolist() == ["profile:kim"]
    assert told(records, "1 acceptances without their request")


def test_log__acceptances_alone__nothing_of_acceptors_is_a_feature(tmp_path: Path) -> None:
    records = read_records(tmp_path, "campaign_log", log(("kim", "05", ACCEPTED), ("lu", "06", ACCEPTED)))
    contacts = records.tables["contacts"]
    assert contacts[["company_id", "country", "seniority", "job_function"]].isna().all(axis=None)
    assert "companies" not in records.tables
    assert "employer" in set(records.tables["identities"]["kind"])


def test_log__answered_by_message_only__outcome_unknown(tmp_path: Path) -> None:
    records = read_records(tmp_path, "campaign_log", log(("lu", "05", SENT), ("lu", "06", "message_replied")))
    assert row(records.tables["invitations"])["outcome"] == "unknown"
    message = row(records.tables["interactions"])
    assert (message["kind"], message["actor_id"]) == ("message", "profile:lu")


def test_log__repeated_and_strange_events__told(tmp_path: Path) -> None:
    events = [("lu", "05", SENT), ("lu", "05", SENT), ("lu", "07", SENT), ("lu", "06", "lead_tag_updated")]
    records = read_records(tmp_path, "campaign_log", log(*events))
    assert row(records.tables["invitations"])["sent_at"] == pd.Timestamp("2026-01-05T09:00Z")
    assert all(
        told(records, words)
        for words in ("1 repeated events", "1 requests that were sent again", "lead_tag_updated (1)")
    )


def test_log__withdrawn_and_asked_again__two_invitations(tmp_path: Path) -> None:
    withdrawn = "connection_request_withdrawn"
    events = [("lu", "05", SENT), ("lu", "07", withdrawn), ("lu", "09", SENT), ("lu", "10", ACCEPTED)]
    found = read_records(tmp_path, "campaign_log", log(*events)).tables["invitations"].sort_values("sent_at")
    assert found["outcome"].tolist() == ["withdrawn", "accepted"]
    assert found["responded_at"].tolist() == [
        pd.Timestamp("2026-01-07T09:00Z"),
        pd.Timestamp("2026-01-10T09:00Z"),
    ]


def test_log__asked_after_connecting__no_invitation(tmp_path: Path) -> None:
    records = read_records(tmp_path, "campaign_log", log(("lu", "05", ACCEPTED), ("lu", "07", SENT)))
    assert "invitations" not in records.tables
    assert told(records, "requests to people connected before")


def test_sales_navigator__activities__interactions_and_connections(tmp_path: Path) -> None:
    more = ACTIVITIES + "4,SAVED_LEAD,01-14-2024 10:00:00,7,CC\n5,SEARCH_PERFORMED,01-14-2024 10:00:00,7,\n"
    records = read_records(tmp_path, "sales_navigator", {"a.csv": more}, day_first=True)
    found = records.tables["interactions"]
    assert sorted(found["kind"]) == ["message", "view"]
    assert found["at"].min() == pd.Timestamp("2024-01-02T10:00Z")
    assert row(records.tables["connections"])["target_id"] == "sales_navigator:BB"
    assert set(records.tables["contacts"]["contact_id"]) == {
        "sales_navigator:seat:7", "sales_navigator:AA", "sales_navigator:BB",
    }  # fmt: skip
    assert all(told(records, words) for words in ("SAVED_LEAD", "1 activities without a lead"))

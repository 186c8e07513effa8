"""Logs of outreach campaigns: who was asked to connect, who accepted, who wrote."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from influence.readers.crm.companies import Companies
from influence.readers.crm.exports import read_exports, recognises
from influence.readers.crm.people import (
    attributes,
    contact_ids,
    full_names,
    identities,
    location_countries,
    named_people,
    one_per_key,
)  # fmt: skip
from influence.readers.crm.words import filled, folded_all
from influence.readers.notes import MOST_LISTED, dropped
from influence.readers.source import Reader, Records, Sieve, numbered

NAME = "campaign_log"
SENT, ACCEPTED, WITHDRAWN = (
    "connection_request_sent",
    "connection_request_accepted",
    "connection_request_withdrawn",
)
INTERACTIONS = {
    "message_sent": ("message", True),
    "inmail_sent": ("message", True),
    "message_replied": ("message", False),
    "message_reply_received": ("message", False),
    "every_message_reply_received": ("message", False),
    "inmail_reply_received": ("message", False),
    "profile_viewed": ("view", True),
    "viewed_profile": ("view", True),
    "liked_post": ("like", True),
    "post_liked": ("like", True),
    "follow_sent": ("follow", True),
}
"""Event -> kind of interaction, and whether it comes from the sender."""
ANSWERS = ("message_replied", "message_reply_received", "every_message_reply_received")
"""Only people who are connected can answer a message."""
UNKNOWN_SENDER = "sender"


def read(place: Path, sieve: Sieve) -> Records:
    """Invitations with outcomes, connections from acceptances, messages, views, likes, follows.

    A request without an acceptance is pending at the log's last moment; one that was only answered by a
    message was accepted, nobody knows when: outcome unknown.  An acceptance without its request gives a
    connection and no invitation.
    """
    exports = read_exports(place, NAME, sieve)
    rows, notes = _events(exports["events"], sieve.config.owner)
    contacts, companies, told = _people(rows, sieve.config.titles)
    invitations, also_told = _invitations(rows)
    tables = {
        "contacts": contacts,
        "companies": companies,
        "invitations": invitations,
        "connections": _connections(rows),
        "interactions": _interactions(rows),
        "identities": _identities(rows),
    }
    filled_ones = {name: table for name, table in tables.items() if len(table)}
    return Records(filled_ones, (*exports.notes, *notes, *told, *also_told, *_strange(rows["event"])))


def _events(rows: pd.DataFrame, owner: str | None) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Events in the order of time, with lead and sender; each once."""
    rows = rows.assign(name=full_names(rows))
    own = filled(folded_all(rows["name"]).fillna("") + "|" + folded_all(rows["employer"]).fillna(""))
    sender = rows["sender"].fillna(owner) if owner is not None else rows["sender"]
    asked_by = named_people(sender, NAME)
    rows = rows.assign(
        lead=contact_ids(NAME, own.where(own != "|"), rows["email"], rows["profile"]),
        sender=asked_by["contact_id"].fillna(f"{NAME}:{UNKNOWN_SENDER}"),
        sender_name=asked_by["name"],
        sender_told=sender,
        event=rows["event"].str.casefold().str.replace(r"[\s-]+", "_", regex=True),
    )
    nobody = rows["lead"].isna() | (rows["lead"] == rows["sender"])
    known = rows[~nobody].sort_values(["at", "sender", "lead", "event"], kind="stable")
    again = known.duplicated(["at", "sender", "lead", "event"])
    n_unknown = int(sender[~nobody].isna().sum())
    notes = (
        *dropped("events", "events of nobody, or of the sender with himself", nobody),
        *dropped("events", "repeated events", again),
        *(
            (f"events: {n_unknown:,} tell no sender, and count as one person's: --set owner=NAME.",)
            if n_unknown
            else ()
        ),
    )
    return known[~again].reset_index(drop=True), notes


def _invitations(rows: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """One invitation per sender and lead; another one only after a withdrawal."""
    pair = ["sender", "lead"]
    withdrawn = (rows["event"] == WITHDRAWN).astype("int64")
    episode = [*pair, "episode"]
    rows = rows.assign(episode=withdrawn.groupby([rows["sender"], rows["lead"]]).cumsum() - withdrawn)
    first = {
        name: rows[rows["event"].isin(events)].groupby(episode)["at"].min().rename(name)
        for name, events in (
            ("sent_at", (SENT,)), ("accepted_at", (ACCEPTED,)), ("withdrawn_at", (WITHDRAWN,)),
            ("answered_at", ANSWERS),
        )
    }  # fmt: skip
    sent = rows[rows["event"] == SENT]
    coarse = sent.drop_duplicates(episode).set_index(episode)["at_day_only"]
    found = pd.concat([first["sent_at"], coarse], axis=1)
    for name in ("accepted_at", "withdrawn_at", "answered_at"):
        found = found.join(first[name])
    found = found.reset_index().sort_values(["sent_at", *pair])
    connected_before = found["accepted_at"] < found["sent_at"]
    alone = len(first["accepted_at"].index.difference(first["sent_at"].index))
    notes = (
        *(
            (f"events: {alone:,} acceptances without their request: connections, but no invitations.",)
            if alone
            else ()
        ),
        *dropped("events", "requests that were sent again", sent.duplicated(episode)),
        *dropped("events", "requests to people connected before", connected_before),
    )
    return _with_outcomes(found[~connected_before], rows["at"].max()), notes


def _with_outcomes(found: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    accepted, withdrawn = found["accepted_at"].notna(), found["withdrawn_at"].notna()
    answered = found["answered_at"] >= found["sent_at"]
    outcome = np.select([accepted, withdrawn, answered], ["accepted", "withdrawn", "unknown"], "pending")
    name = found["sender"] + ">" + found["lead"] + "@" + found["sent_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return pd.DataFrame(
        {
            "invitation_id": name,
            "sender_id": found["sender"],
            "recipient_id": found["lead"],
            "sent_at": found["sent_at"],
            "time_resolution": np.where(found["at_day_only"].astype(bool), "day", "second"),
            "outcome": outcome,
            "responded_at": found["accepted_at"].fillna(found["withdrawn_at"]),
            "observed_until": end,
        }
    ).reset_index(drop=True)


def _connections(rows: pd.DataFrame) -> pd.DataFrame:
    accepted = rows[rows["event"] == ACCEPTED].drop_duplicates(["sender", "lead"])
    return pd.DataFrame(
        {
            "source_id": accepted["sender"],
            "target_id": accepted["lead"],
            "connected_at": accepted["at"],
            "direction": "mutual",
        }
    )


def _interactions(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows[rows["event"].isin(list(INTERACTIONS))]
    outward = rows["event"].map({event: out for event, (_, out) in INTERACTIONS.items()}).astype(bool)
    kind = rows["event"].map({event: kind for event, (kind, _) in INTERACTIONS.items()}).astype("str")
    actor, target = rows["sender"].where(outward, rows["lead"]), rows["lead"].where(outward, rows["sender"])
    name = actor + ">" + target + ":" + kind + "@" + rows["at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return pd.DataFrame(
        {"event_id": numbered(name), "actor_id": actor, "target_id": target, "kind": kind, "at": rows["at"]}
    )


def _people(rows: pd.DataFrame, titles: bool) -> tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...]]:
    """Leads and senders; a lead was known when the campaign turned to him.

    Where the log holds no requests, its leads are those who accepted: nothing of them is learned from.
    """
    notes: tuple[str, ...] = ()
    if not (rows["event"] == SENT).any():
        notes = (
            f"events: no {SENT}: title, company and location, told of acceptors alone, not learned from.",
        )
        rows = rows.assign(
            **{name: rows[name].mask(rows[name].notna()) for name in ("title", "employer", "location")}
        )
    leads = rows.assign(
        country=location_countries(rows["location"]), at=rows.groupby("lead")["at"].transform("min")
    )
    leads = one_per_key(leads[["lead", "at", "title", "employer", "country"]], ["lead"])
    known, told = attributes(leads, "contacts", titles)
    contacts = known.assign(
        contact_id=leads["lead"],
        observed_at=leads["at"] - np.timedelta64(1, "s"),
        company_id=folded_all(leads["employer"]),
        is_own_team=leads["lead"].isin(rows["sender"]),
    )
    team = pd.DataFrame({"contact_id": rows["sender"].drop_duplicates(), "is_own_team": True})
    nothing = pd.DataFrame({"company_id": pd.Series(dtype="str"), "name": pd.Series(dtype="str")})
    companies = Companies(NAME, nothing, {}, {}).with_mentioned(
        contacts["company_id"], names=leads["employer"]
    )
    return pd.concat([contacts, team], ignore_index=True), companies, (*notes, *told)


def _identities(rows: pd.DataFrame) -> pd.DataFrame:
    leads = identities(rows.assign(contact_id=rows["lead"]))
    told = rows["sender_told"]
    senders = pd.DataFrame(
        {"contact_id": rows["sender"], "name": rows["sender_name"], "email": told, "profile": told}
    )
    return pd.concat([leads, identities(senders)], ignore_index=True).drop_duplicates(ignore_index=True)


def _strange(events: pd.Series) -> tuple[str, ...]:
    counts = events[~events.isin([SENT, ACCEPTED, WITHDRAWN, *INTERACTIONS])].value_counts()
    listed = ", ".join(
        f"{name} ({n:,})"
        for name, n in sorted(counts.items(), key=lambda one: (-one[1], str(one[0])))[:MOST_LISTED]
    )
    return (f"events: of unknown types, not read: {listed}.",) if listed else ()


CAMPAIGN_LOG = Reader(
    NAME,
    "a campaign log as CSV with Lead Profile URL, Timestamp and Event Type",
    recognises(NAME),
    read,
    personal=True,
    shares_folder=True,
)

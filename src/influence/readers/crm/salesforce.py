"""Salesforce: Contact, Account, Opportunity, OpportunityContactRole, and User, Task and Event beside them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from influence.readers.crm.deals import flags
from influence.readers.crm.exports import Exports, read_exports, recognises
from influence.readers.crm.people import contact_ids, full_names, own_ids
from influence.readers.crm.sales import People, read_sales
from influence.readers.crm.times import latest
from influence.readers.crm.words import mapped
from influence.readers.notes import dropped
from influence.readers.source import Reader, Records, Sieve

NAME = "salesforce"
DONE = ("completed", "abgeschlossen", "termine", "terminé")
KIND_OF = {
    "call": "call",
    "email": "email",
    "list email": "email",
    "listemail": "email",
    "meeting": "meeting",
}


def read(place: Path, sieve: Sieve) -> Records:
    """Contacts, companies, deals with both sides, and done tasks and past events as interactions."""
    exports = read_exports(place, NAME, sieve)
    users = _users(exports["users"]) if len(exports["users"]) else None
    sales = read_sales(exports, NAME, sieve.config, users, short_ids=True)
    found, notes = _interactions(exports, sales.people)
    tables = {**sales.tables, **({"interactions": found} if len(found) else {})}
    return Records(tables, (*sales.notes, *notes))


def _users(rows: pd.DataFrame) -> pd.DataFrame:
    own, nothing = own_ids(rows["own_id"], short=True), pd.Series(pd.NA, rows.index, dtype="str")
    return rows.assign(
        own_id=own,
        email=rows["email"].fillna(rows["login"]),
        contact_id=contact_ids(NAME, "owner:" + own, rows["email"].fillna(rows["login"]), nothing),
        name=full_names(rows),
        profile=nothing,
    )[["own_id", "contact_id", "name", "email", "profile"]]


def _interactions(exports: Exports, people: People) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Who contacted whom, and when: owner to contact, the other way round for inbound calls."""
    tasks, told = _tasks(exports["tasks"])
    events, also_told = _events(exports)
    rows = pd.concat([tasks, events], ignore_index=True)
    known = mapped(own_ids(rows["contact"], short=True), people.by_own_id.get)
    owner = mapped(own_ids(rows["owner"], short=True), people.owners.get)
    stranger = known.isna() | owner.isna()
    inbound = rows["inbound"].astype(bool)
    found = pd.DataFrame(
        {
            "event_id": f"{NAME}:" + own_ids(rows["own_id"], short=True),
            "actor_id": owner.mask(inbound, known),
            "target_id": known.mask(inbound, owner),
            "kind": rows["kind"],
            "at": rows["at"],
        }
    )[~stranger]
    notes = (*told, *also_told, *dropped("activities", "activities with nobody of the contacts", stranger))
    return found.drop_duplicates("event_id", ignore_index=True), notes


def _tasks(rows: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Done tasks that are calls, e-mails or meetings.

    Where the time of completion is not told, they were known to be done at the later of entry and due date.
    """
    kind = rows["subtype"].str.casefold().map(KIND_OF).fillna(rows["type"].str.casefold().map(KIND_OF))
    done = flags(rows["closed"]).fillna(rows["status"].str.casefold().isin(DONE)).astype(bool)
    entered = rows[["created_at", "due_at"]].max(axis=1)
    at = rows["completed_at"].fillna(entered)
    kept = kind.notna() & done & at.notna()
    found = rows.assign(kind=kind, at=at, inbound=rows["call"].str.casefold() == "inbound")[kept]
    return found[["own_id", "contact", "owner", "kind", "at", "inbound"]], dropped(
        "tasks", "tasks that are open, undated, or neither call, e-mail nor meeting", ~kept
    )


def _events(exports: Exports) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Events as meetings; those after the last entry of any file lay ahead when it was exported."""
    rows = exports["events"]
    entries = [
        exports[kind][name]
        for kind in exports.rows
        for name in ("created_at", "observed_at", "opened_at", "completed_at")
        if name in exports[kind].columns
    ]
    end = latest(entries)
    ahead = rows["at"].isna() | (rows["at"] > end) if end is not None else rows["at"].isna()
    found = rows.assign(kind="meeting", inbound=False)[~ahead]
    return found[["own_id", "contact", "owner", "kind", "at", "inbound"]], dropped(
        "events", "events that still lay ahead, or are undated", ahead
    )


SALESFORCE = Reader(
    NAME,
    "CSV exports of Salesforce: Contact (Id, LastName, AccountId), Account (Id, Name, Website), Opportunity "
    "(Id, StageName, CloseDate), OpportunityContactRole, User, Task or Event; or reports with record ids",
    recognises(NAME),
    read,
    personal=True,
    shares_folder=True,
)

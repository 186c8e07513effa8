"""Requests of guests to hosts with the times of contact, reply and acceptance, and the guests' searches."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from influence.data.splits import HORIZON_DAYS
from influence.geography import to_alpha2
from influence.readers.source import Reader, Records, Sieve, header, numbered, numbers, read_csv

CONTACTS, SEARCHES = "contacts.csv", "searches.csv"
CONTACT_COLUMNS = ("id_guest", "id_host", "id_listing", "ts_contact_at", "ts_reply_at", "ts_accepted_at")
SEARCH_COLUMNS = ("ds", "id_user", "n_searches", "origin_country")

COMPLETE_UNTIL = pd.Timestamp("2015-02-28", tz="UTC")
"""The outcomes of this source are complete to the end of February 2015."""
DECLINED_AFTER = pd.Timedelta(days=HORIZON_DAYS)
"""An acceptance often follows a first reply: only now does a reply without one count as declined."""


def recognises(folder: Path) -> bool:
    """Whether both files have the columns that are used."""
    return set(CONTACT_COLUMNS) <= set(header(folder / CONTACTS)) and set(SEARCH_COLUMNS) <= set(
        header(folder / SEARCHES)
    )


def read(folder: Path, sieve: Sieve) -> Records:
    """One invitation per contact row, each reply as a message, and the guests' countries by day of search.

    What is known only because of the outcome (messages, bookings) is never read.
    """
    requests = _requests(read_csv(folder / CONTACTS)[list(CONTACT_COLUMNS)], sieve)
    invitations, replies = _invitations(requests), _replies(requests)
    people = pd.Index(sorted({*requests["sender_id"], *requests["recipient_id"]}))
    searches = read_csv(folder / SEARCHES)[list(SEARCH_COLUMNS)]
    countries, search_notes = _countries(searches, people, sieve)
    contacts = pd.concat([pd.DataFrame({"contact_id": people}), countries], ignore_index=True)
    contacts["observed_at"] = contacts["observed_at"].astype("datetime64[us, UTC]")
    counts = invitations["outcome"].value_counts()
    notes = (
        f"{CONTACTS}: {len(invitations):,} requests, {counts.get('accepted', 0):,} accepted; "
        f"{counts.get('declined', 0):,} got a reply but no acceptance and count as declined "
        f"{DECLINED_AFTER.days} days after the request, not before; the replies are messages.",
        f"{CONTACTS}: outcomes are watched until {invitations['observed_until'].max():%Y-%m-%d}. Numbers of "
        "messages and bookings are known only because of the outcome and were not read.",
        *search_notes,
    )
    tables = {"contacts": contacts, "invitations": invitations, "interactions": replies}
    return Records({name: rows for name, rows in tables.items() if len(rows)}, notes)


def _requests(rows: pd.DataFrame, sieve: Sieve) -> pd.DataFrame:
    """The contact rows with parsed times, in an order that does not depend on the file's."""
    times = {name: _times(rows[name]) for name in CONTACT_COLUMNS[3:]}
    unreadable = [
        (
            name,
            "is not a time",
            "Write times as 2014-10-04 16:26:28.",
            times[name].isna() & (rows[name] != ""),
        )
        for name in times
    ]
    sent_at = times["ts_contact_at"]
    early = [
        (name, "is before ts_contact_at", "Correct or drop the rows.", times[name] < sent_at)
        for name in ("ts_reply_at", "ts_accepted_at")
    ]
    missing = [
        (name, "is missing", "Fill it in, or drop the rows.", rows[name] == "")
        for name in ("id_guest", "id_host", "ts_contact_at")
    ]
    oneself = ("id_host", "is the guest", "Drop requests to oneself.", rows["id_guest"] == rows["id_host"])
    kept = sieve.keep(CONTACTS, rows, (*unreadable, *early, *missing, oneself))
    requests = pd.DataFrame(
        {
            "sender_id": kept["id_guest"],
            "recipient_id": kept["id_host"],
            "listing": kept["id_listing"],
            "sent_at": times["ts_contact_at"],
            "replied_at": times["ts_reply_at"],
            "accepted_at": times["ts_accepted_at"],
        },
        index=kept.index,
    ).sort_values(["sent_at", "sender_id", "recipient_id", "listing", "replied_at", "accepted_at"])
    stamp = requests["sent_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    name = requests["sender_id"] + ">" + requests["recipient_id"] + "/" + requests["listing"] + "@" + stamp
    return requests.assign(invitation_id=numbered(name)).reset_index(drop=True)


def _times(cells: pd.Series) -> pd.Series:
    return pd.to_datetime(cells.mask(cells == ""), format="ISO8601", utc=True, errors="coerce").astype(
        "datetime64[us, UTC]"
    )


def _invitations(requests: pd.DataFrame) -> pd.DataFrame:
    accepted, replied = requests["accepted_at"].notna(), requests["replied_at"].notna()
    last = requests[["sent_at", "replied_at", "accepted_at"]].max().max()
    end = max(last, COMPLETE_UNTIL)
    declined_at = requests["replied_at"].clip(lower=requests["sent_at"] + DECLINED_AFTER)
    declined = ~accepted & replied & (declined_at <= end)
    outcome = pd.Series("pending", index=requests.index).mask(declined, "declined").mask(accepted, "accepted")
    return requests[["invitation_id", "sender_id", "recipient_id", "sent_at"]].assign(
        time_resolution="second",
        outcome=outcome,
        responded_at=requests["accepted_at"].where(accepted, declined_at.where(declined)),
        observed_until=end,
    )


def _replies(requests: pd.DataFrame) -> pd.DataFrame:
    replies = requests[requests["replied_at"].notna()]
    return pd.DataFrame(
        {
            "event_id": "reply to " + replies["invitation_id"],
            "actor_id": replies["recipient_id"],
            "target_id": replies["sender_id"],
            "kind": "message",
            "at": replies["replied_at"],
        }
    )


def _countries(rows: pd.DataFrame, people: pd.Index, sieve: Sieve) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """A row per contact and change of country, visible once the day of the search is over.

    Of several countries on one day the one with the most searches counts, then the first by name.
    """
    day, n_searches = _times(rows["ds"]), pd.Series(numbers(rows["n_searches"]))
    faults = (("ds", "is not a day", "Write days as 2014-10-04.", day.isna()),)
    rows = sieve.keep(SEARCHES, rows.assign(day=day, n=n_searches.fillna(1.0)), faults, may_be_empty=True)
    used = rows[rows["id_user"].isin(people)]
    found = to_alpha2(used["origin_country"])
    n_strange = sum(found.unknown.values())
    used = used.assign(origin_country=found.codes)
    searched = used.groupby(["id_user", "day", "origin_country"])[["n"]].sum().reset_index()
    by_day = searched.sort_values(
        ["id_user", "day", "n", "origin_country"], ascending=[True, True, False, True]
    )
    by_day = by_day.drop_duplicates(["id_user", "day"])
    changed = by_day["origin_country"] != by_day.groupby("id_user")["origin_country"].shift()
    observed = by_day[changed]
    contacts = pd.DataFrame(
        {
            "contact_id": observed["id_user"],
            "observed_at": observed["day"] + pd.Timedelta(days=1),
            "country": observed["origin_country"],
            "source": SEARCHES,
        }
    )
    n_others = rows["id_user"].nunique() - used["id_user"].nunique()
    notes = (
        f"{SEARCHES}: the country of {contacts['contact_id'].nunique():,} contacts is known from the day "
        f"after a search; {n_others:,} users who contacted nobody were not used.",
        *(
            (f"{SEARCHES}: {n_strange:,} searches from places that are no country were left out.",)
            if n_strange
            else ()
        ),
    )
    return contacts, notes


AIRBNB = Reader(
    "airbnb",
    f"{CONTACTS} with {', '.join(CONTACT_COLUMNS)} and {SEARCHES} with {', '.join(SEARCH_COLUMNS)}",
    recognises,
    read,
)

"""Ratings of people by people, with times: a rating returned accepts the first one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from influence.readers.first_contact import first_contacts
from influence.readers.source import (
    Reader,
    Records,
    Sieve,
    header,
    numbered,
    numbers,
    read_csv,
    seconds,
    unix_times,
)

FILE = "ratings.csv"
COLUMNS = ("source", "target", "rating", "time")
HIGHEST = 10
"""Ratings run from -10 to 10."""


def recognises(folder: Path) -> bool:
    """Whether `ratings.csv` has the columns."""
    return header(folder / FILE) == COLUMNS


def read(folder: Path, sieve: Sieve) -> Records:
    """Requests, answers, and every rating as an endorsement whose sentiment is rating / 10."""
    rows = _checked(read_csv(folder / FILE), sieve)
    ratings = pd.DataFrame(
        {
            "sender_id": rows["source"],
            "recipient_id": rows["target"],
            "at": unix_times(rows["seconds"].to_numpy()),
            "sentiment": rows["value"] / HIGHEST,
            "label": rows["time"].str.strip(),
        }
    )
    end = ratings["at"].max()
    to_oneself = ratings["sender_id"] == ratings["recipient_id"]
    ratings = ratings[~to_oneself].sort_values(["at", "sender_id", "recipient_id", "sentiment"])
    invitations = first_contacts(ratings, strictly_later=False).assign(observed_until=end)
    accepted = (invitations["outcome"] == "accepted").sum()
    notes = (
        f"{FILE}: the first rating of a pair is taken as a request, a rating returned as its acceptance: "
        f"{len(invitations):,} requests, {accepted:,} accepted.",
        f"{FILE}: watched until its last rating, {end:%Y-%m-%d %H:%M:%S} UTC.",
        *((f"{FILE}: {to_oneself.sum():,} ratings of oneself were dropped.",) if to_oneself.any() else ()),
    )
    return Records({"invitations": invitations, "interactions": _interactions(ratings)}, notes)


def _checked(rows: pd.DataFrame, sieve: Sieve) -> pd.DataFrame:
    since, value = seconds(rows["time"]), pd.Series(numbers(rows["rating"]))
    nobody = (rows["source"] == "") | (rows["target"] == "")
    outside = ~value.between(-HIGHEST, HIGHEST)
    faults = (
        ("time", "is not a number of seconds", "Write seconds since 1970, not milliseconds.", since.isna()),
        ("rating", f"is not a number from -{HIGHEST} to {HIGHEST}", "Correct or drop the rows.", outside),
        ("source", "or target is missing", "Fill it in, or drop the rows.", nobody),
    )
    return sieve.keep(FILE, rows.assign(seconds=since, value=value), faults).reset_index(drop=True)


def _interactions(ratings: pd.DataFrame) -> pd.DataFrame:
    name = ratings["sender_id"] + ">" + ratings["recipient_id"] + "@" + ratings["label"]
    return pd.DataFrame(
        {
            "event_id": numbered(name),
            "actor_id": ratings["sender_id"],
            "target_id": ratings["recipient_id"],
            "kind": "endorse",
            "at": ratings["at"],
            "sentiment": ratings["sentiment"],
        }
    )


RATINGS = Reader("ratings", f"{FILE} with the columns {', '.join(COLUMNS)}", recognises, read)

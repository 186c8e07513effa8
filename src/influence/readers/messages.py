"""Messages with sender, recipient and time: the first one of a pair is a request, an answer accepts it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from influence.readers.first_contact import first_contacts
from influence.readers.source import (
    ZERO,
    Reader,
    Records,
    Sieve,
    header,
    numbered,
    read_csv,
    seconds,
    times_since,
)

FILE = "messages.csv"
COLUMNS = ("sender", "recipient", "time")


def recognises(folder: Path) -> bool:
    """Whether `messages.csv` has the columns."""
    return header(folder / FILE) == COLUMNS


def read(folder: Path, sieve: Sieve) -> Records:
    """Requests, answers, and every message as an interaction; messages to oneself are dropped."""
    rows = read_csv(folder / FILE)
    since = seconds(rows["time"])
    nobody = (rows["sender"] == "") | (rows["recipient"] == "")
    rows = sieve.keep(
        FILE,
        rows.assign(seconds=since),
        (
            (
                "time",
                "is not a number of seconds",
                "Write seconds since 1970, not milliseconds.",
                since.isna(),
            ),
            ("sender", "or recipient is missing", "Fill it in, or drop the rows.", nobody),
        ),
    )
    times, is_relative = times_since(rows["seconds"].to_numpy())
    relative = (
        f"{FILE}: the times are relative; 0 is set to {ZERO:%Y-%m-%d}, so dates and weekdays mean nothing."
    )
    messages = pd.DataFrame({"sender_id": rows["sender"], "recipient_id": rows["recipient"]}).reset_index(
        drop=True
    )
    messages = messages.assign(at=times, label=rows["time"].str.strip().to_numpy())
    end = messages["at"].max()
    to_oneself = messages["sender_id"] == messages["recipient_id"]
    messages = messages[~to_oneself].sort_values(["at", "sender_id", "recipient_id"])
    invitations = first_contacts(messages, strictly_later=True).assign(observed_until=end)
    accepted = (invitations["outcome"] == "accepted").sum()
    notes = (
        f"{FILE}: the first message of a pair is taken as a request, the first one back as its acceptance: "
        f"{len(invitations):,} requests, {accepted:,} accepted.",
        f"{FILE}: watched until its last message, {end:%Y-%m-%d %H:%M:%S} UTC.",
        *((f"{FILE}: {to_oneself.sum():,} messages to oneself were dropped.",) if to_oneself.any() else ()),
        *((relative,) if is_relative else ()),
    )
    return Records({"invitations": invitations, "interactions": _interactions(messages)}, notes)


def _interactions(messages: pd.DataFrame) -> pd.DataFrame:
    name = messages["sender_id"] + ">" + messages["recipient_id"] + "@" + messages["label"]
    return pd.DataFrame(
        {
            "event_id": numbered(name),
            "actor_id": messages["sender_id"],
            "target_id": messages["recipient_id"],
            "kind": "message",
            "at": messages["at"],
        }
    )


MESSAGES = Reader("messages", f"{FILE} with the columns {', '.join(COLUMNS)}", recognises, read)

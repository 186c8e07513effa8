"""Requests and answers where a source records contacts only: the first contact of a pair is the request."""

from __future__ import annotations

import pandas as pd


def first_contacts(events: pd.DataFrame, strictly_later: bool) -> pd.DataFrame:
    """Invitations from the contacts of a source.

    The first contact of an unordered pair is a request; the first one back is its acceptance; no
    contact back is "pending".  Of two first contacts at one moment, the sender whose id sorts first made the
    request, so that the order of the rows does not matter.

    Parameters
    ----------
    events : sender_id, recipient_id, at; no contacts to oneself
    strictly_later : whether the answer must be later than the request, rather than not earlier

    Returns
    -------
    DataFrame
        The table `invitations`, without `observed_until`, sorted by time and id.
    """
    events = events[["sender_id", "recipient_id", "at"]].sort_values(["at", "sender_id", "recipient_id"])
    ahead = events["sender_id"] < events["recipient_id"]
    events = events.assign(
        low=events["sender_id"].where(ahead, events["recipient_id"]),
        high=events["recipient_id"].where(ahead, events["sender_id"]),
    )
    requests = events.drop_duplicates(["low", "high"]).rename(columns={"at": "sent_at"})
    joined = events.merge(
        requests[["low", "high", "sender_id", "sent_at"]], on=["low", "high"], suffixes=("", "_first")
    )
    back = joined["sender_id"] != joined["sender_id_first"]
    in_time = joined["at"] > joined["sent_at"] if strictly_later else joined["at"] >= joined["sent_at"]
    answers = joined[back & in_time].drop_duplicates(["low", "high"])[["low", "high", "at"]]
    rows = requests.merge(answers.rename(columns={"at": "responded_at"}), on=["low", "high"], how="left")
    return pd.DataFrame(
        {
            "invitation_id": rows["sender_id"] + ">" + rows["recipient_id"],
            "sender_id": rows["sender_id"],
            "recipient_id": rows["recipient_id"],
            "sent_at": rows["sent_at"],
            "time_resolution": "second",
            "outcome": rows["responded_at"].notna().map({True: "accepted", False: "pending"}),
            "responded_at": rows["responded_at"],
        }
    )

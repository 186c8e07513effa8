"""Takes the records behind a group of evidence away: the people and events themselves, not their features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import pandas as pd

from influence.data import Network


@dataclass(frozen=True)
class Request:
    """A request and those who know both of its ends."""

    sender: str
    recipient: str
    sent_at: pd.Timestamp
    mutual: frozenset[str]


def without(network: Network, request: Request, group: str) -> Network:
    """The records without what the group tells of the request."""
    table, change = REMOVALS[group]
    rows = network.table(table)
    return replace(network, tables=MappingProxyType({**network.tables, table: change(rows, request)}))


def _ties(rows: pd.DataFrame, end: str, others: frozenset[str], are_others: bool) -> pd.DataFrame:
    """Without the ties of one end to some others, or to all but these."""
    forth = (rows["source_id"] == end) & (rows["target_id"].isin(others) == are_others)
    back = (rows["target_id"] == end) & (rows["source_id"].isin(others) == are_others)
    return rows[~(forth | back)]


def _unanswered(rows: pd.DataFrame, asked: pd.Series, before: pd.Timestamp) -> pd.DataFrame:
    hidden = asked & (rows["sent_at"] < before)
    return rows.assign(
        outcome=rows["outcome"].mask(hidden, "pending"), responded_at=rows["responded_at"].mask(hidden)
    )


def _blank(rows: pd.DataFrame, contact: str, *columns: str) -> pd.DataFrame:
    return rows.assign(**{name: rows[name].mask(rows["contact_id"] == contact) for name in columns})


def _no_dealings(rows: pd.DataFrame, r: Request) -> pd.DataFrame:
    both = (r.sender, r.recipient)
    return rows[~(rows["actor_id"].isin(both) & rows["target_id"].isin(both))]


def _not_asked_lately(rows: pd.DataFrame, r: Request) -> pd.DataFrame:
    since = r.sent_at - pd.Timedelta(days=21)
    return rows[~((rows["recipient_id"] == r.recipient) & rows["sent_at"].between(since, r.sent_at, "left"))]


def _inactive(rows: pd.DataFrame, r: Request) -> pd.DataFrame:
    return rows[(rows["actor_id"] != r.recipient) | (rows["target_id"] == r.sender)]


PROFILE = ("seniority", "job_function", "n_connections", "profile_quality")

REMOVALS: Mapping[str, tuple[str, Callable[[pd.DataFrame, Request], pd.DataFrame]]] = {
    "mutual": ("connections", lambda rows, r: _ties(rows, r.recipient, r.mutual, True)),
    "dealings": ("interactions", _no_dealings),
    "recipient_habit": (
        "invitations",
        lambda rows, r: _unanswered(rows, rows["recipient_id"] == r.recipient, r.sent_at),
    ),
    "recipient_load": ("invitations", _not_asked_lately),
    "recipient_activity": ("interactions", _inactive),
    "recipient_profile": ("contacts", lambda rows, r: _blank(rows, r.recipient, *PROFILE)),
    "recipient_company": ("contacts", lambda rows, r: _blank(rows, r.recipient, "company_id")),
    "recipient_circle": ("connections", lambda rows, r: _ties(rows, r.recipient, r.mutual, False)),
    "sender_record": (
        "invitations",
        lambda rows, r: _unanswered(rows, rows["sender_id"] == r.sender, r.sent_at),
    ),
    "sender_profile": ("contacts", lambda rows, r: _blank(rows, r.sender, *PROFILE)),
    "sender_circle": ("connections", lambda rows, r: _ties(rows, r.sender, r.mutual, False)),
    "geography": ("contacts", lambda rows, r: _blank(rows, r.recipient, "country")),
    "similarity": ("contacts", lambda rows, r: _blank(rows, r.recipient, "industry")),
}
"""Group -> the table that holds its records, and the table without them; note and time have none."""

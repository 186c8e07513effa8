"""Whom each sender could invite at a moment, and how much room the limits leave by then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data import Network
from influence.errors import ConfigError, DataError, nearest
from influence.graph.active_ties import ActiveTies
from influence.graph.pairs import PairFeatures
from influence.graph.temporal import moment_code
from influence.planning.limits import Limits

OPEN_DAYS = 21.0
"""An unanswered invitation counts as open for so long."""
WEEK_DAYS = 7.0

Room = Mapping[str, pd.Series]
"""Column of the candidates -> id -> invitations that it can still take; no entry, no limit."""


@dataclass(frozen=True)
class Past:
    """What was known strictly before the moment of a plan.

    Attributes
    ----------
    known : the records as of then;  features : of all records, asked about that moment only
    senders : ids of those who would send
    """

    known: Network
    features: PairFeatures
    senders: tuple[str, ...]
    moment: pd.Timestamp

    @property
    def at(self) -> int:
        """The moment in microseconds."""
        return moment_code(self.moment)

    @property
    def contacts(self) -> pd.Index:
        """Everyone whom the records named by then, sorted."""
        return self.known.contact_ids

    @cached_property
    def positions(self) -> NDArray[np.int64]:
        """The contacts' positions in the graph."""
        return self.features.graph.positions(self.contacts)

    @cached_property
    def ties(self) -> ActiveTies:
        """The connections that hold at the moment."""
        return ActiveTies.of(self.features.ties["connection"], self.at)

    @cached_property
    def is_ours(self) -> NDArray[np.bool_]:
        """For each contact, whether it sends or was known as one of the own team."""
        team = self.features.attributes.is_own_team(self.positions, np.full(len(self.positions), self.at))
        return team | self.contacts.isin(self.senders)

    @cached_property
    def company(self) -> pd.Series:
        """The company of each contact as last observed, NA where unknown."""
        rows = self.known.table("contacts").sort_values("observed_at", kind="stable", na_position="first")
        latest = rows.drop_duplicates("contact_id", keep="last").set_index("contact_id")["company_id"]
        return latest.reindex(self.contacts)

    def sent_within(self, days: float) -> pd.DataFrame:
        """Invitations of the days before the moment."""
        invitations = self.known.table("invitations")
        return invitations[invitations["sent_at"] >= self.moment - pd.Timedelta(days=days)]

    def room(self, limits: Limits) -> Room:
        """What the caps leave to each recipient and each company."""
        recent = self.sent_within(OPEN_DAYS)
        ours = recent["sender_id"].isin(self.contacts[self.is_ours]) & (recent["outcome"] == "pending")
        asked = recent.loc[ours, "recipient_id"]
        room = {"recipient_id": _left(limits.per_recipient, asked, self.contacts)}
        if limits.per_company is not None:
            company = self.company
            room["company_id"] = _left(
                limits.per_company, asked.map(company), pd.Index(company.dropna().unique())
            )
        return room

    def first_week(self, limits: Limits) -> pd.Series:
        """What the quota leaves to each sender of the first week."""
        quota = limits.k if limits.weekly_quota is None else limits.weekly_quota
        sent = self.sent_within(WEEK_DAYS)["sender_id"]
        return _left(quota, sent[:0] if limits.weekly_quota is None else sent, pd.Index(self.senders))


def _left(cap: int, taken: pd.Series, ids: pd.Index) -> pd.Series:
    """The cap less how often each id was taken, 0 at least."""
    return (cap - taken.value_counts().reindex(ids, fill_value=0)).clip(lower=0)


def candidates(
    past: Past, limits: Limits, room: Room, max_candidates: int
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Every sender with every contact that it may invite, and how many contacts fell out for which reason.

    Candidates are all contacts but ourselves, the suppressed, those that the sender is connected with, has
    invited before or was invited by (whose request is to be accepted instead), and those for whom, or for
    whose company, the caps leave no room.  Beyond `max_candidates` for a sender, the ones with most mutual
    connections are kept.

    Returns
    -------
    DataFrame
        sender_id, recipient_id, company_id (NA where unknown), mutual_connections.
    dict
        Reason (`plan.out.<reason>` says it in words) -> number of contacts; a contact counts under the first
        reason that holds.
    """
    ids = past.contacts
    found = pd.DataFrame({"recipient_id": ids, "company_id": past.company.to_numpy()})
    reach = {sender: _reach(past, sender) for sender in past.senders}
    reasons = {
        "ours": past.is_ours,
        "suppressed": ids.isin(limits.suppress),
        "tied": ~np.any([is_free for is_free, _ in reach.values()], axis=0),
        "full": is_full(found, room),
    }
    out = np.cumsum(list(reasons.values()), axis=0) > 0
    parts = []
    for sender, (is_free, mutual) in reach.items():
        rows = np.flatnonzero(is_free & ~out[-1])
        rows = rows[np.argsort(-mutual[rows], kind="stable")[:max_candidates]]
        own = found.iloc[rows].assign(mutual_connections=mutual[rows])
        own.insert(0, "sender_id", sender)
        parts.append(own)
    n_out = np.diff(out.sum(1), prepend=0).tolist()
    return pd.concat(parts, ignore_index=True), dict(zip(reasons, n_out, strict=True))


def is_full(pairs: pd.DataFrame, room: Room) -> NDArray[np.bool_]:
    """For each pair, whether one of its ids can take no more."""
    full = [(pairs[column].map(left) <= 0).to_numpy(dtype=bool) for column, left in room.items()]
    return np.any(full, axis=0)


def is_free(past: Past, source: NDArray[np.int64], target: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each pair of positions, whether the two are untied and neither asked the other."""
    at = np.full(len(source), past.at)
    invited = past.features.pair_timelines["invited"]
    both_ways = invited.history(source, target, at)[:, 0] + invited.history(target, source, at)[:, 0]
    return ~((both_ways > 0) | past.features.ties["connection"].exists(source, target, at))


def _reach(past: Past, sender: str) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """For each contact, whether the sender may ask it; mutual ties."""
    mine = np.repeat(past.features.graph.positions([sender]), len(past.positions))
    mutual = past.ties.mutual(mine, past.positions)[:, 0]
    return is_free(past, mine, past.positions), mutual.astype(np.int64)


def known_senders(asked: str | Sequence[str], known: pd.Index) -> tuple[str, ...]:
    """The senders asked for, each once.

    Raises
    ------
    InfluenceError
        If none is named, or one is not in the records.
    """
    alone = isinstance(asked, str) or not isinstance(asked, Iterable)
    senders = tuple(dict.fromkeys(map(str, [asked] if alone else asked)))
    if not senders:
        raise ConfigError("There is no sender. Name at least one.")
    for sender in senders:
        if sender not in known:
            raise DataError(f"The records hold no contact {sender!r}. {nearest(sender, known)}")
    return senders

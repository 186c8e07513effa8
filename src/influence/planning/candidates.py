"""Whom each sender could invite at a moment, and how much room the limits leave by then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data import Network
from influence.data.splits import HORIZON_DAYS
from influence.errors import ConfigError, DataError, nearest
from influence.graph.pairs import PairFeatures
from influence.graph.temporal import CODES, moment_code
from influence.planning.limits import Limits

WEEK_DAYS = 7.0

Ints = NDArray[np.int64]

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

    def off_limits(self, contact: int) -> Ints:
        """Positions of those whom a contact is connected with, has invited or was invited by."""
        _, tied = self.features.ties["connection"].neighbours(np.array([contact]), self.at)
        edges = self.features.graph.incidence
        own = slice(edges.ptr[contact], edges.ptr[contact + 1])
        asked = (edges.relation[own] == CODES["invited"]) & (edges.at[own] < self.at)
        return np.concatenate((tied, edges.neighbour[own][asked]))

    def shared(self, contact: int) -> tuple[Ints, Ints]:
        """Positions of those who share connections with a contact, each once, and how many they share."""
        ties = self.features.ties["connection"]
        _, first = ties.neighbours(np.array([contact]), self.at)
        _, second = ties.neighbours(first, self.at)
        who, n_mutual = np.unique(second, return_counts=True)
        return who, n_mutual

    def sent_within(self, days: float) -> pd.DataFrame:
        """Invitations of the days before the moment."""
        invitations = self.known.table("invitations")
        return invitations[invitations["sent_at"] >= self.moment - pd.Timedelta(days=days)]

    def room(self, limits: Limits) -> Room:
        """What the caps leave to each recipient and each company."""
        recent = self.sent_within(HORIZON_DAYS)  # longer unanswered, it counts as open no more
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


class Candidates:
    """Whom each sender could invite, found for some senders at a time.

    Candidates are all contacts but ourselves, the suppressed, those that the sender is connected with, has
    invited before or was invited by (whose request is to be accepted instead), and those for whom, or for
    whose company, the caps leave no room.

    Parameters
    ----------
    past
        What was known strictly before the moment.
    max_candidates
        Beyond so many for a sender, the ones with most mutual connections are kept.

    Attributes
    ----------
    out : reason (`plan.out.<reason>` says it in words) -> number of contacts that no sender could invite; a
        contact counts under the first reason that holds
    n_free : number of those whom at least one sender could invite
    """

    def __init__(self, past: Past, limits: Limits, room: Room, max_candidates: int) -> None:
        self.past, self.max_candidates = past, max_candidates
        contacts = past.contacts
        self._contacts = pd.DataFrame({"recipient_id": contacts, "company_id": past.company.to_numpy()})
        n_off = np.zeros(len(contacts), np.int64)
        for own in past.features.graph.positions(past.senders):
            n_off += self._is_off(own)
        reasons = {
            "ours": past.is_ours,
            "suppressed": contacts.isin(limits.suppress),
            "tied": n_off == len(past.senders),
            "full": is_full(self._contacts, room),
        }
        found = np.cumsum(list(reasons.values()), axis=0) > 0
        n_out = np.diff(found.sum(1), prepend=0).tolist()
        self.out: dict[str, int] = dict(zip(reasons, n_out, strict=True))
        self._is_open = ~found[-1]
        self.n_free = int(self._is_open.sum())

    def of(self, senders: Sequence[str]) -> pd.DataFrame:
        """Every pair of some senders, a sender's one after another, most mutual connections first.

        Returns
        -------
        DataFrame
            sender_id, recipient_id, company_id (NA where unknown), mutual_connections.
        """
        parts = [self._of(sender) for sender in senders]
        return pd.concat(parts or [self._of(self.past.senders[0])[:0]], ignore_index=True)

    def _of(self, sender: str) -> pd.DataFrame:
        own = int(self.past.features.graph.positions([sender])[0])
        mutual = self._spread(*self.past.shared(own))
        rows = np.flatnonzero(self._is_open & ~self._is_off(own))
        rows = rows[np.argsort(-mutual[rows], kind="stable")[: self.max_candidates]]
        found = self._contacts.iloc[rows].assign(mutual_connections=mutual[rows])
        found.insert(0, "sender_id", sender)
        return found

    def _is_off(self, own: int) -> NDArray[np.bool_]:
        """For each contact, whether a sender must not ask it."""
        return self._spread(self.past.off_limits(own), True)

    def _spread(self, who: Ints, values: Ints | bool) -> NDArray:
        """Values at positions of the graph, one for each contact; 0 for the others."""
        table = np.zeros(self.past.features.graph.n_contacts, dtype=np.asarray(values).dtype)
        table[who] = values
        return table[self.past.positions]


def is_full(pairs: pd.DataFrame, room: Room) -> NDArray[np.bool_]:
    """For each pair, whether one of its ids can take no more."""
    full = [(pairs[column].map(left) <= 0).to_numpy(dtype=bool) for column, left in room.items()]
    return np.any(full, axis=0)


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

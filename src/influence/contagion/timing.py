"""When people respond: hour of the day and day of the week, from their own and similar people's history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data import Network
from influence.graph.temporal import TemporalGraph, microseconds
from influence.graph.timeline import MICROSECONDS_PER_DAY, STATIC

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RESPONSES = ("accepted", "declined", "interactions")
"""Groups of edges by which their source responds; take-ups count besides."""
HOURS, WEEKDAYS = 24, 7
THURSDAY = 3
"""The first day of 1970, counted from Monday."""
SIMILAR = ("country", "company_id")
"""Who is similar, from wide to narrow: people of the same country, then of the same company."""
STRENGTH = 10.0
"""The wider group's habits count as so many responses of the narrower one."""


@dataclass(frozen=True)
class Moments:
    """Who did something when, at known times of day: int64 [n], positions and microseconds."""

    contact: Ints
    at: Ints

    @classmethod
    def of(cls, graph: TemporalGraph, groups: Sequence[str], moment: int) -> Moments:
        """What the sources of these groups' edges did strictly before a moment.

        At midnight to the second it is a date without a time of day, and left out.
        """
        edges = [graph.group(name) for name in groups]
        contact = np.concatenate([each.source for each in edges])
        return cls(contact, np.concatenate([each.at for each in edges])).told(moment)

    def told(self, moment: int) -> Moments:
        """Those strictly before a moment whose time of day is known."""
        kept = (self.at < moment) & (self.at != STATIC) & (self.at % MICROSECONDS_PER_DAY != 0)
        return Moments(self.contact[kept], self.at[kept])

    def by_hour(self, n_contacts: int) -> Floats:
        """[n_contacts, HOURS] counts of each hour of the day."""
        hour = self.at % MICROSECONDS_PER_DAY * HOURS // MICROSECONDS_PER_DAY
        return _counts(self.contact, hour, n_contacts, HOURS)

    def by_weekday(self, n_contacts: int) -> Floats:
        """[n_contacts, WEEKDAYS] counts of each day of the week, Monday first."""
        return _counts(
            self.contact, (self.at // MICROSECONDS_PER_DAY + THURSDAY) % WEEKDAYS, n_contacts, WEEKDAYS
        )


@dataclass(frozen=True)
class Habits:
    """When each contact responds; rows in the order of the ids asked for.

    Attributes
    ----------
    contact_ids : [n]
    hour, weekday : float64 [n, HOURS] and [n, WEEKDAYS], shares of the responses, rows summing to 1; Monday
        first
    n_own, n_similar, n_all : int64 [n], responses behind them: the contact's own, those of others of the same
        company or country, those of all others
    """

    contact_ids: pd.Index
    hour: Floats
    weekday: Floats
    n_own: Ints
    n_similar: Ints
    n_all: Ints

    def table(self) -> pd.DataFrame:
        """contact_id, hour and weekday (0: Monday) of most responses, their shares, counts behind them."""
        nothing = self.n_own + self.n_similar + self.n_all == 0
        return pd.DataFrame(
            {
                "contact_id": self.contact_ids,
                "hour": pd.Series(self.hour.argmax(1), dtype="Int64").mask(nothing),
                "p_hour": self.hour.max(1),
                "weekday": pd.Series(self.weekday.argmax(1), dtype="Int64").mask(nothing),
                "p_weekday": self.weekday.max(1),
                "n_own": self.n_own,
                "n_similar": self.n_similar,
                "n_all": self.n_all,
            }
        )


def response_habits(
    network: Network,
    contact_ids: Sequence[str] | pd.Index,
    at: str | pd.Timestamp | None = None,
    *,
    utc_offset_hours: pd.Series | None = None,
) -> Habits:
    """When people respond, from answers, interactions and take-ups strictly before `at`.

    A contact's habits are drawn towards those of the others of its company, these towards those of its
    country, and these towards everybody's, as if the wider group were `STRENGTH` responses of the narrower
    one (a Dirichlet-multinomial model at every step).  With few responses the answer is that of similar
    people; with none at all anywhere, no hour is named.

    Parameters
    ----------
    contact_ids
        Whom to tell about; unknown ones get everybody's habits.
    utc_offset_hours
        Hours ahead of UTC, indexed by contact id; hours and weekdays are local for these, and in UTC for
        others.
    """
    network = network if at is None else network.as_of(at)
    moments, n = _responses(network, utc_offset_hours), len(network.contact_ids)
    asked = network.contact_ids.get_indexer(pd.Index(contact_ids, dtype="str"))
    groups = [_codes(network, name) for name in SIMILAR]
    by_hour, by_weekday = moments.by_hour(n), moments.by_weekday(n)
    own = by_hour.sum(1).astype(np.int64)
    alike = np.where(asked >= 0, _n_similar(own, groups)[asked], 0)
    return Habits(
        pd.Index(contact_ids, dtype="str", name="contact_id"),
        _shrunk(by_hour, groups)[asked], _shrunk(by_weekday, groups)[asked],
        np.where(asked >= 0, own[asked], 0), alike, own.sum() - np.where(asked >= 0, own[asked], 0),
    )  # fmt: skip


def _responses(network: Network, utc_offset_hours: pd.Series | None) -> Moments:
    graph, taken = TemporalGraph(network), network.table("adoptions")
    edges = Moments.of(graph, RESPONSES, np.iinfo(np.int64).max)
    more = Moments(graph.positions(taken["contact_id"]), microseconds(taken["at"])).told(
        np.iinfo(np.int64).max
    )
    contact, at = np.concatenate((edges.contact, more.contact)), np.concatenate((edges.at, more.at))
    if utc_offset_hours is not None:
        ahead = utc_offset_hours.reindex(network.contact_ids).fillna(0.0).to_numpy(np.float64)
        at = at + (ahead[contact] * MICROSECONDS_PER_DAY / HOURS).astype(np.int64)
    return Moments(contact, at)


def _codes(network: Network, name: str) -> Ints:
    """[n_contacts + 1] the group of each contact, -1 where not known; the last row is somebody unknown."""
    codes = pd.factorize(network.latest("contacts", [name])[name])[0].astype(np.int64)
    return np.append(codes, -1)


def _shrunk(counts: Floats, groups: Sequence[Ints]) -> Floats:
    """[n_contacts + 1, bins] shares: everybody's, then group by group, then the contact's own."""
    own = np.vstack((counts, np.zeros(counts.shape[1])))
    others = own.sum(0) - own
    share = (others + 1) / (others + 1).sum(1, keepdims=True)
    for codes in groups:
        known = codes >= 0
        sums = np.zeros((codes.max(initial=-1) + 1, counts.shape[1]))
        np.add.at(sums, codes[known], own[known])
        fellows = np.zeros_like(own)
        fellows[known] = sums[codes[known]] - own[known]
        share = _towards(fellows, share)
    return _towards(own, share)


def _towards(counts: Floats, share: Floats) -> Floats:
    return (counts + STRENGTH * share) / (counts.sum(1, keepdims=True) + STRENGTH)


def _n_similar(own: Ints, groups: Sequence[Ints]) -> Ints:
    """[n_contacts + 1] responses of others who share the country or the company."""
    own = np.append(own, 0)
    found = np.zeros(len(own), np.int64)
    wide, narrow = groups
    both = pd.factorize(pd.MultiIndex.from_arrays([wide, narrow]))[0]
    for codes, sign in ((wide, 1), (narrow, 1), (both, -1)):
        known = (wide >= 0) & (narrow >= 0) if sign < 0 else codes >= 0
        sums = np.bincount(codes[known], own[known], minlength=codes.max(initial=0) + 1).astype(np.int64)
        found[known] += sign * (sums[codes[known]] - own[known])
    return found


def _counts(contact: Ints, place: Ints, n_contacts: int, n_places: int) -> Floats:
    found = np.bincount(contact * n_places + place, minlength=n_contacts * n_places)
    return found.reshape(n_contacts, n_places).astype(np.float64)

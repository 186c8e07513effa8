"""Histories by key: how much, how lately and of what value, strictly before any moment.

A timeline keeps every event of a key (a contact, or a pair of contacts) in the order of time, with
running sums at each event.  A question about a moment is then one binary search, whatever the length
of the history, and cannot see the moment itself or anything after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from influence.graph.sorting import by_key_and_time

MICROSECONDS_PER_DAY = 86_400_000_000
STATIC = np.iinfo(np.int64).min
"""The time of an undated fact: before everything."""

HALF_LIVES_DAYS = (1 / 24, 1.0, 7.0, 30.0)
"""Half-lives of the exponentially decayed counts, hours to months."""

HISTORY_COLUMNS = (
    "log_count",
    *(f"log_decayed_{days:.3g}d" for days in HALF_LIVES_DAYS),
    "log_days_since_last",
    "mean_value",
)


@dataclass(frozen=True)
class Timeline:
    """Events of each key in the order of time, stored as compressed rows.

    Attributes
    ----------
    ptr : int64 [n_keys + 1]
    at : int64 [n_events], microseconds, ascending within a key
    decayed : float32 [n_events, n_half_lives], decayed count just after each event
    value_sum : float64 [n_events], running sum of the events' values, the event included; [0] without values
    """

    ptr: NDArray[np.int64]
    at: NDArray[np.int64]
    decayed: NDArray[np.float32]
    value_sum: NDArray[np.float64]

    @classmethod
    def build(
        cls,
        key: NDArray[np.int64],
        at: NDArray[np.int64],
        n_keys: int,
        value: NDArray[np.float64] | None = None,
    ) -> Timeline:
        """Sort events into a timeline; without `value` their values are zeros."""
        ptr, order = by_key_and_time(key, at, n_keys, value)
        at = at[order]
        value_sum = np.empty(0) if value is None else np.cumsum(value[order])
        return cls(ptr, at, _running_decay(ptr, at, np.array(HALF_LIVES_DAYS)), value_sum)

    def __len__(self) -> int:
        return len(self.at)

    def count_before(self, key: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many events each key had strictly before each moment."""
        return count_before(self.ptr, self.at, key, at)

    def history(self, key: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.float32]:
        """What each key's events strictly before each moment amount to.

        Parameters
        ----------
        key : int64 [n]; a negative key has no history.
        at : int64 [n], microseconds.

        Returns
        -------
        float32 [n, len(HISTORY_COLUMNS)]; time since last and mean value are NaN without a history.
        """
        key = np.ascontiguousarray(key, np.int64)  # of one type: each has code of its own to compile
        return _history(self.ptr, self.at, self.decayed, self.value_sum, np.array(HALF_LIVES_DAYS), key, at)


@dataclass(frozen=True)
class Moments:
    """When the events of each key were, and nothing else: a third of a timeline's memory.

    Attributes
    ----------
    ptr : int64 [n_keys + 1]
    at : int64 [n_events], microseconds, ascending within a key
    """

    ptr: NDArray[np.int64]
    at: NDArray[np.int64]

    @classmethod
    def build(cls, key: NDArray[np.int64], at: NDArray[np.int64], n_keys: int) -> Moments:
        """Sort events by key and time."""
        ptr, order = by_key_and_time(key, at, n_keys)
        return cls(ptr, at[order])

    def __len__(self) -> int:
        return len(self.at)

    def count_before(self, key: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many events each key had strictly before each moment."""
        return count_before(self.ptr, self.at, key, at)


@njit(cache=True)
def position_before(at, low, high, moment):  # type: ignore[no-untyped-def]
    """The number of entries of the ascending `at[low:high]` strictly below `moment`, plus `low`."""
    while low < high:
        middle = (low + high) // 2
        if at[middle] < moment:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def _running_decay(ptr, at, half_lives_days):  # type: ignore[no-untyped-def]
    decayed = np.zeros((len(at), len(half_lives_days)), dtype=np.float32)
    for key in range(len(ptr) - 1):
        for event in range(ptr[key], ptr[key + 1]):
            for h in range(len(half_lives_days)):
                before = 0.0
                if event > ptr[key] and at[event - 1] != STATIC:
                    days = (at[event] - at[event - 1]) / MICROSECONDS_PER_DAY
                    before = decayed[event - 1, h] * 0.5 ** (days / half_lives_days[h])
                decayed[event, h] = before + 1.0
    return decayed


@njit(cache=True)
def count_before(ptr, at, key, moment):  # type: ignore[no-untyped-def]
    """How many of each key's entries lie strictly before each moment; none of a negative key."""
    counts = np.zeros(len(key), dtype=np.int64)
    for i in range(len(key)):
        if key[i] >= 0:
            start = ptr[key[i]]
            counts[i] = position_before(at, start, ptr[key[i] + 1], moment[i]) - start
    return counts


@njit(cache=True, parallel=True)
def _history(ptr, at, decayed, value_sum, half_lives_days, key, moment):  # type: ignore[no-untyped-def]
    n_half_lives = len(half_lives_days)
    out = np.zeros((len(key), n_half_lives + 3), dtype=np.float32)
    for i in prange(len(key)):
        out[i, n_half_lives + 1] = np.nan
        out[i, n_half_lives + 2] = np.nan
        if key[i] < 0:
            continue
        start = ptr[key[i]]
        end = position_before(at, start, ptr[key[i] + 1], moment[i])
        if end == start:
            continue
        out[i, 0] = np.log1p(end - start)
        out[i, n_half_lives + 2] = 0.0
        if len(value_sum) > 0:
            value_before = value_sum[start - 1] if start > 0 else 0.0
            out[i, n_half_lives + 2] = (value_sum[end - 1] - value_before) / (end - start)
        last = at[end - 1]
        if last == STATIC:
            continue
        days = (moment[i] - last) / MICROSECONDS_PER_DAY
        for h in range(n_half_lives):
            out[i, 1 + h] = np.log1p(decayed[end - 1, h] * 0.5 ** (days / half_lives_days[h]))
        out[i, n_half_lives + 1] = np.log1p(days)
    return out


@njit(cache=True)
def position_before_each(ptr, at, key, moment):  # type: ignore[no-untyped-def]
    """The row of each key's latest entry strictly before each moment (undated ones count); -1 without one."""
    rows = np.full(len(key), -1, dtype=np.int64)
    for i in range(len(key)):
        if key[i] >= 0:
            start = ptr[key[i]]
            end = position_before(at, start, ptr[key[i] + 1], moment[i])
            if end > start:
                rows[i] = end - 1
    return rows

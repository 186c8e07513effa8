"""Is there contagion at all?  The shuffle test.

Anagnostopoulos, Kumar & Mahdian (2008), "Influence and correlation in social networks": people who are alike
are tied and take up the same items, but unless one moves the other, the order in which they do is a
matter of chance.  So the people who took an item up and their ties are kept, and their dates are dealt
out anew among them.  Had nobody moved anybody, the dates on record would look like any other deal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from influence.contagion.evidence.resampling import resampled_sum
from influence.contagion.evidence.words import count, days, p_words
from influence.contagion.takeups import TakeUps
from influence.graph.temporal import NEVER
from influence.graph.ties import Ties
from influence.graph.timeline import MICROSECONDS_PER_DAY
from influence.texts import text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

QUANTILES = (0.01, 0.03, 0.1, 0.3)
"""Windows are these quantiles of the time between two take-ups of one item, tied or not, and no limit."""
SAMPLED_LAGS = 20_000
LEVEL = 0.05


@dataclass(frozen=True)
class ShuffleTest:
    """What dealing out the dates anew shows.

    Attributes
    ----------
    n_take_ups : take-ups of items that at least two tied people took up
    n_pairs : pairs of tied people who took up the same item, tied before anybody had
    n_items : items with such a pair
    n_shuffles : how often the dates were dealt out anew
    window_days : [w] the windows looked at
    followed, expected : [w] take-ups that came within each window of a tied person's; the mean over shuffles
    low, high : [w] middle 95 % of the shuffles
    window : which window stands out most; the test is over all of them together
    excess, excess_low, excess_high : followed minus expected in that window, with its 95 % interval by item;
        the interval is NaN with fewer than `FEWEST_ITEMS` items
    p_value : one-sided, corrected for having looked at several windows; NaN where nothing could be tested
    sentence : the finding in words
    """

    n_take_ups: int
    n_pairs: int
    n_items: int
    n_shuffles: int
    window_days: Floats
    followed: Floats
    expected: Floats
    low: Floats
    high: Floats
    window: int
    excess: float
    excess_low: float
    excess_high: float
    p_value: float
    sentence: str

    @property
    def found(self) -> bool:
        """Whether contagion was found, at 5 %."""
        return bool(self.p_value <= LEVEL)


def shuffle_test(
    take_ups: TakeUps,
    ties: Ties,
    rng: np.random.Generator,
    *,
    groups: Ints | None = None,
    n_shuffles: int = 999,
) -> ShuffleTest:
    """Test whether take-ups follow those of tied people sooner than chance would have it.

    A pair counts if it was tied strictly before anybody had taken the item up, so that which pairs count
    does not depend on the order under test.  Statistic: the number of take-ups that came within a window
    of an earlier one by a tied person, for several windows; the largest standardised one, so that no delay
    need be assumed.  Exact (in the sense of permutation tests) if, apart from contagion, those who take up an
    item do so in an order that their ties do not predict.

    Parameters
    ----------
    groups
        int64 [n_contacts]: dates are dealt out anew only among people of one group.  With communities,
        industries or countries here, what reaches a whole group at one time no longer passes for contagion.
    n_shuffles
        The smallest p-value is 1 / (n_shuffles + 1).
    """
    if len(take_ups) < 2:
        return _nothing(take_ups, "one" if len(take_ups) else "none")
    pairs = _pairs(take_ups, ties)
    if not len(pairs):
        return _nothing(take_ups, "untied")
    at, contact = take_ups.at[pairs.rows], take_ups.contact[pairs.rows]
    item = np.unique(take_ups.item[pairs.rows], return_inverse=True)[1].astype(np.int64)
    group = np.zeros(len(at), np.int64) if groups is None else groups[contact]
    order = np.lexsort((np.arange(len(at)), group, item))
    block = np.column_stack((item, group))[order]
    new = np.append(True, (np.diff(block, axis=0) != 0).any(1))
    bounds = np.append(np.flatnonzero(new), len(at)).astype(np.int64)
    windows = _windows(at, item, pairs, rng)
    observed = np.zeros((item[-1] + 1, len(windows)), np.int64)
    _followed(at, pairs.ptr, pairs.other, item, windows, observed)
    seeds = rng.integers(0, 2**31, n_shuffles)
    so_far, sums = _shuffled(at, pairs.ptr, pairs.other, item, windows, order, bounds, seeds, len(observed))
    totals, means = np.diff(so_far, axis=0, prepend=0), sums / n_shuffles
    among = text("shuffle.among" if groups is None else "shuffle.among_community")
    return _summary(observed, totals, means, windows, (len(pairs), len(at)), among, rng)


@dataclass(frozen=True)
class _Pairs:
    """Take-ups with a tied person among the item's others, and who those are, as compressed rows."""

    rows: Ints
    ptr: Ints
    other: Ints

    def __len__(self) -> int:
        return len(self.other) // 2


def _pairs(take_ups: TakeUps, ties: Ties) -> _Pairs:
    taken = (take_ups.ptr, take_ups.contact, take_ups.at, take_ups.n_contacts)
    tied = (ties.ptr, ties.neighbour, ties.since, ties.until)
    counts = np.zeros(len(take_ups), np.int64)
    _tied(*taken, *tied, np.empty(0, np.int64), counts, False)
    ptr = np.concatenate(([0], counts.cumsum())).astype(np.int64)
    other = np.empty(ptr[-1], np.int64)
    _tied(*taken, *tied, other, ptr[:-1].copy(), True)
    # Items of tied pairs keep all their take-ups: theirs are the dates that are dealt out.
    telling = np.zeros(len(take_ups.items), np.bool_)
    telling[take_ups.item[counts > 0]] = True
    rows = np.flatnonzero(telling[take_ups.item])
    position = np.full(len(take_ups), -1, np.int64)
    position[rows] = np.arange(len(rows))
    return _Pairs(rows, np.concatenate(([0], counts[rows].cumsum())).astype(np.int64), position[other])


def _windows(at: Ints, item: Ints, pairs: _Pairs, rng: np.random.Generator) -> Ints:
    """[w] microseconds, ascending: quantiles of the time between two people of a tied pair's item.

    They depend on which dates an item has and not on whose they are, so every shuffle has the same.
    """
    first = np.searchsorted(item, item)
    size = np.searchsorted(item, item, side="right") - first
    some = np.repeat(np.arange(len(at)), np.diff(pairs.ptr))
    some = rng.choice(some, min(len(some), SAMPLED_LAGS), replace=False)
    one, two = (at[first[some] + rng.integers(0, size[some])] for _ in range(2))
    lags = np.abs(one - two)
    if not (lags > 0).any():
        return np.array([NEVER])
    return np.unique(np.append(np.quantile(lags[lags > 0], QUANTILES).astype(np.int64), NEVER))


def _summary(
    observed: Ints, totals: Ints, means: Floats, windows: Ints, sizes: tuple[int, int], among: str,
    rng: np.random.Generator,
) -> ShuffleTest:  # fmt: skip
    """The largest of the standardised counts, and what the window that has it amounts to."""
    followed = observed.sum(0)
    both = np.vstack((followed, totals)).astype(np.float64)
    spread = both.std(0)
    standard = np.divide(both - both.mean(0), spread, out=np.zeros_like(both), where=spread > 0)
    largest = standard.max(1)
    p_value = float((largest >= largest[0] - 1e-9).mean()) if spread.any() else float("nan")
    window = int(standard[0].argmax())
    excess = (observed - means)[:, window]
    low, high = np.quantile(totals, [0.025, 0.975], axis=0)
    ends = resampled_sum(excess, rng)
    found = ShuffleTest(
        sizes[1], sizes[0], len(observed), len(totals), windows / MICROSECONDS_PER_DAY,
        followed.astype(np.float64), totals.mean(0), low, high, window, float(excess.sum()), *ends, p_value,
        "",
    )  # fmt: skip
    return replace(found, sentence=_sentence(found, among))


def _sentence(found: ShuffleTest, among: str) -> str:
    if np.isnan(found.p_value):
        return text("shuffle.no_order")
    w = found.window
    at_any_time = w == len(found.window_days) - 1
    figures = text(
        "shuffle.figures",
        followed=count(found.followed[w]),
        n=count(found.n_take_ups),
        within=text("shuffle.at_some_time")
        if at_any_time
        else text("shuffle.within", days=days(found.window_days[w])),
        among=among,
        expected=count(found.expected[w]),
        low=count(found.low[w]),
        high=count(found.high[w]),
    )
    return text(
        "shuffle.found" if found.found else "shuffle.not_found", figures=figures, p=p_words(found.p_value)
    )


def _nothing(take_ups: TakeUps, why: str) -> ShuffleTest:
    none, nan = np.empty(0), float("nan")
    return ShuffleTest(
        len(take_ups), 0, 0, 0, none, none, none, none, none, -1, nan, nan, nan, nan,
        text("shuffle.cannot", why=text(f"shuffle.{why}")),
    )  # fmt: skip


@njit(cache=True)
def _tied(ptr, contact, at, n_contacts, tie_ptr, neighbour, since, until, out, place, fill):  # type: ignore[no-untyped-def]
    """Count (into `place`) or write (from `place` on) who else took the item up, tied before all."""
    row_of = np.full(n_contacts, -1, np.int64)
    for item in range(len(ptr) - 1):
        begin, end = ptr[item], ptr[item + 1]
        for i in range(begin, end):
            row_of[contact[i]] = i
        for i in range(begin, end):
            for slot in range(tie_ptr[contact[i]], tie_ptr[contact[i] + 1]):
                j = row_of[neighbour[slot]]
                # Take-ups of an item are in the order of time: `at[begin]` is the first.
                if j >= 0 and since[slot] < at[begin] <= until[slot]:
                    if fill:
                        out[place[i]] = j
                    place[i] += 1
        for i in range(begin, end):
            row_of[contact[i]] = -1


@njit(cache=True)
def _followed(at, ptr, other, item, windows, out):  # type: ignore[no-untyped-def]
    """Add to out[item, w] the take-ups that came within each window of an earlier one by a tied person."""
    for i in range(len(at)):
        shortest = -1
        for slot in range(ptr[i], ptr[i + 1]):
            lag = at[i] - at[other[slot]]
            if lag > 0 and (shortest < 0 or lag < shortest):
                shortest = lag
        if shortest > 0:
            for w in range(len(windows) - 1, -1, -1):
                if shortest > windows[w]:
                    break
                out[item[i], w] += 1


@njit(cache=True)
def _shuffled(at, ptr, other, item, windows, order, bounds, seeds, n_items):  # type: ignore[no-untyped-def]
    """[s, w] counts of all shuffles up to each, [items, w] of all; dates move within `order[bounds]`."""
    so_far = np.zeros((len(seeds), len(windows)), np.int64)
    sums = np.zeros((n_items, len(windows)), np.int64)
    dealt = at.copy()
    for s in range(len(seeds)):
        np.random.seed(seeds[s])
        for block in range(len(bounds) - 1):
            for place in range(bounds[block + 1] - 1, bounds[block], -1):
                swap = np.random.randint(bounds[block], place + 1)
                a, b = order[place], order[swap]
                dealt[a], dealt[b] = dealt[b], dealt[a]
        _followed(dealt, ptr, other, item, windows, sums)
        for one in range(n_items):
            for w in range(len(windows)):
                so_far[s, w] += sums[one, w]
    return so_far, sums

"""Do a few matter more than others?  How credit is concentrated, against a null of equal influence.

Lorenz (1905) and Gini (1912).  Credit is uneven even where all sway alike: some have more people to reach,
some take up early, and luck is uneven too.  Under the null it does not matter who went before somebody, only
how many did: each take-up could as well have been that of anybody else with as many active neighbours at that
moment, whose active neighbours would then have earned its credit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from influence.contagion.evidence.credit import in_window
from influence.contagion.evidence.resampling import FEWEST_ITEMS, item_counts
from influence.contagion.evidence.words import count, p_words, percent
from influence.contagion.takeups import Exposures, TakeUps
from influence.graph.temporal import NEVER
from influence.graph.ties import Ties
from influence.graph.timeline import MICROSECONDS_PER_DAY
from influence.texts import text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOP = 0.1
FEWEST_PEOPLE = 10
"""With fewer people a tenth of them is nobody, and nothing can be said."""
LEVEL = 0.05


@dataclass(frozen=True)
class Concentration:
    """How unevenly credit is spread over those who could have earned it.

    Attributes
    ----------
    n_people : who took something up while somebody tied to them had not
    n_credited : take-ups with an earlier active neighbour
    gini, low, high : Gini coefficient of their credit (0: all alike, towards 1: one has all) and 95 %
        interval by item; NaN with fewer than `FEWEST_ITEMS` items
    expected, expected_low, expected_high : its mean and middle 95 % under equal influence
    top_share, expected_top_share : credit held by the `TOP` of people with most of it; the same under equal
        influence
    p_value : one-sided, of a Gini as large under equal influence; NaN where nothing could be tested
    people, lorenz, expected_lorenz : [101] share of people, least credit first, and of credit that they hold
    sentence : the finding in words
    """

    n_people: int
    n_credited: int
    gini: float
    low: float
    high: float
    expected: float
    expected_low: float
    expected_high: float
    top_share: float
    expected_top_share: float
    p_value: float
    people: Floats
    lorenz: Floats
    expected_lorenz: Floats
    sentence: str

    @property
    def found(self) -> bool:
        """Whether credit is more concentrated than under equal influence, at 5 %."""
        return bool(self.p_value <= LEVEL)


def gini(values: Floats) -> float:
    """Gini coefficient of non-negative values; NaN if they sum to nothing.

    >>> gini(np.array([0.0, 0.0, 0.0, 4.0]))
    0.75
    """
    total = values.sum()
    if total <= 0:
        return float("nan")
    ordered, n = np.sort(values), len(values)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * total))


def lorenz(values: Floats, at: Floats) -> Floats:
    """The share of the total that the lowest share `at` of the values holds."""
    held = np.append(0.0, np.cumsum(np.sort(values)))
    return np.interp(at, np.arange(len(held)) / len(values), held / held[-1])


def concentration(
    take_ups: TakeUps,
    ties: Ties,
    exposures: Exposures,
    rng: np.random.Generator,
    *,
    shares: Floats | None = None,
    window_days: float | None = None,
    n_resamples: int = 100,
) -> Concentration:
    """Gini coefficient and Lorenz curve of credit, and how far chance explains them.

    Parameters
    ----------
    shares
        float64 [n_pairs]: the credit of each candidate, summing to 1 or less per take-up; an equal split
        without.
    window_days
        Only who went before within that time earns credit.  Where contagion is quick, older candidates blur
        the test.
    n_resamples
        Resamples of the items, and draws under equal influence.
    """
    exposures, shares = in_window(take_ups, exposures, shares, window_days)
    window = NEVER // 2 if window_days is None else int(min(window_days * MICROSECONDS_PER_DAY, NEVER // 2))
    seeds = rng.integers(0, 2**31, n_resamples)
    adopters, who = np.unique(take_ups.contact, return_inverse=True)
    drawn, could = _equal_influence(
        take_ups.ptr, take_ups.contact, who, len(adopters), take_ups.at, take_ups.n_contacts, exposures.ptr,
        shares, window, seeds, ties.ptr, ties.neighbour, ties.since, ties.until,
    )  # fmt: skip
    if could.sum() < FEWEST_PEOPLE or not shares.sum():
        return _nothing(int(could.sum()), int((exposures.n_candidates > 0).sum()))
    row = exposures.row
    could[who[row]] = True
    giver = (could.cumsum() - 1)[who[row]]
    items = np.unique(take_ups.item[row], return_inverse=True)[1]
    n_credited = int((exposures.n_candidates > 0).sum())
    return _summary(giver, shares, items, drawn[:, could], n_credited, rng)


def _summary(
    giver: Ints, shares: Floats, items: Ints, drawn: Floats, n_credited: int, rng: np.random.Generator
) -> Concentration:
    n, n_draws = drawn.shape[1], len(drawn)
    credit, people = np.bincount(giver, shares, minlength=n), np.linspace(0, 1, 101)
    ginis, observed = np.array([gini(each) for each in drawn]), gini(credit)
    curve, expected_curve = lorenz(credit, people), np.mean([lorenz(each, people) for each in drawn], axis=0)
    top, expected_top = (1 - float(np.interp(1 - TOP, people, each)) for each in (curve, expected_curve))
    low, high = _interval(observed, items, giver, shares, n, n_draws, rng)
    expected_low, expected_high = np.quantile(ginis, [0.025, 0.975])
    p_value = (1 + (ginis >= observed - 1e-12).sum()) / (1 + n_draws)
    found = Concentration(
        n, n_credited, observed, low, high, float(ginis.mean()), float(expected_low), float(expected_high),
        top, expected_top, float(p_value), people, curve, expected_curve, "",
    )  # fmt: skip
    return replace(found, sentence=_sentence(found))


def _interval(
    value: float, items: Ints, giver: Ints, shares: Floats, n: int, n_resamples: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Percentile interval over items, moved onto the value: drawing with replacement adds unevenness."""
    n_items = int(items.max()) + 1
    if n_items < FEWEST_ITEMS:
        return float("nan"), float("nan")
    found = np.empty(n_resamples)
    for row in range(n_resamples):
        counts = item_counts(n_items, 1, rng)[0]
        found[row] = gini(np.bincount(giver, shares * counts[items], minlength=n))
    low, high = np.nanquantile(found, [0.025, 0.975]) + (value - np.nanmean(found))
    return float(max(low, 0.0)), float(min(high, 1.0))


def _sentence(found: Concentration) -> str:
    figures = text(
        "concentration.figures",
        top=percent(TOP),
        share=percent(found.top_share),
        expected=percent(found.expected_top_share),
        gini=found.gini,
        null=found.expected,
        low=found.expected_low,
        high=found.expected_high,
        p=p_words(found.p_value),
    )
    key = "concentration.found" if found.found else "concentration.not_found"
    return text(key, n=count(found.n_people), figures=figures)


def _nothing(n_people: int, n_credited: int) -> Concentration:
    nan, none = float("nan"), np.empty(0)
    why = "concentration.few" if n_credited else "concentration.nobody"
    sentence = text("concentration.cannot", why=text(why, n=n_people, fewest=FEWEST_PEOPLE))
    return Concentration(
        n_people, n_credited, nan, nan, nan, nan, nan, nan, nan, nan, nan, none, none, none, sentence
    )


@njit(cache=True)
def _equal_influence(  # type: ignore[no-untyped-def]
    ptr, contact, column, n_adopters, at, n_contacts, pair_ptr, shares, window, seeds, tie_ptr, neighbour,
    since, until,
):  # fmt: skip
    """[draws, adopters] credit with every take-up given to anybody else who had as many active neighbours.

    Also who could have earned credit: who took something up while somebody tied had not.
    """
    credit, could = np.zeros((len(seeds), n_adopters)), np.zeros(n_adopters, np.bool_)
    row_of, active = np.full(n_contacts, -1, np.int64), np.zeros(n_contacts, np.int64)
    seen = np.zeros(n_contacts, np.bool_)
    tied = (tie_ptr, neighbour, since, until)
    for item in range(len(ptr) - 1):
        begin, end = ptr[item], ptr[item + 1]
        for i in range(begin, end):
            row_of[contact[i]] = i
        touched = [np.int64(0) for _ in range(0)]
        oldest, i = begin, begin
        while i < end:
            stop = i
            while stop < end and at[stop] == at[i]:
                stop += 1
            while at[oldest] < at[i] - window:
                _count(contact[oldest], at[oldest], -1, tied, active, seen, touched)
                oldest += 1
            for row in range(i, stop):
                own = shares[pair_ptr[row] : pair_ptr[row + 1]]
                if len(own) > 0:
                    alike = [person for person in touched if active[person] == len(own)]
                    if len(alike) == 0:
                        alike.append(contact[row])
                    np.random.seed(seeds[row % len(seeds)] + row)
                    for draw in range(len(seeds)):
                        person = alike[np.random.randint(len(alike))]
                        _give(person, own, row_of, oldest, i, at, column, tied, credit[draw])
            for row in range(i, stop):
                active[contact[row]] = -n_contacts - 1  # has taken it up, and is never at risk again
            for row in range(i, stop):
                if _count(contact[row], at[row], 1, tied, active, seen, touched):
                    could[column[row]] = True
            i = stop
        for person in touched:
            active[person], seen[person] = 0, False
        for i in range(begin, end):
            active[contact[i]], row_of[contact[i]] = 0, -1
    return credit, could


@njit(cache=True)
def _count(person, moment, step, tied, active, seen, touched):  # type: ignore[no-untyped-def]
    """Count a person among the active neighbours of all it reaches, or no longer; whether there are any."""
    tie_ptr, neighbour, since, until = tied
    reaches = False
    for slot in range(tie_ptr[person], tie_ptr[person + 1]):
        other = neighbour[slot]
        if since[slot] < moment <= until[slot]:
            reaches |= active[other] >= 0
            active[other] += step
            if not seen[other]:
                seen[other] = True
                touched.append(other)
    return reaches


@njit(cache=True)
def _give(person, shares, row_of, oldest, now, at, column, tied, credit):  # type: ignore[no-untyped-def]
    """Give a take-up's shares, earliest first, to a person's active neighbours."""
    tie_ptr, neighbour, since, until = tied
    rows = np.empty(len(shares), np.int64)
    n = 0
    for slot in range(tie_ptr[person], tie_ptr[person + 1]):
        row = row_of[neighbour[slot]]
        if oldest <= row < now and since[slot] < at[row] <= until[slot] and n < len(rows):
            rows[n] = row
            n += 1
    rows[:n].sort()
    for place in range(n):
        credit[column[rows[place]]] += shares[place]

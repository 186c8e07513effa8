"""Could the leaders have been found beforehand?  Those of the past against what they went on to do."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from influence.contagion.evidence.credit import credit_of, in_window
from influence.contagion.evidence.words import count, percent
from influence.contagion.takeups import Exposures, TakeUps
from influence.graph.ties import Ties
from influence.texts import text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOP, BEFORE = 0.05, 0.6
FEWEST_PEOPLE = 40
"""With fewer people a twentieth of them is one or two, and nothing can be said."""
N_RESAMPLES = 1_000


@dataclass(frozen=True)
class BackTest:
    """What the leaders before a cut went on to do after it.

    Attributes
    ----------
    cut : microseconds since 1970
    n_people : people with a take-up before the cut, who could be told apart then
    n_leaders : the `TOP` of them with most credit before the cut
    n_credited : take-ups after the cut whose credit goes, in part at least, to one of these people
    share, low, high : of the credit that these people earned after the cut, what the leaders earned; its 95 %
        interval by person
    chance : the leaders' share of the people, which leaders drawn by lot would earn
    by_degree : what as many people with most ties at the cut earned
    newcomers : share of all credit after the cut that went to people without a take-up before it
    sentence : the finding in words
    """

    cut: int
    n_people: int
    n_leaders: int
    n_credited: int
    share: float
    low: float
    high: float
    chance: float
    by_degree: float
    newcomers: float
    sentence: str

    @property
    def found(self) -> bool:
        """Whether the leaders earned more than leaders drawn by lot would have, beyond the interval."""
        return bool(self.low > self.chance)


def back_test(
    take_ups: TakeUps,
    ties: Ties,
    exposures: Exposures,
    rng: np.random.Generator,
    *,
    shares: Floats | None = None,
    window_days: float | None = None,
    cut: int | None = None,
) -> BackTest:
    """Name the leaders by what was known before a cut, and see what they earned after it.

    Parameters
    ----------
    shares, window_days
        As `concentration` takes them.  Both must be made from what came before the cut, or leaders would be
        named by looking ahead.
    cut
        Microseconds since 1970; `usual_cut` without it.
    """
    exposures, shares = in_window(take_ups, exposures, shares, window_days)
    if not len(take_ups):
        return _nothing(0, 0, text("shuffle.none"))
    cut = usual_cut(take_ups) if cut is None else cut
    before = take_ups.at[exposures.take_up] < cut
    people = np.unique(take_ups.contact[take_ups.at < cut])
    past = credit_of(take_ups, exposures, shares, before)[people]
    later = credit_of(take_ups, exposures, shares, ~before)
    total, later = later.sum(), later[people]
    why = _too_little(len(people), past, later)
    if why:
        return _nothing(cut, len(people), why)
    size = int(np.ceil(TOP * len(people)))
    leads = top_share_of_each(past, size)
    weighted = leads * later
    draws = (_ratios(weighted, later, rng) for _ in range(N_RESAMPLES // 50))
    low, high = np.nanquantile(np.concatenate(list(draws)), [0.025, 0.975])
    degree = ties.degree(people, np.full(len(people), cut)).astype(np.float64)
    known = np.isin(take_ups.contact[exposures.row], people) & ~before & (shares > 0)
    found = BackTest(
        cut, len(people), size, len(np.unique(exposures.take_up[known])), float(weighted.sum() / later.sum()),
        float(low), float(high), size / len(people),
        float(top_share_of_each(degree, size) @ later / later.sum()), float(1 - later.sum() / total), "",
    )  # fmt: skip
    return replace(found, sentence=_sentence(found))


def usual_cut(take_ups: TakeUps) -> int:
    """The moment before which `BEFORE` of the take-ups lie, in microseconds since 1970."""
    return int(np.sort(take_ups.at)[int(BEFORE * len(take_ups))])


def top_share_of_each(score: Floats, size: int) -> Floats:
    """[n] how surely each is among the `size` with the highest scores; equal ones share the last places."""
    last = np.sort(score)[-size]
    above, same = score > last, score == last
    return above + same * (size - above.sum()) / same.sum()


def _ratios(part: Floats, whole: Floats, rng: np.random.Generator) -> Floats:
    """[50] the part's share of the whole, people drawn with replacement."""
    counts = rng.multinomial(len(whole), np.full(len(whole), 1 / len(whole)), size=50)
    sums = (counts @ whole).astype(np.float64)
    return np.divide(counts @ part, sums, out=np.full(50, np.nan), where=sums > 0)


def _too_little(n: int, past: Floats, later: Floats) -> str:
    if n < FEWEST_PEOPLE:
        return text("back_test.few", n=n, fewest=FEWEST_PEOPLE)
    if not past.sum():
        return text("back_test.no_credit")
    return "" if later.sum() else text("back_test.no_later")


def _sentence(found: BackTest) -> str:
    figures = text(
        "back_test.figures",
        top=percent(TOP),
        leaders=count(found.n_leaders),
        n=count(found.n_people),
        share=percent(found.share),
        low=percent(found.low),
        high=percent(found.high),
        chance=percent(found.chance),
        degree=percent(found.by_degree),
    )
    return text("back_test.found" if found.found else "back_test.not_found", figures=figures)


def _nothing(cut: int, n_people: int, why: str) -> BackTest:
    nan = float("nan")
    sentence = text("back_test.cannot", why=why)
    return BackTest(cut, n_people, 0, 0, nan, nan, nan, nan, nan, nan, sentence)

"""How much more often people take up what somebody tied to them has: against people like them.

At the moment of every take-up, the people who could have made it are compared: those with an active neighbour
against those without, among people of the same stratum, which holds attributes, ties and earlier take-ups
alike (risk-set matching: Li, Propert & Rosenbaum 2001; for contagion: Aral, Muchnik & Sundararajan 2009;
strata of a propensity score: Rosenbaum & Rubin 1984).  The ratio is that of Mantel & Haenszel (1959).  What
is not on record is not matched: the E-value (VanderWeele & Ding 2017) says how strong it would have to be to
explain the ratio away, Rosenbaum's gamma (`sensitivity`) how strong to make the finding one of chance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from influence.contagion.evidence.resampling import FEWEST_ITEMS, N_RESAMPLES, item_counts
from influence.contagion.evidence.sensitivity import gamma_of
from influence.contagion.evidence.strata import TopicActs
from influence.contagion.evidence.words import count, days
from influence.contagion.takeups import TakeUps
from influence.graph.ties import Ties
from influence.graph.timeline import MICROSECONDS_PER_DAY, Timeline, position_before
from influence.texts import text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNEXPOSED, EXPOSED, EXPIRED, TAKEN = 0, 1, 2, 3
EVERYBODY = -1
"""The column of all strata together."""
PRIOR_BINS, TOPIC_BINS = 5, 4
"""Earlier take-ups of other items: none, one, two or three, four to seven, more; acts on the topic alike."""
FEWEST_TAKE_UPS = 20
"""With fewer take-ups that tell anything, no ratio is given."""


@dataclass(frozen=True)
class MatchedEstimate:
    """How many times as often the exposed took up items as matched people who were not exposed.

    Attributes
    ----------
    window_days : for how long after a tied person's take-up somebody counts as exposed
    n_exposed, n_unexposed : take-ups by people of either kind that had people of the other kind beside them
    n_unmatched : take-ups by exposed people with nobody unexposed of their stratum beside them: left out
    ratio, low, high : matched rate ratio and its 95 % interval by item; the interval is NaN with fewer
        than `FEWEST_ITEMS` items, all of it with fewer than `FEWEST_TAKE_UPS` take-ups
    crude : the same ratio without matching
    e_value, e_value_low : how strongly, as a rate ratio, something unrecorded would have to go with both
        exposure and take-up to explain the ratio, or the end of its interval nearest to 1, away; 1: nothing
        is needed
    gamma : how many times the odds of exposure of people of one stratum would have to differ for the surplus
        of take-ups by the exposed to be within chance at 5 %, take-ups given their past being independent;
        1: it is within chance anyway
    sentence : the finding in words
    """

    window_days: float
    n_exposed: int
    n_unexposed: int
    n_unmatched: int
    ratio: float
    low: float
    high: float
    crude: float
    e_value: float
    e_value_low: float
    gamma: float
    sentence: str

    @property
    def found(self) -> bool:
        """Whether the exposed took up more, beyond the interval."""
        return bool(self.low > 1)


def e_value(ratio: float) -> float:
    """The E-value of a rate ratio of rare outcomes (VanderWeele & Ding 2017).

    >>> round(e_value(3.9), 2), round(e_value(1 / 3.9), 2), e_value(1.0)
    (7.26, 7.26, 1.0)
    """
    above = ratio if ratio >= 1 else 1 / ratio if ratio > 0 else float("inf")
    return float(above + np.sqrt(above * (above - 1)))


def matched_estimate(
    take_ups: TakeUps,
    ties: Ties,
    strata: Ints,
    rng: np.random.Generator,
    *,
    acts: TopicActs | None = None,
    window_days: float | None = None,
) -> MatchedEstimate:
    """Compare people with an active neighbour to people of the same stratum without, moment by moment.

    Strata are crossed with the person's number of take-ups of other items before anybody took up this one
    (`PRIOR_BINS`), and of acts on its topic by then, take-ups included (`TOPIC_BINS`).

    Parameters
    ----------
    strata
        int64 [n_contacts], codes from 0; `strata.propensity_strata` makes them.
    acts
        What people did on which topic besides taking items up: `strata.topic_acts`.
    window_days
        How long exposure lasts; without it, the time within which half of all later take-ups follow the
        first one of their item.
    """
    if len(take_ups) < 2:
        return _nothing(float("nan"), text("matched.few"))
    since_first = take_ups.at - take_ups.at[take_ups.ptr[take_ups.item]]
    later = since_first[since_first > 0]
    if not len(later):
        return _nothing(float("nan"), text("matched.once"))
    window = int(np.median(later)) if window_days is None else int(window_days * MICROSECONDS_PER_DAY)
    own = Timeline.build(take_ups.contact, take_ups.at, take_ups.n_contacts)
    starts = take_ups.ptr[:-1]
    items = np.lexsort((take_ups.at[starts], take_ups.topic[starts]))
    acts = TopicActs(take_ups.contact, take_ups.topic, take_ups.at) if acts is None else acts
    acts = acts.known_in_order()
    act_ptr = np.searchsorted(acts.topic, np.arange(len(take_ups.topics) + 1)).astype(np.int64)
    sets = _risk_sets(
        take_ups.ptr, take_ups.contact, take_ups.at, take_ups.topic, strata, window, own.ptr, own.at, items,
        act_ptr, acts.contact, acts.at, ties.ptr, ties.neighbour, ties.since, ties.until,
    )  # fmt: skip
    return _summary(sets, take_ups.item, window / MICROSECONDS_PER_DAY, rng)


def _summary(sets: Ints, item: Ints, window_days: float, rng: np.random.Generator) -> MatchedEstimate:
    sums = _by_item(sets, item)
    for_exposed, for_unexposed, crude_for, crude_against, n_exposed, n_unexposed, n_unmatched = sums.sum(0)
    if n_exposed + n_unexposed < FEWEST_TAKE_UPS or not for_unexposed:
        told = count(n_exposed + n_unexposed)
        return _nothing(window_days, text("matched.unmatched", n=told))
    ratio = float(for_exposed / for_unexposed)
    low, high = _interval(sums, rng)
    nearest = low if ratio >= 1 else high
    beyond = (nearest > 1) if ratio >= 1 else (nearest < 1)
    found = MatchedEstimate(
        window_days, int(n_exposed), int(n_unexposed), int(n_unmatched), ratio, low, high,
        float(crude_for / crude_against) if crude_against else float("nan"), e_value(ratio),
        float("nan") if np.isnan(nearest) else e_value(nearest) if beyond else 1.0, _gamma(sets), "",
    )  # fmt: skip
    return replace(found, sentence=_sentence(found))


def _by_item(sets: Ints, item: Ints) -> Floats:
    """[n_items, 7] Mantel-Haenszel sums (matched, crude), take-ups by exposed and others, unmatched."""
    kind, matched, total = sets[:, 0], sets[:, 1:3].astype(np.float64), sets[:, 3:5].astype(np.float64)
    of_kind = {EXPOSED: kind == EXPOSED, UNEXPOSED: kind == UNEXPOSED}
    weights = [
        np.where(mine, people[:, 1 - which] / np.maximum(people.sum(1), 1.0), 0.0)
        for people in (matched, total)
        for which, mine in of_kind.items()
    ]
    counted = [mine & (matched[:, 1 - which] > 0) for which, mine in of_kind.items()]
    unmatched = of_kind[EXPOSED] & (matched[:, UNEXPOSED] == 0)
    return np.column_stack([np.bincount(item, each) for each in (*weights, *counted, unmatched)])


def _gamma(sets: Ints) -> float:
    telling = sets[(sets[:, 0] >= 0) & (sets[:, 1] > 0) & (sets[:, 2] > 0)]
    unexposed, exposed = telling[:, 1:3].astype(np.float64).T
    return gamma_of(int((telling[:, 0] == EXPOSED).sum()), exposed, unexposed)


def _interval(sums: Floats, rng: np.random.Generator) -> tuple[float, float]:
    telling = sums[(sums[:, 0] > 0) | (sums[:, 1] > 0)]
    if len(telling) < FEWEST_ITEMS:
        return float("nan"), float("nan")
    drawn = np.concatenate(
        [item_counts(len(telling), 50, rng) @ telling[:, :2] for _ in range(N_RESAMPLES // 50)]
    )
    ratios = np.divide(drawn[:, 0], drawn[:, 1], out=np.full(len(drawn), np.inf), where=drawn[:, 1] > 0)
    return float(np.quantile(ratios, 0.025)), float(np.quantile(ratios, 0.975))


def _sentence(found: MatchedEstimate) -> str:
    told = (
        text("matched.no_ends")
        if np.isnan(found.low)
        else text("matched.ends", low=found.low, high=found.high)
    )
    start = text(
        "matched.start", days=days(found.window_days), ratio=found.ratio, ends=told, crude=found.crude
    )
    cannot = text("matched.cannot_tell")
    if not found.found:
        return text("matched.not_found", start=start, cannot=cannot)
    return text(
        "matched.found",
        start=start,
        e_value=found.e_value,
        e_low=found.e_value_low,
        gamma=found.gamma,
        cannot=cannot,
    )


def _nothing(window_days: float, why: str) -> MatchedEstimate:
    nan = float("nan")
    sentence = text("matched.cannot", why=why)
    return MatchedEstimate(window_days, 0, 0, 0, nan, nan, nan, nan, nan, nan, nan, sentence)


@njit(cache=True)
def _bin(number, bins):  # type: ignore[no-untyped-def]
    """0, 1, 2-3, 4-7, ...: the place of a count among so many bins, the last one open."""
    place = 0
    while number > 0 and place < bins - 1:
        number //= 2
        place += 1
    return place


@njit(cache=True)
def _strata_of(start, strata, own_ptr, own_at, on_topic, out):  # type: ignore[no-untyped-def]
    """Cross the given strata with prior activity before an item's start; each person's code into `out`."""
    for person in range(len(strata)):
        prior = position_before(own_at, own_ptr[person], own_ptr[person + 1], start) - own_ptr[person]
        code = strata[person] * PRIOR_BINS + _bin(prior, PRIOR_BINS)
        out[person] = code * TOPIC_BINS + _bin(on_topic[person], TOPIC_BINS)


@njit(cache=True)
def _risk_sets(  # type: ignore[no-untyped-def]
    ptr, contact, at, topic, strata, window, own_ptr, own_at, items, act_ptr, actor, acted_at, tie_ptr,
    neighbour, since, until,
):  # fmt: skip
    """Per take-up: UNEXPOSED, EXPOSED or -1 (neither), and who was at risk of its stratum, and of all.

    [n_take_ups, 5]: the kind, the unexposed and the exposed of the stratum, the unexposed and the exposed of
    all, the one who took up among them.  Items are in the order of topic and first take-up, acts in the
    order of topic and time.
    """
    n = len(strata)
    n_codes = (strata.max() + 1) * PRIOR_BINS * TOPIC_BINS
    sets = np.full((len(at), 5), -1, np.int64)
    code, state, exposed_at = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    on_topic = np.zeros(n, np.int64)
    at_risk = np.empty((2, n_codes + 1), np.int64)
    now_topic, act = -2, 0
    for item in items:
        begin, end = ptr[item], ptr[item + 1]
        if topic[begin] != now_topic:
            now_topic = topic[begin]
            on_topic[:], act = 0, act_ptr[max(now_topic, 0)]
        while now_topic >= 0 and act < act_ptr[now_topic + 1] and acted_at[act] < at[begin]:
            on_topic[actor[act]] += 1
            act += 1
        _strata_of(at[begin], strata, own_ptr, own_at, on_topic, code)
        state[:], at_risk[:] = UNEXPOSED, 0
        at_risk[UNEXPOSED, EVERYBODY] = n
        for person in range(n):
            at_risk[UNEXPOSED, code[person]] += 1
        queue = [(np.int64(0), np.int64(0)) for _ in range(0)]
        waiting, i = 0, begin
        while i < end:
            stop = i
            while stop < end and at[stop] == at[i]:
                stop += 1
            while waiting < len(queue) and queue[waiting][0] + window < at[i]:
                when, person = queue[waiting]
                waiting += 1
                if state[person] == EXPOSED and exposed_at[person] == when:
                    _move(person, EXPIRED, state, code, at_risk)
            for row in range(i, stop):
                kind, of_stratum = state[contact[row]], code[contact[row]]
                if kind <= EXPOSED:
                    sets[row, 0] = kind
                    for each in (UNEXPOSED, EXPOSED):
                        sets[row, 1 + each] = at_risk[each, of_stratum]
                        sets[row, 3 + each] = at_risk[each, EVERYBODY]
            for row in range(i, stop):
                _move(contact[row], TAKEN, state, code, at_risk)
            for row in range(i, stop):
                for slot in range(tie_ptr[contact[row]], tie_ptr[contact[row] + 1]):
                    other = neighbour[slot]
                    if state[other] != TAKEN and since[slot] < at[i] <= until[slot]:
                        _move(other, EXPOSED, state, code, at_risk)
                        exposed_at[other] = at[i]
                        queue.append((at[i], other))
            i = stop
    return sets


@njit(cache=True)
def _move(person, to, state, code, at_risk):  # type: ignore[no-untyped-def]
    """Change a person's state, and who is at risk with it."""
    if state[person] <= EXPOSED:
        at_risk[state[person], code[person]] -= 1
        at_risk[state[person], EVERYBODY] -= 1
    if to <= EXPOSED:
        at_risk[to, code[person]] += 1
        at_risk[to, EVERYBODY] += 1
    state[person] = to

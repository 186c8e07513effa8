"""The laws of acceptance and the answers that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numba
import numpy as np
from scipy.special import ndtr, ndtri

from influence.synthesis.activity import Actions, circle_busyness, recent_actions
from influence.synthesis.config import SECONDS_PER_DAY, WorldConfig
from influence.synthesis.people import Firms, People
from influence.synthesis.requests import Requests
from influence.synthesis.sampling import Adjacency, Floats, Ints
from influence.synthesis.ties import Ties

DAY = SECONDS_PER_DAY
AT_ONCE, WITHIN, LATER = 0.55, 0.37, 0.08
"""Share of the acceptors who answer within a day, from then to three weeks, and later."""
SENIORITY_RATE = (0.285, 0.285, 0.285, 0.39, 0.265, 0.22, 0.19)
BAND_RATE = (0.36, 0.29, 0.265, 0.24)
OVERALL_RATE = 0.285


@dataclass(frozen=True)
class Laws:
    """Coefficients on the logit of the chance that an invitation is ever accepted."""

    intercept: float = 0.0
    seniority: Floats = field(default_factory=lambda: np.zeros(7))
    """[seniority] fitted so that the marginal rates are `SENIORITY_RATE`."""
    band: Floats = field(default_factory=lambda: np.zeros(4))
    """[firm size band] fitted so that the marginal rates are `BAND_RATE`."""
    note: Floats = field(default_factory=lambda: np.array([0.30, 0.27, 0.22, 0.15, 0.10, 0.05, 0.0]))
    """[seniority] what a note is worth, 0 to 0.3."""
    mutual_peak: float = 2.2
    """Worth of mutual connections at the peak, `MUTUAL_BEST` of them."""
    same_country: float = 0.5
    same_industry: float = 0.5
    seniority_gap: float = -0.12
    """Per step of difference in seniority."""
    warmth: float = 1.3
    """Per log1p of the decayed dealings of the two."""
    quality: float = 1.5
    """Per unit of the completeness of the sender's profile."""
    match: float = 0.5
    """When sender and recipient share their hidden main topic."""
    activity: float = 0.25
    """Per log1p of the recipient's own actions in the last 60 days."""
    busy: float = 0.6
    """Per log of the recent over the usual activity of the recipient's circle."""
    load: float = -0.45
    """Per log1p of the invitations that the recipient got in the last 14 days."""
    appeal: float = 0.65
    """Standard deviation over senders."""
    circle: float = 0.85
    """Standard deviation of openness over circles."""
    openness: float = 0.5
    """Standard deviation of openness over people of one circle."""
    season: float = 0.15
    trend: float = -0.2
    """Change over the whole window."""
    haste_circle: float = 0.5
    haste: float = 0.8
    """Standard deviations of the logit of answering at once, given acceptance."""


MUTUAL_BEST = 10.0
WARM_DAYS = 45.0
LOAD_DAYS = 14


def mutual_worth(count: Floats) -> Floats:
    """Worth of mutual connections relative to the peak: 0 at none, 1 at ten, then falling."""
    x = np.asarray(count, dtype=float) / MUTUAL_BEST
    return (x * np.exp(1 - x)) ** 0.7


def drift(laws: Laws, at: Ints, seconds: int) -> Floats:
    """Seasonal swing over the year and a trend over the window, on the logit."""
    return laws.season * np.sin(2 * np.pi * at / (365.25 * DAY)) + laws.trend * (at / seconds - 0.5)


@dataclass(frozen=True)
class Facts:
    """What could be seen of every invitation strictly before it was sent, [invitations] each."""

    seniority: Ints
    band: Ints
    note: np.ndarray
    gap: Ints
    same_country: np.ndarray
    same_industry: np.ndarray
    quality: Floats
    warmth: Floats
    own_actions: Ints
    busyness: Floats
    load: Ints
    drift_at: Ints


def see_facts(
    config: WorldConfig, firms: Firms, people: People, requests: Requests, warm_up: Actions, actions: Actions
) -> Facts:
    """Facts about every invitation that do not depend on earlier answers."""
    sender, recipient, at = requests.sender, requests.recipient, requests.at
    seniority = people.seniority_at(recipient, at)
    busyness = circle_busyness(config, people.circle, actions)
    return Facts(
        seniority=seniority,
        band=firms.band[people.firm[recipient]],
        note=requests.note,
        gap=np.abs(seniority - people.seniority_at(sender, at)),
        same_country=people.country[sender] == people.country[recipient],
        same_industry=people.industry[sender] == people.industry[recipient],
        quality=people.quality[sender],
        warmth=_warmth(requests, warm_up, config.n_contacts),
        own_actions=recent_actions(actions, recipient, at, 60, config.n_contacts),
        busyness=busyness[people.circle[recipient], at // DAY],
        load=load_before(requests, recipient, at),
        drift_at=at,
    )


def _warmth(requests: Requests, warm_up: Actions, n: int) -> Floats:
    """Dealings of the two before the invitation, decayed; the sender's own count 0.6."""
    key = np.minimum(requests.sender, requests.recipient) * n + np.maximum(
        requests.sender, requests.recipient
    )
    order = np.argsort(key)
    event_key = np.minimum(warm_up.actor, warm_up.target) * n + np.maximum(warm_up.actor, warm_up.target)
    row = order[np.searchsorted(key[order], event_key)]
    age = (requests.at[row] - warm_up.at) / DAY
    worth = np.where(warm_up.actor == requests.recipient[row], 1.0, 0.6) * np.exp(-age / WARM_DAYS)
    return np.bincount(row, weights=worth, minlength=len(requests))


def load_before(requests: Requests, recipient: Ints, at: Ints) -> Ints:
    """Invitations that each recipient got in the `LOAD_DAYS` before each time (strictly)."""
    span = int(max(requests.at.max(initial=0), at.max(initial=0))) + LOAD_DAYS * DAY + 2
    key = np.sort(requests.recipient * span + requests.at)
    since = np.maximum(at - LOAD_DAYS * DAY, 0)
    return np.searchsorted(key, recipient * span + at) - np.searchsorted(key, recipient * span + since)


def seen_logit(laws: Laws, facts: Facts, mutual: Ints, seconds: int) -> Floats:
    """The part of the logit that the observables determine."""
    return (
        laws.intercept
        + laws.seniority[facts.seniority]
        + laws.band[facts.band]
        + laws.note[facts.seniority] * facts.note
        + laws.mutual_peak * mutual_worth(mutual)
        + laws.same_country * facts.same_country
        + laws.same_industry * facts.same_industry
        + laws.seniority_gap * facts.gap
        + laws.warmth * np.log1p(facts.warmth)
        + laws.quality * facts.quality
        + laws.activity * np.log1p(facts.own_actions)
        + laws.busy * facts.busyness
        + laws.load * np.log1p(facts.load)
        + drift(laws, facts.drift_at, seconds)
    )


def hidden_logit(laws: Laws, people: People, requests: Requests) -> Floats:
    """The part of the logit that only the latent traits determine."""
    recipient = requests.recipient
    return (
        laws.appeal * people.appeal[requests.sender]
        + laws.circle * people.circle_openness[people.circle[recipient]]
        + laws.openness * people.openness[recipient]
        + laws.match * (people.interest[requests.sender] == people.interest[recipient])
    )


def fit_marginals(laws: Laws, facts: Facts, logit: Floats) -> Laws:
    """Laws whose mean chances by seniority and by firm size are those of the facts.

    `logit` is everything but intercept, seniority and band.  Alternating Newton steps.
    """
    seniority, band = laws.seniority.copy(), laws.band.copy()
    size_rate = np.array(BAND_RATE) * OVERALL_RATE / np.average(np.array(BAND_RATE)[facts.band])
    level = np.array(SENIORITY_RATE) * OVERALL_RATE / np.average(np.array(SENIORITY_RATE)[facts.seniority])
    for _ in range(12):
        for offset, group, rate in ((band, facts.band, size_rate), (seniority, facts.seniority, level)):
            p = sigmoid(logit + seniority[facts.seniority] + band[facts.band])
            count = np.bincount(group, minlength=len(offset))
            wanted = rate * count - np.bincount(group, weights=p, minlength=len(offset))
            slope = np.bincount(group, weights=p * (1 - p), minlength=len(offset))
            offset += np.where(count > 0, np.clip(wanted / np.maximum(slope, 1e-9), -2, 2), 0)
    shift = float(seniority.mean() + band.mean())
    return replace(laws, intercept=shift, seniority=seniority - seniority.mean(), band=band - band.mean())


def fitted(
    config: WorldConfig, people: People, ties: Ties, lists: Adjacency, requests: Requests, facts: Facts
) -> Laws:
    """The laws of this world, with the mutual connections that do not hang on answers."""
    size, laws = len(requests), Laws()
    mutual, _, _ = walk(
        requests.sender, requests.recipient, requests.at, np.zeros(size), 0.0, np.ones(size),
        np.full(size, FAR), config.n_contacts, lists.start, lists.neighbour, lists.tie,
        ties.connected_at, ties.removed_at,
    )  # fmt: skip
    logit = seen_logit(laws, facts, mutual, config.seconds) + hidden_logit(laws, people, requests)
    return fit_marginals(laws, facts, logit)


@dataclass(frozen=True)
class Answers:
    """What became of every invitation, [invitations] each; times in seconds since the start."""

    outcome: Ints
    """Position in `schema.OUTCOMES` at the export."""
    responded_at: Ints
    """Beyond the end where nothing came back until the export."""
    accepted_at: Ints
    """Beyond the end where it was not accepted until the export."""
    mutual: Ints
    """Mutual connections just before it was sent."""
    p_ever: Floats
    p_fast: Floats
    """Chance of answering within a day, given that it is accepted."""


ACCEPTED, DECLINED, WITHDRAWN, PENDING = 0, 1, 2, 3
DECLINE_SHARE = 0.3
"""Share of the unwilling who decline outright."""
WITHDRAW_SHARE = 0.2
"""Share of the invitations that their sender withdraws when unanswered for long."""
MIDDLE_DAYS, MIDDLE_SPREAD = 5.0, 0.7
"""Median and log standard deviation of the log-normal delay, before it is cut to 2-21 days."""
LATE_DAYS = 20.0
"""Mean further delay of those who accept after three weeks."""
DECLINE_DAYS, DECLINE_SPREAD = 2.0, 1.2
"""Median and log standard deviation of the delay of those who decline."""
FAR = np.int64(2**60)


def draw_delays(size: int, p_fast: Floats, rng: np.random.Generator) -> Ints:
    """Seconds until acceptance: within a day, log-normal over 2 to 21 days, or later."""
    fast = rng.random(size) < p_fast
    middle = rng.random(size) < WITHIN / (WITHIN + LATER)
    hours = DAY * rng.beta(0.6, 1.8, size)
    low, high = (ndtr((np.log(days) - np.log(MIDDLE_DAYS)) / MIDDLE_SPREAD) for days in (2.0, 21.0))
    spread = DAY * np.exp(np.log(MIDDLE_DAYS) + MIDDLE_SPREAD * ndtri(low + (high - low) * rng.random(size)))
    late = DAY * (21 + rng.exponential(LATE_DAYS, size))
    return 30 + (np.where(fast, hours, np.where(middle, spread, late)) * 0.999).astype(np.int64)


def draw_answers(
    config: WorldConfig,
    laws: Laws,
    people: People,
    ties: Ties,
    lists: Adjacency,
    requests: Requests,
    facts: Facts,
) -> Answers:
    """Answers in order of time: each acceptance is a tie that later invitations meet as mutual."""
    rng = config.rng("answers")
    size = len(requests)
    if config.effect:
        base = seen_logit(laws, facts, np.zeros(size), config.seconds) + hidden_logit(laws, people, requests)
        p_fast = sigmoid(haste_logit(laws, people, requests.recipient))
        peak = laws.mutual_peak
    else:
        base, p_fast, peak = (
            np.full(size, np.log(OVERALL_RATE / (1 - OVERALL_RATE))),
            np.full(size, AT_ONCE),
            0.0,
        )
    accept_delay = draw_delays(size, p_fast, rng)
    decline_delay = 60 + (DAY * rng.lognormal(np.log(DECLINE_DAYS), DECLINE_SPREAD, size)).astype(np.int64)
    declines = rng.random(size) < DECLINE_SHARE
    withdrawal = np.where(
        rng.random(size) < WITHDRAW_SHARE, (DAY * rng.uniform(10, 120, size)).astype(np.int64), FAR
    )
    accept_delay = np.where(accept_delay < withdrawal, accept_delay, FAR)
    mutual, p_ever, willing = walk(
        requests.sender, requests.recipient, requests.at, base, peak, rng.random(size), accept_delay,
        config.n_contacts, lists.start, lists.neighbour, lists.tie, ties.connected_at, ties.removed_at,
    )  # fmt: skip
    return _outcomes(
        config, requests, willing, accept_delay, declines, decline_delay, withdrawal, mutual, p_ever, p_fast
    )


def _outcomes(
    config: WorldConfig, requests: Requests, willing: np.ndarray, accept_delay: Ints, declines: np.ndarray,
    decline_delay: Ints, withdrawal: Ints, mutual: Ints, p_ever: Floats, p_fast: Floats,
) -> Answers:  # fmt: skip
    answer = np.where(willing, accept_delay, np.where(declines, decline_delay, FAR))
    first = np.minimum(answer, withdrawal)
    seen = first < FAR - 1
    responded = np.where(seen, requests.at + first, FAR)
    outcome = np.where(withdrawal < answer, WITHDRAWN, np.where(willing, ACCEPTED, DECLINED))
    outcome = np.where(responded < config.seconds, outcome, PENDING)
    responded = np.where(responded < config.seconds, responded, config.seconds + 1)
    accepted = np.where(outcome == ACCEPTED, responded, config.seconds + 1)
    return Answers(outcome, responded, accepted, mutual, p_ever, p_fast)


def haste_centre(laws: Laws) -> float:
    """Centre of the logit of haste, such that its mean chance is about `AT_ONCE` (probit approximation)."""
    spread = laws.haste_circle**2 + laws.haste**2
    return float(np.log(AT_ONCE / (1 - AT_ONCE)) * np.sqrt(1 + np.pi * spread / 8))


def haste_logit(laws: Laws, people: People, person: Ints) -> Floats:
    """Logit of answering within a day, given acceptance."""
    shared = laws.haste_circle * people.circle_haste[people.circle[person]]
    return haste_centre(laws) + shared + laws.haste * people.haste[person]


def sigmoid(logit: Floats) -> Floats:
    """Chances of logits."""
    return 1 / (1 + np.exp(-logit))


@numba.njit(cache=True)
def walk(
    sender: Ints, recipient: Ints, at: Ints, base: Floats, peak: float, chance: Floats, delay: Ints, n: int,
    start: Ints, neighbour: Ints, tie: Ints, connected: Ints, removed: Ints,
) -> tuple[Ints, Floats, np.ndarray]:  # fmt: skip  # pragma: no cover - compiled
    """Count mutual connections at each sending and decide, with ties won earlier on the way."""
    size = len(sender)
    mutual, p_ever, willing = np.zeros(size, np.int64), np.empty(size), np.zeros(size, np.bool_)
    # The row whose sender was last seen to know each person, and by which slot (-1: by a tie won).
    met = np.full((n, 2), -1, np.int64)
    # Ties won, a linked list per person: next entry, other end, since when.
    head, won = np.full(n, -1, np.int64), np.empty((2 * size, 3), np.int64)
    for row in range(size):
        for side in range(2):
            person = sender[row] if side == 0 else recipient[row]
            for slot in range(start[person], start[person + 1]):
                other = neighbour[slot]
                if side == 0:
                    met[other, 0], met[other, 1] = row, slot
                elif met[other, 0] == row:  # only now are times looked up: they lie far apart in memory
                    both = _stands(slot, at[row], tie, connected, removed)
                    mutual[row] += both and _stands(met[other, 1], at[row], tie, connected, removed)
            entry = head[person]
            while entry >= 0:
                other = won[entry, 1]
                if won[entry, 2] < at[row] and side == 0:
                    met[other, 0], met[other, 1] = row, -1
                elif won[entry, 2] < at[row] and met[other, 0] == row:
                    mutual[row] += _stands(met[other, 1], at[row], tie, connected, removed)
                entry = won[entry, 0]
        x = mutual[row] / 10.0
        worth = (x * np.exp(1 - x)) ** 0.7
        p_ever[row] = 1 / (1 + np.exp(-(base[row] + peak * worth)))
        willing[row] = chance[row] < p_ever[row]
        if willing[row] and delay[row] < 2**59:
            for side, one, other in ((0, sender[row], recipient[row]), (1, recipient[row], sender[row])):
                entry = 2 * row + side
                won[entry, 0], won[entry, 1], won[entry, 2] = head[one], other, at[row] + delay[row]
                head[one] = entry
    return mutual, p_ever, willing


@numba.njit(cache=True)
def _stands(slot: int, at: int, tie: Ints, connected: Ints, removed: Ints) -> bool:  # pragma: no cover
    """Whether the tie in a slot of the lists stands just before a time; slot -1 always does."""
    return slot < 0 or connected[tie[slot]] < at <= removed[tie[slot]]

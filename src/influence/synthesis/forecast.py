"""The best forecast of every answer given what could be seen strictly before the invitation was sent.

Known to the forecaster: the laws of `acceptance.py` (coefficients, drift, delays, the spread of the
traits) and everything observable before the sending.  Circles and their main topics count as
observable, because some hundred ties and actions per person give them away.

Unknown, and integrated out: the openness of each circle and of each person in it, the appeal of each
sender, the haste of circles and people, and everybody's main topic.  Each starts from its law and is
conditioned on every answer, and on every silence so far, that was visible before the sending: a
Gaussian filter by expectation propagation (Minka 2001), exact in the nesting of people in circles,
factorised between senders and recipients.  Main topics are conditioned exactly on the topics of the
person's own actions; answers do not move them.  Silence is taken note of at a few ages only.  The tests
hold it against plain simulation of all traits, weighted by what was seen: no chance is off by 0.02.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from scipy.special import ndtr
from scipy.stats import lognorm

from influence.synthesis import acceptance as law
from influence.synthesis.acceptance import DAY, Answers, Facts, Laws
from influence.synthesis.activity import OWN_TOPIC, Actions
from influence.synthesis.config import WorldConfig
from influence.synthesis.people import CIRCLE_TOPIC, People
from influence.synthesis.requests import Requests
from influence.synthesis.sampling import Floats, Ints

CHECKPOINTS_DAYS = (1.0, 3.0, 7.0, 21.0, 60.0)
"""Ages at which the silence of an open invitation is taken note of."""
NODES = 24
PREDICT, SILENCE, ACCEPT, DECLINE = 0, 1, 2, 3


@dataclass(frozen=True)
class Forecast:
    """Chances of every invitation, [invitations] each."""

    p_at_once: Floats
    p_within_3_weeks: Floats


def best_forecast(
    config: WorldConfig,
    laws: Laws,
    people: People,
    requests: Requests,
    facts: Facts,
    answers: Answers,
    actions: Actions,
) -> Forecast:
    """The best forecast given the observables; in the no-effect world, the one constant chance."""
    if not config.effect:
        return to_horizons(answers.p_ever, answers.p_fast)
    seen = law.seen_logit(laws, facts, answers.mutual, config.seconds)
    match = match_chance(config, people, requests, actions)
    row, what, age = _events(config, requests, answers)
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    p_ever, p_fast = _filter(
        row, what, age, requests.sender, requests.recipient, people.circle, config.circles,
        seen, match, laws.match, laws.appeal, laws.circle, laws.openness, law.haste_centre(laws),
        laws.haste_circle, laws.haste, _slow_share(age), law.DECLINE_SHARE * decline_share(age),
        nodes, weights / weights.sum(),
    )  # fmt: skip
    return to_horizons(p_ever, p_fast)


def to_horizons(p_ever: Floats, p_fast: Floats) -> Forecast:
    """Chances of acceptance within a day and within three weeks."""
    soon = law.WITHIN / (law.WITHIN + law.LATER)
    return Forecast(p_ever * p_fast, p_ever * (p_fast + (1 - p_fast) * soon))


def _slow_share(age: Floats) -> Floats:
    """Share of the slow acceptors who have answered by an age in days."""
    low, high = (ndtr((np.log(days) - np.log(law.MIDDLE_DAYS)) / law.MIDDLE_SPREAD) for days in (2.0, 21.0))
    middle = (ndtr((np.log(np.maximum(age, 1e-9)) - np.log(law.MIDDLE_DAYS)) / law.MIDDLE_SPREAD) - low) / (
        high - low
    )
    late = -np.expm1(-np.maximum(age - 21, 0) / law.LATE_DAYS)
    return (law.WITHIN * middle.clip(0, 1) + law.LATER * late) / (law.WITHIN + law.LATER)


def decline_share(age: Floats) -> Floats:
    """Share of those who decline outright who have done so by an age in days."""
    return lognorm.cdf(age, law.DECLINE_SPREAD, scale=law.DECLINE_DAYS)


def match_chance(config: WorldConfig, people: People, requests: Requests, actions: Actions) -> Floats:
    """[invitations] chance that both have the same main topic, given their actions so far."""
    own = OWN_TOPIC + (1 - OWN_TOPIC) / config.n_topics
    evidence = np.log(own / ((1 - OWN_TOPIC) / config.n_topics))
    prior = np.full((config.circles, config.n_topics), (1 - CIRCLE_TOPIC) / config.n_topics)
    prior[np.arange(config.circles), people.circle_interest] += CIRCLE_TOPIC
    return _match(
        requests.sender, requests.recipient, requests.at, actions.actor, actions.topic, actions.at,
        people.circle, np.log(prior), evidence, config.n_contacts,
    )  # fmt: skip


def _events(config: WorldConfig, requests: Requests, answers: Answers) -> tuple[Ints, Ints, Floats]:
    """What happens, in the order in which it is learned: invitation, event and age in days."""
    size = len(requests)
    every, end = np.arange(size), np.minimum(answers.responded_at, config.seconds)
    parts = [(requests.at, every, np.full(size, PREDICT))]
    for days in CHECKPOINTS_DAYS:
        at = requests.at + np.int64(days * DAY)
        still = np.flatnonzero(at < end)
        parts.append((at[still], still, np.full(len(still), SILENCE)))
    came = np.flatnonzero(answers.responded_at <= config.seconds)
    what = np.array([ACCEPT, DECLINE, SILENCE, SILENCE])[answers.outcome[came]]
    parts.append((answers.responded_at[came], came, what))
    at, row, what = (np.concatenate(column) for column in zip(*parts, strict=True))
    # What comes at the very moment of a sending is not yet known to it.
    order = np.lexsort((what, at))
    at, row, what = at[order], row[order], what[order]
    return row, what, (at - requests.at[row]) / DAY


@numba.njit(cache=True)
def _match(
    sender: Ints, recipient: Ints, at: Ints, actor: Ints, topic: Ints, acted_at: Ints,
    circle: Ints, log_prior: Floats, evidence: float, n: int,
) -> Floats:  # fmt: skip  # pragma: no cover - compiled
    topics = log_prior.shape[1]
    count = np.zeros((n, topics))
    chance = np.zeros(len(sender))
    done = 0
    for row in range(len(sender)):
        while done < len(actor) and acted_at[done] < at[row]:
            count[actor[done], topic[done]] += evidence
            done += 1
        a = log_prior[circle[sender[row]]] + count[sender[row]]
        b = log_prior[circle[recipient[row]]] + count[recipient[row]]
        a, b = np.exp(a - a.max()), np.exp(b - b.max())
        chance[row] = (a * b).sum() / (a.sum() * b.sum())
    return chance


@numba.njit(cache=True)
def _tilt(
    mean: float, variance: float, a: float, b: float, nodes: Floats, weights: Floats
) -> tuple[float, float]:
    """Mean and variance of a Gaussian logit x after seeing evidence of likelihood a + b sigmoid(x)."""
    spread = np.sqrt(variance)
    total, first, second = 0.0, 0.0, 0.0
    for node, weight in zip(nodes, weights):
        x = spread * node
        mass = weight * (a + b / (1 + np.exp(-(mean + x))))
        total += mass
        first += mass * x
        second += mass * x * x
    shift = first / total
    return mean + shift, max(second / total - shift * shift, 1e-6)


@numba.njit(cache=True)
def _belief(
    person: int, circle: int, state: Floats, circle_state: Floats, own_variance: float, skip: Floats
) -> tuple[float, float]:  # pragma: no cover - compiled
    """Mean and variance of circle + person, leaving out the evidence `skip` (precision, precision x mean).

    `state[person]` sums the evidence on that sum; `circle_state[circle]` holds prior plus what each member's
    evidence says about the circle once the member's own part is integrated out.
    """
    shrink = 1 + state[person, 0] * own_variance
    precision = circle_state[circle, 0] - state[person, 0] / shrink
    mean = (circle_state[circle, 1] - state[person, 1] / shrink) / precision
    prior = 1 / (1 / precision + own_variance)
    left = state[person, 0] - skip[0]
    variance = 1 / (prior + left)
    return variance * (prior * mean + state[person, 1] - skip[1]), variance


@numba.njit(cache=True)
def _learn(
    person: int,
    circle: int,
    state: Floats,
    circle_state: Floats,
    own_variance: float,
    old: Floats,
    new: Floats,
) -> None:  # pragma: no cover - compiled
    """Exchange one piece of evidence about a person and pass the change on to the circle."""
    for sign in (-1.0, 1.0):
        shrink = 1 + state[person, 0] * own_variance
        circle_state[circle] += sign * state[person] / shrink
        if sign < 0:
            state[person] += new - old
    old[:] = new


@numba.njit(cache=True)
def _site(mean: float, variance: float, new_mean: float, new_variance: float) -> Floats:  # pragma: no cover
    """The Gaussian evidence that takes one belief to another."""
    precision = max(1 / new_variance - 1 / variance, 1e-9)
    return np.array([precision, new_mean * (1 / variance + precision) - mean / variance])


@numba.njit(cache=True)
def _filter(
    row_of: Ints, what_of: Ints, age: Floats, sender: Ints, recipient: Ints, circle_of: Ints, circles: int,
    seen: Floats, match: Floats, match_worth: float, appeal: float, circle_sd: float, own_sd: float,
    haste_centre: float, haste_circle_sd: float, haste_sd: float, slow_share: Floats, declined_share: Floats,
    nodes: Floats, weights: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip  # pragma: no cover - compiled
    """Walk through all events in order; predict each invitation when it is sent."""
    size, n = len(sender), len(circle_of)
    open_, open_circle = np.zeros((n, 2)), np.zeros((circles, 2))
    haste, haste_circle = np.zeros((n, 2)), np.zeros((circles, 2))
    open_circle[:, 0], haste_circle[:, 0] = 1 / circle_sd**2, 1 / haste_circle_sd**2
    charm = np.zeros((n, 2))
    charm[:, 0] = 1 / appeal**2
    site, charm_site, none = np.zeros((size, 2)), np.zeros((size, 2)), np.zeros(2)
    p_ever, p_fast = np.empty(size), np.empty(size)
    for event in range(len(row_of)):
        row, what = row_of[event], what_of[event]
        s, r = sender[row], recipient[row]
        g = circle_of[r]
        mean_o, var_o = _belief(r, g, open_, open_circle, own_sd**2, site[row])
        left = charm[s] - charm_site[row]
        mean_a, var_a = left[1] / left[0], 1 / left[0]
        mean_h, var_h = _belief(r, g, haste, haste_circle, haste_sd**2, none)
        fast = 0.0
        for node, weight in zip(nodes, weights):
            fast += weight / (1 + np.exp(-(haste_centre + mean_h + np.sqrt(var_h) * node)))
        mean, variance = seen[row] + mean_o + mean_a, var_o + var_a
        if what == PREDICT:
            chance = 0.0
            for node, weight in zip(nodes, weights):
                x = mean + np.sqrt(variance) * node
                chance += weight * (
                    (1 - match[row]) / (1 + np.exp(-x)) + match[row] / (1 + np.exp(-x - match_worth))
                )
            p_ever[row], p_fast[row] = chance, fast
            continue
        a, b = 0.0, 1.0
        if what == DECLINE:
            a, b = 1.0, -1.0
        elif what == SILENCE:
            a = 1 - declined_share[event]
            b = declined_share[event] - (fast * min(age[event], 1.0) ** 0.4 + (1 - fast) * slow_share[event])
        mean += match_worth * match[row]
        new_mean, new_variance = _tilt(mean, variance, a, b, nodes, weights)
        pull, shrink = (new_mean - mean) / variance, (new_variance - variance) / variance**2
        new = _site(mean_o, var_o, mean_o + var_o * pull, var_o + var_o**2 * shrink)
        _learn(r, g, open_, open_circle, own_sd**2, site[row], new)
        charm_site[row] = _site(mean_a, var_a, mean_a + var_a * pull, var_a + var_a**2 * shrink)
        charm[s] = left + charm_site[row]
        if what == ACCEPT:
            a, b = (0.0, 1.0) if age[event] <= 1 else (1.0, -1.0)
            new_mean, new_variance = _tilt(haste_centre + mean_h, var_h, a, b, nodes, weights)
            new = _site(mean_h, var_h, new_mean - haste_centre, new_variance)
            _learn(r, g, haste, haste_circle, haste_sd**2, np.zeros(2), new)
    return p_ever, p_fast

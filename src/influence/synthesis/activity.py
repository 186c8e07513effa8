"""What people do along their ties: who acts, on whom, when, on which topic."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from influence.schema import INTERACTION_KINDS
from influence.synthesis.config import SECONDS_PER_DAY, WorldConfig
from influence.synthesis.leaders import Sway
from influence.synthesis.people import People
from influence.synthesis.sampling import Adjacency, Floats, Ints
from influence.synthesis.ties import Ties

KIND = {name: position for position, name in enumerate(INTERACTION_KINDS)}
_MIX = {
    "like": 0.42, "view": 0.20, "comment": 0.14, "message": 0.10, "share": 0.05, "mention": 0.03,
    "endorse": 0.02, "follow": 0.01, "email": 0.01, "meeting": 0.01, "call": 0.01,
}  # fmt: skip
OWN_TOPIC = 0.6
"""Chance that an action is on the actor's own main topic; else any topic, evenly."""
BUSY_SPREAD = 0.5
"""Standard deviation of a circle's log activity from week to week."""
SEEKING = 0.35
"""Share of the actions that seek out the most influential of the people at hand."""
TRIES = 5
WEEK = 7 * SECONDS_PER_DAY


@dataclass(frozen=True)
class Actions:
    """Timed actions of one person on another; times in seconds since the start."""

    actor: Ints
    target: Ints
    kind: Ints
    at: Ints
    topic: Ints

    def __len__(self) -> int:
        return len(self.actor)

    def take(self, rows: Ints | slice) -> Actions:
        """The actions at these positions."""
        return Actions(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @classmethod
    def concatenate(cls, parts: list[Actions]) -> Actions:
        """All actions in order of time."""
        joined = cls(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__)
        )
        return joined.take(np.argsort(joined.at, kind="stable"))


def make_actions(config: WorldConfig, people: People, sway: Sway, ties: Ties, lists: Adjacency) -> Actions:
    """Draw the actions along ties that stand at the time, sorted by time.

    Part of them seek out the most influential, on the topic, of a few people at hand.
    """
    rng = config.rng("actions")
    actor = np.repeat(np.arange(config.n_contacts), rng.poisson(people.activity))
    actor = actor[lists.degree[actor] > 0]
    at = _times(config, people.circle[actor], rng)
    topic = draw_topics(people.interest[actor], config.n_topics, rng)
    seeking = rng.random(len(actor)) < SEEKING
    target = _standing_neighbours(
        actor, at, topic, seeking, rng.random((len(actor), TRIES)), sway.influence,
        lists.start, lists.neighbour, lists.tie, ties.connected_at, ties.removed_at,
    )  # fmt: skip
    kinds = np.array([KIND[name] for name in _MIX])
    kind = kinds[rng.choice(len(kinds), len(actor), p=np.array(list(_MIX.values())))]
    actions = Actions(actor, target, kind, at, topic)
    kept = np.flatnonzero(target >= 0)
    return actions.take(kept[np.argsort(at[kept], kind="stable")])


def draw_topics(interest: Ints, n_topics: int, rng: np.random.Generator) -> Ints:
    """The topic of one action each, given the main topics of the actors."""
    return np.where(rng.random(len(interest)) < OWN_TOPIC, interest, rng.integers(0, n_topics, len(interest)))


def _times(config: WorldConfig, circle: Ints, rng: np.random.Generator) -> Ints:
    """Times in the window: each circle has busy and quiet weeks of its own."""
    weeks = -(-config.seconds // WEEK)
    rate = np.exp(BUSY_SPREAD * _smooth_noise(config.circles, weeks, rng)) * (1 + np.arange(weeks) / weeks)
    rate[:, -1] *= (config.seconds - (weeks - 1) * WEEK) / WEEK
    share = np.cumsum(rate, axis=1)
    share = share / share[:, -1:] + np.arange(config.circles)[:, None]
    slot = np.searchsorted(share.ravel(), circle + rng.random(len(circle)), side="right")
    week = np.clip(slot - circle * weeks, 0, weeks - 1)
    length = np.minimum(config.seconds - week * WEEK, WEEK)
    return week * WEEK + (rng.random(len(circle)) * length).astype(np.int64)


def _smooth_noise(rows: int, columns: int, rng: np.random.Generator) -> Floats:
    """Stationary noise of unit variance whose memory is about three weeks."""
    keep, noise = 0.7, rng.standard_normal((rows, columns))
    for column in range(1, columns):
        noise[:, column] = keep * noise[:, column - 1] + np.sqrt(1 - keep**2) * noise[:, column]
    return noise


def circle_busyness(config: WorldConfig, circle: Ints, actions: Actions, days: int = 14) -> Floats:
    """[circles, days + 1] log of a circle's actions in the `days` full days before each day over its mean.

    The mean is that of all earlier days, so that the value at a day uses only what was visible before it.
    """
    day = actions.at // SECONDS_PER_DAY
    counts = np.bincount(circle[actions.actor] * config.days + day, minlength=config.circles * config.days)
    total = np.zeros((config.circles, config.days + 1))
    total[:, 1:] = np.cumsum(counts.reshape(config.circles, config.days), axis=1)
    today = np.arange(config.days + 1)
    since = np.maximum(today - days, 0)
    recent = total - total[:, since]
    usual = total / np.maximum(today, 1) * (today - since)
    return np.clip(np.log((recent + 5) / (usual + 5)), -1.5, 1.5)


def recent_actions(actions: Actions, person: Ints, at: Ints, days: int, n: int) -> Ints:
    """How many actions each person took in the `days` before `at` (strictly)."""
    span = np.int64(actions.at.max(initial=0)) + np.int64(at.max(initial=0)) + days * SECONDS_PER_DAY + 2
    order = np.lexsort((actions.at, actions.actor))
    key = actions.actor[order] * span + actions.at[order]
    since = np.maximum(at - days * SECONDS_PER_DAY, 0)
    return np.searchsorted(key, person * span + at) - np.searchsorted(key, person * span + since)


@numba.njit(cache=True)
def _standing_neighbours(
    actor: Ints, at: Ints, topic: Ints, seeking: np.ndarray, chance: Floats, influence: Floats,
    start: Ints, neighbour: Ints, tie: Ints, connected: Ints, removed: Ints,
) -> Ints:  # fmt: skip  # pragma: no cover - compiled
    """Each actor's neighbour by a standing tie, the first or most influential of a few; -1 if none is met."""
    found = np.full(len(actor), -1, np.int64)
    for row in range(len(actor)):
        low, high = start[actor[row]], start[actor[row] + 1]
        for attempt in range(chance.shape[1]):
            slot = low + int(chance[row, attempt] * (high - low))
            if not connected[tie[slot]] < at[row] < removed[tie[slot]]:
                continue
            other, best = neighbour[slot], found[row]
            if best < 0 or influence[other, topic[row]] > influence[best, topic[row]]:
                found[row] = other
            if not seeking[row]:
                break
    return found

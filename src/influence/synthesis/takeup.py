"""Items taken up along ties (independent cascade in continuous time) or from outside."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

import numba
import numpy as np

from influence.synthesis.config import SECONDS_PER_DAY, WorldConfig
from influence.synthesis.leaders import MOST, Sway
from influence.synthesis.people import People
from influence.synthesis.sampling import Adjacency, Floats, Ints, draw_weighted
from influence.synthesis.ties import Ties

OUTSIDE_SHARE = 0.002
"""Expected share of all people who take up an item from outside."""
OUTSIDE_DAYS = 60.0
"""Mean time from the launch of an item to a take-up from outside."""
DELAY_DAYS = 4.0
"""Mean time from one person's take-up to that of someone swayed by it."""
OWN_TOPIC_OUTSIDE = 2.0
"""How much likelier people take up items of their own topic from outside: homophily, not contagion."""
SAME_VOLUME = 3.0
"""Without contagion, outside take-ups are this much commoner, so that there is something to look at."""


@dataclass(frozen=True)
class TakeUps:
    """Who took up which item when, in order of item and time."""

    person: Ints
    item: Ints
    at: Ints
    parent: Ints
    """Who swayed the person; -1 where it came from outside."""
    share: Floats
    """The chance, given all take-ups and the laws, that it came from this parent (or from outside)."""
    topic: Ints
    """[items] topic of each item."""


def make_take_ups(config: WorldConfig, people: People, sway: Sway, ties: Ties, lists: Adjacency) -> TakeUps:
    """Spread every item; `ties` and `lists` include the ties won by invitations."""
    rng = config.rng("take-ups")
    topic = rng.integers(0, config.n_topics, config.n_items)
    launch = (config.seconds * 0.95 * rng.random(config.n_items)).astype(np.int64)
    share = OUTSIDE_SHARE * (1.0 if config.effect else SAME_VOLUME)
    parts: list[tuple[np.ndarray, ...]] = []
    adopted, parent = np.full(config.n_contacts, -1, np.int64), np.full(config.n_contacts, -1, np.int64)
    for item in range(config.n_items):
        own = people.interest == topic[item]
        weight = np.where(own & config.effect, OWN_TOPIC_OUTSIDE, 1.0)
        size = rng.poisson(share * config.n_contacts)
        seed = draw_weighted(weight, size, rng)
        at = launch[item] + (rng.exponential(OUTSIDE_DAYS * SECONDS_PER_DAY, size)).astype(np.int64)
        rate = share * config.n_contacts * weight / weight.sum()
        found = _spread(
            seed, at, sway.influence[:, topic[item]].copy(), sway.susceptibility[:, topic[item]].copy(), rate,
            launch[item], config.seconds, int(rng.integers(2**31)), adopted, parent,
            lists.start, lists.neighbour, lists.tie, ties.connected_at, ties.removed_at,
        )  # fmt: skip
        parts.append((found[0], np.full(len(found[0]), item), *found[1:]))
    person, which, when, by, certain = (np.concatenate(column) for column in zip(*parts, strict=True))
    return TakeUps(person, which, when, by, certain, topic)


@numba.njit(cache=True)
def _spread(
    seed: Ints, seed_at: Ints, influence: Floats, susceptibility: Floats, outside: Floats, launch: int,
    end: int, random_seed: int, adopted: Ints, parent: Ints,
    start: Ints, neighbour: Ints, tie: Ints, connected: Ints, removed: Ints,
) -> tuple[Ints, Ints, Ints, Floats]:  # fmt: skip  # pragma: no cover - compiled
    """One item: the earliest successful attempt takes effect.  `adopted`, `parent` are scratch of -1."""
    np.random.seed(random_seed)
    mean_delay = DELAY_DAYS * SECONDS_PER_DAY
    queue = [(np.int64(0), np.int64(0), np.int64(0)) for _ in range(0)]
    for row in range(len(seed)):
        heappush(queue, (seed_at[row], seed[row], np.int64(-1)))
    order = [np.int64(0) for _ in range(0)]
    while len(queue) > 0:
        at, person, by = heappop(queue)
        if at >= end or adopted[person] >= 0:
            continue
        adopted[person], parent[person] = at, by
        order.append(person)
        for slot in range(start[person], start[person + 1]):
            other = neighbour[slot]
            if adopted[other] >= 0 or connected[tie[slot]] >= at:
                continue
            if np.random.random() < min(MOST, influence[person] * susceptibility[other]):
                then = at + 60 + np.int64(np.random.exponential(mean_delay))
                if then < removed[tie[slot]]:
                    heappush(queue, (then, np.int64(other), person))
    people = np.array(order, dtype=np.int64)
    times, parents = adopted[people], parent[people]
    shares = np.empty(len(people))
    for row in range(len(people)):
        shares[row] = _share(
            people[row], influence, susceptibility, outside, launch, adopted, parents[row],
            start, neighbour, tie, connected, removed,
        )  # fmt: skip
    adopted[people], parent[people] = -1, -1
    return people, times, parents, shares


@numba.njit(cache=True)
def _share(
    person: int, influence: Floats, susceptibility: Floats, outside: Floats, launch: int, adopted: Ints,
    by: int, start: Ints, neighbour: Ints, tie: Ints, connected: Ints, removed: Ints,
) -> float:  # fmt: skip  # pragma: no cover - compiled
    """The share of one cause in the hazard of a person's take-up at its time."""
    mean_delay, now = DELAY_DAYS * SECONDS_PER_DAY, adopted[person]
    mean_outside = OUTSIDE_DAYS * SECONDS_PER_DAY
    total = outside[person] * np.exp(-(now - launch) / mean_outside) / mean_outside
    mine = total if by < 0 else 0.0
    for slot in range(start[person], start[person + 1]):
        other = neighbour[slot]
        lag = now - adopted[other] - 60
        if (
            adopted[other] < 0
            or lag < 0
            or not connected[tie[slot]] < adopted[other] < now < removed[tie[slot]]
        ):
            continue
        chance = min(MOST, influence[other] * susceptibility[person])
        hazard = (
            chance * np.exp(-lag / mean_delay) / mean_delay / (1 - chance * (1 - np.exp(-lag / mean_delay)))
        )
        total += hazard
        mine += hazard if other == by else 0.0
    return mine / total

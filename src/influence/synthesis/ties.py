"""Ties that exist without a recorded invitation: circles, colleagues, countries, industries, the world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from influence.synthesis.config import SECONDS_PER_DAY, WorldConfig
from influence.synthesis.people import People
from influence.synthesis.sampling import Floats, Groups, Ints, draw_weighted, unique_pairs

PREHISTORY_DAYS = 8 * 365
IN_WINDOW = 0.12
"""Share of these ties that form during the recorded window."""
REMOVED = 0.01
CROWDING = 1.35
SECOND_CIRCLE = 0.25
"""Weight of the second circle's ties relative to the first's."""
LAYERS = {"circle": 0.76, "firm": 0.05, "country": 0.10, "industry": 0.04, "world": 0.05}
"""Share of the ties drawn within each kind of group."""


@dataclass(frozen=True)
class Ties:
    """Undirected ties; times in seconds since the start of the window, negative before it."""

    source: Ints
    target: Ints
    connected_at: Ints
    removed_at: Ints
    """Beyond the end of the window where the tie stays."""

    def __len__(self) -> int:
        return len(self.source)


def make_ties(config: WorldConfig, people: People) -> Ties:
    """Draw the ties: both ends by sociability within a group of each layer."""
    rng = config.rng("ties")
    n = config.n_contacts
    groups = {
        "firm": people.firm,
        "country": people.country,
        "industry": people.industry,
        "world": np.zeros(n, np.int64),
    }
    # Half the summed degrees; the factor makes up for the mean above the median and for repeated pairs.
    total = 0.5 * n * config.degree * CROWDING
    ends = [_circle_ties(people, round(total * LAYERS["circle"]), rng)]
    for name, group in groups.items():
        ends.append(_layer(group, people.sociability, round(total * LAYERS[name]), rng))
    source, target = (np.concatenate(side) for side in zip(*ends, strict=True))
    first = unique_pairs(source, target, n)
    source, target = source[first], target[first]
    return Ties(source, target, *_times(config, len(source), rng))


def _circle_ties(people: People, size: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Ties between members of a circle, first or second."""
    n = len(people.circle)
    group = np.concatenate([people.circle, people.second_circle])
    weight = np.concatenate([people.sociability, SECOND_CIRCLE * people.sociability])
    source, target = _layer(group, weight, size, rng)
    return source % n, np.where(target >= 0, target % n, -1)


def _layer(group: Ints, weight: Floats, size: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    source = draw_weighted(weight, size, rng)
    groups = Groups.of(group, weight, int(group.max()) + 1)
    return source, groups.draw(group[source], rng)


def _times(config: WorldConfig, size: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """When ties form (ever more towards the start, then evenly) and when a few are removed."""
    before = -(PREHISTORY_DAYS * SECONDS_PER_DAY * rng.random(size) ** 1.6).astype(np.int64) - 1
    within = rng.integers(0, config.seconds, size)
    connected = np.where(rng.random(size) < IN_WINDOW, within, before)
    earliest = np.maximum(connected, 0)
    removal = earliest + (rng.random(size) * (config.seconds - earliest)).astype(np.int64) + 1
    removed = np.where(rng.random(size) < REMOVED, removal, config.seconds + 1)
    return connected, removed

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
LAYERS = {"circle": 0.62, "firm": 0.05, "country": 0.10, "industry": 0.08, "world": 0.15}
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
    n, ones = config.n_contacts, np.zeros(config.n_contacts, np.int64)
    groups = {
        "circle": people.circle,
        "firm": people.firm,
        "country": people.country,
        "industry": people.industry,
        "world": ones,
    }
    # Half the summed degrees; the factor makes up for the mean above the median and for repeated pairs.
    total = 0.5 * n * config.degree * 1.28
    ends = [
        _layer(groups[name], people.sociability, round(total * share), rng) for name, share in LAYERS.items()
    ]
    source, target = (np.concatenate(side) for side in zip(*ends, strict=True))
    first = unique_pairs(source, target, n)
    source, target = source[first], target[first]
    return Ties(source, target, *_times(config, len(source), rng))


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

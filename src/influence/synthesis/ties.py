"""Ties that exist without a recorded invitation: circles, colleagues, countries, industries, the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from influence.synthesis.config import SECONDS_PER_DAY, WorldConfig
from influence.synthesis.people import People
from influence.synthesis.sampling import Floats, Groups, Ints, draw_weighted, parts, unique_pairs

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
    """Undirected ties; times in seconds since the start of the window, negative before it.

    All columns are int32: there are tens of ties per person.
    """

    source: Ints
    target: Ints
    connected_at: Ints
    removed_at: Ints
    """Beyond the end of the window where the tie stays."""

    def __len__(self) -> int:
        return len(self.source)

    def take(self, rows: Ints | slice) -> Ties:
        """The ties at these positions."""
        return Ties(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


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
    source = draw_weighted(weight, size, rng).astype(np.int32)
    groups = Groups.of(group, weight, int(group.max()) + 1)
    return source, groups.draw(group.astype(np.int32)[source], rng)


def _times(config: WorldConfig, size: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """When ties form (ever more towards the start, then evenly) and when a few are removed."""

    def drawn(draw: Callable[[int], np.ndarray]) -> np.ndarray:
        """Many draws, a part at a time."""
        return np.concatenate([draw(part.stop - part.start) for part in parts(size)])

    before = drawn(lambda k: -(PREHISTORY_DAYS * SECONDS_PER_DAY * rng.random(k) ** 1.6).astype(np.int32) - 1)
    within = drawn(lambda k: rng.integers(0, config.seconds, k).astype(np.int32))
    in_window = drawn(lambda k: rng.random(k) < IN_WINDOW)
    connected = np.where(in_window, within, before)
    removal = drawn(rng.random)
    is_removed = drawn(lambda k: rng.random(k) < REMOVED)
    removed = np.full(size, config.seconds + 1, np.int32)
    earliest = np.maximum(connected[is_removed], 0)
    removed[is_removed] = earliest + (removal[is_removed] * (config.seconds - earliest)).astype(np.int32) + 1
    return connected, removed

"""What a world takes grows in proportion to its people, counted rather than timed."""

from __future__ import annotations

import tracemalloc
from operator import attrgetter

import pytest

from influence.synthesis import WorldConfig
from influence.synthesis.making import Making, make

FEW, MANY = 2_000, 8_000


def made(n_contacts: int) -> tuple[Making, int]:
    """A world of one density whatever its size, and the most bytes held at once while it was made."""
    # Firms enough that few pairs are drawn twice, in either world.
    config = WorldConfig(
        n_contacts=n_contacts, n_companies=n_contacts, seed=6, median_degree=40, circle_size=100, n_items=20
    )
    tracemalloc.start()
    making = make(config)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return making, peak


@pytest.fixture(scope="module")
def sizes() -> tuple[tuple[Making, int], tuple[Making, int]]:
    """A world, and one of four times as many people."""
    make(WorldConfig(n_contacts=200))  # loads what is compiled, which counts as memory too
    return made(FEW), made(MANY)


@pytest.mark.parametrize("part", ["ties", "requests", "actions", "contents", "links.at", "take_ups.person"])
def test_make__four_times_the_people__four_times_the_rows(
    sizes: tuple[tuple[Making, int], tuple[Making, int]], part: str
) -> None:
    few, many = (len(attrgetter(part)(making)) for making, _ in sizes)
    # Cascades differ most from one draw to the next.
    slack = 0.3 if part.startswith("take_ups") else 0.1
    assert many / few == pytest.approx(MANY / FEW, rel=slack)


def test_make__four_times_the_people__four_times_the_memory(
    sizes: tuple[tuple[Making, int], tuple[Making, int]],
) -> None:
    (_, few), (_, many) = sizes
    assert many / few < 1.15 * MANY / FEW

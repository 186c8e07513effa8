"""Worlds that the tests of this folder look at, each made once per module."""

from __future__ import annotations

import pytest

from influence.synthesis import World, WorldConfig, simulate
from influence.synthesis.making import Making, make

MIDDLING = 4_000


@pytest.fixture(scope="session")
def making() -> Making:
    """A world of 4,000 contacts before it is written into tables."""
    return make(WorldConfig(n_contacts=MIDDLING, seed=3))


@pytest.fixture(scope="session")
def world() -> World:
    """The same world as tables and truth."""
    return simulate(WorldConfig(n_contacts=MIDDLING, seed=3))


@pytest.fixture(scope="session")
def no_effect() -> World:
    """A world of that size in which the graph explains nothing."""
    return simulate(WorldConfig(n_contacts=MIDDLING, seed=3, effect=False))


@pytest.fixture(scope="session")
def small() -> World:
    """A world of 800 contacts."""
    return simulate(WorldConfig(n_contacts=800, seed=1))

"""A world of some 600 invitations, and a configuration that is quick on it; made once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from tests.graph.worlds import random_network

from influence.config import Config, parse_config
from influence.data import Network

QUICK: dict[str, Any] = {
    "seeds": [0],
    "encoder": {"width": 8, "heads": 2, "fan_out": [4]},
    "trees": {"max_rounds": 20, "min_data_in_leaf": 10},
    "training": {"max_epochs": 2, "batch_size": 64},
}


@cache
def network(seed: int = 1) -> Network:
    """Forty people, 600 invitations in 200 days."""
    return random_network(seed, n_people=40, n_invitations=600, days=200.0)


def quick_config(folder: Path, **changes: object) -> Config:
    """A tiny network, few trees, one seed; everything written below the folder."""
    return parse_config(QUICK | {"output": str(folder / "model")} | changes)

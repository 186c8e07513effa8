"""The synthetic world as a whole: a network of records, and the truth beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from influence.data.network import Network
from influence.files import new_folder
from influence.settings import parse_settings
from influence.synthesis.config import WorldConfig
from influence.synthesis.making import make
from influence.synthesis.tables import Ids, all_tables
from influence.synthesis.truth import truth_tables, world_facts


@dataclass(frozen=True)
class World:
    """A simulated world."""

    network: Network
    """What a team would have on record."""
    truth: Mapping[str, pd.DataFrame]
    """What no record names, one table per subject: see `truth.truth_tables`."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Settings, laws, and what the world turned out to be: what `write_world` leaves in world.json."""


def simulate(config: WorldConfig) -> World:
    """Simulate a world; the same settings give the same world."""
    making = make(config)
    ids = Ids(config)
    note = (
        f"A synthetic world of {config.n_contacts:,} contacts, seed {config.seed}; its people are invented."
    )
    network = Network.from_tables(all_tables(making, ids), notes=(note,))
    return World(network, MappingProxyType(truth_tables(making, ids)), MappingProxyType(world_facts(making)))


def synthesize(n_contacts: int = 2_000, *, seed: int = 0, effect: bool = True, **settings: Any) -> Network:
    """The records of a synthetic world.

    Parameters
    ----------
    n_contacts
        People in the records.
    seed
        The same seed gives the same tables.
    effect
        False: the no-effect world, in which the graph explains nothing.
    **settings
        Further fields of `WorldConfig`.

    Raises
    ------
    ConfigError
        If a setting does not exist or is out of range.
    """
    asked = {"n_contacts": n_contacts, "seed": seed, "effect": effect, **settings}
    return simulate(parse_settings(WorldConfig, asked, source="the world")).network


def write_world(world: World, folder: str | Path) -> None:
    """Write `<table>.parquet`, and the truth apart in `truth/`, all or nothing.

    `truth/` holds `<name>.parquet` per table of the truth, and `world.json` with settings, laws and facts.
    Reading `folder` as records never opens it.

    Raises
    ------
    ConfigError
        If the folder exists and is not empty, or cannot be written.
    """
    with new_folder(folder) as new:
        apart = new / "truth"
        apart.mkdir()
        for place, tables in ((new, world.network.tables), (apart, world.truth)):
            for name, rows in tables.items():
                rows.to_parquet(place / f"{name}.parquet", index=False)
        facts = json.dumps(dict(world.facts), indent=2, ensure_ascii=False, allow_nan=False)
        (apart / "world.json").write_text(facts + "\n", encoding="utf-8")

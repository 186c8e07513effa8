"""The synthetic world as a whole: a network of records, and the truth beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from influence.data.network import Network
from influence.files import new_folder
from influence.progress import Tell, silent
from influence.settings import parse_settings
from influence.synthesis.archives import own_team, write_archives
from influence.synthesis.config import WorldConfig
from influence.synthesis.making import STEPS, Making, make
from influence.synthesis.tables import Ids, all_tables
from influence.synthesis.truth import truth_tables, world_facts


@dataclass(frozen=True, eq=False)
class World:
    """A simulated world; tables are made of it when they are asked for."""

    making: Making
    """The world in positions and seconds."""

    @cached_property
    def network(self) -> Network:
        """What a team would have on record, validated."""
        size, seed = self.making.config.n_contacts, self.making.config.seed
        note = f"A synthetic world of {size:,} contacts, seed {seed}; its people are invented."
        tables = {name: pd.concat(parts, ignore_index=True) for name, parts in self._tables(all_tables)}
        return Network.from_tables(tables, notes=(note,))

    @cached_property
    def truth(self) -> Mapping[str, pd.DataFrame]:
        """What no record names, one table per subject: see `truth.truth_tables`."""
        return MappingProxyType({name: next(parts) for name, parts in self._tables(truth_tables)})

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """Settings, laws, and what the world turned out to be: what `write_world` leaves in world.json."""
        return MappingProxyType(world_facts(self.making))

    def write(self, folder: Path, progress: Tell = silent) -> None:
        """Write tables and truth into an existing folder, without ever holding all of them."""
        apart = folder / "truth"
        apart.mkdir()
        for place, tables in ((folder, all_tables), (apart, truth_tables)):
            for name, parts in self._tables(tables):
                progress(f"writing {name}", 0, 1)
                _write_table(place / f"{name}.parquet", parts)
        facts = json.dumps(dict(self.facts), indent=2, ensure_ascii=False, allow_nan=False)
        (apart / "world.json").write_text(facts + "\n", encoding="utf-8")

    def _tables(
        self, made: Callable[[Making, Ids], Iterator[tuple[str, pd.DataFrame]]]
    ) -> Iterator[tuple[str, Iterator[pd.DataFrame]]]:
        """The name of each table, and its parts."""
        for name, found in groupby(made(self.making, Ids(self.making.config)), key=itemgetter(0)):
            yield name, (rows for _, rows in found)


def _write_table(path: Path, parts: Iterator[pd.DataFrame]) -> None:
    """One Parquet file, each part a row group."""
    first = pa.Table.from_pandas(next(parts), preserve_index=False)
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for rows in parts:
            writer.write_table(pa.Table.from_pandas(rows, first.schema, preserve_index=False))


def simulate(config: WorldConfig, progress: Tell = silent) -> World:
    """Simulate a world; the same settings give the same world."""
    world = World(make(config, progress))
    progress("simulated", len(STEPS), len(STEPS))
    return world


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


def write_world(world: World, folder: str | Path, n_archives: int = 0, progress: Tell = silent) -> None:
    """Write `<table>.parquet`, and the truth apart in `truth/`, all or nothing.

    `truth/` holds `<name>.parquet` per table of the truth, and `world.json` with settings, laws and facts.
    Reading `folder` as records never opens it.

    Parameters
    ----------
    n_archives
        So many members of the own team get a LinkedIn archive, `archives/<slug>.zip`; who everybody is in
        them stands in `truth/people.parquet`.

    Raises
    ------
    ConfigError
        If the folder exists and is not empty, or cannot be written, or the team has fewer members.
    """
    with new_folder(folder) as new:
        world.write(new, progress)
        if n_archives:
            progress("writing archives", 0, 1)
            rng, owners = world.making.config.rng("archives"), own_team(world.network, n_archives)
            people = write_archives(world.network, owners, new / "archives", rng=rng)
            people.reset_index().to_parquet(new / "truth" / "people.parquet", index=False)

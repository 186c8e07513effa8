"""What a sweep searches: its file, checked key by key and value by value against the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Annotated, Any

from pydantic import Discriminator, Field, PositiveInt, Tag, field_validator, model_validator

from influence.config import Config, dump, parse_config
from influence.errors import ConfigError, nearest
from influence.evaluation.baselines import BASELINES
from influence.settings import Settings, read_settings
from influence.synthesis import WorldConfig
from influence.training.parts import COMBINATIONS, PARTS

SEARCHED = ("encoder", "trees", "training", "ensemble_members")
"""What may be searched.  Other data, other rows or other seeds are not better settings."""
METHODS = {name: (name,) for name in (*PARTS, *BASELINES)} | dict(COMBINATIONS)
"""What may be judged -> the parts that it is made of."""


class Range(Settings):
    """Numbers to draw from; whole ones where the setting is a whole number."""

    low: float
    """The smallest."""
    high: float
    """The largest."""
    log: bool = False
    """Draw evenly on a logarithmic scale."""

    @model_validator(mode="after")
    def _in_order(self) -> Range:
        if not self.low < self.high:
            raise ValueError(f"low {self.low:g} is not below high {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"low {self.low:g} must be above 0 on a logarithmic scale")
        return self


Wanted = Annotated[
    Annotated[Range, Tag("Range")] | Annotated[tuple[Any, ...], Tag("values")],
    Discriminator(lambda given: "Range" if isinstance(given, dict | Range) else "values"),
]
"""What a key may be: told apart by form, so that an error speaks of the one that was meant."""


class SweepConfig(Settings):
    """What is searched, on which records, and for how long."""

    data: tuple[str, ...] = ()
    """Folders of data sets below the root that INFLUENCE_DATA names; `--data` goes before them."""
    worlds: dict[str, WorldConfig] = Field(default={})
    """Synthetic worlds by name, made anew from their settings."""
    method: str = "model"
    """What is judged: a part alone (`gnn`, `trees_with_neighbours`), `model`, or a baseline."""
    base: Config = Config()
    """Settings that all trials share, as in a configuration file; its seeds are those of every trial."""
    space: dict[str, Wanted] = Field(default={})
    """Key of the configuration, such as `trees.num_leaves` -> a list of values, or a range."""
    trials: PositiveInt = 40
    """Trials in all, those of an interrupted sweep included."""
    prune: bool = True
    """Give up trials that fall behind the median of the earlier ones."""
    random_seed: int = Field(default=0, ge=0)
    """Seed of the search."""
    output: Path = Path("runs/sweep")
    """The folder that receives what is found."""

    @field_validator("method")
    @classmethod
    def _method_exists(cls, name: str) -> str:
        if name not in METHODS:
            raise ValueError(f"there is no such method. {nearest(name, METHODS)}")
        return name

    @field_validator("space", mode="before")
    @classmethod
    def _dotted(cls, space: Any) -> Any:
        """Nested keys (`trees: {num_leaves: ...}`) written as `trees.num_leaves`."""
        return dict(_flat(space)) if isinstance(space, dict) else space


def _flat(space: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in space.items():
        if isinstance(value, dict) and not {"low", "high"} & value.keys():
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def read_sweep(path: str | Path, overrides: Sequence[str] = ()) -> SweepConfig:
    """Read a sweep file, lay overrides over it, and check every value of the space against the configuration.

    Raises
    ------
    ConfigError
        Naming the file, the key and the remedy: an unknown key, a value that the configuration refuses, an
        empty space, no records.
    """
    config = read_settings(SweepConfig, path, overrides)
    if not config.space:
        raise ConfigError(f"{path}: space is empty. Name at least one key: `trees.num_leaves: [7, 15]`.")
    for key, wanted in config.space.items():
        if key.partition(".")[0] not in SEARCHED:
            raise ConfigError(
                f"{path}: space.{key} cannot be searched: trials must differ in nothing but the settings of "
                f"{', '.join(SEARCHED)}. {nearest(key, _searchable(config.base))}"
            )
        values = (wanted.low, wanted.high) if isinstance(wanted, Range) else wanted
        if not values:
            raise ConfigError(
                f"{path}: space.{key} is an empty list. Give values to choose from, or a range."
            )
        for value in values:
            with_settings(config.base, {key: _as_is(config.base, key, value)}, f"{path}: space")
    return config


def _searchable(base: Config) -> Iterator[str]:
    for key, value in dump(base).items():
        if key in SEARCHED:
            yield from (f"{key}.{name}" for name in value) if isinstance(value, dict) else (key,)


def _as_is(base: Config, key: str, value: Any) -> Any:
    """A bound of a range as a whole number where the setting is one."""
    return int(value) if isinstance(value, float) and value.is_integer() and is_whole(base, key) else value


def is_whole(base: Config, key: str) -> bool:
    """Whether a setting is a whole number."""
    value: Any = base
    for part in key.split("."):
        value = getattr(value, part, None)
    return isinstance(value, int) and not isinstance(value, bool)


def with_settings(base: Config, chosen: Mapping[str, Any], source: str = "the trial") -> Config:
    """The base with some dotted keys exchanged, validated.

    Raises
    ------
    ConfigError
        If a key is unknown, or the configuration refuses a value or their combination.
    """
    values = dump(base)
    for key, value in chosen.items():
        *path, last = key.split(".")
        place = reduce(lambda inner, part: inner.setdefault(part, {}), path, values)
        place[last] = value
    return parse_config(values, source)

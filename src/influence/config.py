"""The configuration of a run: every choice in one frozen object, read from YAML and the command line.

A file holds only what departs from the defaults; the defaults live beside the code that they steer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from influence.addresses import REMEDY, Place, checked, existing, holds_password, is_address
from influence.data.splits import SplitConfig
from influence.engine import Engine, RayConfig
from influence.errors import ConfigError, nearest
from influence.model.calibration import CalibrationConfig
from influence.model.encoder import EncoderConfig
from influence.model.trees import TreesConfig
from influence.readers import READERS, ReadingConfig
from influence.settings import Settings, parse_settings, read_settings
from influence.tasks import TASKS
from influence.tasks.leadership import LeadershipConfig
from influence.tasks.partners import PartnersConfig
from influence.tracking import TrackingConfig
from influence.training.loop import TrainingConfig

DATA_ROOT_VARIABLE = "INFLUENCE_DATA"
"""The environment variable that names the folder holding all data sets."""


class Config(Settings):
    """Everything that decides a run, besides the records themselves."""

    task: str = "acceptance"
    """The question to answer; `influence list` names them."""
    tasks: tuple[str, ...] = ()
    """What one training learns to answer, where that is more than `task`."""
    data: str | None = None
    """The data set's folder below the root that INFLUENCE_DATA names, or the address of a database; `--data`
    goes before it."""
    dataset: str | None = None
    """The data set's name in the results; the name of its folder where it is not given."""
    reader: str | None = None
    """How to read the folder; recognised from its files where it is not given."""
    reading: ReadingConfig = ReadingConfig()
    """What else is asked of reading."""
    seeds: tuple[int, ...] = Field(default=(0, 1, 2), min_length=1)
    """One complete run per seed; results are means over them."""
    ensemble_members: int = Field(default=1, ge=1)
    """Networks averaged within one seed; the baselines that are drawn at random get as many."""
    suppress: Path | None = None
    """People whom no recommendation names: a file of ids, profiles or e-mail addresses, one a line, or CSV or
    Parquet with a column contact_id.  INFLUENCE_SUPPRESS names another, which holds besides."""
    output: Path = Path("runs/model")
    """The folder that receives the trained model."""
    engine: Engine = "local"
    """Where `influence train` and `influence.fit` train: `local`, in this process, or `ray`, on the workers
    of a cluster (extra `ray`)."""
    ray: RayConfig = RayConfig()
    """The cluster, where the engine is `ray`."""
    split: SplitConfig = SplitConfig()
    """Where time is cut into train, validation and test."""
    encoder: EncoderConfig = EncoderConfig()
    """The network."""
    trees: TreesConfig = TreesConfig()
    """The boosted trees beside it."""
    training: TrainingConfig = TrainingConfig()
    """The training loop."""
    calibration: CalibrationConfig = CalibrationConfig()
    """How probabilities are corrected by outcomes that became visible before each request."""
    leadership: LeadershipConfig = LeadershipConfig()
    """How leadership is learnt and judged."""
    partners: PartnersConfig = PartnersConfig()
    """How partners are learnt and judged."""
    tracking: TrackingConfig = TrackingConfig()
    """Where runs are recorded."""

    @field_validator("task")
    @classmethod
    def _task_exists(cls, name: str) -> str:
        if name not in TASKS:
            raise ValueError(f"there is no such task. {nearest(name, TASKS)}")
        return name

    @field_validator("tasks")
    @classmethod
    def _tasks_exist(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(cls._task_exists(name) for name in dict.fromkeys(names))

    @field_validator("reader")
    @classmethod
    def _reader_exists(cls, name: str | None) -> str | None:
        if name is not None and name not in READERS:
            raise ValueError(f"there is no such reader. {nearest(name, READERS)}")
        return name

    @field_validator("data")
    @classmethod
    def _holds_no_password(cls, data: str | None) -> str | None:
        if data is not None and is_address(data) and holds_password(data):
            raise ValueError(f"it holds a password, which would be stored with every model. {REMEDY}")
        return data

    def named(self, name: str) -> Config:
        """A copy whose data set is called `name`, unless it has a name already."""
        return self if self.dataset is not None else self.model_copy(update={"dataset": name})


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> Config:
    """Read a configuration file and lay overrides over it.

    Parameters
    ----------
    path
        A YAML file; an empty one gives the defaults.
    overrides
        `key.sub=value`, the value written as in YAML: `encoder.layers=2`, `seeds=[0,1]`.

    Raises
    ------
    ConfigError
        Naming the file, the key and the remedy: no such file, no YAML, an unknown key, a wrong value.
    """
    return read_settings(Config, path, overrides)


def parse_config(values: Mapping[str, Any], source: str = "the configuration") -> Config:
    """Check a plain mapping, such as `dump` gives, into a configuration.

    Raises
    ------
    ConfigError
        Naming `source`, the key and the remedy.
    """
    return parse_settings(Config, values, source=source)


def dump(config: Config, *, departures_only: bool = False) -> dict[str, Any]:
    """The configuration as plain JSON values: all of it, or only what departs from the defaults."""
    return config.model_dump(mode="json", exclude_defaults=departures_only)


def resolve_data(config: Config, data: Place | None = None) -> Place:
    """What to read: `data` where given, else `config.data`, a folder below the root INFLUENCE_DATA.

    The address of a database is returned as it is, everything else as a path.

    Raises
    ------
    ConfigError
        If neither names a place, or an address holds a password.
    DataError
        If there is nothing at that place.
    """
    named = config.data if data is None else data
    if named is not None and is_address(named):
        return checked(str(named))
    if data is not None:
        return existing(Path(data), "Check the path given with --data.")
    if config.data is None:
        raise ConfigError(
            "The configuration names no data. Give --data FOLDER; `influence synth FOLDER` makes one to try."
        )
    root = os.environ.get(DATA_ROOT_VARIABLE)
    if not root:
        raise ConfigError(
            f"The configuration asks for the data set {config.data!r}, but {DATA_ROOT_VARIABLE} is not set. "
            f"Set {DATA_ROOT_VARIABLE} to the folder that holds {config.data!r}, or give --data FOLDER."
        )
    if is_address(root):
        raise ConfigError(
            f"{DATA_ROOT_VARIABLE} names a folder; the address of a database belongs to --data."
        )
    return existing(
        Path(root) / config.data, f"Check {DATA_ROOT_VARIABLE} (now {root!r}), or give --data FOLDER."
    )

"""The configuration of a run: every choice in one frozen object, read from YAML and the command line.

A file holds only what departs from the defaults; the defaults live beside the code that they steer.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, Field, ValidationError

from influence.errors import ConfigError, DataError, nearest
from influence.settings import Settings

S = TypeVar("S", bound=Settings)

DATA_ROOT_VARIABLE = "INFLUENCE_DATA"
"""The environment variable that names the folder holding all data sets."""


class SplitConfig(Settings):
    """Placeholder."""


class EncoderConfig(Settings):
    """Placeholder."""


class TreesConfig(Settings):
    """Placeholder."""


class TrainingConfig(Settings):
    """Placeholder."""


class CalibrationConfig(Settings):
    """Placeholder."""


class TrackingConfig(Settings):
    """Placeholder."""


class Config(Settings):
    """Everything that decides a run, besides the records themselves."""

    task: str = "acceptance"
    """The question to answer; `influence list` names them."""
    data: str | None = None
    """The data set's folder below the root that INFLUENCE_DATA names; `--data` goes before it."""
    dataset: str | None = None
    """The data set's name in the results; the name of its folder where it is not given."""
    reader: str | None = None
    """How to read the folder; recognised from its files where it is not given."""
    seeds: tuple[int, ...] = Field(default=(0, 1, 2), min_length=1)
    """One complete run per seed; results are means over them."""
    ensemble_members: int = Field(default=1, ge=1)
    """Networks averaged within one seed; the baselines that are drawn at random get as many."""
    output: Path = Path("runs/model")
    """The folder that receives the trained model."""
    device: str = "auto"
    """`auto` takes an accelerator where there is one; else `cpu`, `cuda`, `cuda:1`, `mps`."""
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
    tracking: TrackingConfig = TrackingConfig()
    """Where runs are recorded."""

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
    values = _read_yaml(Path(path))
    set_by_hand = [_lay_over(values, override) for override in overrides]
    return _build(Config, values, str(path), set_by_hand)


def parse_config(values: Mapping[str, Any], source: str = "the configuration") -> Config:
    """Check a plain mapping, such as `dump` gives, into a configuration.

    Raises
    ------
    ConfigError
        Naming `source`, the key and the remedy.
    """
    return _build(Config, values, source, [])


def settings_from(kind: type[S], overrides: Sequence[str], **values: Any) -> S:
    """Settings of any class from `key.sub=value` overrides laid over `values`.

    Raises
    ------
    ConfigError
        Naming the key and the remedy.
    """
    set_by_hand = [_lay_over(values, override) for override in overrides]
    return _build(kind, values, "the command line", set_by_hand)


def dump(config: Config, *, departures_only: bool = False) -> dict[str, Any]:
    """The configuration as plain JSON values: all of it, or only what departs from the defaults."""
    return config.model_dump(mode="json", exclude_defaults=departures_only)


def resolve_data(config: Config, data: str | Path | None = None) -> Path:
    """The folder to read: `data` where given, else `config.data` below the root INFLUENCE_DATA.

    Raises
    ------
    ConfigError
        If neither names a place.
    DataError
        If there is nothing at that place.
    """
    if data is not None:
        return _existing(Path(data), "Check the path given with --data.")
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
    return _existing(
        Path(root) / config.data, f"Check {DATA_ROOT_VARIABLE} (now {root!r}), or give --data FOLDER."
    )


def _existing(path: Path, remedy: str) -> Path:
    if not path.exists():
        raise DataError(f"There is no data at {str(path)!r}. {remedy}")
    return path


class _StrictLoader(yaml.SafeLoader):
    """YAML in which a key written twice is an error instead of a silent choice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for position, key in enumerate(keys):
            if key in keys[:position]:
                mark = node.value[position][0].start_mark
                raise yaml.MarkedYAMLError(problem=f"the key {key!r} is given twice", problem_mark=mark)
        return super().construct_mapping(node, deep)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        near = nearest(path.name, (other.name for other in path.parent.glob("*.yaml")))
        raise ConfigError(f"There is no configuration file {str(path)!r}. {near}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The configuration file {str(path)!r} cannot be read: {error}.") from error
    try:
        values = yaml.load(text, _StrictLoader)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}{_line(error)}: not valid YAML: {_problem(error)}.") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected lines of `key: value`, found {type(values).__name__}.")
    return values


def _line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}" if mark else ""


def _problem(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or error)


def _lay_over(values: dict[str, Any], override: str) -> tuple[str, ...]:
    """Write one `key.sub=value` into `values`; returns its path."""
    dotted, equals, written = override.partition("=")
    path = tuple(part.strip() for part in dotted.split("."))
    if not equals or not all(path):
        raise ConfigError(f"--set {override}: expected key=value, as in --set seeds=[0,1].")
    try:
        value = yaml.load(written, _StrictLoader)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {override}: the value is not valid YAML: {_problem(error)}.") from error
    place = values
    for part in path[:-1]:
        inner = place.setdefault(part, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {override}: {part!r} holds a plain value and has no keys of its own.")
        place = inner
    place[path[-1]] = value
    return path


def _build(
    kind: type[S], values: Mapping[str, Any], source: str, set_by_hand: Sequence[tuple[str, ...]]
) -> S:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        problems = [_sentence(kind, dict(detail), source, set_by_hand) for detail in error.errors()]
        raise ConfigError("\n".join(problems)) from error


def _sentence(
    kind: type[Settings], detail: Mapping[str, Any], source: str, set_by_hand: Sequence[tuple[str, ...]]
) -> str:
    """One problem that pydantic found, in plain words: where, which key, what is wrong, the remedy."""
    path = tuple(str(part) for part in detail["loc"])
    where = "--set" if any(path[: len(key)] == key for key in set_by_hand) else source
    key = ".".join(path)
    if detail["type"] == "extra_forbidden":
        return f"{where}: unknown key {key!r}. {nearest(path[-1], _keys_at(kind, path[:-1]))}"
    return f"{where}: {key or 'the configuration'} = {detail['input']!r}: {_reason(detail)}."


def _reason(detail: Mapping[str, Any]) -> str:
    if detail["type"] == "path_type":
        return "it should be a path"
    message = str(detail["msg"]).split(", unable to parse")[0]
    return message.removeprefix("Value error, ").replace("Input should be", "it should be").rstrip(".")


def _keys_at(kind: type[BaseModel], path: Sequence[str]) -> Iterator[str]:
    """Keys that may stand under a path of the settings."""
    inside: type[BaseModel] | None = kind
    for part in path:
        field = inside.model_fields.get(part) if inside is not None else None
        inside = _settings_in(field.annotation) if field is not None else None
    if inside is not None:
        yield from inside.model_fields


def _settings_in(annotation: Any) -> type[BaseModel] | None:
    """The settings class in an annotation, also where it is optional."""
    kinds = (kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type))
    return next((kind for kind in kinds if issubclass(kind, BaseModel)), None)

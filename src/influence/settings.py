"""The base of every configuration class: frozen, strict, documented beside the code it steers.

Reading them from YAML and from `key.sub=value` stands here too: every mistake is answered with the file, the
key and the nearest name that exists.
"""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from influence.addresses import holds_password, is_address, shown
from influence.errors import CLOSE, ConfigError, nearest


class Settings(BaseModel):
    """Frozen settings that refuse unknown keys; every field carries a docstring."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def __init__(self, /, **values: Any) -> None:
        """Check the values.

        Raises
        ------
        ConfigError
            Naming the key and the remedy: an unknown key, a wrong value.
        """
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _in_words(type(self), error, type(self).__name__) from error

    # Pydantic's own mark: settings inside settings do not pass here, so that all faults are told at once.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


S = TypeVar("S", bound=Settings)


def read_settings(kind: type[S], path: str | Path, overrides: Sequence[str] = ()) -> S:
    """Settings from a YAML file, `key.sub=value` overrides laid over it; an empty file gives the defaults.

    Raises
    ------
    ConfigError
        Naming the file, the key and the remedy: no such file, no YAML, an unknown key, a wrong value.
    """
    values = _read_yaml(Path(path))
    set_by_hand = [_lay_over(values, override) for override in overrides]
    return _build(kind, values, str(path), set_by_hand)


def parse_settings(
    kind: type[S], values: Mapping[str, Any], overrides: Sequence[str] = (), source: str = "the configuration"
) -> S:
    """Settings from a plain mapping, such as `model_dump` gives, with overrides laid over it.

    Raises
    ------
    ConfigError
        Naming `source`, the key and the remedy.
    """
    laid = copy.deepcopy(dict(values))
    set_by_hand = [_lay_over(laid, override) for override in overrides]
    return _build(kind, laid, source, set_by_hand)


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
        others = [other.name for other in path.parent.glob("*.yaml")]
        near = nearest(path.name, others) if others else "Check its path: no file beside it ends in .yaml."
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
    """Write one `key.sub=value` into `values`; returns the path of all that was not there before."""
    dotted, equals, written = override.partition("=")
    path = tuple(part.strip() for part in dotted.split("."))
    if not equals or not all(path):
        raise ConfigError(f"--set {override}: expected key=value, as in --set seeds=[0,1].")
    try:
        value = yaml.load(written, _StrictLoader)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {override}: the value is not valid YAML: {_problem(error)}.") from error
    place, new = values, path
    for depth, part in enumerate(path[:-1], start=1):
        if part not in place:
            new = min(new, path[:depth], key=len)
        inner = place.setdefault(part, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {override}: {part!r} holds a plain value and has no keys of its own.")
        place = inner
    place[path[-1]] = value
    return new


def _build(
    kind: type[S], values: Mapping[str, Any], source: str, set_by_hand: Sequence[tuple[str, ...]]
) -> S:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise _in_words(kind, error, source, set_by_hand) from error


def _in_words(
    kind: type[Settings], error: ValidationError, source: str, set_by_hand: Sequence[tuple[str, ...]] = ()
) -> ConfigError:
    """Every problem that pydantic found, a sentence each."""
    return ConfigError(
        "\n".join(_sentence(kind, dict(detail), source, set_by_hand) for detail in error.errors())
    )


def _sentence(
    kind: type[Settings], detail: Mapping[str, Any], source: str, set_by_hand: Sequence[tuple[str, ...]]
) -> str:
    """One problem that pydantic found, in plain words: where, which key, what is wrong, the remedy."""
    path = tuple(str(part) for part in detail["loc"])
    where = "--set" if any(path[: len(key)] == key for key in set_by_hand) else source
    key = ".".join(path)
    if detail["type"] == "extra_forbidden":
        return f"{where}: unknown key {key!r}. {_near_key(kind, path, is_dotted=where == '--set')}"
    reason = _reason(detail)
    full_stop = "" if reason.endswith(("?", ".")) else "."
    return f"{where}: {key or 'the configuration'} = {_told(detail['input'])!r}: {reason}{full_stop}"


def _told(value: Any) -> Any:
    """The value at fault; of an address with a password only what may be said."""
    return shown(value) if is_address(value) and holds_password(value) else value


def _reason(detail: Mapping[str, Any]) -> str:
    if detail["type"] == "path_type":
        return "it should be a path"
    if detail["type"] in ("tuple_type", "list_type"):
        return "it should be a list, in square brackets: [a, b]"
    if detail["type"] == "model_type":
        return "it holds settings of its own, and no plain value"
    message = str(detail["msg"]).split(", unable to parse")[0]
    reason = message.removeprefix("Value error, ").replace("Input should be", "it should be").rstrip(".")
    if detail["type"] != "literal_error":
        return reason
    near = nearest(str(detail["input"]), re.findall(r"'([^']*)'", str(detail["ctx"]["expected"])))
    return f"{reason}. {near}" if near.startswith(CLOSE) else reason


def _near_key(kind: type[BaseModel], path: Sequence[str], *, is_dotted: bool) -> str:
    """That name under other keys; else the nearest one where it stands; else a like one anywhere.

    Parameters
    ----------
    is_dotted : whether a key is written `section.key`, as on the command line; else as it stands in YAML
    """
    named: dict[str, list[str]] = {}
    for key in _every_key(kind):
        named.setdefault(key.rpartition(".")[2], []).append(key)
    near = nearest(path[-1], _keys_at(kind, path[:-1]))
    if path[-1] not in named and near.startswith(CLOSE):
        above = "".join(f"{part}." for part in path[:-1]) if is_dotted else ""
        return re.sub(r"'([^']*)'", lambda name: repr(above + name[1]), near)
    alike = difflib.get_close_matches(path[-1].rpartition(".")[2], named, n=1, cutoff=0.8)
    written = repr if is_dotted else _in_yaml
    return f"{CLOSE} {' or '.join(map(written, named[alike[0]][:3]))}?" if alike else near


def _in_yaml(key: str) -> str:
    """How a key is written in a file.

    >>> _in_yaml("trees.num_leaves")
    "'trees: {num_leaves: ...}'"
    """
    *sections, name = key.split(".")
    for section in reversed(sections):
        name = f"{section}: {{{name}{'' if name.endswith('}') else ': ...'}}}"
    return repr(name)


def _every_key(kind: type[BaseModel], above: str = "") -> Iterator[str]:
    """Dotted keys of all settings below a class, mappings with names of the user's own left out."""
    for name, field in kind.model_fields.items():
        inside = _settings_in(field.annotation)
        if inside is None or get_origin(field.annotation) is dict:
            yield above + name
        else:
            yield from _every_key(inside, f"{above}{name}.")


def _keys_at(kind: type[BaseModel], path: Sequence[str]) -> Iterator[str]:
    """Keys that may stand under a path of the settings."""
    inside: type[BaseModel] | None = kind
    own_name = False  # whether the next part is a name that the user gave, in a mapping of settings
    for part in path:
        if own_name or (inside is not None and part == inside.__name__):
            own_name = False
            continue
        field = inside.model_fields.get(part) if inside is not None else None
        inside = _settings_in(field.annotation) if field is not None else None
        own_name = field is not None and get_origin(field.annotation) is dict
    if inside is not None:
        yield from inside.model_fields


def _settings_in(annotation: Any) -> type[BaseModel] | None:
    """The settings class in an annotation, also where it is optional or inside a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _settings_in(part))), None)

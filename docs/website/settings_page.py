"""Every key of a configuration with its values, its default and what it steers, from the classes."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from influence.config import Config
from influence.evaluation.drift import DriftConfig
from influence.evaluation.promotion import PromotionConfig
from influence.sweep import SweepConfig
from influence.synthesis import WorldConfig

FILES: dict[str, type[BaseModel]] = {
    "A configuration": Config,
    "A synthetic world": WorldConfig,
    "A sweep": SweepConfig,
    "`influence promote`": PromotionConfig,
    "`influence drift`": DriftConfig,
}


def settings() -> str:
    """A table per section of each kind of file."""
    parts = []
    for name, kind in FILES.items():
        parts.append(f"## {name}\n\n{_summary(kind)}\n")
        for prefix, section in sections(kind):
            if prefix:
                parts.append(f"### {prefix}\n\n{_summary(section)}\n")
            parts.append(_table(section, prefix))
    return "\n".join(parts)


def sections(kind: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """A class of settings and those inside it, with the dotted key that leads to each."""
    yield prefix, kind
    for name, field in kind.model_fields.items():
        inner = inside(field.annotation)
        if inner is not None:
            yield from sections(inner, f"{prefix}.{name}".lstrip("."))


def inside(annotation: Any) -> type[BaseModel] | None:
    """The class of settings that a field holds itself, optional or not."""
    if annotation is Config:  # a sweep's base is a configuration: told once
        return None
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        found = [part for part in typing.get_args(annotation) if part is not type(None)]
        return inside(found[0]) if len(found) == 1 else None
    return None


def _table(kind: type[BaseModel], prefix: str) -> str:
    fields = {name: field for name, field in kind.model_fields.items() if inside(field.annotation) is None}
    if not fields:
        return ""
    rows = [_row(f"{prefix}.{name}".lstrip("."), field) for name, field in fields.items()]
    return "\n".join(("| key | values | default | what it steers |", "|---|---|---|---|", *rows, ""))


def _row(key: str, field: FieldInfo) -> str:
    told = " ".join((field.description or "").split()).replace("|", "\\|")
    return f"| `{key}` | {_values(field)} | {_default(field)} | {told} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be given"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, Config):
        return "the defaults"
    return f"`{json.dumps(value, default=_plain)}`".replace("|", "\\|") if value is not None else ""


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return sorted(value) if isinstance(value, frozenset | set) else str(value)


def _values(field: FieldInfo) -> str:
    bounds = ", ".join(filter(None, map(_bound, field.metadata)))
    return _name(field.annotation) + (f", {bounds}" if bounds else "")


def _bound(limit: Any) -> str:
    words = {
        "ge": "at least",
        "gt": "above",
        "le": "at most",
        "lt": "below",
        "min_length": "of length at least",
    }
    return ", ".join(f"{said} {getattr(limit, name)}" for name, said in words.items() if hasattr(limit, name))


def _name(annotation: Any) -> str:
    """An annotation in plain words."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{part}`" for part in parts)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_name(part) for part in parts if part is not type(None))
    if origin in (tuple, list, frozenset, set):
        return f"list of {_name(parts[0])}"
    if origin is dict:
        return f"{_name(parts[0])}: {_name(parts[1])}"
    if origin is typing.Annotated:
        return _name(parts[0])
    named = {
        Config: "a configuration",
        str: "text",
        int: "whole number",
        float: "number",
        bool: "true or false",
    }
    return named.get(annotation) or getattr(annotation, "__name__", str(annotation)).lower()


def _summary(kind: type[BaseModel]) -> str:
    return (kind.__doc__ or "").strip().split("\n\n")[0]

"""What the shell completes after a Tab: read from the sources, since importing them takes seconds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import typer

PACKAGE = Path(__file__).parents[1]
SETTINGS = {
    "synth": ("synthesis.config", "WorldConfig"),
    "read": ("readers.config", "ReadingConfig"),
    "matches": ("readers.config", "ReadingConfig"),
    "promote": ("evaluation.promotion", "PromotionConfig"),
    "drift": ("evaluation.drift", "DriftConfig"),
    "sweep": ("sweep.config", "SweepConfig"),
}
"""Command -> what its `--set` changes, where that is not the configuration: module and class."""


def complete_task(incomplete: str) -> list[str]:
    """Names of tasks."""
    return _beginning(incomplete, _found("tasks", r'^NAME = "(\w+)"'))


def complete_question(incomplete: str) -> list[str]:
    """What `recommend` can be asked: tasks, and introductions."""
    return _beginning(incomplete, [*_found("tasks", r'^NAME = "(\w+)"'), "introductions"])


def complete_reader(incomplete: str) -> list[str]:
    """Names of readers."""
    return _beginning(incomplete, _found("readers", r'(?:\bReader\(\s*|^NAME = )"(\w+)"'))


def complete_setting(ctx: typer.Context, incomplete: str) -> list[str]:
    """Keys of what `--set` changes in a command, each with its equals sign."""
    kind = SETTINGS.get(ctx.info_name or "", ("config", "Config"))
    return _beginning(incomplete, [f"{key}=" for key in settings_below(*kind)])


@cache
def settings_below(module: str, name: str) -> tuple[str, ...]:
    """Dotted keys of a settings class; where one holds settings itself, theirs.

    Parameters
    ----------
    module, name
        The class, by its module below the package.
    """
    tree = ast.parse(_file(module).read_text(encoding="utf-8"))
    origin = {
        alias.name: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("influence.")
        for alias in node.names
    }
    found = next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name), None)
    if found is None:  # a package that only passes it on
        return settings_below(_below(origin[name]), name) if name in origin else ()
    keys: list[str] = []
    for field in found.body:
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            kind = field.annotation.id if isinstance(field.annotation, ast.Name) else ""
            inner = _inner(tree, origin, module, kind)
            keys += [f"{field.target.id}.{key}" for key in inner] or [field.target.id]
    return tuple(keys)


def _inner(tree: ast.Module, origin: dict[str, str | None], module: str, kind: str) -> tuple[str, ...]:
    if origin.get(kind) is not None:
        return settings_below(_below(origin[kind]), kind)
    is_here = any(isinstance(node, ast.ClassDef) and node.name == kind for node in tree.body)
    return settings_below(module, kind) if is_here else ()


def _below(module: str | None) -> str:
    return (module or "").removeprefix("influence.")


def _file(module: str) -> Path:
    path = PACKAGE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _found(folder: str, pattern: str) -> Iterator[str]:
    for path in sorted((PACKAGE / folder).rglob("*.py")):
        yield from re.findall(pattern, path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def _beginning(incomplete: str, words: Iterator[str] | list[str]) -> list[str]:
    return sorted(word for word in words if word.startswith(incomplete))

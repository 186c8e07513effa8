"""The command that shows what is there: list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from influence.cli.app import app


@app.command("list")
def list_everything() -> None:
    """Name tasks, relations, readers, protocols, baselines and metrics: how each is reached, and its file."""
    from influence import schema
    from influence.evaluation.baselines import BASELINES
    from influence.evaluation.leaders import PROTOCOLS as OF_LEADERS
    from influence.evaluation.partners import PROTOCOLS as OF_PARTNERS
    from influence.metrics import METRICS, registry
    from influence.readers import READERS
    from influence.tasks import TASKS

    _list("task", "train CONFIG --set task={}", {name: _file_of(task) for name, task in TASKS.items()})
    _list("relation", "describe RECORDS", dict.fromkeys(schema.RELATIONS, schema.__file__))
    _list("reader", "read SOURCE --reader {}", {name: _file_of(one.read) for name, one in READERS.items()})
    for task, protocols in (("leadership", OF_LEADERS), ("partners", OF_PARTNERS)):
        files = {name: _file_of(each.compare) for name, each in protocols.items()}
        _list("protocol", f"evaluate CONFIG --set {task}.protocol={{}}", files)
    _list("baseline", "evaluate CONFIG", {name: _file_of(baseline) for name, baseline in BASELINES.items()})
    _list("metric", "evaluate CONFIG --json FILE", dict.fromkeys(METRICS, registry.__file__))


def _list(kind: str, reached: str, files: Mapping[str, str]) -> None:
    """A line for each: kind, name, file, and the command that reaches it."""
    here = Path.cwd()
    for name, file in files.items():
        path = Path(file).resolve()
        shown = path.relative_to(here) if path.is_relative_to(here) else path
        typer.echo(f"{kind:<10}{name:<22}{shown!s:<54} influence {reached.format(name)}")


def _file_of(thing: Any) -> str:
    """The file that defines a module, a class, a function, or the class of any other object."""
    import functools
    import inspect

    if isinstance(thing, functools.partial):
        return _file_of(thing.func)
    itself = inspect.ismodule(thing) or inspect.isroutine(thing) or inspect.isclass(thing)
    return inspect.getfile(thing if itself else type(thing))

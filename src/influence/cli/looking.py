"""The command that shows what is there: list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from influence.cli.app import app


@app.command("list")
def list_everything() -> None:
    """Name the tasks, relations, readers, protocols and baselines, with the file that defines each."""
    from influence import schema
    from influence.evaluation.baselines import BASELINES
    from influence.evaluation.leaders import PROTOCOLS as OF_LEADERS
    from influence.evaluation.partners import PROTOCOLS as OF_PARTNERS
    from influence.readers import READERS
    from influence.tasks import TASKS

    _list("task", {name: _file_of(task) for name, task in TASKS.items()})
    _list("relation", dict.fromkeys(schema.RELATIONS, schema.__file__))
    _list("reader", {name: _file_of(reader.read) for name, reader in READERS.items()})
    _list("protocol", {name: _file_of(each.compare) for name, each in (OF_LEADERS | OF_PARTNERS).items()})
    _list("baseline", {name: _file_of(baseline) for name, baseline in BASELINES.items()})


def _list(kind: str, files: Mapping[str, str]) -> None:
    here = Path.cwd()
    for name, file in files.items():
        path = Path(file).resolve()
        shown = path.relative_to(here) if path.is_relative_to(here) else path
        typer.echo(f"{kind:<10}{name:<22}{shown}")


def _file_of(thing: Any) -> str:
    """The file that defines a module, a class, a function, or the class of any other object."""
    import functools
    import inspect

    if isinstance(thing, functools.partial):
        return _file_of(thing.func)
    itself = inspect.ismodule(thing) or inspect.isroutine(thing) or inspect.isclass(thing)
    return inspect.getfile(thing if itself else type(thing))

"""Commands that show what is there: report, list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from influence.cli.app import app
from influence.cli.options import EVALUATION
from influence.errors import DataError
from influence.progress import bars


@app.command()
def report(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Folder of an evaluated model.")],
    output: Annotated[Path | None, typer.Option(help="By default report.html beside the model.")] = None,
) -> None:
    """Write one HTML page about an evaluated model, pictures inline."""
    kept = model / EVALUATION
    if not kept.is_dir():
        remedy = f"Make one: influence evaluate CONFIG --model {model}"
        raise DataError(f"There is no evaluation of the model in {str(model)!r}. {remedy}")
    import json

    summary, card = (json.loads((kept / name).read_text("utf-8")) for name in ("summary.json", "card.json"))
    page = model.parent / "report.html" if output is None else output
    writers = {"leadership": _write_leadership, "partners": _write_partners}
    writers.get(summary["task"], _write_acceptance)(model, summary, card, page)
    typer.echo(f"The report is in {page}.")


def _write_acceptance(model: Path, summary: Mapping[str, Any], card: Mapping[str, Any], page: Path) -> None:
    import pandas as pd

    from influence.evaluation.report import write_report

    predictions = pd.read_parquet(model / EVALUATION / "predictions.parquet")
    write_report(summary, predictions, page, model_card=card)


def _write_partners(model: Path, summary: Mapping[str, Any], card: Mapping[str, Any], page: Path) -> None:
    import influence
    from influence.evaluation.partners.report import render_partners
    from influence.files import atomic

    loaded = influence.load(model)
    face = loaded.partners_face
    asked = {face.id_name: face.example()}
    text = render_partners(
        summary,
        recommended=loaded.recommend("partners", k=12, **asked),
        markets=loaded.markets(**asked),
        model_card=card,
    )
    with atomic(page) as target:
        target.write_text(text, encoding="utf-8")


def _write_leadership(model: Path, summary: Mapping[str, Any], card: Mapping[str, Any], page: Path) -> None:
    import numpy as np

    import influence
    from influence.contagion.evidence import gather
    from influence.evaluation.leaders.report import people_of, render_leadership
    from influence.files import atomic

    loaded = influence.load(model)
    with bars() as report:
        evidence = gather(loaded.network, rng=np.random.default_rng(0), tell=report)
    leaders = loaded.recommend("leadership", k=20)
    people = people_of(loaded.network, leaders)
    with atomic(page) as target:
        text = render_leadership(summary, evidence=evidence, leaders=leaders, model_card=card, people=people)
        target.write_text(text, encoding="utf-8")


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

    _list("task", "evaluate CONFIG --set task={}", {name: _file_of(task) for name, task in TASKS.items()})
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

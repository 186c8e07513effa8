"""Commands that lay runs side by side: runs, compare."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from influence.addresses import beside
from influence.cli.app import app
from influence.cli.options import EVALUATION
from influence.cli.terminal import in_place, print_table
from influence.errors import ConfigError, DataError

if TYPE_CHECKING:
    from influence.evaluation.comparison import Comparison, Evaluated
    from influence.tracking import TrackedRun

SHOWN = ("auc", "log_loss_3class", "ece_excess_21d")
"""Figures of the model that the list of runs shows."""
SHORT = 8
"""Letters of a run's id, or of a commit, that tell it from the others."""
_ID = re.compile("[0-9a-f]+")


@app.command()
def runs(
    dataset: Annotated[str | None, typer.Option(help="Only runs on this data set.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Length of the list.")] = 20,
) -> None:
    """List the latest tracked trainings and evaluations with their main figures, newest first."""
    from influence import tracking

    found = tracking.latest_runs(dataset, limit)
    if not found:
        typer.echo("No run is tracked" + (f" on the data set {dataset!r}." if dataset else " yet."))
        return
    from rich import box
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD)
    for name in ("run", "started (UTC)", "command", "data set", "seeds", "commit", "status", *SHOWN):
        grid.add_column(name.replace("_", " "), justify="right" if name in SHOWN else "left", no_wrap=True)
    for run in found:
        told = (run.run_id[:SHORT], run.started_at, run.command, run.dataset)
        made = (run.params.get("seeds", "-"), _short(run.commit), run.status)
        grid.add_row(*told, *made, *(_figure(run, name) for name in SHOWN))
    print_table(grid)


@app.command()
def compare(
    places: Annotated[
        list[str], typer.Argument(metavar="RUN RUN ...", help="Runs by id, models' folders, or --json files.")
    ],
    output: Annotated[
        Path | None, typer.Option(help="Write a page (.html) or a picture (.png) of it here, too.")
    ] = None,
) -> None:
    """Lay evaluations side by side; paired differences to the first where they share test rows."""
    if output is not None and output.suffix.lower() not in (".html", ".png"):
        raise ConfigError(f"{str(output)!r} is neither a page nor a picture. Name it .html or .png.")
    from influence.evaluation.comparison import compare as compared
    from influence.evaluation.terminal import side_by_side

    found = compared([_evaluated(place) for place in places])
    title = f"The model of {len(places)} evaluations"
    caption = "* best of its column. 95 % intervals. (+) the first is better, (-) it is worse."
    print_table(side_by_side(found.figures, places[0], title=title, caption=caption))
    typer.echo(found.sentence)
    if len(found.departures):
        typer.echo(f"\nThey differ in:\n{found.departures.to_string(index=False)}")
    elif found.knows_settings:
        typer.echo("Their settings are the same.")
    if output is not None:
        _draw(found, places[0], output)


def _draw(found: Comparison, first: str, output: Path) -> None:
    from influence.evaluation.picture import png
    from influence.files import atomic
    from influence.reporting.comparison import comparison_page, comparison_picture

    is_page = output.suffix.lower() == ".html"
    content = comparison_page(found, first).encode() if is_page else png(comparison_picture(found))
    earlier = in_place(output)
    with atomic(output) as target:
        target.write_bytes(content)
    typer.echo(f"The comparison is in {output}{earlier}.")


def _evaluated(place: str) -> Evaluated:
    """An evaluation from a model's folder, from the file of its figures, or from a tracked run."""
    if Path(place).is_dir():
        return _from_folder(place)
    if Path(place).is_file():
        return _from_file(place)
    if not _ID.fullmatch(place) and (near := beside(place)):
        raise DataError(f"There is no folder or file {place!r}. {near}")
    return _from_store(place)


def _from_folder(place: str) -> Evaluated:
    import pandas as pd

    from influence.evaluation.comparison import Evaluated

    kept = Path(place) / EVALUATION
    if not kept.is_dir():
        raise DataError(
            f"There is no evaluation in {place!r}. Make one: influence evaluate CONFIG --model FOLDER"
        )
    predictions = pd.read_parquet(kept / "predictions.parquet")
    return Evaluated(place, _read(kept / "summary.json"), predictions, _read(kept / "card.json")["settings"])


def _from_file(place: str) -> Evaluated:
    from influence.evaluation.comparison import Evaluated

    summary = _read(Path(place))
    if "methods" not in summary:
        raise DataError(f"{place} holds no figures. Give what influence evaluate --json wrote.")
    return Evaluated(place, summary, None, {})


def _from_store(place: str) -> Evaluated:
    from influence import tracking
    from influence.evaluation.comparison import Evaluated

    summary, predictions, settings = tracking.recorded(place)
    if summary is None:
        raise DataError(f"The run {place!r} keeps no evaluation. Compare runs of influence evaluate.")
    return Evaluated(place, summary, predictions, settings)


def _read(path: Path) -> dict[str, Any]:
    import json

    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"{path} cannot be read as an evaluation: {error}.") from error


def _figure(run: TrackedRun, name: str) -> str:
    value, low, high = (run.metrics.get(f"model.{name}{end}") for end in ("", ".low", ".high"))
    if value is None:
        return "-"
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _short(commit: str) -> str:
    return commit[:SHORT] + ("+" if commit.endswith("-dirty") else "")

"""The command that holds new records against those a model was trained on: drift."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from influence.addresses import check_model
from influence.cli.app import app
from influence.cli.options import ModelPlace, Overrides
from influence.cli.places import check_records, read_records
from influence.cli.terminal import print_table
from influence.errors import CheckpointError

if TYPE_CHECKING:
    from influence.evaluation.drift import Drift


@app.command()
def drift(
    model: ModelPlace,
    data: Annotated[
        str,
        typer.Option("--data", metavar="FOLDER|ADDRESS", help="Records up to date, the past included."),
    ],
    json: Annotated[Path | None, typer.Option("--json", help="Write what was found here.")] = None,
    fail_on_drift: Annotated[
        bool, typer.Option("--fail-on-drift", help="Exit status 1 where the model should be trained anew.")
    ] = False,
    overrides: Overrides = None,
) -> None:
    """Tell whether new records have moved from those that trained a model, and whether it still holds."""
    check_model(model)
    check_records(data)
    from influence.evaluation.drift import DriftConfig
    from influence.evaluation.drift import drift as drifted
    from influence.settings import parse_settings

    settings = parse_settings(DriftConfig, {}, overrides or (), "the settings of drift")
    trained = _with_training_records(model)
    found = drifted(trained, read_records(data, trained.config.reading), settings)
    _show(found)
    if json is not None:
        from influence.evaluation.summary import write_json

        write_json(found.as_json(), json)
    typer.echo(found.sentence)
    if fail_on_drift and found.status == "retrain":
        raise typer.Exit(1)


def _with_training_records(place: str) -> Any:
    from influence import api

    try:
        return api.load(place)
    except CheckpointError as error:
        if "records stored with the model" not in str(error):
            raise
        raise CheckpointError(
            f"Drift from {place} cannot be told without training statistics: they are reckoned from the "
            "records stored with a model, and these are missing or others. Put its folder records/ back, or "
            "train it anew."
        ) from error


def _show(found: Drift) -> None:
    from rich import box
    from rich.table import Table

    inputs = Table(
        title=f"Inputs: from window to window of {found.n_window:,} invitations", box=box.SIMPLE_HEAD
    )
    inputs.title_justify = "left"
    for name in ("", "moved by", "usually up to", "from", "to", "most of all"):
        inputs.add_column(name, justify="left" if name in ("", "most of all") else "right")
    for move in found.moves:
        rates = [f"{rate:.1%}" if rate == rate else "" for rate in (move.before, move.now)]
        mark = " (!)" if move.is_unusual else ""
        distances = [f"{one:.3f}" if one == one else "" for one in (move.distance, move.usual)]
        inputs.add_row(move.name + mark, *distances, *rates, move.most_moved)
    print_table(inputs)
    if not found.checks:
        return
    checks = Table(title=f"Forecasts of {found.n_judged:,} new invitations", box=box.SIMPLE_HEAD)
    checks.title_justify = "left"
    for name in ("", "value", "expected", "p-value"):
        checks.add_column(name, justify="right" if name else "left")
    for check in found.checks:
        mark = " (!)" if check.failed else ""
        checks.add_row(
            check.name + mark, f"{check.value:.3f}", f"{check.expected:.3f}", f"{check.p_value:.3f}"
        )
    print_table(checks)

"""The command that writes the report: report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from influence.cli.app import app
from influence.cli.options import EVALUATION, ModelPlace, Moment, NumberOfInvitations, WeeklyQuota
from influence.cli.places import load_model
from influence.cli.terminal import in_place
from influence.progress import bars

if TYPE_CHECKING:
    from influence.reporting import Evaluated


@app.command()
def report(
    model: ModelPlace,
    output: Annotated[
        Path | None, typer.Option(help="By default report.html beside the model, report.fr.html in French.")
    ] = None,
    language: Annotated[str, typer.Option(help="en or fr.")] = "en",
    at: Moment = None,
    records: Annotated[
        str | None,
        typer.Option(metavar="FOLDER|ADDRESS", help="Answer from these records; people have names there."),
    ] = None,
    tables: Annotated[
        Path | None, typer.Option(help="Write the rows behind every block into this folder (CSV).")
    ] = None,
    with_map: Annotated[
        bool, typer.Option("--map/--no-map", help="The interactive map of the network, some five MB.")
    ] = True,
    k: NumberOfInvitations = 20,
    weekly_quota: WeeklyQuota = 10,
) -> None:
    """Write one HTML page: whom to invite, win and approach, and how far the numbers are to be believed."""
    from influence.reporting import write_report

    loaded = load_model(model, records)
    page = _beside(model, language) if output is None else output
    earlier = in_place(page)
    with bars() as tell:
        write_report(
            loaded,
            page,
            evaluated=_evaluated(model),
            language=language,
            at=at,
            weekly_quota=weekly_quota,
            k=k,
            tables=tables,
            with_map=with_map,
            tell=tell,
        )
    typer.echo(f"The report is in {page}{earlier}.")


def _beside(model: str, language: str) -> Path:
    """Where the page goes unless another place is named: beside a folder, or here for a registered model."""
    name = "report.html" if language == "en" else f"report.{language}.html"
    return Path(model).parent / name if Path(model).is_dir() else Path(name)


def _evaluated(model: str) -> Evaluated | None:
    """The evaluation in the model's folder; None where there is none."""
    from influence.reporting import Evaluated

    return Evaluated.read(Path(model) / EVALUATION)

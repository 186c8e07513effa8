"""The command that searches for settings: sweep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from influence.cli.app import app
from influence.cli.launch import check_alone
from influence.cli.options import Overrides
from influence.cli.terminal import print_table, say, say_notes
from influence.errors import ConfigError
from influence.progress import bars

if TYPE_CHECKING:
    from rich.table import Table

    from influence.data import Network
    from influence.sweep import SweepConfig, SweepResult


@app.command()
def sweep(
    file: Annotated[Path, typer.Argument(metavar="SWEEP", help="Sweep file (YAML): records, space, trials.")],
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data",
            metavar="FOLDER|ADDRESS",
            help="A data set's own folder, or a database; may be repeated; goes before the file's.",
        ),
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Trials in all, earlier ones included.")] = None,
    output: Annotated[Path | None, typer.Option(help="Folder for what is found.")] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Forget an earlier sweep in that folder.")] = False,
    overrides: Overrides = None,
) -> None:
    """Choose settings on the validation rows of several data sets; run again, it goes on where it stopped."""
    check_alone("sweep")
    from influence import sweep as sweeps
    from influence.tracking.sweeps import start_sweep

    given = [f"{key}={value}" for key, value in (("trials", trials), ("output", output)) if value is not None]
    config = sweeps.read_sweep(file, [*(overrides or ()), *given])
    networks = dict(_records(config, data or []))
    told = config.model_dump(mode="json")
    with start_sweep(config.base.tracking, config.output, told, anew) as tracker, bars() as report:
        result = sweeps.run(networks, config, progress=report, listener=tracker, anew=anew)
    result.write(config.output)
    print_table(_table(result, config))
    for sentence in _sentences(result, config):
        typer.echo(sentence)


def _records(config: SweepConfig, data: list[str]) -> Iterator[tuple[str, Network]]:
    """The records by name: folders given, or else those of the file; then worlds."""
    from influence import readers
    from influence.addresses import name_of
    from influence.config import Config, resolve_data
    from influence.synthesis import simulate

    places = [resolve_data(Config(), place) for place in data] or [
        resolve_data(Config(data=name)) for name in config.data
    ]
    names = [*map(name_of, places), *config.worlds]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ConfigError(f"Two data sets are called {', '.join(sorted(twice))}. Rename a folder or a world.")
    for place in places:
        network = readers.read(place, config=config.base.reading)
        say_notes(network)
        yield name_of(place), network
    for name, world in config.worlds.items():
        say(f"simulating {name}")
        yield name, simulate(world).network


def _table(result: SweepResult, config: SweepConfig, rows: int = 10) -> Table:
    """The best trials, loss relative to the base settings."""
    from rich.table import Table

    shown = result.trials[result.trials["state"] == "complete"].nsmallest(rows, "value")
    columns = [name for name in shown.columns if name != "state"]
    table = Table(title="Validation loss relative to the base settings (below 1 is better)")
    for name in columns:
        table.add_column("mean" if name == "value" else name, justify="right")
    for _, row in shown.iterrows():
        table.add_row(*(f"{value:.4g}" if isinstance(value, float) else str(value) for value in row[columns]))
    return table


def _sentences(result: SweepResult, config: SweepConfig) -> Iterator[str]:
    """What was found, in plain sentences."""
    from influence.sweep.search import BEST, TRIALS

    many, pruned = len(result.trials), int((result.trials["state"] == "pruned").sum())
    yield f"{many:,} trials, {pruned:,} of them given up early; all are in {config.output / TRIALS}."
    if result.importance:
        ranked = ", ".join(f"{key} {share:.0%}" for key, share in result.importance.items())
        yield f"Share of each key in the differences: {ranked}."
    if result.best is None:
        where = config.output / BEST
        yield f"No trial beat the base settings on the validation rows: keep them ({where}, without seeds)."
        return
    number, gain = result.best["trial"], 1 - result.best["value"]
    yield f"The best is trial {number}: {gain:.2%} below the base settings, the luckiest of {many:,}."
    yield f"Its departures from the defaults are in {config.output / BEST}; the test rows were not looked at."

"""The command that makes a synthetic world: synth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from influence.cli.app import app
from influence.cli.options import Overrides
from influence.errors import ConfigError
from influence.progress import bars


@app.command()
def synth(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for the tables, and truth/ below it.")],
    contacts: Annotated[int, typer.Option(help="People in the world.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Seed of every random draw.")] = 0,
    no_effect: Annotated[bool, typer.Option("--no-effect", help="The graph explains nothing.")] = False,
    archives: Annotated[
        int, typer.Option(min=0, help="Own team members whose LinkedIn archives to write, into archives/.")
    ] = 0,
    overrides: Overrides = None,
) -> None:
    """Write a synthetic world: tables as a team would have them, and the truth apart."""
    from influence.settings import parse_settings
    from influence.synthesis import WorldConfig, simulate, write_world

    asked = {"n_contacts": contacts, "seed": seed, "effect": not no_effect}
    config = parse_settings(WorldConfig, asked, overrides or (), "the world")
    if out.is_dir() and any(out.iterdir()):  # told before the work, not after it
        raise ConfigError(f"{str(out)!r} exists already. Name a new folder, or empty it.")
    if archives > config.team:
        raise ConfigError(
            f"{archives:,} archives were asked for, and the own team has {config.team:,} members."
        )
    with bars() as report:
        write_world(simulate(config, report), out, archives, report)
    typer.echo(f"A world of {config.n_contacts:,} contacts is in {out}; its truth is in {out / 'truth'}.")
    if archives:
        typer.echo(f"The archives of {archives:,} own team members are in {out / 'archives'}.")

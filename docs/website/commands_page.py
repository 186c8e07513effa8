"""Every command with its arguments and options, as the command line itself tells them."""

from __future__ import annotations

import click
import typer
from typer.cli import get_docs_for_click

from influence.cli import app


def commands() -> str:
    """The commands in alphabetical order, a heading each."""
    group = typer.main.get_command(app)
    with click.Context(group, info_name="influence") as context:
        names = sorted(group.commands)  # type: ignore[attr-defined]
        return "\n".join(_command(group, name, context) for name in names)


def _command(group: click.Command, name: str, context: click.Context) -> str:
    command = group.get_command(context, name)  # type: ignore[attr-defined]
    return str(get_docs_for_click(obj=command, ctx=context, indent=1, call_prefix="influence"))

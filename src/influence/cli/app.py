"""The application that commands register with, and how it ends."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Sequence
from functools import cache
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer

from influence.addresses import without_credentials
from influence.cli.options import in_options
from influence.cli.terminal import say
from influence.errors import InfluenceError
from influence.files import NO_ROOM, unwritable
from influence.progress import is_watched, one_log

# Everything heavy is imported inside the commands, so that `--help` answers at once.

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)


def _tell_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"influence {version('influence')}")
        raise typer.Exit


@app.callback()
def every_command(
    version: Annotated[  # told, and over, before a command is looked at
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    """Who will accept, who leads opinion, and which partners to approach: from a team's own records."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line.

    Exit status 2 and one message for what the user can mend, 130 when interrupted, 143 when asked to end.
    1 is an answer: an audit that fails, a champion that stays, a model to train anew.  Anything else is a bug
    and shows as one, with `EX_SOFTWARE`, so that a script never takes it for an answer.
    """
    signal.signal(signal.SIGTERM, _end)
    try:
        with one_log():
            _command(is_watched())(args=arguments, prog_name="influence")
    except InfluenceError as error:
        say(in_options(without_credentials(str(error))), style="red")
        raise SystemExit(2) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM:  # no bug of ours, whichever file it was
            say(str(unwritable(error.filename or "The output", error)), style="red")
            raise SystemExit(2) from error
        traceback.print_exc()
        raise SystemExit(os.EX_SOFTWARE) from error
    raise SystemExit(0)


@cache
def _command(is_on_terminal: bool) -> Any:
    """All commands; a mistake in one is framed on a terminal, and the last line of a log tells it."""
    command = typer.main.get_command(app)
    if not is_on_terminal:
        command.rich_markup_mode = None  # type: ignore[attr-defined]
    return command


def _end(number: int, _: FrameType | None) -> NoReturn:
    """Asked to end: what is half-written is taken away and a tracked run is closed, as when interrupted."""
    raise SystemExit(128 + number)

"""Bars for long work, in a terminal or a notebook, with the time left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

Tell = Callable[[str, int, int], None]
"""Hears (what is done now, steps done, steps in all)."""


def silent(what: str, done: int, total: int) -> None:
    """Tells nobody."""


@contextmanager
def bars(unit: str | None = None) -> Iterator[Tell]:
    """Bars on standard error, or under a notebook's cell, and how many of a `unit` are done each second.

    Work within work, such as epochs within methods, has another number of steps: one bar for each.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    rate = (_rate_column(unit),) if unit is not None else ()
    columns = (
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn(), *rate
    )  # fmt: skip
    reached: dict[int, tuple[TaskID, int]] = {}
    with Progress(*columns, console=Console(stderr=True)) as shown:

        def tell(description: str, done: int, total: int) -> None:
            # What was done before the first report was not done now: it tells nothing of the pace.
            bar, before = (
                reached[total] if total in reached else (shown.add_task(description, completed=done), 0)
            )
            if done < before:
                shown.reset(bar)
            shown.update(bar, description=description, completed=done, total=total)
            reached[total] = bar, done

        yield tell


def _rate_column(unit: str) -> ProgressColumn:
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class RateColumn(ProgressColumn):
        """Steps done each second, of late."""

        def render(self, task: Task) -> Text:
            """The column's cell."""
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:,.0f} {unit}/s")

    return RateColumn()


def is_watched() -> bool:
    """Whether somebody sees bars: standard error is a terminal, or this is a notebook."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules

"""Bars for long work, in a terminal or a notebook, with the time left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[str, int, int], None]
"""Hears (what is done now, steps done, steps in all)."""


@contextmanager
def bars() -> Iterator[Tell]:
    """Bars on standard error, or under a notebook's cell.

    Work within work, such as epochs within methods, has another number of steps: one bar for each.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    reached: dict[int, tuple[TaskID, int]] = {}
    with Progress(*columns, console=Console(stderr=True)) as shown:

        def tell(description: str, done: int, total: int) -> None:
            bar, before = reached[total] if total in reached else (shown.add_task(description), 0)
            if done < before:
                shown.reset(bar)
            shown.update(bar, description=description, completed=done, total=total)
            reached[total] = bar, done

        yield tell


def is_watched() -> bool:
    """Whether somebody sees bars: standard error is a terminal, or this is a notebook."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules

"""How far long work is, and the time left: bars where somebody watches, lines now and then in a log."""

from __future__ import annotations

import itertools
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

Tell = Callable[[str, int, int], None]
"""Hears (what is done now, steps done, steps in all)."""
SECONDS_BETWEEN_LINES = 30.0
"""In a log: work that takes less leaves none."""
LEAST_SECONDS = 1.0
"""In a log: how long work goes on before its first line, however long nothing was told before."""
_ASKED_TO_END = (128 + signal.SIGINT, 128 + signal.SIGTERM)
COMPILING = "compiling, which only a first run does"


def silent(what: str, done: int, total: int) -> None:
    """Tells nobody."""


@contextmanager
def bars(unit: str | None = None) -> Iterator[Tell]:
    """Bars on standard error, or under a notebook's cell, and how many of a `unit` are done each second.

    Work within work, such as epochs within methods, has another number of steps: one bar for each.  Where
    nobody watches, a line on standard error says the same now and then.
    """
    with (_bars if is_watched() else _lines)(unit) as tell:
        yield tell


@contextmanager
def one_step(what: str) -> Iterator[None]:
    """A bar, or a line now and then, for work that does not tell how far it is."""
    with bars() as tell:
        tell(what, 0, 1)
        yield
        tell(what, 1, 1)


@contextmanager
def _bars(unit: str | None) -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    rate = (_rate_column(unit),) if unit is not None else ()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        *rate,
        _compiling_column(),
    )
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
            _watch_compiler()

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


def _compiling_column() -> ProgressColumn:
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class CompilingColumn(ProgressColumn):
        """Why work that has begun stands still."""

        max_refresh = 0.5

        def render(self, task: Task) -> Text:
            """The column's cell."""
            return Text(COMPILING if _compiling and not task.finished else "", style="dim")

    return CompilingColumn()


@contextmanager
def _lines(unit: str | None) -> Iterator[Tell]:
    """Told by a thread of its own: a log should show that a long step is still under way."""
    log, over = Log(unit), threading.Event()

    def tell() -> None:
        global _last_line
        quiet = 0.0 if _last_line is None else time.perf_counter() - _last_line
        pause = max(min(LEAST_SECONDS, SECONDS_BETWEEN_LINES), SECONDS_BETWEEN_LINES - quiet)
        while not over.wait(pause):
            now, pause = time.perf_counter(), SECONDS_BETWEEN_LINES
            _write(log.line(now))
            if _last_line is not None:
                _last_line = now

    teller = threading.Thread(target=tell, name="progress", daemon=True)
    teller.start()
    try:
        yield log
    except (KeyboardInterrupt, SystemExit):
        _write_ending(f": {log.line(time.perf_counter())}")
        raise
    finally:
        over.set()
        teller.join()


def _write(told: str) -> None:
    with suppress(OSError):  # nobody reads the log any more
        sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {told}\n")
        sys.stderr.flush()


def _write_ending(how_far: str) -> None:
    global _is_end_told
    _is_end_told = True
    _write(f"asked to end{how_far}")


_is_end_told = False
"""Whether the work that was under way has told that it was asked to end."""
_last_line: float | None = None
"""When the log heard of this process last; None where that spans no more than one piece of work."""


@contextmanager
def one_log() -> Iterator[None]:
    """One job: the pauses between lines span all of its work, with the quiet parts between."""
    global _last_line, _is_end_told
    _last_line, _is_end_told = time.perf_counter(), False
    try:
        yield
    except SystemExit as ending:
        if ending.code in _ASKED_TO_END and not (_is_end_told or is_watched()):
            _write_ending(", while nothing was under way that tells how far it is")
        raise
    finally:
        _last_line = None


@dataclass(frozen=True)
class Stage:
    """How far work is, or work within it."""

    description: str
    done: int
    total: int
    first: int
    """Steps done when the pace began to be taken."""
    began: float
    """When that was, in seconds."""
    is_warm: bool = False
    """Whether the first step is done.  It compiles, or is the longest: it tells nothing of the rest."""

    def told(self, now: float, unit: str | None) -> str:
        """What is done, how much of it, how quickly, and how long the rest takes at that pace."""
        if self.total <= 1:
            return self.description
        told, steps, seconds = f"{self.done:,} of {self.total:,}", self.done - self.first, now - self.began
        if steps > 0 and seconds > 0:
            rate = "" if unit is None else f", {steps / seconds:,.0f} {unit}/s"
            told += rate
            # One step tells little of the others, and what follows the last one may take its time.
            if steps > 1 and self.done < self.total:
                told += f", about {_lasting((self.total - self.done) * seconds / steps)} left"
        return f"{self.description} ({told})"


class Log:
    """Hears of work and of work within it, and tells of it in a line.

    As bars are, a stage is known by its number of steps; word of one ends those within it.
    """

    def __init__(self, unit: str | None = None) -> None:
        self.unit = unit
        self.stages: tuple[Stage, ...] = ()  # replaced whole, since another thread reads it

    def __call__(self, description: str, done: int, total: int) -> None:
        """Take a report."""
        before = tuple(itertools.takewhile(lambda stage: stage.total != total, self.stages))
        known = self.stages[len(before)] if len(before) < len(self.stages) else None
        # Within what is done nothing goes on any longer.
        around = tuple(stage for stage in before if stage.done < stage.total)
        now = time.perf_counter()
        if known is None or done < known.done:
            known = Stage(description, done, total, done, now)
        elif done > known.done and not known.is_warm:
            known = replace(known, first=done, began=now, is_warm=True)
        self.stages = (*around, replace(known, description=description, done=done))
        _watch_compiler()

    def line(self, now: float) -> str:
        """How far everything is."""
        told = "; ".join(stage.told(now, self.unit) for stage in self.stages) or "working"
        return f"{told}; {COMPILING}" if _compiling else told


def _lasting(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


_compiling = 0
"""How many functions numba compiles right now, each within the one before."""
_is_watching = False


def _watch_compiler() -> None:
    """Hear of what numba compiles from now on; importing it is left to the work that needs it."""
    global _is_watching
    if _is_watching or "numba.core.event" not in sys.modules:
        return
    from numba.core import event

    class Watcher(event.Listener):
        """Counts what has started and not ended."""

        def on_start(self, _: event.Event) -> None:
            global _compiling
            _compiling += 1

        def on_end(self, _: event.Event) -> None:
            global _compiling
            _compiling -= 1

    event.register("numba:compile", Watcher())
    _is_watching = True


def is_watched() -> bool:
    """Whether somebody sees bars: standard error is a terminal, or this is a notebook."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules

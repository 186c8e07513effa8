"""One measured run, in a process of its own so that peak memory is its own too."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Benchmark = Callable[[], Callable[[], int]]
"""Prepares its input, and returns the step to be measured, which returns the number of rows it handled."""


@dataclass(frozen=True)
class Measured:
    """What one benchmark cost."""

    rows: int
    seconds: float
    peak_mib: float
    """Of the whole process, its preparation and libraries included."""


def measure(benchmark: Benchmark) -> Measured:
    """Run a benchmark in a fresh process, once to warm up and once to be measured."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_run, (benchmark,))


def _run(benchmark: Benchmark) -> Measured:
    step = benchmark()
    step()
    began = time.perf_counter()
    rows = step()
    seconds = time.perf_counter() - began
    return Measured(rows, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


class Phases:
    """What each phase costs: seconds of the clock and of the processor, and its own peak of memory."""

    def __init__(self) -> None:
        self._begin()

    def ended(self, name: str) -> None:
        """Print what it took since the phase before."""
        status = Path("/proc/self/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
        wall, busy = time.perf_counter() - self.wall, time.process_time() - self.busy
        print(f"{name:<44}{wall:>8.1f} s{busy:>8.1f} s of the processor{peak:>8,.0f} MiB", flush=True)
        self._begin()

    def _begin(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew at what is held now
        self.wall, self.busy = time.perf_counter(), time.process_time()

"""One measured run, in a process of its own so that peak memory is its own too."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

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

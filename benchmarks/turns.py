"""Steps that take turns in one process, so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

Steps = Mapping[str, Callable[[], object]]
"""What is compared, by name."""


def take_turns(steps: Steps, rounds: int) -> dict[str, np.ndarray]:
    """Seconds [rounds] of every step, after one turn to warm up."""
    seconds = {name: np.empty(rounds) for name in steps}
    for turn in range(-1, rounds):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            if turn >= 0:
                seconds[name][turn] = time.perf_counter() - began
    return seconds


def print_turns(title: str, seconds: Mapping[str, np.ndarray], beside: str, rows: int | None = None) -> None:
    """Best and median seconds of each step, rows per second, and the ratio to the step named `beside`."""
    heads = f"{'best s':>9}{'median s':>10}{'best/s':>11}{'median/s':>11}{'ratio':>8}{'low':>7}{'high':>7}"
    print(f"{title:<34}{heads}")
    for name, taken in seconds.items():
        best, median = taken.min(), np.median(taken)
        rates = ["", ""] if rows is None else [f"{rows / best:,.0f}", f"{rows / median:,.0f}"]
        ratio = taken / seconds[beside]
        line = f"{name:<34}{best:>9.4f}{median:>10.4f}{rates[0]:>11}{rates[1]:>11}"
        print(f"{line}{np.median(ratio):>8.2f}{ratio.min():>7.2f}{ratio.max():>7.2f}")


def need_memory(mib: float) -> None:
    """Stop, saying so, where less memory is free."""
    if available_mib() < mib:
        raise SystemExit(f"Less than {mib:,} MiB of memory are free. Try again when there are.")


def available_mib() -> float:
    """Memory free for use; unlimited where the system does not tell."""
    told = Path("/proc/meminfo")
    if not told.exists():
        return np.inf
    line = next(line for line in told.read_text().splitlines() if line.startswith("MemAvailable"))
    return int(line.split()[1]) / 1024

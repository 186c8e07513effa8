"""Runs the benchmarks named on the command line, or all."""

from __future__ import annotations

import sys

from benchmarks.measure import measure
from benchmarks.steps import BENCHMARKS


def main(names: list[str]) -> None:
    """Print one line for each benchmark."""
    print(f"{'benchmark':<20}{'rows':>12}{'seconds':>10}{'rows/s':>12}{'peak MiB':>10}")
    for name in names or BENCHMARKS:
        cost = measure(BENCHMARKS[name])
        rate = cost.rows / cost.seconds
        print(f"{name:<20}{cost.rows:>12,}{cost.seconds:>10.2f}{rate:>12,.0f}{cost.peak_mib:>10,.0f}")


if __name__ == "__main__":
    main(sys.argv[1:])

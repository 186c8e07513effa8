"""Whether the first exponentials of a process are those of its second: `python -m benchmarks.first_pass`.

Each of many processes lets two threads share the first exponentials, as the first pass of a network does, and
asks for the same ones again.  Without `settle` some in a hundred differ, on a machine with two processors or
more: see docs/decisions/0072-first-pass.md.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

import torch

from influence.vector_math import settle

N_NUMBERS = 4096
"""So many are divided between two threads."""


def first_pass_differs() -> bool:
    """Whether two threads that wake together compute other exponentials at first than afterwards."""
    torch.set_num_threads(2)
    weights, busy = torch.ones(64, 64), torch.ones(1 << 17)
    _ = weights @ weights  # what MKL does once at its very first call is behind it, as after a linear layer
    for _ in range(3):
        busy.relu_()
    numbers = torch.linspace(-1, 0, N_NUMBERS)
    return not torch.equal(numbers.exp(), numbers.exp())


def settled() -> bool:
    """The same where one thread has asked for one before."""
    settle()
    return first_pass_differs()


def in_process(answer: Callable[[], bool]) -> bool:
    """What it answers in a process of its own.

    Raises
    ------
    SystemExit
        If that process fails.
    """
    child = os.fork()
    if child == 0:
        status = 2
        try:
            status = int(answer())
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, 1):
        raise SystemExit("A process failed.")
    return status == 1


def main() -> None:
    """Print how many processes differ, with and without."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=1000)
    n = parser.parse_args().processes
    differing = {"settled": 0, "as PyTorch comes": 0}
    for _ in range(n):  # in turns, so that whatever else the machine does falls on both alike
        differing["settled"] += in_process(settled)
        differing["as PyTorch comes"] += in_process(first_pass_differs)
    for name, n_differing in differing.items():
        print(f"{name:<17}{n_differing:>6} of {n:,} processes differ")


if __name__ == "__main__":
    main()

"""Kills at random moments: every resume ends as an undisturbed run does, and no reader meets half a file.

`python -m benchmarks.kills --kills 200` starts commands as a user does, kills them (SIGKILL) at moments
drawn uniformly over one and a half times their undisturbed duration, and starts them again until they end,
while a thread reads whatever they have made visible.  It prints how many kills fell into which stage, and
fails at the first difference.  The processes come from a fork server that has imported everything: a kill
hits the work.

What was survived is added up in `--tally` after every run, so that 200 kills may be gathered in many calls:
each goes on until the tally holds `--kills`, or until `--minutes` are over.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.kill_subjects import SUBJECTS, Subject, prepare
from influence.files import atomic

PRELOADED = [
    *("influence.cli", "influence.batch", "influence.experiment", "influence.prediction"),
    *("influence.graph.building", "lightgbm"),
]
STRETCH = 1.5
"""Kills are drawn over so many undisturbed durations: a busy machine must be able to end, too."""


@dataclass
class Outcome:
    """What a subject went through."""

    kills: int = 0
    runs: int = 0
    """Runs that ended, after however many kills, each with the same result as the undisturbed one."""
    looks: int = 0
    """Times that the reader looked."""
    stages: Counter[str] = field(default_factory=Counter)
    """Where the kills fell."""
    seconds: float = 0.0
    """That it took, the undisturbed runs included."""

    @classmethod
    def of(cls, told: dict[str, Any]) -> Outcome:
        """One that was written as JSON."""
        return cls(**{**told, "stages": Counter(told["stages"])})


@dataclass(frozen=True)
class Tally:
    """What all calls together went through, in a file."""

    path: Path

    def read(self) -> dict[str, Outcome]:
        """Subject -> its outcome so far."""
        if not self.path.exists():
            return {}
        return {name: Outcome.of(told) for name, told in json.loads(self.path.read_text()).items()}

    def write(self, subject: str, outcome: Outcome) -> None:
        """Keep an outcome."""
        told = {name: vars(one) for name, one in {**self.read(), subject: outcome}.items()}
        with atomic(self.path) as new:
            new.write_text(json.dumps(told, indent=1))


def survive(
    subject: Subject, folder: Path, n_kills: int, outcome: Outcome, seed: int, until: float
) -> Iterator[Outcome]:
    """Kill a subject until it has survived so many, or time is over; every run ends as the undisturbed one.

    Yields the outcome after each run.

    Raises
    ------
    AssertionError
        If a result differs, or a reader met something half-written.
    """
    began = time.perf_counter()
    assert attempt(subject.words(folder / "undisturbed"), None)
    duration = time.perf_counter() - began
    expected, rng = subject.result(folder / "undisturbed"), np.random.default_rng([seed, outcome.kills])
    while outcome.kills < n_kills and time.monotonic() < until:
        target = folder / f"run-{outcome.runs}"
        with reader(subject, target, expected, outcome):
            while not attempt(subject.words(target), rng.uniform(0, STRETCH * duration)):
                outcome.kills += 1
                outcome.stages[subject.stage(target)] += 1
                if outcome.kills == n_kills:
                    assert attempt(subject.words(target), None)
                    break
        assert subject.result(target) == expected, f"{subject.name}: {target} differs from an undisturbed run"
        outcome.runs += 1
        shutil.rmtree(target)
        outcome.seconds += time.perf_counter() - began
        began = time.perf_counter()
        yield outcome


def attempt(words: Sequence[str], seconds: float | None) -> bool:
    """Run a command in a process of its own and kill it after so long; whether it ended by itself before.

    Raises
    ------
    AssertionError
        If it ended with an error.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with tempfile.TemporaryDirectory() as place:
        log = Path(place) / "log"
        process = context.Process(target=_run, args=(list(words), str(log)))
        process.start()
        process.join(seconds)
        if process.is_alive():
            process.kill()
            process.join()
            return False
        assert process.exitcode == 0, log.read_text(errors="replace")
        return True


def _run(words: list[str], log: str) -> None:
    """The command in this process; what it says goes into a file."""
    handle = os.open(log, os.O_WRONLY | os.O_CREAT)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    from influence.cli import main

    main(words)


@contextmanager
def reader(subject: Subject, target: Path, expected: str, outcome: Outcome) -> Iterator[None]:
    """Looks at what is visible, over and over, until the block ends."""
    over, faults = threading.Event(), list[BaseException]()

    def look() -> None:
        while not over.is_set():
            try:
                subject.look(target, expected)
            except BaseException as fault:  # noqa: BLE001  whatever a reader meets is what is asked for here
                faults.append(fault)
                return
            outcome.looks += 1
            time.sleep(0.005)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert not faults, f"{subject.name}: a reader met {faults[0]!r}"


def main() -> None:
    """Kill every subject, its share of all kills, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="in all, those of the tally among them")
    parser.add_argument("--tally", type=Path, default=Path("runs/kills.json"))
    parser.add_argument("--minutes", type=float, default=600.0, help="that this call may take")
    parser.add_argument("--subjects", nargs="+", default=list(SUBJECTS), choices=list(SUBJECTS))
    parser.add_argument("--contacts", type=int, default=400, help="of the world")
    parser.add_argument("--rows", type=int, default=2_000, help="pairs to score, in ten parts")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    until, tally = time.monotonic() + 60 * asked.minutes, Tally(asked.tally)
    wanted = dict(zip(SUBJECTS, map(len, np.array_split(np.arange(asked.kills), len(SUBJECTS))), strict=True))
    with tempfile.TemporaryDirectory() as name:
        given = prepare(Path(name) / "given", asked.contacts, asked.rows, attempt)
        for subject in asked.subjects:
            so_far, made = tally.read().get(subject, Outcome()), SUBJECTS[subject](given)
            place, n_kills = Path(name) / subject, wanted[subject]
            if so_far.kills >= n_kills:
                continue
            for found in survive(made, place, n_kills, so_far, asked.seed, until):
                tally.write(subject, found)
    _tell(tally.read())


def _tell(found: dict[str, Outcome]) -> None:
    print(f"{'subject':<10}{'kills':>7}{'runs':>7}{'looks':>8}{'s a kill':>10}  where the kills fell")
    for name, one in found.items():
        stages = ", ".join(f"{stage} {n}" for stage, n in sorted(one.stages.items()))
        each = one.seconds / max(one.kills, 1)
        print(f"{name:<10}{one.kills:>7}{one.runs:>7}{one.looks:>8,}{each:>10.1f}  {stages}")
    total = sum(one.kills for one in found.values())
    print(f"{total} kills in all. Every run ended as an undisturbed one, and no reader met half a file.")


if __name__ == "__main__":
    main()

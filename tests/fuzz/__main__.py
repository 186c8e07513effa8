"""The bugs that spoiled files find: `python -m tests.fuzz [--count N] [--seed S] [READER...]`."""

from __future__ import annotations

import argparse
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from tests.fuzz.attempts import attempt
from tests.fuzz.test_readers import arguments
from tests.readers.folders import SOURCES


def main(readers: list[str], count: int, first: int) -> None:
    """Print what came of the mutants of each reader, and each kind of bug once with a seed that shows it."""
    warnings.filterwarnings("error", module=r"influence(\..*)?")
    for name in readers or SOURCES:
        outcomes, bugs, began = Counter[str](), dict[str, str](), time.process_time()
        for seed in range(first, first + count):
            with tempfile.TemporaryDirectory() as root:
                try:
                    outcomes[attempt(Path(root), *arguments(name, seed))] += 1
                except Exception as error:  # noqa: BLE001
                    frames = [
                        f for f in traceback.extract_tb(error.__traceback__) if "influence" in f.filename
                    ]
                    where = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in frames[::-1][:4])
                    outcomes["bug"] += 1
                    bugs.setdefault(f"{type(error).__name__} at {where}", f"seed {seed}: {str(error)[:200]}")
        each = 1_000 * (time.process_time() - began) / count
        print(f"{name}: {dict(outcomes)}, {each:.0f} ms each", flush=True)
        for bug, example in bugs.items():
            print(f"    {bug}\n        {example}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*", choices=[*SOURCES, []])
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    main(asked.readers, asked.count, asked.seed)

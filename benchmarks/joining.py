"""How right and how quick the joining of sources is: `python -m benchmarks.joining [--large]`.

Precision and recall of pairs of records of two sources, by which rule they were joined, on invented people of
whom the truth is known; beside them what other thresholds would give.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import pandas as pd

from benchmarks.joining_world import World, make, pairs
from influence.readers import ReadingConfig
from influence.readers.config import JoiningConfig
from influence.readers.joining import join, match

SEEDS = (0, 1, 2)


def quality(world: World, config: JoiningConfig) -> dict[str, float]:
    """Precision and recall over pairs of records of two sources."""
    found = match(world.found, config)
    observed = found.observed
    person = pd.Series(observed.ids).map(world.truth).to_numpy()
    source, contact = observed.of, found.contact
    true, made = pairs(person, source), pairs(contact, source)
    right = pairs([f"{a}|{b}" for a, b in zip(person, contact, strict=True)], source)
    told = {"precision": right / max(made, 1), "recall": right / true, "merged": made, "true": true}
    listed = found.ambiguous
    of = [listed[f"record_{end}"].map(world.truth) for end in ("one", "two")]
    told |= {
        "ambiguous": len(listed),
        "of them true": float(np.mean(of[0] == of[1])) if len(listed) else np.nan,
    }
    by = found.merged
    same = by["record_one"].map(world.truth) == by["record_two"].map(world.truth)
    for rule, each in same.groupby(by["reason"]):
        told |= {f"{rule}: pairs": len(each), f"{rule}: precision": each.mean()}
    return told


def main() -> None:
    """Print the quality at several sizes and thresholds; with --large, the time of 200,000 + 200,000."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--people", type=int, nargs="*", default=[1_000, 30_000])
    parser.add_argument("--upper", type=float, nargs="*", default=[0.9, 0.98, 0.995])
    asked = parser.parse_args()
    for size in asked.people:
        for upper in asked.upper:
            rows = [quality(make(size, seed), JoiningConfig(upper=upper)) for seed in SEEDS]
            print(f"\n{size:,} people, upper {upper:g}, mean (lowest) of seeds {SEEDS}")
            table = pd.DataFrame(rows)
            for name in table.columns:
                print(f"  {name:<32}{table[name].mean():>12.4f}{table[name].min():>14.4f}")
    if asked.large:
        world = make(400_000, 0)
        n = [len(each.tables["contacts"]) for each in world.found[:2]]
        began, busy = time.perf_counter(), time.process_time()
        joined = join(world.found[:2], ReadingConfig())
        seconds, busy = time.perf_counter() - began, time.process_time() - busy
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"\n{n[0]:,} + {n[1]:,} records: {seconds:.1f} s ({busy:.1f} s of one core), peak {peak:,.0f} MiB"
        )
        print("\n".join(joined.notes))


if __name__ == "__main__":
    main()

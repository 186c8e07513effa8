"""How often the evidence finds contagion where it was planted, and where it was not.

`python -m benchmarks.shuffle_test [--worlds 50] [--first-seed 0] [--contacts 1500] [--kinds ...]`: in how
many of so many synthetic worlds each finding is made at 5 %.  Beside the world with contagion and the one
without any effect stand worlds in which likeness alone is at work, on the ties of the same synthetic people:

likeness          people of an item's topic take it up ten times as often, and topics run in circles
likeness in time  besides, every circle hears of an item at a time of its own
early people      likeness, and some circles are early in all things
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from influence.contagion.evidence import gather
from influence.data import Network
from influence.synthesis import World, WorldConfig, simulate
from influence.synthesis.people import TOPICS

ITEMS, PER_ITEM, OWN_TOPIC, HEARD_DAYS, TAKEN_DAYS = 120, 0.01, 10.0, 60.0, 15.0


def planted(seed: int, n: int) -> Network:
    """The world with contagion."""
    return simulate(WorldConfig(n_contacts=n, seed=seed)).network


def no_effect(seed: int, n: int) -> Network:
    """The no-effect world."""
    return simulate(WorldConfig(n_contacts=n, seed=seed, effect=False)).network


def likeness(seed: int, n: int) -> Network:
    """Likeness decides who takes up; when is a matter of chance."""
    return _without_contagion(seed, n, lambda rng, world: np.zeros(n))


def likeness_in_time(seed: int, n: int) -> Network:
    """Likeness decides who, and every circle has its own time for every item."""
    return _without_contagion(seed, n, lambda rng, world: _by_circle(world, rng))


def early_people(seed: int, n: int) -> Network:
    """Likeness decides who, and some circles are early in all things."""
    return _without_contagion(seed, n, lambda rng, world: _by_circle(world, np.random.default_rng(seed)))


def _by_circle(world: World, rng: np.random.Generator) -> np.ndarray:
    circle = world.truth["traits"]["circle"].to_numpy()
    return rng.exponential(HEARD_DAYS, circle.max() + 1)[circle]


def _without_contagion(
    seed: int, n: int, heard: Callable[[np.random.Generator, World], np.ndarray]
) -> Network:
    """The no-effect world with take-ups by topic, so many days after each person heard of the item."""
    config = WorldConfig(n_contacts=n, seed=seed, effect=False)
    rng, world = np.random.default_rng([seed, 7]), simulate(config)
    traits = world.truth["traits"]
    parts = []
    for item in range(ITEMS):
        topic = TOPICS[rng.integers(8)]
        weight = np.where(traits["main_topic"] == topic, OWN_TOPIC, 1.0)
        who = rng.random(n) < PER_ITEM * weight / weight.mean()
        after = rng.uniform(0, 450) + heard(rng, world)[who] + rng.exponential(TAKEN_DAYS, who.sum())
        at = config.started_at + pd.to_timedelta(after, unit="D")
        rows = pd.DataFrame(
            {"contact_id": traits["contact_id"][who], "item": f"x{item}", "topic": topic, "at": at}
        )
        parts.append(rows[after < config.days])
    return world.network.with_tables(adoptions=pd.concat(parts, ignore_index=True))


WORLDS = {
    "contagion": planted, "no effect": no_effect, "likeness": likeness, "likeness in time": likeness_in_time,
    "early people": early_people,
}  # fmt: skip


def findings(network: Network, seed: int) -> dict[str, float | bool]:
    """Finding -> whether these records gave it; and the matched ratio."""
    found = gather(network, rng=np.random.default_rng(seed))
    return {
        "ratio": found.matched.ratio,
        "shuffle": found.shuffle.found,
        "within communities": found.within_communities.found,
        "matched > 1": found.matched.found,
        "concentrated": found.concentration.found,
        "back-test": found.back_test.found,
    }


def main() -> None:
    """Print the share of worlds of each kind in which each finding was made."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--worlds", type=int, default=50)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--contacts", type=int, default=1_500)
    parser.add_argument("--kinds", nargs="+", choices=WORLDS, default=list(WORLDS))
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.worlds)
    for kind in asked.kinds:
        make = WORLDS[kind]
        began = time.perf_counter()
        found = pd.DataFrame([findings(make(seed, asked.contacts), seed) for seed in seeds])
        ratio = found.pop("ratio").median()
        if kind == asked.kinds[0]:
            print(f"{'world':<18}" + "".join(f"{name:>20}" for name in found) + f"{'ratio':>8}{'s/world':>9}")
        rates = "".join(f"{n:>14} of {len(found)}" for n in found.sum())
        print(
            f"{kind:<18}{rates}{ratio:>8.2f}{(time.perf_counter() - began) / asked.worlds:>9.1f}", flush=True
        )


if __name__ == "__main__":
    main()

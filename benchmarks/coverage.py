"""How often 95 % intervals hold the planted truth: `python -m benchmarks.coverage [--seeds ...]`.

Of influence: people and topics whose take-ups exposed anybody; of susceptibility: those who were exposed.
Both are relative, so that each world's truth is scaled to the same mean over its exposures.  Of shares:
take-ups with a candidate, the share of the true cause, whose truth is its chance under the world's own laws;
and take-ups with one candidate, that one's share, whether it was the cause or not.  Who is asked about only
because of having come true had, on average, a better chance than anybody can know.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from benchmarks.attribution import Fitted, fitted, planted
from influence.synthesis.config import WorldConfig
from influence.synthesis.world import World, simulate

Floats = NDArray[np.float64]


def coverage(world: World) -> dict[str, tuple[float, float]]:
    """What -> (share of the intervals that hold the truth, median ratio of their ends)."""
    found = fitted(world)
    topic = found.take_ups.topic[found.at_risk.row]
    told: dict[str, tuple[float, float]] = {}
    for name, who in (
        ("influence", found.take_ups.contact[found.at_risk.row]),
        ("susceptibility", found.at_risk.contact),
    ):
        value, low, high = (
            getattr(found.transmission, f"{name}{end}")[:, 1:] for end in ("", "_low", "_high")
        )
        true = planted(world, found.take_ups, name)
        true = true * value[who, topic].sum() / true[who, topic].sum()
        seen = np.zeros(true.shape, np.bool_)
        seen[who, topic] = True
        told[name] = _held(true[seen], low[seen], high[seen])
    told["share of the cause"] = _held(*_of_causes(found))
    told["share of an only candidate"] = _held(*_of_only_candidates(found))
    return told


def _of_causes(found: Fitted) -> tuple[Floats, Floats, Floats]:
    """The chance of each true cause, and the ends of the interval of the share that it was given."""
    shares, some = found.transmission.shares, found.exposures.n_candidates > 0
    contact = found.take_ups.contact[found.exposures.row]
    of_pair = contact == found.parent[found.exposures.take_up]
    low, high = shares.outside_low.copy(), shares.outside_high.copy()
    place = found.exposures.position[of_pair]
    low[place], high[place] = shares.low[of_pair], shares.high[of_pair]
    return found.p_parent[some], low[some], high[some]


def _of_only_candidates(found: Fitted) -> tuple[Floats, Floats, Floats]:
    """The chance of each only candidate beside the outside, and the ends of the interval of its share.

    The chance of the one that came true is on record, and the two sum to 1.
    """
    shares, only = found.transmission.shares, found.exposures.n_candidates == 1
    pair = found.exposures.ptr[:-1][only]
    cause, chance = found.parent[only], found.p_parent[only]
    is_cause = found.take_ups.contact[found.exposures.row[pair]] == cause
    told = is_cause | (cause < 0)
    chance = np.where(is_cause, chance, 1 - chance)
    return chance[told], shares.low[pair][told], shares.high[pair][told]


def _held(true: Floats, low: Floats, high: Floats) -> tuple[float, float]:
    ratio = np.median(high / np.maximum(low, 1e-12))
    return float(((true >= low) & (true <= high)).mean()), float(ratio)


def main() -> None:
    """Report on worlds with contagion."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, nargs="+", default=[1_500, 3_000])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(600, 610)))
    given = parser.parse_args()
    for n in given.contacts:
        worlds = [coverage(simulate(WorldConfig(n_contacts=n, seed=seed))) for seed in given.seeds]
        for name in worlds[0]:
            held, ratio = np.array([world[name] for world in worlds]).T
            print(
                f"{n:,} contacts, {name:26s} {held.mean():.3f} hold the truth ({held.min():.3f} to "
                f"{held.max():.3f} by world), ends apart by a factor of {np.median(ratio):.3g}",
                flush=True,
            )


if __name__ == "__main__":
    main()

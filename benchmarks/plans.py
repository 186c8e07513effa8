"""The choice of a plan of many senders: seconds of the processor, from pairs with chances to the invitations.

python -m benchmarks.plans                  # 333 senders, 6,006 of 100,000 contacts for each, k = 3,330
python -m benchmarks.plans --senders 20 --candidates 20000 -k 1000 --quota 100
python -m benchmarks.plans --per-company 2  # and twenty people to a company
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import pandas as pd

from influence.planning.choice import choose

COMPANY_SIZE = 20


def main() -> None:
    """Draw chances that senders largely agree on, and choose."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--senders", type=int, default=333)
    asked.add_argument("--contacts", type=int, default=100_000)
    asked.add_argument("--candidates", type=int, default=6_006, help="of each sender")
    asked.add_argument("-k", type=int, default=3_330, help="invitations in all")
    asked.add_argument("--quota", type=int, default=10, help="of each sender")
    asked.add_argument("--per-company", type=int)
    given = asked.parse_args()
    rng = np.random.default_rng(0)
    sender = np.repeat(np.arange(given.senders), given.candidates)
    drawn = [rng.choice(given.contacts, given.candidates, replace=False) for _ in range(given.senders)]
    recipient = np.concatenate(drawn)
    level = rng.normal(-1, 0.8, given.contacts)[recipient] + rng.normal(0, 0.3, given.senders)[sender]
    chances = 1 / (1 + np.exp(-level - rng.normal(0, 0.5, len(level))))
    who = _ids("s", given.senders), _ids("r", given.contacts), _ids("c", given.contacts // COMPANY_SIZE + 1)
    places = sender, recipient, recipient // COMPANY_SIZE
    columns = ("sender_id", "recipient_id", "company_id")
    pairs = pd.DataFrame({name: ids[place] for name, ids, place in zip(columns, who, places, strict=True)})
    caps = given.quota, 1, given.per_company
    room = {
        name: pd.Series(cap, index=ids)
        for name, ids, cap in zip(columns, who, caps, strict=True)
        if cap is not None
    }
    began = time.process_time()
    rows = choose(pairs, chances, room, given.k)
    took, peak = time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{len(pairs):,} pairs of {given.senders} senders: {len(rows):,} invitations worth "
        f"{chances[rows].sum():,.1f} in {took:.1f} s of the processor, {peak:.1f} GiB at the peak"
    )


def _ids(letter: str, n: int) -> pd.Index:
    return pd.Index([f"{letter}{i}" for i in range(n)], dtype="str")


if __name__ == "__main__":
    main()

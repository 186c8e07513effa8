"""Small invented logs of take-ups along ties, in which some people truly move others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from influence.data import Network

START = pd.Timestamp("2022-01-01", tz="UTC")


def day(number: float) -> pd.Timestamp:
    """So many days after the beginning."""
    return START + pd.Timedelta(days=number)


def random_log(
    seed: int, n_people: int = 60, n_items: int = 40, topics: tuple[str, ...] = (), n_ties: int = 180
) -> Network:
    """Items spread from a few along undated ties; the first fifth of the people move others more."""
    rng = np.random.default_rng(seed)
    names = [f"p{i:02}" for i in range(n_people)]
    pairs = sorted({tuple(sorted(rng.choice(n_people, 2, replace=False).tolist())) for _ in range(n_ties)})
    near = {i: [b if a == i else a for a, b in pairs if i in (a, b)] for i in range(n_people)}
    rows = []
    for item in range(n_items):
        at = {
            int(p): 300 * item / n_items + rng.exponential(3) for p in rng.choice(n_people, 3, replace=False)
        }
        for who in (queue := list(at)):
            for other in near[who]:
                if other not in at and rng.random() < (0.45 if who < n_people // 5 else 0.1):
                    at[other] = at[who] + rng.exponential(4) + 0.01
                    queue.append(other)
        topic = topics[item % len(topics)] if topics else None
        rows += [(names[who], f"x{item:02}", day(when), topic) for who, when in at.items()]
    ties = [(names[a], names[b]) for a, b in pairs]
    adoptions = pd.DataFrame(rows, columns=["contact_id", "item", "at", "topic"])
    adoptions["topic"] = (
        adoptions["topic"].astype("str") if topics else pd.Series(pd.NA, adoptions.index, "str")
    )
    return Network.from_tables(
        {"adoptions": adoptions, "connections": pd.DataFrame(ties, columns=["source_id", "target_id"])}
    )

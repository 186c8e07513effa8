"""Information seekers: people who pay attention to many others, and act on it.

A role of its own beside opinion leaders: they carry what they pick up, and are often the first to ask.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.contagion.takeups import Exposures, TakeUps
from influence.data import Network

Floats = NDArray[np.float64]

ATTENTION = ("view", "follow", "message", "comment")
"""Acts by which attention is paid: looking at, following, asking, commenting on what another wrote."""
SEEKERS = 0.1
"""Who is called a seeker: so large a part of those who pay attention, if they pay more than they receive."""


def information_seekers(
    network: Network, take_ups: TakeUps, exposures: Exposures, shares: Floats
) -> pd.DataFrame:
    """Everybody who paid attention to somebody, the most seeking first.

    `score` is the mean of three ranks, each from 0 to 1 among these people: acts of attention paid
    (`ATTENTION`), different people they were paid to, and own take-ups credited to others.

    Returns
    -------
    contact_id, score, n_paid, n_people, credited, n_received, is_seeker : `n_received` counts acts of
        attention by others; `is_seeker` marks the `SEEKERS` with the highest score who paid more than they
        received
    """
    acts = network.table("interactions")
    acts = acts[
        acts["kind"].isin(ATTENTION) & acts["target_id"].notna() & (acts["actor_id"] != acts["target_id"])
    ]
    paid = acts.groupby("actor_id")["target_id"].agg(["size", "nunique"])
    credited = (
        pd.Series(np.bincount(exposures.take_up, shares, minlength=len(take_ups)))
        .groupby(take_ups.contact)
        .sum()
    )
    credited.index = take_ups.contact_ids[credited.index.to_numpy()]
    everybody = paid.index.union(credited[credited > 0].index)
    found = pd.DataFrame(
        {
            "contact_id": everybody,
            "n_paid": paid["size"].reindex(everybody, fill_value=0).to_numpy(),
            "n_people": paid["nunique"].reindex(everybody, fill_value=0).to_numpy(),
            "credited": credited.reindex(everybody, fill_value=0.0).to_numpy(),
            "n_received": acts["target_id"].value_counts().reindex(everybody, fill_value=0).to_numpy(),
        }
    )
    ranks = found[["n_paid", "n_people", "credited"]].rank(method="average")
    found.insert(1, "score", ((ranks - 0.5) / max(len(found), 1)).mean(axis=1))
    places = int(np.ceil(SEEKERS * len(found)))
    highest = found["score"].rank(ascending=False, method="max") <= places
    found["is_seeker"] = highest & (found["n_paid"] > found["n_received"])
    return found.sort_values(["score", "contact_id"], ascending=[False, True], ignore_index=True)

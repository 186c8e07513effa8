"""Two groups of friends in two countries, a go-between, and a loner: small enough to be counted by hand."""

from __future__ import annotations

import itertools

import pandas as pd

from influence.data import Network

HOME, ABROAD = ("a1", "a2", "a3", "a4"), ("b1", "b2", "b3")


def two_groups(strange: str = "b3") -> Network:
    """Everybody of a group knows each other; `a1` of us knows `b1`, and `b1` knows `a2`; `z` knows nobody.

    Parameters
    ----------
    strange : what the last of the second group is called
    """
    abroad = (*ABROAD[:2], strange)
    ties = [*itertools.combinations(HOME, 2), *itertools.combinations(abroad, 2), ("a1", "b1"), ("a2", "b1")]
    people = (*HOME, *abroad, "z")
    return Network.from_tables(
        {
            "contacts": pd.DataFrame(
                {
                    "contact_id": people,
                    "country": [*["DE"] * 4, "FR", "FR", None, None],
                    "industry": [*["steel"] * 3, "food", "food", "food", "steel", None],
                    "company_id": ["f1", "f1", "f2", "f3", "g1", "g1", "g2", None],
                    "is_own_team": [True, *[False] * 7],
                }
            ),
            "connections": pd.DataFrame(ties, columns=["source_id", "target_id"]).assign(
                connected_at=[*["2024-01-01"] * (len(ties) - 1), "2024-06-01"]
            ),
            "interactions": pd.DataFrame(
                {
                    "event_id": ["1", "2", "3", "4"],
                    "actor_id": ["b1", "b1", "b2", strange],
                    "target_id": ["b2", "b2", "b1", "b1"],
                    "kind": "like",
                    "topic": ["wine", "wine", "cheese", "wine"],
                    "at": "2024-02-01",
                }
            ),
        }
    )

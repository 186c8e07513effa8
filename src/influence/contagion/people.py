"""What is on record about people: their latest known attributes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from influence.data import Network


def attributes_of(network: Network, names: Sequence[str]) -> pd.DataFrame:
    """Each contact's latest known attributes, in the order of `network.contact_ids`; NA where never told.

    Ask `network.as_of(t)` for what was known at t.
    """
    rows = network.table("contacts").sort_values("observed_at", kind="stable", na_position="first")
    latest = rows[["contact_id", *names]].groupby("contact_id", sort=False).last()
    return latest.reindex(network.contact_ids)

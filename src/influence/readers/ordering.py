"""Rows by their key."""

from __future__ import annotations

import numpy as np
import pandas as pd

from influence.schema import Table

SMALL = 2**16
"""Rows of a table that may stand in memory twice."""


def in_order(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows by their key, so that the order within a file never matters; undated ones come first.

    The columns of a large table are taken out of `rows` one by one: it does not stand in memory twice.
    """
    order = np.arange(len(rows))
    for name in reversed(table.key):  # stable sorts, the first part of the key last
        order = order[rows[name].array.take(order).argsort(kind="stable", na_position="first")]
    if (order[1:] > order[:-1]).all():
        return rows
    if len(rows) <= SMALL:
        return rows.iloc[order].reset_index(drop=True)
    return pd.DataFrame({name: rows.pop(name).array.take(order) for name in list(rows.columns)})

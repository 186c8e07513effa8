"""Rows by their key."""

from __future__ import annotations

import numpy as np
import pandas as pd

from influence.schema import Table


def in_order(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows by their key, so that the order within a file never matters; undated ones come first.

    The columns are taken out of `rows` one by one: a large table does not stand in memory twice.
    """
    order = np.arange(len(rows))
    for name in reversed(table.key):  # stable sorts, the first part of the key last
        order = order[rows[name].array.take(order).argsort(kind="stable", na_position="first")]
    if (order[1:] > order[:-1]).all():
        return rows
    return pd.DataFrame({name: rows.pop(name).array.take(order) for name in list(rows.columns)})

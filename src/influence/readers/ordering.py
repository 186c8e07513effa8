"""Rows by their key."""

from __future__ import annotations

import pandas as pd

from influence.schema import Table


def in_order(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows by their key, so that the order within a file never matters; undated ones come first.

    The columns are taken out of `rows` one by one: a large table does not stand in memory twice.
    """
    keys = rows[list(table.key)]
    order = keys.sort_values(list(table.key), na_position="first").index.to_numpy()
    if (order[1:] > order[:-1]).all():
        return rows
    return pd.DataFrame({name: rows.pop(name).array.take(order) for name in list(rows.columns)})

"""Columns of a survey as rows of `traits`: numbers as they are, words as one flag for each."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from influence.readers.source import numbers

MOST_WORDS = 20
"""A column of more different words is no category, rather names or remarks."""
LARGEST = 1e12
"""Larger numbers are no answers; text misread as a number looks like that."""


def traits(ids: pd.Series, columns: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows of `traits` from text cells, and the names of columns that are neither numbers nor categories.

    Parameters
    ----------
    ids : the contact of each row
    columns : text cells, empty where missing; a column that never varies tells nothing and is left out
    """
    parts, unused = [], []
    for name in columns:
        cells = columns[name].str.strip()
        values = numbers(cells)
        said = (cells != "").to_numpy(np.bool_)
        if not np.isnan(values[said]).any():
            usable = said & (np.abs(values) < LARGEST)
            named: Iterable[tuple[str, pd.Series]] = [(str(name), pd.Series(values).where(usable))]
        elif cells[said].nunique() <= MOST_WORDS:
            words = sorted(cells[said].unique())
            named = [(f"{name}={word}", (cells == word).astype(np.float64).where(said)) for word in words]
        else:
            unused.append(str(name))
            continue
        parts += [_rows(ids, trait, value) for trait, value in named if value.nunique() > 1]
    empty = pd.DataFrame({"contact_id": [], "name": [], "value": []})
    return (pd.concat(parts, ignore_index=True) if parts else empty), tuple(unused)


def _rows(ids: pd.Series, name: str, value: pd.Series) -> pd.DataFrame:
    known = value.notna().to_numpy(np.bool_)
    return pd.DataFrame({"contact_id": ids.to_numpy()[known], "name": name, "value": value.to_numpy()[known]})

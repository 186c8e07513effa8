"""What questions have in common: narrowed lists of people, and rows that may lack something."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from influence.data import Network
from influence.data.problems import rows_in_words
from influence.errors import DataError, columns_named, nearest
from influence.readers.source import numbers, read_csv
from influence.writing import SPREADSHEETS, separator_of


def facts_of(known: Network) -> pd.DataFrame:
    """What lists of people are narrowed by: attributes of every contact as last observed, by contact_id."""
    return known.latest("contacts", ["company_id", "country", "industry", "is_own_team"])


def of_these(people: pd.DataFrame, name: str, wanted: str | Sequence[str] | None) -> pd.Series:
    """Whether each of the people has one of the wanted values; everybody without any.

    Raises
    ------
    DataError
        If nobody has a value that is wanted; names the nearest.
    """
    if wanted is None:
        return pd.Series(True, index=people.index)
    names, known = [wanted] if isinstance(wanted, str) else list(wanted), set(people[name].dropna())
    for each in names:
        if each not in known:
            raise DataError(f"contacts: nobody's {name} is {each!r}. {nearest(each, known)}")
    return people[name].isin(names)


def priced(people: pd.DataFrame, costs: pd.Series | str | Path) -> pd.DataFrame:
    """Those of the people whose cost is told, with it.

    Parameters
    ----------
    costs
        By contact id, or a CSV file with contact_id and cost.

    Raises
    ------
    DataError
        If the file lacks a column, a cost is no number, or nobody's cost is told.
    """
    if not isinstance(costs, pd.Series):
        path = Path(costs)
        if not path.is_file():
            raise DataError(f"There is no file {str(path)!r}. Give a CSV file with contact_id and cost.")
        separator = separator_of(path)
        rows = read_csv(path, delimiter=separator)
        if missing := [name for name in ("contact_id", "cost") if name not in rows]:
            raise DataError(f"{path.name} lacks the {columns_named(missing)}. Rename one, or add it.")
        told = rows["cost"].str.replace(SPREADSHEETS[separator], ".", regex=False)
        costs = pd.Series(numbers(told), index=rows["contact_id"])
    empty = costs.isna().to_numpy()
    if empty.any():
        raise DataError(f"cost is not a number in {rows_in_words(empty)}. Correct or drop them.")
    if not costs.index.is_unique:
        twice = costs.index[costs.index.duplicated()][0]
        raise DataError(f"The cost of {twice!r} is told twice. Keep one.")
    found = people.assign(cost=costs.reindex(people["contact_id"]).to_numpy(np.float64))
    found = found[found["cost"].notna()]
    if not len(found):
        raise DataError("None of those whose cost is told is on record. Check the ids.")
    return found

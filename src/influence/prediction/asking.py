"""What questions have in common: narrowed lists of people, and rows that may lack something."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Number
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from influence.data import Network
from influence.data.problems import rows_in_words
from influence.errors import DataError, columns_named, first_line, nearest
from influence.readers.source import numbers, read_csv
from influence.writing import SPREADSHEETS, separator_of

WRITTEN = {"true": True, "false": False, "": None}
"""Truth values and their absence in text."""


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


def notes(has_note: pd.Series, first_row: int = 0) -> pd.Series:
    """Whether requests have a note; NA where it is not known.

    Parameters
    ----------
    first_row
        As of `times`.

    Raises
    ------
    DataError
        If a cell is neither true nor false; names the rows, counted from 1.
    """
    if has_note.dtype in ("str", "object"):  # as CSV has it
        has_note = has_note.astype(object).map(
            lambda cell: WRITTEN.get(cell.strip().lower(), cell) if isinstance(cell, str) else cell
        )
    try:
        return has_note.astype("boolean").reset_index(drop=True)
    except (ValueError, TypeError) as error:
        wrong = has_note.notna() & ~has_note.isin([True, False])
        told = sorted({repr(cell) for cell in has_note[wrong]})
        rows = rows_in_words(np.flatnonzero(wrong) + first_row)
        raise DataError(
            f"The pairs' has_note is {', '.join(told[:3])}, neither true nor false, in {rows}. Write True or "
            "False, and leave empty what is not known."
        ) from error


def times(sent_at: pd.Series, otherwise: pd.Timestamp | None, first_row: int = 0) -> pd.Series:
    """Moments of requests.

    Parameters
    ----------
    otherwise
        The moment of those without one.
    first_row
        Rows before these, where they are part of something longer: messages count from its beginning.

    Raises
    ------
    DataError
        If a cell is no time, or empty without `otherwise`; names the rows, counted from 1.
    """
    plain = sent_at.dropna() if sent_at.dtype == object or is_numeric_dtype(sent_at.dtype) else sent_at[:0]
    number = next((cell for cell in plain if isinstance(cell, Number | np.number)), None)
    if number is not None:
        raise DataError(
            f"The pairs' sent_at is a number, {number}: seconds, days, or since when is anybody's guess. "
            "Write it as 2026-01-31T08:00:00Z."
        )
    try:
        found = pd.to_datetime(sent_at, utc=True, format="ISO8601" if sent_at.dtype == "str" else None)
    except (ValueError, TypeError) as error:
        why = first_line(error).partition(". You might")[0]  # want to set options of pandas
        wrong = pd.to_datetime(sent_at, utc=True, format="ISO8601", errors="coerce").isna() & sent_at.notna()
        rows = np.flatnonzero(wrong) + first_row
        where = f" in {rows_in_words(rows)}" if len(rows) else ""
        raise DataError(
            f"The pairs' sent_at is not a time{where}: {why}. Write it as 2026-01-31T08:00:00Z."
        ) from error
    if otherwise is not None:
        found = found.fillna(otherwise)
    empty = np.flatnonzero(found.isna()) + first_row
    if len(empty):
        raise DataError(f"The pairs lack sent_at in {rows_in_words(empty)}. Fill it, or give `at` for these.")
    return found.reset_index(drop=True)

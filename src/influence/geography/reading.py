"""A user's own file of facts about countries: its columns as they are needed, and what it could not give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from influence.errors import ConfigError, DataError, counted, few, nearest
from influence.geography.names import to_alpha2

_MISSING = ("", ".", "NaN", "nan")


@dataclass(frozen=True)
class PairFacts:
    """What a file says of pairs of countries.

    Attributes
    ----------
    pairs : source_country, target_country, and a column of `PAIR_COLUMNS`
    notes : what could not be used, in plain sentences
    """

    pairs: pd.DataFrame
    notes: tuple[str, ...] = field(default=())


def read_columns(path: Path, codes: Sequence[str], numbers: Sequence[str]) -> pd.DataFrame:
    """The columns of a CSV file with commas or semicolons: codes as text, numbers as float64.

    Raises
    ------
    ConfigError
        If there is no such file.
    DataError
        If it cannot be read, lacks a column, or holds text where a number belongs.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as lines:
            separator = ";" if ";" in lines.readline() else ","
            lines.seek(0)
            cells = pd.read_csv(lines, sep=separator, dtype="str", keep_default_na=False)
    except FileNotFoundError as error:
        raise ConfigError(f"There is no file {str(path)!r}. Correct the path, or leave it out.") from error
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path} cannot be read as CSV: {error}.") from error
    for column in (*codes, *numbers):
        if column not in cells:
            raise DataError(f"{path} lacks the column {column!r}. {nearest(column, map(str, cells.columns))}")
    return pd.DataFrame({**{c: cells[c] for c in codes}, **{c: _numbers(cells[c], path) for c in numbers}})


def _numbers(cells: pd.Series, path: Path) -> pd.Series:
    known = cells.mask(cells.str.strip().isin(_MISSING))
    numbers = pd.to_numeric(known, errors="coerce").astype(np.float64)
    wrong = np.flatnonzero(numbers.isna() & known.notna())
    if len(wrong):
        shown = f"{cells.iloc[wrong[0]]!r} in row {wrong[0] + 1}"
        raise DataError(f"{path}: {cells.name} is not a number in {counted(len(wrong), 'row')} ({shown}).")
    return numbers


def resolved(cells: pd.Series, path: Path) -> tuple[pd.Series, tuple[str, ...]]:
    """Codes of a column of countries, and a note on the rows that name none."""
    found = to_alpha2(cells)
    left_out = int(found.codes.isna().sum())
    if not left_out:
        return found.codes, ()
    named = few(list(found.unknown)) if found.unknown else "no code given"
    return found.codes, (f"{path.name}: {left_out:,} rows without a country in {cells.name} ({named}).",)

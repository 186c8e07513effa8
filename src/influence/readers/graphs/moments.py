"""Times as files of edges write them: ISO, or numbers since 1970 in a unit that their size tells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data.checks import EARLIEST
from influence.readers.source import LATEST_S, ZERO, numbers, unix_times

UNITS = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}

FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True)
class Moments:
    """Cells as times.

    Attributes
    ----------
    at : datetime64[us, UTC] [n], NaT where a cell is empty or no time
    bad : bool [n], cells that say something, but no time
    told : how they were read, completing "the times are ..."
    """

    at: pd.Series
    bad: pd.Series
    told: str


def moments(cells: pd.Series) -> Moments:
    """Text cells as times: one way of writing for all of them, told by what most of them are."""
    text = cells.fillna("").astype("str").str.strip()
    given = text != ""
    value = numbers(text)
    numeric = np.isfinite(value)
    if given.any() and 2 * numeric.sum() >= given.sum():
        at, told = _from_numbers(value)
        at.index = cells.index
    else:
        # pandas reads "now" and "today" as the present moment; no record may.
        dated = text.where(text.str.match(r"\d{4}", na=False))
        at = pd.to_datetime(dated, format="ISO8601", utc=True, errors="coerce").astype("datetime64[us, UTC]")
        told = "dates as written, UTC where no zone stands"
    return Moments(at, given & at.isna(), told)


def _from_numbers(value: NDArray[np.float64]) -> tuple[pd.Series, str]:
    """Numbers as times, and how they were taken; negative ones and those of no unit are no times."""
    known = value[np.isfinite(value)]
    whole, largest = bool((known % 1 == 0).all()), float(known.max())
    if whole and known.min() >= FIRST_YEAR and largest <= LAST_YEAR:
        return _in_form(value, "%Y"), "years, each taken as its first day"
    if whole and known.min() >= FIRST_YEAR * 1e4 and largest < (LAST_YEAR + 1) * 1e4:
        days = _in_form(value, "%Y%m%d")
        if days.notna().sum() == len(known):
            return days, "days written as YYYYMMDD"
    if largest < EARLIEST.timestamp():
        told = f"relative; 0 is set to {ZERO:%Y-%m-%d}, so dates and weekdays mean nothing"
        return _since(value + ZERO.timestamp(), value >= 0), told
    unit = next((unit for unit, each in UNITS.items() if largest <= LATEST_S * each), "nanoseconds")
    seconds = value / UNITS[unit]
    return _since(seconds, (seconds >= 0) & (seconds <= LATEST_S)), f"{unit} since 1970"


def _in_form(value: NDArray[np.float64], form: str) -> pd.Series:
    text = pd.Series(value).astype("Int64").astype("str")
    return pd.to_datetime(text, format=form, utc=True, errors="coerce").astype("datetime64[us, UTC]")


def _since(seconds: NDArray[np.float64], sound: NDArray[np.bool_]) -> pd.Series:
    return unix_times(np.where(sound, seconds, 0.0)).where(pd.Series(sound))

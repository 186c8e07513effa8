"""Dates and times in the usual spellings of CRM exports; the order of day and month by evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from influence.readers.source import LATEST_S

END_OF_DAY = np.timedelta64(24 * 60 * 60 - 1, "s")
"""What is known by the day alone is taken as known when the day is over."""

_CLOCK = r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
_REST = r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
_STYLES = {
    "year first": r"(?P<year>\d{4})[-/.](?P<a>\d{1,2})[-/.](?P<b>\d{1,2})",
    "numbers": r"(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})[-/.](?P<year>\d{4}|\d{2})",
    "day, word": r"(?P<b>\d{1,2})[. -]+(?P<word>[^\W\d_]{3,12})\.?[, -]+(?P<year>\d{4})",
    "word, day": r"(?P<word>[^\W\d_]{3,12})\.?[ -]+(?P<b>\d{1,2})(?:st|nd|rd|th)?[, -]+(?P<year>\d{4})",
}
_MONTHS = {
    1: "jan", 2: "feb fév fev", 3: "mar mär maer", 4: "apr avr", 5: "may mai", 6: "jun juin",
    7: "jul juil", 8: "aug aoû aou", 9: "sep", 10: "oct okt", 11: "nov", 12: "dec dez déc",
}  # fmt: skip
_MONTH_OF = {start: month for month, starts in _MONTHS.items() for start in starts.split()}
_CENTURY_TURN = 70
"""Years of two digits below it are of this century."""


@dataclass(frozen=True)
class Times:
    """Cells as times.

    Attributes
    ----------
    at : UTC; NaT where a cell is empty or no time
    day_only : bool; the cell names a day without an hour
    unreadable : bool; the cell is neither empty nor a time
    """

    at: pd.Series
    day_only: pd.Series
    unreadable: pd.Series

    def known_at(self) -> pd.Series:
        """When each was surely known: days are over at their end."""
        return self.at.mask(self.day_only, self.at + END_OF_DAY)


def day_goes_first(columns: Mapping[str, pd.Series], file: str, asked: bool) -> tuple[bool, tuple[str, ...]]:
    """Whether the day stands before the month, by all the date columns of a file, and what to tell of it.

    A number above 12 decides, then dots between the numbers (15.01.2024), which are only written day first.
    Where nothing decides, it is as `asked`, and said so.
    """
    cells = pd.Series([cell for column in columns.values() for cell in column.unique()], dtype="str")
    dates = _parts(cells[cells.str.match(r"\s*\d{1,2}[-/.]\d")])
    dates = dates[dates["mark"].notna()]
    if dates.empty:
        return asked, ()
    day, month = (pd.to_numeric(dates["a"]) > 12).any(), (pd.to_numeric(dates["b"]) > 12).any()
    if day != month:
        return bool(day), ()
    if (dates["mark"] == ".").all():
        return True, ()
    which = "day/month" if asked else "month/day"
    why = "both orders occur in" if day else "every date fits both orders in"
    return asked, (
        f"{file}: {why} {', '.join(columns)}; read as {which}. "
        f"If that is wrong: --set day_first={str(not asked).lower()}.",
    )


def read_times(cells: pd.Series, day_first: bool) -> Times:
    """Cells as UTC times.

    Understood are ISO 8601, numbers in either order with `/`, `.` or `-`, English, French and German names
    of months, hours of 12 or 24, offsets from UTC, and seconds or milliseconds since 1970.  A time without an
    offset is taken as UTC.
    """
    spelled, spellings = pd.factorize(cells.str.strip())
    distinct = pd.Series(spellings, dtype="str")
    parts = _parts(distinct)
    numeric = parts["mark"].notna()
    month = parts["a"].mask(numeric & day_first, parts["b"])
    day = parts["b"].mask(numeric & day_first, parts["a"])
    month = month.fillna(parts["word"].map(_month))
    at = _assembled(parts.assign(month=month, day=day)).fillna(_since_1970(distinct))
    day_only = parts["hour"].isna() & at.notna() & ~distinct.str.fullmatch(r"\d{10}|\d{13}")
    unreadable = at.isna() & (distinct != "")
    return Times(
        *(pd.Series(each.array.take(spelled), index=cells.index) for each in (at, day_only, unreadable))
    )


def _parts(cells: pd.Series) -> pd.DataFrame:
    """The named parts of each cell, from the first style that fits it whole; NA elsewhere."""
    names = ("year", "a", "b", "mark", "word", "hour", "minute", "second", "fraction", "half", "zone")
    parts = pd.DataFrame(index=cells.index, columns=list(names), dtype="str")
    left = cells.str.strip()
    for style in _STYLES.values():
        found = left.str.extract(f"^{style}{_CLOCK}{_REST}$")
        found = found[found["year"].notna()]
        parts.loc[found.index, found.columns] = found
        left = left.drop(found.index)
    return parts


def _month(word: object) -> object:
    text = str(word).casefold()
    return next((str(_MONTH_OF[text[:n]]) for n in (4, 3) if text[:n] in _MONTH_OF), pd.NA)


def _assembled(parts: pd.DataFrame) -> pd.Series:
    """Parts as UTC times, by way of ISO 8601; what is no date of the calendar is NaT."""
    year = pd.to_numeric(parts["year"], errors="coerce")
    short = (parts["year"].str.len() == 2).fillna(False).astype(bool)
    year = year.mask(short, year + 1900).mask(short & (year < _CENTURY_TURN), year + 2000)
    half = parts["half"].str.lower().str[0]
    hour = pd.to_numeric(parts["hour"], errors="coerce").fillna(0)
    hour = hour.mask(half.notna() & (hour > 12), 99).mask(half.notna() & (hour == 12), 0)
    hour = hour.mask(half == "p", hour + 12)
    text = (
        _digits(year, 4) + "-" + _digits(pd.to_numeric(parts["month"], errors="coerce"), 2)
        + "-" + _digits(pd.to_numeric(parts["day"], errors="coerce"), 2)
        + "T" + _digits(hour, 2) + ":" + parts["minute"].fillna("00") + ":" + parts["second"].fillna("00")
        + "." + parts["fraction"].fillna("0")
        + parts["zone"].fillna("Z").replace({"UTC": "Z", "GMT": "Z"})
    )  # fmt: skip
    return _utc(pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce"))


def _digits(numbers: pd.Series, width: int) -> pd.Series:
    return numbers.astype("Int64").astype("str").str.zfill(width).where(numbers.notna())


def _since_1970(cells: pd.Series) -> pd.Series:
    """Times of ten digits (seconds) or thirteen (milliseconds)."""
    value = pd.to_numeric(cells.where(cells.str.fullmatch(r"\d{10}|\d{13}")), errors="coerce")
    value = value.mask(value > LATEST_S, value / 1000)
    return _utc(pd.to_datetime(value, unit="s", utc=True, errors="coerce"))


def _utc(times: pd.Series) -> pd.Series:
    return times.astype("datetime64[us, UTC]")


def latest(columns: Sequence[pd.Series]) -> pd.Timestamp | None:
    """The latest of all times; None where there is none."""
    found = [column.max() for column in columns if column.notna().any()]
    return max(found) if found else None

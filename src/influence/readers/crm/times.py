"""Dates and times in the usual spellings of CRM exports; the order of day and month by evidence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from influence.readers.dates import day_and_month, moment, parts_of, spread
from influence.readers.source import LATEST_S

END_OF_DAY = np.timedelta64(24 * 60 * 60 - 1, "s")
"""What is known by the day alone is taken as known when the day is over."""

_CLOCK = (
    r"(?:[T ,]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
)
_REST = r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?)?"
_YEAR_FIRST, _NUMBERS, _DAY_WORD, _WORD_DAY = (
    re.compile(style + _CLOCK + _REST)
    for style in (
        r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})",
        r"(?P<first>[0-9]{1,2})(?P<mark>[-/.])(?P<other>[0-9]{1,2})[-/.](?P<year>[0-9]{4}|[0-9]{2})",
        r"(?P<day>[0-9]{1,2})[. -]+(?P<word>[^\W\d_]{3,12})\.?[, -]+(?P<year>[0-9]{4})",
        r"(?P<word>[^\W\d_]{3,12})\.?[ -]+(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?[, -]+(?P<year>[0-9]{4})",
    )
)
_STYLES = (_YEAR_FIRST, _NUMBERS, _DAY_WORD, _WORD_DAY)
_SINCE_1970 = re.compile("[0-9]{10}|[0-9]{13}")
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
    cells = (str(cell).strip() for column in columns.values() for cell in column.unique())
    dates = [found for cell in cells if (found := _NUMBERS.fullmatch(cell))]
    if not dates:
        return asked, ()
    day, month = (any(int(date[place]) > 12 for date in dates) for place in ("first", "other"))
    if day != month:
        return day, ()
    if all(date["mark"] == "." for date in dates):
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
    places, spellings = pd.factorize(cells.str.strip())
    read = [(str(spelling), *_read(str(spelling), day_first)) for spelling in spellings]
    # One more, for the place -1 of a cell that is NA.
    day_only = np.array([*(by_day for _, _, by_day in read), False])
    unreadable = np.array([*(at is None and spelling != "" for spelling, at, _ in read), False])
    return Times(
        spread([at for _, at, _ in read], places, cells.index),
        pd.Series(day_only.take(places), index=cells.index),
        pd.Series(unreadable.take(places), index=cells.index),
    )


def _read(spelling: str, day_first: bool) -> tuple[datetime | None, bool]:
    """The moment, None where it is none, and whether it is known by the day alone."""
    if _SINCE_1970.fullmatch(spelling):
        return _since_1970(int(spelling)), False
    parts = parts_of(spelling, _STYLES)
    if parts is None:
        return None, False
    day, named = day_and_month(parts, day_first)
    month = _month(parts["word"]) if named is None else named
    at = None if month is None else moment(_year(parts["year"]), month, day, parts)
    return at, at is not None and parts["hour"] is None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year < _CENTURY_TURN else 1900)


def _month(word: str) -> int | None:
    text = word.casefold()
    return next((_MONTH_OF[text[:n]] for n in (4, 3) if text[:n] in _MONTH_OF), None)


def _since_1970(number: int) -> datetime:
    """Numbers of ten digits are seconds, larger ones milliseconds."""
    return datetime(1970, 1, 1) + timedelta(seconds=number if number <= LATEST_S else number / 1000)


def latest(columns: Sequence[pd.Series]) -> pd.Timestamp | None:
    """The latest of all times; None where there is none."""
    found = [column.max() for column in columns if column.notna().any()]
    return max(found) if found else None

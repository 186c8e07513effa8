"""Dates taken apart and put together, each spelling once: exports repeat few of them many times.

Cell by cell in plain Python: a column costs what its distinct spellings cost, a file of three rows next to
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Parts = Mapping[str, Any]
"""What a spelling names: `hour`, `minute`, `second`, `fraction`, `half` (of the day), `zone`, and its own."""

UTC_WORDS = ("Z", "UTC", "GMT")
_DIGITS_OF_MICROSECONDS = 6


def parts_of(spelling: str, forms: Iterable[re.Pattern[str]]) -> Parts | None:
    """The named groups of the first form that fits the whole spelling; None where none does."""
    return next((found.groupdict() for form in forms if (found := form.fullmatch(spelling))), None)


def day_and_month(parts: Parts, day_first: bool) -> tuple[int, int | None]:
    """Day and month as the parts name them, or by their order; no month where it is a word."""
    if "first" in parts:
        first, other = int(parts["first"]), int(parts["other"])
        return (first, other) if day_first else (other, first)
    return int(parts["day"]), int(parts["month"]) if "month" in parts else None


def moment(year: int, month: int, day: int, clock: Parts) -> datetime | None:
    """A moment of UTC, without a zone attached; None where no calendar or clock shows it.

    Without an hour it is the beginning of the day, without a zone it is taken as UTC.
    """
    hour, half = int(clock.get("hour") or 0), (clock.get("half") or "").casefold()[:1]
    if half:
        # Of twelve hours: 12 AM is midnight, 13 PM is none.
        hour = hour % 12 + 12 * (half == "p") if hour <= 12 else -1
    minute, second = int(clock.get("minute") or 0), int(clock.get("second") or 0)
    fraction = (clock.get("fraction") or "")[:_DIGITS_OF_MICROSECONDS].ljust(_DIGITS_OF_MICROSECONDS, "0")
    try:
        return datetime(year, month, day, hour, minute, second, int(fraction)) - _ahead(clock.get("zone"))
    except (ValueError, OverflowError):
        return None


def _ahead(zone: str | None) -> timedelta:
    """How far a zone is ahead of UTC.

    Raises
    ------
    ValueError
        If it is a day or more.
    """
    if zone is None or zone in UTC_WORDS:
        return timedelta()
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 23 or minutes > 59:
        raise ValueError(zone)
    return timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)


def spread(moments: Sequence[datetime | None], places: NDArray[np.intp], index: pd.Index) -> pd.Series:
    """Moments of distinct spellings at the cells that hold them (datetime64[us, UTC]); NaT at place -1."""
    times = np.array([*moments, None], dtype="datetime64[us]")
    return pd.Series(pd.DatetimeIndex(times.take(places)).tz_localize("UTC"), index=index)

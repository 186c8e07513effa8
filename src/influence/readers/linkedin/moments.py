"""Dates as archives write them, of both generations and some languages, as UTC times."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from influence.readers.dates import Parts, day_and_month, moment, parts_of, spread

EARLIEST = pd.Timestamp("2003-05-05", tz="UTC")
"""The day on which LinkedIn opened; earlier dates are slips."""
LATEST_YEAR = 2099

_NAMES = {
    "en": "jan feb mar apr may jun jul aug sep oct nov dec",
    "en, long": "january february march april may june july august september october november december",
    "de": "jan feb märz apr mai juni juli aug sept okt nov dez",
    "de, long": "januar februar mär april mai jun jul august september oktober november dezember",
    "fr": "janv févr mars avr mai juin juil août sept oct nov déc",
    "fr, long": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
"""January first, as the Unicode CLDR has them; no name means two different months."""

_CLOCK = r"(?:,? (?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?)?"
_ZONE = r"(?: ?(?P<zone>UTC|GMT|Z|[+-][0-9]{2}:?[0-9]{2}))?"
_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"
_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})"
        + _CLOCK.replace(",? ", "[T ,]+")
        + _ZONE,
        r"(?P<day>[0-9]{1,2})\.? (?P<name>[^\W\d_]+)\.?,? " + _YEAR + _CLOCK + _ZONE,
        r"(?P<first>[0-9]{1,2})(?P<mark>[/.])(?P<other>[0-9]{1,2})[/.]"
        + _YEAR
        + _CLOCK
        + r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?",
    )
)
"""`2023-05-01 14:22:10 UTC`, `12 Mar 2019`, and `5/12/21, 3:14 PM`."""


@dataclass(frozen=True)
class Moments:
    """A column of dates.

    Attributes
    ----------
    at : datetime64[us, UTC] [n], the beginning of the day where only the day is told; NaT where unreadable
    is_day : bool [n], whether only the day is told
    """

    at: pd.Series
    is_day: pd.Series

    @property
    def latest(self) -> pd.Series:
        """When each was over for certain: a day at its end."""
        return self.at.mask(self.is_day, self.at + pd.Timedelta(days=1))


def month_names(others: Mapping[str, int]) -> dict[str, int]:
    """Folded name of a month -> its number: English, French and German, and `others`."""
    known = {
        _folded(name): number
        for names in _NAMES.values()
        for number, name in enumerate(names.split(), start=1)
    }
    return known | {_folded(name): number for name, number in others.items()}


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.strip().strip(".").casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def moments(cells: pd.Series, months: Mapping[str, int]) -> Moments:
    """Text cells as times; a time without a zone is taken as UTC.

    `5/12/21` is 12 May with a clock of 12 hours, 5 December with one of 24, unless the other cells of the
    column show it to be otherwise.
    """
    places, spellings = pd.factorize(cells.astype("str"))
    read = [parts_of(" ".join(str(spelling).split()), _FORMS) for spelling in spellings]
    day_first = _day_goes_first([parts for parts in read if parts is not None])
    found = [None if parts is None else _moment(parts, months, day_first) for parts in read]
    by_day = [bool(at and parts and parts["hour"] is None) for at, parts in zip(found, read, strict=True)]
    return Moments(
        spread(found, places, cells.index), pd.Series(np.array([*by_day, False]).take(places), cells.index)
    )


def _day_goes_first(read: Sequence[Parts]) -> bool | None:
    """Whether the day stands before the month in dates with slashes, by the numbers above 12; None: open."""
    slashed = [parts for parts in read if parts.get("mark") == "/"]
    day, month = (any(int(parts[place]) > 12 for parts in slashed) for place in ("first", "other"))
    return None if day == month else day


def _moment(parts: Parts, months: Mapping[str, int], day_first: bool | None) -> datetime | None:
    turned = parts.get("mark") == "." or (parts.get("half") is None if day_first is None else day_first)
    day, number = day_and_month(parts, turned)
    month = months.get(_folded(parts["name"])) if number is None else number
    year = int(parts["year"])
    year += 2000 * (year < 100)
    return None if month is None or year > LATEST_YEAR else moment(year, month, day, parts)

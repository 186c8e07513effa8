"""Dates as archives write them, of both generations and some languages, as UTC times."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

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

_CLOCK = r"(?:,? (?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?)?"
_ZONE = r"(?: ?(?P<zone>UTC|GMT|Z|[+-]\d{2}:?\d{2}))?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_FORMS = (
    r"^(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    + _CLOCK.replace(",? ", "[T ,]+")
    + _ZONE
    + "$",
    r"^(?P<day>\d{1,2})\.? (?P<name>[^\W\d_]+)\.?,? " + _YEAR + _CLOCK + _ZONE + "$",
    r"^(?P<first>\d{1,2})(?P<mark>[/.])(?P<other>\d{1,2})[/.]"
    + _YEAR
    + _CLOCK
    + r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?$",
)
"""`2023-05-01 14:22:10 UTC`, `12 Mar 2019`, and `5/12/21, 3:14 PM`."""
_PARTS = (
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
    "zone",
    "name",
    "first",
    "other",
    "mark",
    "half",
)


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
    text = cells.astype("str").str.replace(r"[\s\u00a0\u202f]+", " ", regex=True).str.strip()
    parts = _in_order(_parts_of(text))
    numbers = pd.DataFrame({name: pd.to_numeric(parts[name]) for name in _PARTS[:6]}, dtype="float64")
    named = parts["name"].map(lambda name: months.get(_folded(name)), na_action="ignore").astype("float64")
    numbers["month"] = numbers["month"].fillna(named)
    numbers["year"] = numbers["year"].where(numbers["year"] >= 100, numbers["year"] + 2000)
    is_day = numbers["hour"].isna()
    numbers = _full_clock(numbers.fillna({"hour": 0.0, "minute": 0.0, "second": 0.0}), parts["half"])
    at = pd.to_datetime(numbers, errors="coerce").dt.as_unit("us").dt.tz_localize("UTC")
    return Moments(at - _offset(parts["zone"]), is_day & at.notna())


def _parts_of(text: pd.Series) -> pd.DataFrame:
    """The cells taken apart, in the columns `_PARTS`; at most one of the formats fits each."""
    parts = dict.fromkeys(_PARTS, pd.Series(index=text.index, dtype="str"))
    for form in _FORMS:
        found = text.str.extract(form)
        fits = found.notna().any(axis=1)
        if fits.any():
            parts |= {name: parts[name].where(~fits, found[name]) for name in found.columns}
    return pd.DataFrame(parts)


def _in_order(parts: pd.DataFrame) -> pd.DataFrame:
    """Month and day of numeric dates, by the evidence of the column where it gives any."""
    first, other = pd.to_numeric(parts["first"]), pd.to_numeric(parts["other"])
    slashed = parts["mark"] == "/"
    day_seen, month_seen = bool((slashed & (first > 12)).any()), bool((slashed & (other > 12)).any())
    told = parts["half"].isna() if day_seen == month_seen else pd.Series(day_seen, index=parts.index)
    day_first = (parts["mark"] == ".") | told
    day = parts["first"].where(day_first, parts["other"])
    month = parts["other"].where(day_first, parts["first"])
    return parts.assign(day=parts["day"].fillna(day), month=parts["month"].fillna(month))


def _full_clock(numbers: pd.DataFrame, half: pd.Series) -> pd.DataFrame:
    """Hours from 0 to 23; the rows of impossible ones are made NaN."""
    hour = numbers["hour"]
    halved = half.notna()
    turned = hour % 12 + 12.0 * half.str.lower().eq("p")
    sound = (
        numbers["year"].between(1, LATEST_YEAR)
        & (hour.between(1, 12) | ~halved)
        & hour.lt(24)
        & numbers["minute"].lt(60)
        & numbers["second"].lt(60)
    )
    return numbers.assign(hour=hour.mask(halved, turned)).where(sound)


def _offset(zone: pd.Series) -> pd.Series:
    """How far a zone is ahead of UTC."""
    found = zone.str.extract(r"^(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})$")
    minutes = pd.to_numeric(found["hours"]) * 60 + pd.to_numeric(found["minutes"])
    signed = minutes.where(found["sign"] != "-", -minutes).fillna(0)
    return pd.to_timedelta(signed, unit="m")

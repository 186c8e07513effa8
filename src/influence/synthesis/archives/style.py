"""How an archive is written: language, generation, and the habits in which exports differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

import numpy as np
import pandas as pd

Headers = Mapping[str, Mapping[str, str]]
"""File -> their header -> our header, where our headers are the English ones."""


@dataclass(frozen=True)
class Locale:
    """The words of one language.

    Attributes
    ----------
    months : short names, January first
    day : how `Connected On` is written, `{month}` filled from `months`, the rest by strftime
    minute : the same of `Sent At`
    headers : file -> English header -> theirs; a header that is not named stays English
    """

    months: tuple[str, ...]
    day: str
    minute: str
    headers: Headers


_GERMAN: Headers = {
    "Connections.csv": {
        "First Name": "Vorname", "Last Name": "Nachname", "Email Address": "E-Mail-Adresse",
        "Company": "Unternehmen", "Connected On": "Vernetzt am",
    },
    "Invitations.csv": {
        "From": "Von", "To": "An", "Sent At": "Gesendet am", "Message": "Nachricht", "Direction": "Richtung",
    },
    "Positions.csv": {
        "Company Name": "Unternehmen", "Title": "Titel", "Description": "Beschreibung", "Location": "Ort",
        "Started On": "Beginn", "Finished On": "Ende",
    },
}  # fmt: skip
_FRENCH: Headers = {
    "Connections.csv": {
        "First Name": "Prénom", "Last Name": "Nom", "Email Address": "Adresse e-mail",
        "Company": "Entreprise", "Position": "Poste", "Connected On": "En relation depuis",
    },
    "Invitations.csv": {
        "From": "De", "To": "À", "Sent At": "Envoyée le", "Message": "Message", "Direction": "Sens",
    },
    "Positions.csv": {
        "Company Name": "Entreprise", "Title": "Intitulé", "Description": "Description", "Location": "Lieu",
        "Started On": "Début", "Finished On": "Fin",
    },
}  # fmt: skip
_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Abbreviated months and short forms of dates as in the Unicode CLDR.
_DE = ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.")
_FR = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")

LOCALES: Mapping[str, Locale] = MappingProxyType(
    {
        "en": Locale(_EN, "%d {month} %Y", "{m}/{d}/%y, {h}:%M %p", {}),
        "de": Locale(_DE, "{d}. {month} %Y", "%d.%m.%y, %H:%M", _GERMAN),
        "fr": Locale(_FR, "{d} {month} %Y", "%d/%m/%Y %H:%M", _FRENCH),
    }
)
"""The languages that archives are written in."""


def mapping_of(locale: str) -> dict[str, dict[str, str]]:
    """What a reader of English headers needs to know: file -> their header -> ours."""
    headers = LOCALES[locale].headers
    return {file: {theirs: ours for ours, theirs in names.items()} for file, names in headers.items()}


@dataclass(frozen=True)
class Style:
    """How the files of one archive are written.

    Attributes
    ----------
    locale : a name in `LOCALES`
    short_years : `Connected On` with years of two digits, as in older exports
    has_bom, has_crlf : byte order mark, and line ends of Windows
    quotes_all : every cell in quotation marks, headers too
    numbers_files : some files are called `<name>_<member id>.csv`
    numbers_names : some last names are followed by `_<member id>`
    tells_drafts : the three newer columns of messages
    """

    locale: str = "en"
    short_years: bool = False
    has_bom: bool = True
    has_crlf: bool = True
    quotes_all: bool = True
    numbers_files: bool = True
    numbers_names: bool = True
    tells_drafts: bool = True

    @classmethod
    def drawn(cls, rng: np.random.Generator, locale: str = "en") -> Style:
        """Any combination of the habits."""
        return cls(locale, *(rng.random(len(fields(cls)) - 1) < 0.5).tolist())

    @property
    def language(self) -> Locale:
        """The words."""
        return LOCALES[self.locale]

    def day(self, at: pd.Series) -> pd.Series:
        """Days as `Connected On` has them."""
        form = self.language.day.replace("%Y", "%y") if self.short_years else self.language.day
        return self._written(at, form)

    def minute(self, at: pd.Series) -> pd.Series:
        """Minutes as `Sent At` has them."""
        return self._written(at, self.language.minute)

    def month(self, at: pd.Series) -> pd.Series:
        """Months as `Started On` has them."""
        return self._written(at, "{month} %Y")

    def _written(self, at: pd.Series, form: str) -> pd.Series:
        months = self.language.months
        cells = [
            each.strftime(form).format(
                month=months[each.month - 1], d=each.day, m=each.month, h=(each.hour + 11) % 12 + 1
            )
            for each in at
        ]
        return pd.Series(cells, index=at.index, dtype="str")


def second(at: pd.Series) -> pd.Series:
    """Seconds as most files have them, in every language."""
    return at.dt.strftime("%Y-%m-%d %H:%M:%S").astype("str")

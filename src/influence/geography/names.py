"""Countries as people write them, turned into ISO 3166-1 alpha-2 codes.  Nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers

from influence.errors import nearest
from influence.geography.table import countries, shipped_csv

MISSING_WORDS = frozenset({"", "nan", "<na>", "n/a", "null", "none", "nat"})
"""Cells, in any case, that say nothing.  `NA` is not among them: it is Namibia."""

ANONYMOUS = re.compile(r"AA|Q[M-Z]|X[A-JL-Z]|ZZ")
"""Codes that ISO 3166-1 leaves to users: valid, and nothing is known of the country."""

_RENAMED = {"ROM": "RO", "PAL": "PS", "KOS": "XK", "XKX": "XK", "EL": "GR"}
"""Codes that are in use beside those of ISO and CLDR: before 2002, in CEPII's files, in the EU."""
_LONGEST_CODE, _LONGEST_NAME = 3, 120
_WRITTEN_OUT = {"st": "saint", "ste": "saint", "rep": "republic", "dem": "democratic"}
_DROPPED_WORDS = frozenset({"the", "of", "and"})
_UNWRITTEN = {ord(mark): None for mark in "'’‘`ʻ"} | dict.fromkeys(range(0x300, 0x370)) | {ord("&"): " and "}
"""Apostrophes and the accents of Latin, Greek, Cyrillic; vowel signs of other scripts stay."""


@dataclass(frozen=True)
class Resolved:
    """Cells as codes, and the spellings that are no country.

    Attributes
    ----------
    codes : str Series, index and length of the cells; NA where a cell is missing or unknown
    unknown : spelling -> number of cells, most frequent first
    """

    codes: pd.Series
    unknown: Mapping[str, int]


def to_alpha2(cells: pd.Series) -> Resolved:
    """Codes of countries written as codes or names in any case, with or without accents and punctuation.

    Understood are ISO 3166-1 alpha-2 and alpha-3; names in English (short, formal and former) and in all
    languages of CLDR; codes of countries that were renamed (`ROM`, `ZAR`); `UK` and `EL`; England,
    Scotland, Wales and Northern Ireland as GB; user-assigned codes (`XA`), as they are.  A dissolved state
    that became several (`YUG`, `ANT`), an aggregate (`EU`) and a name that two countries share are
    unknown.  Each distinct spelling is looked up once.
    """
    places, spellings = pd.factorize(cells.astype("str"))
    found = [_code_of(spelling) for spelling in spellings]
    # One more entry, for the place -1 of a cell that is NA.
    codes = pd.array([*found, None], dtype="str").take(places)
    counts = np.bincount(places[places >= 0], minlength=len(spellings))
    unknown = {
        str(spelling): int(n)
        for spelling, n, code in zip(spellings, counts, found, strict=True)
        if code is None and not _is_missing(spelling)
    }
    most_frequent_first = dict(sorted(unknown.items(), key=lambda item: -item[1]))
    return Resolved(pd.Series(codes, index=cells.index, name=cells.name), most_frequent_first)


def nearest_name(spelling: str) -> str:
    """What an unknown spelling may have meant: the states that one became, or the closest names and codes."""
    word = spelling.strip()[:_LONGEST_NAME]
    if word.upper() == "NA":
        return f"Write NA for Namibia, or nothing for a missing country, in the place of {word!r}."
    heirs = get_global("territory_aliases").get(word.upper(), [])
    if len(heirs) > 1:
        return f"{word!r} became {', '.join(heirs)}: choose one."
    return nearest(word.upper() if len(word) <= _LONGEST_CODE else word.title(), _words_for_hints())


def _is_missing(spelling: str) -> bool:
    return spelling.strip().casefold() in MISSING_WORDS


def _code_of(spelling: str) -> str | None:
    """The code; None for a missing or unknown one."""
    word = spelling.strip()
    upper = word.upper()
    if _is_missing(word) or len(word) > _LONGEST_NAME:
        return None
    if ANONYMOUS.fullmatch(upper):
        return upper
    # A small "na" is more often a missing value than Namibia: neither is assumed.
    if upper == "NA" and word != "NA":
        return None
    return _codes().get(upper) or _english().get(key := name_key(word)) or _all_languages().get(key)


def name_key(name: str) -> str:
    """What is compared: words in the order of the alphabet, without case, accents, punctuation, articles.

    The order makes "Korea, Republic of" and "Republic of Korea" one.
    """
    letters = unicodedata.normalize("NFKD", name.casefold()).translate(_UNWRITTEN)
    plain = "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in letters)
    # "U. S. A." is one word.
    words = re.sub(r"\b([a-z]) (?=[a-z]\b)", r"\1", " ".join(plain.split())).split()
    return " ".join(sorted(_WRITTEN_OUT.get(word, word) for word in words if word not in _DROPPED_WORDS))


@cache
def _codes() -> Mapping[str, str]:
    """Alpha-2, alpha-3 and renamed codes in capitals -> alpha-2."""
    table = countries()
    own = _own_codes()
    renamed = {
        old: new[0]
        for old, new in get_global("territory_aliases").items()
        if old.isalpha() and len(new) == 1 and new[0] in own
    }
    return {
        **renamed,
        **_RENAMED,
        **dict(zip(table["alpha3"], table["country"], strict=True)),
        **{code: code for code in own},
    }


@cache
def _english() -> Mapping[str, str]:
    """Keys of English names and of the spellings shipped -> alpha-2; these go before other languages."""
    table, shipped = countries(), shipped_csv("spellings.csv")
    written = {
        code: text.split(";") for code, text in zip(shipped["country"], shipped["spellings"], strict=True)
    }
    return _agreed(
        [
            *zip(table["name"], table["country"], strict=True),
            *((name, code) for code, names in written.items() for name in names),
            *_names_in("en"),
        ]
    )


@cache
def _all_languages() -> Mapping[str, str]:
    """Keys of the names in every language -> alpha-2, where all languages agree."""
    return _agreed({named for language in _languages() for named in _names_in(language)})


def _languages() -> list[str]:
    """Languages, in each script; of their regional forms only that of Portugal, whose names differ."""
    forms = (name.partition("_") for name in locale_identifiers())
    whole = (language + _ + script for language, _, script in forms if not script or len(script) == 4)
    return [*sorted(whole), "pt_PT"]


def _names_in(language: str) -> Iterator[tuple[str, str]]:
    own = _own_codes()
    names = Locale.parse(language).territories.items()
    return ((name, code) for code, name in names if code in own)


@cache
def _own_codes() -> frozenset[str]:
    return frozenset(countries()["country"])


def _agreed(named: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Key -> code for keys that belong to one country only."""
    found: dict[str, str] = {}
    shared = set()
    for name, code in named:
        key = name_key(name)
        if found.setdefault(key, code) != code:
            shared.add(key)
    return {key: code for key, code in found.items() if key and key not in shared}


@cache
def _words_for_hints() -> tuple[str, ...]:
    table = countries()
    return (*table["name"], *table["country"], *table["alpha3"])

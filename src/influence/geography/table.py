"""The table of countries that is shipped, completed by what Babel knows of languages and currencies."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import StringIO

import pandas as pd
from babel.core import get_global

_MENDED_LANGUAGES = {"MG": "mg fr", "MK": "mk sq", "NG": "en", "UA": "uk"}
"""Where CLDR names a language that is official no longer or in a part only, or lacks one."""
_ONE_LANGUAGE = {"nb": "no", "nn": "no", "fil": "tl"}
"""Codes of CLDR -> the code under which the language is known elsewhere."""
_NATIONAL = ("official", "de_facto_official")
"""Languages official in a part of the country only (Catalan in Spain) do not count."""


def countries() -> pd.DataFrame:
    """Every country: the 249 codes of ISO 3166-1 and XK, Kosovo, in the order of their codes.

    Returns
    -------
    DataFrame
        country, alpha3, name, capital, capital_latitude, capital_longitude (degrees), region, borders
        (alpha-2, over land), blocs, languages (ISO 639, official in the whole country), currencies (ISO
        4217, legal tender today).  The last four are words with spaces between, as in the table `countries`
        of the vocabulary.  NA is unknown; "" is none.
    """
    return _countries().copy()


@cache
def _countries() -> pd.DataFrame:
    table = shipped_csv("countries.csv")
    degrees = ["capital_latitude", "capital_longitude"]
    table[degrees] = table[degrees].apply(pd.to_numeric)
    table["capital"] = table["capital"].replace("", pd.NA)
    for column, known in (("languages", _languages), ("currencies", _currencies)):
        words = [" ".join(known(code)) or None for code in table["country"]]
        table[column] = pd.Series(words, dtype="str")
    return table


def shipped_csv(name: str) -> pd.DataFrame:
    """A file of this package as text cells; the cell `NA` is Namibia."""
    text = files("influence.geography").joinpath(name).read_text(encoding="utf-8")
    return pd.read_csv(StringIO(text), dtype="str", keep_default_na=False)


def _languages(code: str) -> list[str]:
    if code in _MENDED_LANGUAGES:
        return _MENDED_LANGUAGES[code].split()
    found = get_global("territory_languages").get(code, {})
    spoken = (name.split("_")[0] for name, facts in found.items() if facts["official_status"] in _NATIONAL)
    return list(dict.fromkeys(_ONE_LANGUAGE.get(name, name) for name in spoken))


def _currencies(code: str) -> list[str]:
    """Those that are legal tender today: two in Namibia, its own and South Africa's."""
    found = get_global("territory_currencies").get(code, [])
    return [name for name, _, until, is_tender in found if is_tender and not until]

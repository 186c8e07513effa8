"""Words of CRM exports in one form: names, domains, e-mail addresses, profiles, record ids."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pandas as pd

from influence.data.identities import canonical_slug

SHARED_HOSTS = (
    "linkedin.com", "facebook.com", "xing.com", "twitter.com", "x.com", "instagram.com", "google.com",
    "youtube.com",
)  # fmt: skip
"""Sites where companies have a page: no company's own domain."""

_EMAIL = r"(?<![^\s<>()\[\],;:\"'])([^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"'@]+\.[A-Za-z]{2,})"
"""Looked for where a word begins alone: from each of its letters, a cell of one long word takes minutes."""
_PROFILE = r"/in/([^/?#\s]+)"
_DOMAIN = r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@\s]*@)?([^/:?#\s]+)"
_WHOLE_NUMBER, _LONG_ID = re.compile(r"([0-9]+)\.0+"), re.compile("[A-Za-z0-9]{18}")
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l"})


def folded(text: str) -> str:
    """Words in small letters without accents and punctuation, one space between them."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    letters = (
        letter if unicodedata.category(letter)[0] in "LN" else " "
        for letter in plain
        if unicodedata.category(letter) != "Mn"
    )  # fmt: skip
    return " ".join("".join(letters).split())


def folded_all(cells: pd.Series) -> pd.Series:
    """Each cell folded; NA where nothing is left."""
    return mapped(cells, folded)


def emails(cells: pd.Series) -> pd.Series:
    """The first e-mail address in each cell, in small letters; NA where there is none."""
    return cells.str.extract(_EMAIL, expand=False).str.lower().str.rstrip(".")


def all_emails(cells: pd.Series) -> pd.Series:
    """Every e-mail address of each cell, in small letters: one row each, under the cell's index."""
    found = cells.dropna().str.lower().str.findall(_EMAIL).explode().dropna()
    return found.astype("str").str.rstrip(".")


def slugs(cells: pd.Series) -> pd.Series:
    """The slug of a LinkedIn profile (`/in/<slug>`) in each cell, decoded, in small letters; else NA."""
    return mapped(cells.str.extract(_PROFILE, expand=False), canonical_slug)


def domains(cells: pd.Series) -> pd.Series:
    """The domain of a web address in each cell, without `www.`; NA where there is none of one's own."""
    found = cells.str.strip().str.lower().str.extract(_DOMAIN, expand=False)
    found = found.str.removeprefix("www.").str.rstrip(".")
    own = (
        found.str.fullmatch(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[a-z][a-z0-9-]+").astype("boolean").fillna(False)
    )
    shared = found.str.fullmatch("|".join(rf"(?:.*\.)?{re.escape(host)}" for host in SHARED_HOSTS))
    return found.where(own.astype(bool) & ~shared.astype("boolean").fillna(False).astype(bool))


def record_id(cell: str) -> str:
    """An id without what a spreadsheet made of it: `123.0` is `123`."""
    text = cell.strip()
    as_number = _WHOLE_NUMBER.fullmatch(text)
    return as_number[1] if as_number else text


def short_id(cell: str) -> str:
    """An id as Salesforce's reports have it: of 18 characters the first 15, the others are a check sum."""
    text = record_id(cell)
    return text[:15] if _LONG_ID.fullmatch(text) else text


def filled(cells: pd.Series) -> pd.Series:
    """Cells without surrounding spaces; NA where they are empty."""
    text = cells.str.strip()
    return text.where(text != "")


def mapped(cells: pd.Series, change: Callable[[str], str | None]) -> pd.Series:
    """What becomes of each cell, every spelling looked at once; NA where nothing does."""
    spelled, spellings = pd.factorize(cells)
    found = [change(str(spelling)) or None for spelling in spellings]
    return pd.Series(pd.array([*found, None], dtype="str").take(spelled), index=cells.index)

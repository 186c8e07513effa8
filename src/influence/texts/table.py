"""The table of texts, and a text filled in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from string import Formatter

from influence.texts.language import LANGUAGES, language_now
from influence.texts.values import THIN, in_words

FEW = 5
"""Names that a sentence gives before it counts the others."""


class _Filling(Formatter):
    """Fills placeholders with values as the language of the context writes them."""

    def format_field(self, value: object, format_spec: str) -> str:
        return in_words(value, format_spec)


_FILLING = _Filling()


def text(key: str, /, **values: object) -> str:
    """A text in the language of the context, its placeholders filled.

    Raises
    ------
    KeyError
        If the table holds no such key, or a placeholder has no value: a bug.
    """
    return _FILLING.vformat(read()[key][language_now()], (), values)


def term(group: str, name: str) -> str:
    """What a name that the code uses, of a method or a table, is called; itself, spaced, where nothing says.

    Names may come from elsewhere: from files of an earlier version, or a baseline that a user has added.
    """
    key = f"{group}.{name}"
    return text(key) if key in read() else name.replace("_", " ")


def first_few(names: Iterable[object]) -> str:
    """The first `FEW` of several names, and how many more there are."""
    shown = [str(name) for name in names]
    first = ", ".join(shown[:FEW])
    return text("and_more", names=first, n=len(shown) - FEW) if len(shown) > FEW else first


@cache
def read() -> Mapping[str, Mapping[str, str]]:
    """Key -> language -> template, as `texts.csv` holds them, set as each language sets its signs.

    Raises
    ------
    ValueError
        If a key stands there twice.
    """
    written = resources.files(__package__).joinpath("texts.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(written)))
    found = {row["key"]: {code: _set(row[code], code) for code in LANGUAGES} for row in rows}
    if len(found) < len(rows):
        raise ValueError("texts.csv holds a key twice.")
    return found


def _set(template: str, language: str) -> str:
    """A template with the spaces that French sets around its signs; plain ones are written in the table."""
    if language != "fr":
        return template
    return re.sub(r"« ?", f"«{THIN}", re.sub(r" ([:;?!%»])", rf"{THIN}\1", template)).replace("'", "’")

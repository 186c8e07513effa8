"""Numbers, shares, dates, countries and lists as a language writes them (CLDR, through babel)."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import NumberPattern, get_decimal_symbol, parse_pattern

from influence.texts.language import language_now

if TYPE_CHECKING:
    import pandas as pd

THIN = "\u202f"
"""The narrow space that never breaks: French sets it before high punctuation and within numbers."""
_SPEC = re.compile(r"(\+?)(?:\.(\d))?(%?)")
_PERCENT = {"en": " %", "fr": f"{THIN}%"}


def number(value: float, decimals: int | None = None, *, signed: bool = False) -> str:
    """A number with its thousands grouped; a whole one has no decimals unless they are asked for.

    >>> number(1204.26, 1), number(3), number(0.5, 2, signed=True)
    ('1,204.3', '3', '+0.50')
    """
    return _applied(value, ("+" if signed else "") + ("" if decimals is None else f".{decimals}"))


def two_digits(value: float) -> str:
    """A number with two significant digits, for what is not known better.

    >>> two_digits(0.1234), two_digits(2.34), two_digits(127.0)
    ('0.12', '2.3', '130')
    """
    decimals = 1 - math.floor(math.log10(abs(value))) if value else 0
    return number(round(value, decimals), max(decimals, 0))


def percent(share: float, decimals: int = 0) -> str:
    """A share of 1 in per cent.

    >>> percent(0.314), percent(0.0314, 1)
    ('31 %', '3.1 %')
    """
    return _applied(share, f".{decimals}%")


def date(moment: pd.Timestamp | datetime.date) -> str:
    """A day, its month written out.

    >>> date(datetime.date(2026, 1, 31))
    'January 31, 2026'
    """
    return format_date(moment, "long", locale=language_now())


def country(code: str) -> str:
    """What a country is called; a code that has no name stays as it is.

    >>> country("DE"), country("X1")
    ('Germany', 'X1')
    """
    return str(Locale.parse(language_now()).territories.get(code, code))


def listed(words: Sequence[str]) -> str:
    """Words as an enumeration.

    >>> listed(["a", "b", "c"])
    'a, b, and c'
    """
    return format_list(list(words), locale=language_now())


def list_separator() -> str:
    """What spreadsheets set to the language take for the border of two cells: not their decimal sign.

    >>> list_separator()
    ','
    """
    return ";" if get_decimal_symbol(_locale()) == "," else ","


def in_words(value: object, spec: str) -> str:
    """A value as a template asks for it: `{n}`, `{x:.1}`, `{x:+.2}`, `{share:%}`, `{n:person|people}`.

    The last form gives the word that goes with a count, singular or plural by the rules of the language.
    """
    if "|" in spec:
        one, others = spec.split("|")
        n = float(str(value))
        rule = _locale().plural_form(int(n) if n.is_integer() else n)
        return one if rule == "one" else others
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        return str(value)
    return _applied(float(value) if isinstance(value, float | np.floating) else int(value), spec)


def _applied(value: float, spec: str) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return {"inf": "∞", "-inf": "-∞"}.get(str(float(value)), "-")
    return str(_pattern(language_now(), spec).apply(Decimal(repr(float(value))), _locale()))


def _locale() -> Locale:
    return Locale.parse(language_now())


@cache
def _pattern(language: str, spec: str) -> NumberPattern:
    asked = _SPEC.fullmatch(spec)
    if asked is None:
        raise ValueError(f"{spec!r} is no form of a number.")
    sign, decimals, share = asked.groups()
    if decimals is None:
        shown = "#,##0" if share else "#,##0.###"
    else:
        shown = "#,##0" + ("." + "0" * int(decimals) if int(decimals) else "")
    body = shown + (_PERCENT[language] if share else "")
    return parse_pattern(f"+{body};-{body}" if sign else body)

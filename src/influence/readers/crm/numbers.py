"""Amounts as people write them: thousands separators, decimal commas, currency signs."""

from __future__ import annotations

import re

import pandas as pd

CURRENCY_OF = {
    "€": "EUR",
    "£": "GBP",
    "US$": "USD",
    "C$": "CAD",
    "A$": "AUD",
    "zł": "PLN",
    "₹": "INR",
    "Fr.": "CHF",
}
"""Signs that one currency has; `$`, `¥` and `kr` have several and name none."""

_SPACES = re.compile(r"[\s'’]")
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")
_NUMBER = re.compile(r"[-+]?(?:\d[\d.,]*|[.,]\d+)(?:[eE][-+]?\d+)?")


def amounts(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Numbers and the ISO 4217 codes of their currencies, NaN and NA where there is none.

    The last of two kinds of separator is the decimal one.  A single one before exactly three digits is a
    thousands separator where it is a comma, unless another cell of the column shows that decimals are written
    with one: `1,5` beside `1,250` makes the latter 1.25.
    """
    spelled, spellings = pd.factorize(cells.str.strip())
    distinct = [str(spelling) for spelling in spellings]
    comma_is_decimal = any(_shows_decimal_comma(cell) for cell in distinct)
    values = pd.array([_value(cell, comma_is_decimal) for cell in distinct], dtype="Float64").take(spelled)
    codes = pd.array([_currency(cell) for cell in distinct], dtype="str").take(spelled)
    number = pd.Series(values, index=cells.index).astype("float64")
    return number.where(number.abs() < float("inf")), pd.Series(codes, index=cells.index)


def whole_numbers(cells: pd.Series) -> pd.Series:
    """Amounts rounded to whole numbers; the lower end of a range such as `51-200`."""
    low = cells.str.extract(r"^\s*(\d[\d.,\s]*?)\s*(?:-|–|to|bis|à)\s*\d", expand=False)
    number = amounts(low.fillna(cells))[0].round()
    return number.where(number.between(0, 2**53)).astype("Int64")


def _bare(cell: str) -> tuple[str, bool]:
    """The digits and separators of a cell, and whether it is written as negative."""
    text = _SPACES.sub("", cell)
    found = _NUMBER.search(text)
    negative = text.startswith("(") and text.endswith(")")
    return (found.group() if found else ""), negative


def _shows_decimal_comma(cell: str) -> bool:
    digits, _ = _bare(cell)
    if "," in digits and "." in digits:
        return digits.rfind(",") > digits.rfind(".")
    return digits.count(".") > 1 or bool(re.fullmatch(r"[-+]?\d*,(\d{1,2}|\d{4,})", digits))


def _value(cell: str, comma_is_decimal: bool) -> float | None:
    digits, negative = _bare(cell)
    if not digits:
        return None
    decimal, thousands = (",", ".") if comma_is_decimal else (".", ",")
    if comma_is_decimal and re.fullmatch(r"[-+]?\d+\.(\d{1,2}|\d{4,})", digits):
        decimal, thousands = (
            ".",
            ",",
        )  # 12.5 beside 1,5: a dot before other than three digits is none of thousands
    try:
        value = float(digits.replace(thousands, "").replace(decimal, "."))
    except ValueError:
        return None
    return -value if negative else value


def _currency(cell: str) -> str | None:
    code = _CODE.search(cell)
    if code:
        return code.group(1)
    return next((name for sign, name in CURRENCY_OF.items() if sign in cell), None)

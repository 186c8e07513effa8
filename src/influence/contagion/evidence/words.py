"""Figures in words, for sentences that someone who sells will read."""

from __future__ import annotations

from influence import texts
from influence.texts import number, text

SECONDS_PER_DAY = 86_400


def count(value: float) -> str:
    """A count, with one decimal where it is small and not whole."""
    return number(value, 0 if value >= 100 or float(value).is_integer() else 1)


def percent(share: float) -> str:
    """A share of 1 in per cent, with one decimal below 10."""
    return texts.percent(share, 1 if abs(share) < 0.1 else 0)


def p_words(p_value: float) -> str:
    """A p-value as what it says."""
    if p_value < 0.001:
        return text("p_value.tiny")
    return text("p_value", p=percent(p_value), value=p_value)


def days(value: float) -> str:
    """A length of time in the unit that reads best.

    >>> days(0.5), days(1.0), days(45.2)
    ('12 hours', '1 day', '45 days')
    """
    units = ((1 / 24, 1 / 1440, "minutes"), (1, 1 / 24, "hours"), (float("inf"), 1, "days"))
    _, size, name = next(unit for unit in units if value < unit[0])
    n = value / size
    return text(f"duration.{name}", n=round(n, 1) if n < 10 else round(n))

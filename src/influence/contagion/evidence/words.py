"""Figures in words, for sentences that someone who sells will read."""

from __future__ import annotations

SECONDS_PER_DAY = 86_400


def count(value: float) -> str:
    """A count, with one decimal where it is small and not whole."""
    return f"{value:,.0f}" if value >= 100 or float(value).is_integer() else f"{value:.1f}"


def percent(share: float) -> str:
    """A share of 1 in per cent, with one decimal below 10."""
    return f"{100 * share:.1f} %" if abs(share) < 0.1 else f"{100 * share:.0f} %"


def p_words(p_value: float) -> str:
    """A p-value as what it says."""
    if p_value < 0.001:
        return "which chance alone would show less than once in 1,000 times (p < .001)"
    return f"which chance alone would show {percent(p_value)} of the time (p = {p_value:.3f})"


def days(value: float) -> str:
    """A length of time in the unit that reads best.

    >>> days(0.5), days(1.0), days(45.2)
    ('12 hours', '1 day', '45 days')
    """
    units = ((1 / 24, 1 / 1440, "minute"), (1, 1 / 24, "hour"), (float("inf"), 1, "day"))
    _, size, name = next(unit for unit in units if value < unit[0])
    n = value / size
    shown = f"{n:.1f}" if n < 10 and not round(n, 1).is_integer() else f"{n:.0f}"
    return f"{shown} {name}" + ("" if shown == "1" else "s")

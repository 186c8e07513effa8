"""Sentences that several readers tell of what they left out."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

MOST_LISTED = 20


def dropped(file: str, what: str, rows: pd.Series) -> tuple[str, ...]:
    """How many rows were left out (bool, True = left out); no note where there are none."""
    return (f"{file}: {int(rows.sum()):,} {what} were dropped.",) if rows.any() else ()


def unknown_countries(file: str, unknown: Mapping[str, int]) -> tuple[str, ...]:
    """Spellings of countries that nobody knows, with how often each stands; no note where there are none."""
    listed = [f"{name} ({n:,})" for name, n in unknown.items()]
    more = f" and {len(listed) - MOST_LISTED:,} more" if len(listed) > MOST_LISTED else ""
    names = ", ".join(listed[:MOST_LISTED]) + more
    return (f"{file}: unknown countries were left out: {names}.",) if listed else ()

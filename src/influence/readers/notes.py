"""Sentences that several readers tell of what they left out, and those of many files told together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from influence.errors import few

MOST_LISTED = 20


def dropped(file: str, what: str, rows: pd.Series) -> tuple[str, ...]:
    """How many rows were left out (bool, True = left out); no note where there are none."""
    return (f"{file}: {int(rows.sum()):,} {what} were dropped.",) if rows.any() else ()


def unknown_countries(file: str, unknown: Mapping[str, int]) -> tuple[str, ...]:
    """Spellings of countries that nobody knows, with how often each stands; no note where there are none."""
    listed = [f"{name} ({n:,})" for name, n in unknown.items()]
    return (f"{file}: unknown countries were left out: {few(listed, MOST_LISTED)}.",) if listed else ()


def gathered(notes: Iterable[str]) -> list[str]:
    """Notes, those that say the same of several files told once, where the first of them stood.

    >>> gathered(["ann.zip: no messages", "all read", "bo.zip: no messages"])
    ['ann.zip and 1 more: no messages', 'all read']
    """
    files: dict[str, list[str]] = {}
    for note in notes:
        file, colon, told = note.partition(".zip: ")
        files.setdefault(told if colon else note, []).extend([f"{file}.zip"] if colon else [])
    return [
        told
        if not own
        else f"{own[0]}: {told}"
        if len(own) == 1
        else f"{own[0]} and {len(own) - 1} more: {told}"
        for told, own in files.items()
    ]

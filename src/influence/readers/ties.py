"""Undated ties among people, as several sources list them."""

from __future__ import annotations

import pandas as pd

from influence.readers.notes import dropped
from influence.readers.source import Sieve

UNDATED = "the ties have no dates: they are known at any time, and nothing can be split by time."


def mutual_ties(
    file: str, rows: pd.DataFrame, people: pd.Series, sieve: Sieve
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Undated `connections`, each pair once, whichever end is named first.

    Parameters
    ----------
    file : how notes and faults name the source
    rows : two columns, the ends as text
    people : ids that a tie may name; others are faults, ties to oneself are dropped

    Raises
    ------
    DataError
        If no tie is left.
    """
    one, other = rows.columns
    nobody = (rows[one] == "") | (rows[other] == "")
    strange = ~nobody & ~(rows[one].isin(people) & rows[other].isin(people))
    faults = (
        (str(one), f"or {other} is missing", "Fill it in, or drop the rows.", nobody),
        (str(one), f"or {other} is listed nowhere else", "List them, or drop the rows.", strange),
    )
    kept = sieve.keep(file, rows, faults)
    ends = pd.DataFrame({"source_id": kept.min(axis=1), "target_id": kept.max(axis=1)})
    oneself = ends["source_id"] == ends["target_id"]
    again = ends.duplicated() & ~oneself
    notes = (
        *dropped(file, "ties to oneself", oneself),
        *dropped(file, "repeated ties", again),
    )
    return ends[~oneself & ~again].assign(direction="mutual").reset_index(drop=True), notes

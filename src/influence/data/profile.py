"""What a table holds, told without its rows: how many, from when to when, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import pandas as pd

from influence.schema import Table

Span = tuple[pd.Timestamp, pd.Timestamp]
"""The first and the last moment, UTC."""


def dated_by(table: Table) -> str | None:
    """The column that dates a row: when it became visible, or else happened."""
    return table.visible_from or table.happened_at


@dataclass(frozen=True)
class Profile:
    """Figures of one table."""

    rows: int
    missing: Mapping[str, int]
    """Column -> rows without a value, of columns that lack any."""
    spans: Mapping[str, Span]
    """Column of times -> its span, of columns with any value."""

    @classmethod
    def of(cls, table: Table, rows: pd.DataFrame) -> Profile:
        """The figures of rows in memory."""
        missing = {column.name: int(rows[column.name].isna().sum()) for column in table.columns}
        times = [column.name for column in table.columns if column.kind == "time"]
        return cls(
            len(rows),
            {name: n for name, n in missing.items() if n},
            {name: (rows[name].min(), rows[name].max()) for name in times if missing[name] < len(rows)},
        )


@runtime_checkable
class Profiled(Protocol):
    """Tables that tell their figures without being read."""

    def profile(self, name: str) -> Profile:
        """The figures of a table that is there."""
        ...

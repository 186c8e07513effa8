"""One problem of one column, and the sentence that tells it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from influence.errors import counted

ROWS_NAMED = 5
CELL_SHOWN = 50

_NO_ROWS: NDArray[np.int64] = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Problem:
    """What is wrong, where, and the remedy.

    Attributes
    ----------
    table, column : where; `column` is empty where the whole table is meant
    what : the verb phrase that follows the place, "is before sent_at"
    remedy : a sentence
    rows : int64 [n], positions counted from 0; empty for a problem of structure, which no dropping of
        rows can mend
    """

    table: str
    column: str
    what: str
    remedy: str
    rows: NDArray[np.int64] = field(default_factory=lambda: _NO_ROWS)

    @property
    def is_structural(self) -> bool:
        """Whether no single row is to blame."""
        return not len(self.rows)

    @property
    def place(self) -> str:
        """`table.column`, or the table alone."""
        return f"{self.table}.{self.column}" if self.column else self.table

    def __str__(self) -> str:
        if self.is_structural:
            return f"{self.place} {self.what}. {self.remedy}"
        return f"{self.place} {self.what} in {rows_in_words(self.rows)}. {self.remedy}"


def rows_in_words(rows: NDArray[np.int64] | NDArray[np.bool_]) -> str:
    """`3 rows (17, 204, 911)`: how many of them, by positions or a mask; the first, counted from 1."""
    places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
    named = ", ".join(str(row + 1) for row in places[:ROWS_NAMED])
    more = ", ..." if len(places) > ROWS_NAMED else ""
    return f"{counted(len(places), 'row')} ({named}{more})"


def shown(cell: object) -> str:
    """A cell as it may stand in a message: quoted, and cut where it is long.

    >>> shown("Ireland")
    "'Ireland'"
    """
    text = str(cell)
    return repr(text if len(text) <= CELL_SHOWN else text[:CELL_SHOWN] + "...")

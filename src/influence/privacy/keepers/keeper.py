"""What keeps records of people: a kind of file, how it is recognised, and how it is cleaned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from influence.privacy.sought import Sought


@dataclass(frozen=True)
class Hits:
    """What a file holds of the people sought.

    Attributes
    ----------
    rows : rows that are theirs, to be removed
    cells : cells, or places in texts, that name them, to be blanked
    left : why something of theirs stays, with the remedy; empty where nothing does
    """

    rows: int = 0
    cells: int = 0
    left: str = ""

    def __bool__(self) -> bool:
        return bool(self.rows or self.cells or self.left)

    def __add__(self, other: Hits) -> Hits:
        left = " ".join(filter(None, (self.left, other.left)))
        return replace(self, rows=self.rows + other.rows, cells=self.cells + other.cells, left=left)


Clean = Callable[[Path, "Path | None", Sought], Hits]
"""Of a file, the place for what is left of it (None: only look) and the people: what was found."""


@dataclass(frozen=True)
class Keeper:
    """One kind of file.

    Attributes
    ----------
    kind : its name
    recognises : whether a file is of this kind, by its path and its first bytes
    clean : looks for people, and writes the file without them
    """

    kind: str
    recognises: Callable[[Path, bytes], bool]
    clean: Clean

"""Rows of a table, whatever the file: which are a person's, and which only name one beside others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data.pseudonyms import personal_columns
from influence.privacy.sought import FORGOTTEN, Sought
from influence.readers.duties import TOLD_BY
from influence.schema import TABLES

BESIDE = frozenset({"introducers", "moved_by", "moves_most", "via", "path", "known_by", "observed_by"})
"""Columns of ids that a row names beside its own."""
ENDS = frozenset({"id", "giver", "taker", "sender", "recipient", "source", "target", "user"})
"""Columns of ids that do not end in `_id`."""
OF_OTHERS = frozenset({"company_id", "deal_id", "run_id", "experiment_id", "model_id"})
"""Columns of ids that are no person's."""


@dataclass(frozen=True)
class Judged:
    """What is to become of rows.

    Attributes
    ----------
    is_theirs : bool [n], rows to remove
    is_bare : bool [n], rows of contacts of which only `STAYS` is to be left
    changed : column -> the cells altered in the other rows, by position; NA: emptied
    """

    is_theirs: NDArray[np.bool_]
    is_bare: NDArray[np.bool_]
    changed: dict[str, pd.Series]

    @property
    def n_rows(self) -> int:
        """Rows to remove."""
        return int(self.is_theirs.sum())

    @property
    def n_cells(self) -> int:
        """Cells to alter."""
        return sum(len(cells) for cells in self.changed.values())


def judge(
    rows: pd.DataFrame, sought: Sought, owning: Sequence[str] | None = None, table: str | None = None
) -> Judged:
    """Find the rows of people, and the cells of other rows that name them.

    Parameters
    ----------
    rows : cells of text, and columns of ids of any kind, by position; other columns are left out
    owning : the columns by which a row is somebody's; by default as `owners` tells
    table : the table of the vocabulary that the rows are of, if any
    """
    columns = [str(name) for name in rows.columns]
    owning = owners(columns, table) if owning is None else owning
    told_by = TOLD_BY.get(table or "")
    theirs = np.zeros(len(rows), np.bool_)
    for name in owning:
        theirs |= sought.is_named(_text(rows[name]), with_events=is_id(name)).to_numpy()
    changed, bare = {}, np.zeros(len(rows), np.bool_)
    if told_by in columns:
        is_ended = rows[told_by].isin(sought.sources).to_numpy(bool)
        if table == "contacts":
            heirs = _text(rows["contact_id"]).map(sought.heir_of)
            bare = is_ended & ~theirs & heirs.notna().to_numpy(bool)
            changed.update({told_by: heirs[bare]} if bare.any() else {})
        theirs |= is_ended & ~bare
    for name in columns:
        if name in owning or name in changed or not _is_text(rows[name]):
            continue
        cells = _cleaned(rows[name], name, sought)
        differs = ~theirs & (cells.fillna("") != rows[name].fillna("")).to_numpy(bool)
        if differs.any():
            changed[name] = cells[differs]
    return Judged(theirs, bare, changed)


def owners(columns: Sequence[str], table: str | None = None) -> list[str]:
    """The columns by which a row is somebody's: those of ids, or all where there are none.

    Parameters
    ----------
    table : the table of the vocabulary that the columns are of, if any; its own columns of people decide
    """
    if table is not None:
        ids = [name for name in columns if name in set(personal_columns(TABLES[table]))]
    else:
        ids = [name for name in columns if is_id(name)]
        if not ids:
            return [*columns]
    of_another = BESIDE if "author_id" in columns else BESIDE | {"content_id"}
    return [name for name in ids if name not in of_another]


def is_id(column: str) -> bool:
    """Whether a column holds ids that may be of people or of what they did."""
    name = column.casefold()
    return (name.endswith("_id") or name in ENDS) and name not in OF_OTHERS


def _cleaned(cells: pd.Series, name: str, sought: Sought) -> pd.Series:
    if name == "content_id":
        return cells.mask(cells.isin(sought.contents))
    if name in BESIDE:
        cells = cells.mask(sought.is_named(cells))
        pattern = sought.every
    else:
        pattern = sought.pattern
    if pattern is None:
        return cells
    # Not `str.contains`: pandas parses the pattern anew at each call, seconds for hundreds of people.
    named = [cell for cell in cells.dropna().unique() if pattern.search(cell)]
    hit = cells.isin(named).to_numpy(bool)
    if not hit.any():
        return cells
    found = cells.copy()
    found[hit] = cells[hit].map(lambda cell: pattern.sub(FORGOTTEN, cell))
    return found


def _text(cells: pd.Series) -> pd.Series:
    return cells if _is_text(cells) else cells.astype("str")


def _is_text(cells: pd.Series) -> bool:
    return isinstance(cells.dtype, pd.StringDtype) or cells.dtype == object

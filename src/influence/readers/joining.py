"""Records of several sources as one set of tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from influence.readers.config import ReadingConfig
from influence.readers.source import Records
from influence.schema import TABLES


def join(found: Sequence[Records], config: ReadingConfig) -> Records:
    """All tables under one another; of rows with one key, the first stays.

    Parameters
    ----------
    found : what each source held, in the order given
    """
    del config
    if len(found) == 1:
        return found[0]
    names = [name for name in TABLES if any(name in each.tables for each in found)]
    tables = {
        name: _stacked(name, [each.tables[name] for each in found if name in each.tables]) for name in names
    }
    return Records(tables, tuple(note for each in found for note in each.notes))


def _stacked(name: str, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    rows = pd.concat(parts, ignore_index=True)
    key = [column for column in TABLES[name].key if column in rows.columns]
    return rows.drop_duplicates(key, ignore_index=True) if key else rows

"""People to be left alone: one list that every recommendation obeys."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from influence.config import Config
from influence.data import Network
from influence.data.identities import Directory
from influence.data.pseudonyms import default_key_file, key_of
from influence.errors import DataError
from influence.planning import read_ids

VARIABLE = "INFLUENCE_SUPPRESS"
"""The environment variable that names a list, besides that of the configuration."""
NAMING = ("introducers", "moved_by", "moves_most", "via", "reasons", "path")
"""Columns of answers that name others beside the row's own."""
IDS = ("contact_id", "recipient_id", "target_id", "introducer_id", "endorser_id")
"""Columns of those whom an answer recommends; who asks, or sends, is not recommended."""
LEFT_ALONE = "(left alone)"
"""What stands in such a column instead of somebody suppressed."""


def listed(config: Config) -> frozenset[str] | None:
    """The entries of the lists in force; None where there is no list.

    Raises
    ------
    DataError
        If a list that is named cannot be read: nothing is recommended past a list that is not there.
    """
    files = [file for file in (config.suppress, os.environ.get(VARIABLE)) if file]
    return frozenset().union(*(read_ids(Path(file)) for file in files)) if files else None


def left_alone(
    entries: Iterable[str], network: Network, known_as: Mapping[str, str], config: Config
) -> frozenset[str]:
    """The ids meant by entries: ids, profiles (slug or address) or e-mail addresses.

    Entries that mean nobody on record stay as they are.

    Raises
    ------
    DataError
        If an entry is a name: several people may be called so.
    """
    file = config.reading.key_file or default_key_file()
    key = key_of(file)[0] if file.is_file() else None
    directory, found = Directory(network, known_as, key), set[str]()
    for entry in entries:
        ids = directory.ids_of(entry)
        if not ids and " " in entry.strip() and "@" not in entry:
            raise DataError(
                f"The list of people to leave alone names {entry!r}, which is no id on record: names may be "
                "shared. Give the id, the profile's address, or the e-mail address."
            )
        found |= ids or {entry}
    return frozenset(found)


def without(rows: pd.DataFrame, ids: frozenset[str], *, keep_rows: bool = False) -> pd.DataFrame:
    """Rows of an answer that name none of the ids: their rows go, and in lists of others they are blanked.

    Parameters
    ----------
    keep_rows : answer about everybody who was asked about; blank the lists alone
    """
    if not ids or not len(rows):
        return rows
    if not keep_rows:
        own = [name for name in IDS if name in rows.columns]
        rows = rows[~rows[own].isin(ids).any(axis=1)]
    naming = [
        name for name in NAMING if name in rows.columns and pd.api.types.is_string_dtype(rows[name].dtype)
    ]
    attrs = rows.attrs
    rows = rows.assign(**{name: _blanked(rows[name], ids) for name in naming})
    rows.attrs = attrs
    return rows


def _blanked(cells: pd.Series, ids: frozenset[str]) -> pd.Series:
    """Texts without those ids in them."""
    whole = "\n".join(cells.dropna())
    named = [one for one in ids if one in whole]  # a pattern of all of a long list takes minutes
    if not named:
        return cells
    words = "|".join(re.escape(one) for one in sorted(named, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w@.%+-])(?:{words})(?![\w@%+-])")
    return cells.map(lambda cell: pattern.sub(LEFT_ALONE, cell), na_action="ignore").astype(cells.dtype)

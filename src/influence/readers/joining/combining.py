"""The tables of several sources under one another, with the ids of the people and companies found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from influence.data.validation import latest_times
from influence.readers.joining.matching import Joined, exported_at
from influence.readers.joining.observed import columns_of
from influence.readers.joining.rows import ENDS, OWN, stacked, typed
from influence.readers.source import Records
from influence.schema import TABLES

Tables = dict[str, pd.DataFrame]

COMPLETED = ("contacts", "companies")
"""Tables of which an id alone is a row: where some sources lack them, their ids are added."""


def combined(found: Sequence[Records], who: Joined, companies: Mapping[str, str]) -> tuple[Tables, list[str]]:
    """All rows, those of one fact as one, and what to say of them.

    Rows at fault stand at the end as they came, for validation to tell.
    """
    sound, faulty, others = _parts(found, who, companies)
    tables: Tables = {}
    notes: list[str] = []
    for name in TABLES:
        parts = [part[name] for part in sound if name in part]
        if parts:
            tables[name], said = stacked(name, parts)
            notes.extend(said)
    for of in COMPLETED:
        if of in tables:
            tables[of] = _completed(of, tables[of], [part for part in sound if of not in part])
    notes.extend(_without_unknown_contents(tables))
    for part in (*faulty, *others):
        for name, rows in part.items():
            tables[name] = pd.concat([tables[name], rows], ignore_index=True) if name in tables else rows
    return tables, notes


def _parts(
    found: Sequence[Records], who: Joined, companies: Mapping[str, str]
) -> tuple[list[Tables], list[Tables], list[Tables]]:
    """Of each source: sound rows, rows at fault, and tables of no known name."""
    every_sound, every_faulty, others = [], [], []
    for number, records in enumerate(found):
        own = who.observed.of == number
        people = {a: b for a, b in zip(who.observed.ids[own], who.contact[own], strict=True) if a != b}
        others.append({name: rows for name, rows in records.tables.items() if name not in TABLES})
        sound: Tables = {}
        faulty: Tables = {}
        for name in (name for name in TABLES if name in records.tables):
            good, bad = typed(TABLES[name], records.tables[name].reset_index(drop=True))
            if len(bad):
                faulty[name] = _renamed(name, bad, people, companies)
            sound[name] = _renamed(name, good, people, companies).assign(**_before(name, good))
        every_sound.append(_watched(sound, exported_at(records)))
        every_faulty.append(faulty)
    return every_sound, every_faulty, others


def _before(name: str, rows: pd.DataFrame) -> dict[str, pd.Series]:
    """What is remembered of rows from before their ids are those of contacts."""
    remembered: dict[str, pd.Series] = {
        OWN: rows.groupby(list(TABLES[name].key), dropna=False, sort=False).ngroup()
    }
    if name in ENDS:
        one, other = ENDS[name]
        remembered["was_tie"] = (rows[one] != rows[other]).fillna(True).astype(bool)
    return remembered


def _renamed(
    name: str, rows: pd.DataFrame, people: Mapping[str, str], companies: Mapping[str, str]
) -> pd.DataFrame:
    renamed = {}
    for known, of in ((people, "contacts"), (companies, "companies")):
        for _, column in columns_of({name: rows}, of):
            ids = rows[column].astype("str")
            renamed[column] = (
                ids.map(lambda own, known=known: known.get(own, own), na_action="ignore").astype("str")
                if known
                else ids
            )
    return rows.assign(**renamed)


def _watched(tables: Tables, exported: pd.Timestamp | None) -> Tables:
    """Invitations watched until nobody knows when: until the end of their own source, not of the others."""
    if "invitations" not in tables or tables["invitations"]["observed_until"].notna().all():
        return tables
    invitations, times = tables["invitations"], list(latest_times(tables))
    if exported is None and not times:
        return tables
    filled = invitations["observed_until"].fillna(exported if exported is not None else max(times))
    return {**tables, "invitations": invitations.assign(observed_until=filled)}


def _completed(of: str, rows: pd.DataFrame, lacking: Sequence[Tables]) -> pd.DataFrame:
    """The table with a row for each id that a source without such a table names."""
    key = TABLES[of].key[0]
    named = [tables[name][column].dropna() for tables in lacking for name, column in columns_of(tables, of)]
    if not named:
        return rows
    new = pd.concat(named).drop_duplicates()
    new = new[~new.isin(rows[key])].sort_values()
    return pd.concat(
        [rows, pd.DataFrame({key: new.astype("str")}).reindex(columns=rows.columns).astype(rows.dtypes)]
    )


def _without_unknown_contents(tables: Tables) -> list[str]:
    """Interactions lose the contents that no source tells of, where another source has contents."""
    if "contents" not in tables or "interactions" not in tables:
        return []
    ids = tables["interactions"]["content_id"]
    unknown = ids.notna() & ~ids.isin(tables["contents"]["content_id"])
    if not unknown.any():
        return []
    tables["interactions"] = tables["interactions"].assign(content_id=ids.mask(unknown))
    return [
        f"interactions: {unknown.sum():,} rows name contents that no source tells of; these are left out."
    ]

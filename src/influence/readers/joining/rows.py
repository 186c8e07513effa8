"""Rows of several sources under one another; those that tell the same fact become one row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data.checks import ANSWERED
from influence.data.coercion import coerce, nothing
from influence.schema import TABLES, TIME_RESOLUTIONS, Table

Told = tuple[pd.DataFrame, list[str]]
"""Rows, and what to say of them."""

UNITS = {"second": "s", "minute": "min", "hour": "h", "day": "D"}
ENDS = {
    "connections": ("source_id", "target_id"),
    "invitations": ("sender_id", "recipient_id"),
    "interactions": ("actor_id", "target_id"),
    "nominations": ("source_id", "target_id"),
    "company_links": ("source_id", "target_id"),
}
"""Where a row ties two; merging may make them one."""
EARLIEST = {"connections": "connected_at", "adoptions": "at", "nominations": "at"}
"""Of rows with one key, the earliest of these times stands: the fact was true from then on."""
UNCONTRADICTED = frozenset({"source", "observed_by", "source_id"})
"""Columns that tell who says so."""

RANK, OWN = "source__", "own__"
"""Columns beside the table's: the place of the source, and a number for the key that its row had there."""


def typed(table: Table, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sound rows in the columns and types of the schema; and those at fault as they came."""
    columns, sound = {}, np.ones(len(rows), dtype=np.bool_)
    for column in table.columns:
        if column.name not in rows.columns:
            columns[column.name] = nothing(column, rows.index)
            continue
        columns[column.name], faults = coerce(rows[column.name], column)
        for fault in faults:
            sound &= ~fault.mask
        if column.required:
            sound &= columns[column.name].notna().to_numpy(np.bool_)
    others = {name: rows[name] for name in rows.columns if name not in columns}
    return pd.DataFrame({**columns, **others}, index=rows.index)[sound], rows[~sound]


def stacked(name: str, parts: Sequence[pd.DataFrame]) -> Told:
    """The rows of one table from several sources, the one whose values stand first.

    Parameters
    ----------
    parts : typed rows of each source, ids already those of the people and companies they were found to be;
        beside the table's columns `own__`, and `was_tie`: which rows tied two before that
    """
    table = TABLES[name]
    rows = pd.concat([part.assign(**{RANK: place}) for place, part in enumerate(parts)], ignore_index=True)
    rows, notes = _without_loops(name, rows)
    rows, said = MERGED.get(name, _by_key)(table, rows)
    return rows.drop(columns=[RANK, OWN]).reset_index(drop=True), [*notes, *said]


def _without_loops(name: str, rows: pd.DataFrame) -> Told:
    """Ties of somebody with themselves that joining made are dropped; those of a source are its own fault."""
    if name not in ENDS:
        return rows, []
    one, other = ENDS[name]
    made = ((rows[one] == rows[other]).fillna(False) & rows["was_tie"]).to_numpy(np.bool_)
    said = f"{name}: {made.sum():,} rows tie records that are one; they were dropped."
    return rows[~made].drop(columns="was_tie"), [said] if made.any() else []


def _of_several(rows: pd.DataFrame, key: Sequence[str]) -> NDArray[np.bool_]:
    """Which rows share their key with one of another source, or of another key before joining.

    Rows that repeat a key of their own source are its fault, for validation to tell.
    """
    repeated = rows.duplicated(list(key), keep=False).to_numpy(np.bool_, copy=True)
    some = rows.loc[repeated, [*key, RANK, OWN]].drop_duplicates()
    shared = some.loc[some.duplicated(list(key)), list(key)].drop_duplicates()
    if repeated.any():
        both = rows.loc[repeated, list(key)].merge(shared.assign(shared=True), on=list(key), how="left")
        repeated[repeated] = both["shared"].notna()
    return repeated


def _filled(rows: pd.DataFrame, key: Sequence[str]) -> tuple[pd.DataFrame, pd.Series]:
    """One row per key, missing cells filled from the next source; and per column how many keys contradict."""
    groups = _ordered(rows.assign(**{OWN: 0}), key).groupby(list(key), dropna=False, sort=False)
    others = [column for column in rows.columns if column not in (*key, RANK, OWN)]
    differ = groups[others].nunique() > 1
    return groups.first().reset_index()[list(rows.columns)], differ.sum()


def _ordered(rows: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """By source, then by content, so that the order of rows in a file never matters."""
    distinct = rows.drop_duplicates()
    if not distinct.duplicated([*key, RANK]).any():
        return distinct.sort_values(RANK, kind="stable")
    content = distinct.astype("str").fillna("").agg("\t".join, axis=1)
    return distinct.assign(content=content).sort_values([RANK, "content"]).drop(columns="content")


def _by_key(table: Table, rows: pd.DataFrame) -> Told:
    """Rows with one key become one: missing cells filled, of contradicting ones that of the first source."""
    names = list(table.key)
    several = _of_several(rows, names)
    if not several.any():
        return rows, []
    filled, differ = _filled(rows[several], names)
    earliest = EARLIEST.get(table.name)
    if earliest is not None:
        first = rows[several].groupby(names, dropna=False)[earliest].min().reset_index()
        filled = filled.drop(columns=earliest).merge(first, on=names)
    differ = differ[[c for c in differ.index if c not in UNCONTRADICTED and c != earliest and differ[c] > 0]]
    told = ", ".join(f"{column} {int(n):,}" for column, n in differ.items())
    said = f"{table.name}: sources contradict each other ({told}); the most recently exported one stands."
    return pd.concat([rows[~several], filled[list(rows.columns)]]), [said] if told else []


def _connections(table: Table, rows: pd.DataFrame) -> Told:
    """A mutual connection stands once, whichever end is named first; it ended only if all sources say so."""
    mutual = (rows["direction"].fillna("mutual") == "mutual").to_numpy(np.bool_)
    swapped = mutual & (rows["source_id"] > rows["target_id"]).to_numpy(np.bool_)
    low = rows["source_id"].where(~swapped, rows["target_id"])
    high = rows["target_id"].where(~swapped, rows["source_id"])
    ends = pd.DataFrame({"low": low, "high": high, RANK: rows[RANK], OWN: rows[OWN]})
    several = _of_several(ends, ("low", "high"))
    if not several.any():
        return rows, []
    shared = rows[several].assign(source_id=low[several], target_id=high[several], turned=swapped[several])
    groups = shared.groupby(list(table.key))
    over = groups["removed_at"].max().where(groups["removed_at"].count() == groups.size()).rename("over")
    # All that name the ends in one order keep it.
    beside = pd.concat([over, groups["turned"].min().rename("turned")], axis=1).reset_index()
    unended = pd.Series(pd.NaT, shared.index, shared["removed_at"].dtype)
    merged, said = _by_key(table, shared.drop(columns="turned").assign(removed_at=unended))
    merged = merged.merge(beside, on=list(table.key))
    turned, one, other = merged["turned"], merged["source_id"], merged["target_id"]
    merged = merged.assign(
        source_id=one.where(~turned, other), target_id=other.where(~turned, one), removed_at=merged["over"]
    )
    return pd.concat([rows[~several], merged[list(rows.columns)]]), said


def _invitations(table: Table, rows: pd.DataFrame) -> Told:
    """One invitation of several sources: the answered record stands, else the one watched longest.

    The same are those with one id, and those of the same two sent at one moment by the clock of the coarser
    source; of one source no two.
    """
    del table
    pair = ["sender_id", "recipient_id"]
    rows = rows.sort_values([*pair, "sent_at", "invitation_id"], ignore_index=True)
    coarseness = rows["time_resolution"].map({word: n for n, word in enumerate(TIME_RESOLUTIONS)}).fillna(0)
    keyed = rows.assign(coarseness=coarseness.astype("int64"), moment=rows["sent_at"])
    coarsest = keyed.groupby(pair)["coarseness"].transform("max")
    for n, word in enumerate(TIME_RESOLUTIONS):
        keyed["moment"] = keyed["moment"].mask(coarsest == n, rows["sent_at"].dt.floor(UNITS[word]))
    event, several = _events(keyed, "invitation_id", [*pair, "moment"])
    if not several.any():
        return rows, []
    merged = _one_invitation(keyed[several].assign(event=event[several]))
    said = f"invitations: {int(several.sum()):,} rows of several sources are {len(merged):,} invitations."
    return pd.concat([rows[~several], merged[list(rows.columns)]]), [said]


def _one_invitation(rows: pd.DataFrame) -> pd.DataFrame:
    rank = rows["outcome"].map({**dict.fromkeys(ANSWERED, 0), "pending": 1}).fillna(2)
    rows = rows.assign(answer=rank).sort_values(
        ["answer", "observed_until", "coarseness", RANK, "invitation_id"],
        ascending=[True, False, True, True, True],
    )
    outcome = rows.groupby("event")["outcome"].transform("first")
    # Of those that tell this outcome, the one with the finest clock stands whole: its times belong together.
    best = rows[(rows["outcome"] == outcome) | (outcome.isna() & rows["outcome"].isna())]
    best = best.sort_values("coarseness", kind="stable").drop_duplicates("event").set_index("event")
    groups = rows.groupby("event")
    best = best.assign(observed_until=groups["observed_until"].max(), has_note=groups["has_note"].max())
    return best.reset_index()


def _interactions(table: Table, rows: pd.DataFrame) -> Told:
    """One event seen by several sources: one id, or one second, actor, target, kind and no other content."""
    rows, said = _by_key(table, rows)
    keyed = rows.reset_index(drop=True).assign(moment=rows["at"].dt.floor("s").to_numpy())
    event, several = _events(keyed, "event_id", ["actor_id", "target_id", "kind", "moment"])
    several &= (keyed.groupby(event)["content_id"].transform("nunique") <= 1).to_numpy(np.bool_)
    if not several.any():
        return rows, said
    merged, _ = _filled(keyed[several].drop(columns="moment").assign(event=event[several]), ["event"])
    told = f"interactions: {int(several.sum()):,} rows of several sources are {len(merged):,} events."
    return pd.concat([keyed[~several][list(rows.columns)], merged[list(rows.columns)]]), [*said, told]


def _events(rows: pd.DataFrame, own: str, same: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """A number per event [rows], and which rows are of an event that several sources saw.

    Rows are one event by their `own` id, and where they are the `same`: the n-th of a source with the n-th of
    another, since of one source no two are.
    """
    by_id = pd.factorize(rows[own])[0].astype(np.int64)
    event = pd.Series(by_id, rows.index)
    rows = rows.assign(**{OWN: 0})
    alike = _of_several(rows, same)
    some = rows.loc[alike, [*same, RANK]]
    if len(some):
        place = some.groupby([*same, RANK], dropna=False).cumcount()
        content = some.assign(place=place).groupby([*same, "place"], dropna=False).ngroup()
        event[alike] = event[alike].groupby(content).transform("min")
        event = event.groupby(by_id).transform("min")
    sources = pd.DataFrame({"event": event, RANK: rows[RANK], OWN: 0})
    return event.to_numpy(np.int64), _of_several(sources, ["event"])


MERGED: Mapping[str, Callable[[Table, pd.DataFrame], Told]] = {
    "connections": _connections,
    "invitations": _invitations,
    "interactions": _interactions,
}
"""Tables whose rows are the same by more than their key."""

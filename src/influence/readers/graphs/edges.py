"""Edges of any graph file as connections, interactions or requests, saying which and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from influence.errors import DataError
from influence.readers.config import ReadingConfig
from influence.readers.first_contact import first_contacts
from influence.readers.graphs.moments import Moments, moments
from influence.readers.notes import dropped
from influence.readers.source import Sieve, numbered, numbers
from influence.readers.ties import UNDATED
from influence.schema import INTERACTION_KINDS

ROLES = ("source", "target", "time", "end", "weight", "sign", "kind")
"""What a column of edges may say; all but the ends may be missing."""


Tables = dict[str, pd.DataFrame]
Notes = tuple[str, ...]


@dataclass(frozen=True)
class Edges:
    """Edges as a file lists them.

    Attributes
    ----------
    rows : text columns among `ROLES`, "" where a cell is missing, and `directed` (bool)
    file : how notes and faults name the file
    """

    rows: pd.DataFrame
    file: str


def tables_of(edges: Edges, sieve: Sieve) -> tuple[Tables, Notes]:
    """Connections, and where there are times what `edges_are` asks for.

    Raises
    ------
    DataError
        If no edge is left, or requests are asked for of edges without a time or a direction.
    """
    rows, notes = _checked(edges, sieve)
    asked = sieve.config.edges_are
    to_oneself = rows["source"] == rows["target"]
    notes += dropped(edges.file, "edges from somebody to the same", to_oneself)
    rows = rows[~to_oneself]
    dated = rows["time"].notna()
    if asked in ("interactions", "requests") and not dated.any():
        raise DataError(
            f"{edges.file}: its edges have no times, so they cannot be {asked}. Leave out edges_are."
        )
    tables: Tables = {}
    if not dated.all():
        tables["connections"], more = _connections(rows[~dated], edges.file)
        notes += (*more, f"{edges.file}: {UNDATED}")
    if dated.any():
        made, more = _dated(rows[dated], edges.file, sieve.config)
        tables, notes = _joined(tables, made), notes + more
    return tables, notes


def _joined(some: Tables, others: Tables) -> Tables:
    """Tables under one another; of a pair that is connected with and without a date, the date counts."""
    both = {name: pd.concat([others[name], some[name]]) for name in others if name in some}
    rows = {**some, **others, **both}
    return {
        name: each.drop_duplicates(["source_id", "target_id"]) if name == "connections" else each
        for name, each in rows.items()
    }


def _checked(edges: Edges, sieve: Sieve) -> tuple[pd.DataFrame, Notes]:
    """The sound rows: times as times, weight and sentiment as numbers, and how they were read."""
    raw = edges.rows.reset_index(drop=True)
    empty = pd.Series("", raw.index)
    at, end = (moments(raw.get(name, empty)) for name in ("time", "end"))
    weight, sign = (raw.get(name, empty) for name in ("weight", "sign"))
    value, tone = pd.Series(numbers(weight)), pd.Series(numbers(sign))
    nobody = (raw["source"] == "") | (raw["target"] == "")
    words = "Write seconds since 1970, or 2026-01-31T08:00:00Z."
    faults = (
        ("source", "or target is missing", "Fill it in, or drop the rows.", nobody),
        ("time", "is not a time", words, at.bad),
        ("end", "is not a time", words, end.bad),
        ("weight", "is not a number", "Correct or drop the rows.", (weight.str.strip() != "") & value.isna()),
        ("sign", "is not a number", "Correct or drop the rows.", (sign.str.strip() != "") & tone.isna()),
    )
    sieve.keep(edges.file, raw, faults)
    sound = ~np.logical_or.reduce([mask.to_numpy(np.bool_) for *_, mask in faults])
    value, tone, notes = _signed(value.where(sound), tone.where(sound), edges.file)
    rows = raw[["source", "target", "directed"]].assign(
        time=at.at, end=end.at, weight=value, sentiment=tone, kind=raw.get("kind", empty)
    )
    return rows[sound], notes + _timed(at, edges.file)


def _timed(at: Moments, file: str) -> Notes:
    return (f"{file}: the times are {at.told}.",) if at.at.notna().any() else ()


def _signed(weight: pd.Series, sign: pd.Series, file: str) -> tuple[pd.Series, pd.Series, Notes]:
    """Weights of either sign tell a tone; a tone beyond -1 to 1 is divided by its largest magnitude."""
    notes: Notes = ()
    if sign.isna().all() and (weight < 0).any():
        weight, sign = pd.Series(np.nan, weight.index), weight
        notes = (f"{file}: weights below 0 stand in it, so they are taken as sentiment.",)
    largest = sign.abs().max()
    if largest > 1:
        sign = sign / largest
        notes = (*notes, f"{file}: sentiment is divided by {largest:g}, its largest magnitude.")
    return weight, sign, notes


def _connections(rows: pd.DataFrame, file: str) -> tuple[pd.DataFrame, Notes]:
    """Each pair once; of mutual ones whichever end is named first, of several dates the earliest."""
    turned = ~rows["directed"] & (rows["source"] > rows["target"])
    ends = pd.DataFrame(
        {
            "source_id": rows["source"].where(~turned, rows["target"]),
            "target_id": rows["target"].where(~turned, rows["source"]),
            "connected_at": rows["time"],
            "removed_at": rows["end"],
            "direction": np.where(rows["directed"], "directed", "mutual"),
            "sentiment": rows["sentiment"],
        }
    ).sort_values(["source_id", "target_id", "connected_at", "removed_at", "direction", "sentiment"])
    again = ends.duplicated(["source_id", "target_id"])
    told = {"weights": "weight", "kinds": "kind"}
    unused = [word for word, name in told.items() if rows[name].notna().any() and (rows[name] != "").any()]
    more = (f"{file}: connections have no {' or '.join(unused)}: not used.",) if unused else ()
    found = ends[~again].reset_index(drop=True)
    how = "mutual" if not rows["directed"].any() else "directed" if rows["directed"].all() else "some mutual"
    said = f"{file}: {len(found):,} edges are taken as connections, {how}."
    return found, (said, *dropped(file, "repeated edges", again), *more)


def _dated(rows: pd.DataFrame, file: str, asked: ReadingConfig) -> tuple[Tables, Notes]:
    """Repeated contacts are interactions, single ones connections, unless something is asked for."""
    if asked.edges_are == "requests" and not rows["directed"].all():
        raise DataError(
            f"{file}: its edges have no direction, so they cannot be requests. Leave out edges_are."
        )
    n_repeated = int(rows.duplicated(["source", "target"]).sum())
    be = asked.edges_are
    if be == "auto":
        be = "interactions" if n_repeated else "connections"
        why = f"{n_repeated:,} repeat a pair" if n_repeated else "no pair is repeated"
        told: Notes = (f"{file}: {why}, so dated edges are taken as {be}; edges_are says otherwise.",)
    else:
        told = (f"{file}: dated edges are taken as {be}, as asked.",)
    if be == "connections":
        found, notes = _connections(rows, file)
        return {"connections": found}, told + notes
    interactions, notes = _interactions(rows, file, asked.edge_kind)
    if be != "requests":
        return {"interactions": interactions}, told + notes
    contacts = rows.rename(columns={"source": "sender_id", "target": "recipient_id", "time": "at"})
    requests = first_contacts(contacts, strictly_later=True).assign(observed_until=rows["time"].max())
    accepted = int((requests["outcome"] == "accepted").sum())
    said = (
        f"{file}: the first edge of a pair is taken as a request, the first one back as its acceptance: "
        f"{len(requests):,} requests, {accepted:,} accepted; watched until {rows['time'].max():%Y-%m-%d}."
    )
    return {"invitations": requests, "interactions": interactions}, (*told, *notes, said)


def _interactions(rows: pd.DataFrame, file: str, usual: str) -> tuple[pd.DataFrame, Notes]:
    """Every edge as an event; a kind that the vocabulary lacks gives way to the usual one."""
    kind = rows["kind"].str.strip().str.lower()
    known = kind.isin(INTERACTION_KINDS)
    strange = sorted(set(kind[~known & (kind != "")]))
    rows = rows.assign(kind=kind.where(known, usual)).sort_values(
        ["time", "source", "target", "kind", "weight", "sentiment"]
    )
    name = rows["source"] + ">" + rows["target"] + "@" + rows["time"].astype("int64").astype("str")
    found = pd.DataFrame(
        {
            "event_id": numbered(name),
            "actor_id": rows["source"],
            "target_id": rows["target"],
            "kind": rows["kind"],
            "at": rows["time"],
            "sentiment": rows["sentiment"],
            "weight": rows["weight"],
        }
    ).reset_index(drop=True)
    n_usual = int((~known).sum())
    notes: list[str] = [f"{file}: {len(found):,} interactions."]
    if n_usual:
        notes.append(f"{file}: {n_usual:,} of them are taken as {usual!r}; edge_kind says otherwise.")
    if strange:
        notes.append(f"{file}: kinds that are not known: {', '.join(strange[:5])}.")
    if rows["end"].notna().any():
        notes.append(f"{file}: interactions have no end: not used.")
    if not rows["directed"].all():
        notes.append(f"{file}: edges without a direction run from the end named first.")
    return found, tuple(notes)

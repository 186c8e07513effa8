"""Cascades: who took up which item in which order, and an undated graph of who is tied to whom."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from influence.readers.notes import dropped
from influence.readers.source import (
    ZERO,
    Reader,
    Records,
    Sieve,
    header,
    numbers,
    read_csv,
    seconds,
    times_since,
)

EVENTS, EDGES = "events.csv", "edges.csv"
EVENT_COLUMNS = ("cascade", "order", "user", "time")
EDGE_COLUMNS = ("source", "target")


def recognises(folder: Path) -> bool:
    """Whether both files have the columns."""
    return header(folder / EVENTS) == EVENT_COLUMNS and header(folder / EDGES) == EDGE_COLUMNS


def read(folder: Path, sieve: Sieve) -> Records:
    """Each event as a take-up, the first one of a user and cascade; each edge as an undated connection."""
    adoptions, about_events = _adoptions(folder, sieve)
    connections, about_edges = _connections(folder, sieve)
    return Records({"adoptions": adoptions, "connections": connections}, (*about_events, *about_edges))


def _adoptions(folder: Path, sieve: Sieve) -> tuple[pd.DataFrame, tuple[str, ...]]:
    rows = read_csv(folder / EVENTS)
    since, order = seconds(rows["time"]), pd.Series(numbers(rows["order"]))
    nobody = (rows["user"] == "") | (rows["cascade"] == "")
    faults = (
        ("time", "is not a number of seconds", "Write seconds, not milliseconds.", since.isna()),
        ("order", "is not a number", "Number the events of each cascade.", order.isna()),
        ("user", "or cascade is missing", "Fill it in, or drop the rows.", nobody),
    )
    rows = sieve.keep(EVENTS, rows.assign(since=since, place=order), faults)
    rows = rows.sort_values(["cascade", "since", "place", "user"])
    again = rows.duplicated(["user", "cascade"])
    rows = rows[~again]
    moments, is_relative = times_since(rows["since"].to_numpy())
    relative = (
        f"{EVENTS}: the times are relative; 0 is set to {ZERO:%Y-%m-%d} and a unit taken as a second, so "
        "dates mean nothing: only the order of the take-ups and the ratios of delays do."
    )
    # Of events at one moment the file still tells the order: they are set a microsecond apart.
    behind = rows.groupby(["cascade", "since"]).cumcount().to_numpy()
    found = {"contact_id": rows["user"].to_numpy(), "item": rows["cascade"].to_numpy()}
    adoptions = pd.DataFrame(found | {"at": moments + pd.to_timedelta(behind, unit="us")})
    apart = f"{EVENTS}: {(behind > 0).sum():,} events at the moment of another were set microseconds apart."
    notes = (
        *dropped(EVENTS, "later take-ups of the same user and cascade", again),
        apart,
        *((relative,) if is_relative else ()),
    )
    return adoptions, notes


def _connections(folder: Path, sieve: Sieve) -> tuple[pd.DataFrame, tuple[str, ...]]:
    rows = read_csv(folder / EDGES)
    nobody = (rows["source"] == "") | (rows["target"] == "")
    missing = ("source", "or target is missing", "Fill it in, or drop the rows.", nobody)
    rows = sieve.keep(EDGES, rows, (missing,))
    to_oneself = rows["source"] == rows["target"]
    ties = rows[~to_oneself].rename(columns={"source": "source_id", "target": "target_id"})
    again = ties.duplicated()
    notes = (
        *dropped(EDGES, "ties to oneself", to_oneself),
        *dropped(EDGES, "repeated ties", again),
        f"{EDGES}: the ties have no dates; they may be later than the take-ups that they seem to explain.",
    )
    return ties[~again].assign(direction="directed"), notes


CASCADES = Reader(
    "cascades",
    f"{EVENTS} with the columns {', '.join(EVENT_COLUMNS)} and {EDGES} with {', '.join(EDGE_COLUMNS)}",
    recognises,
    read,
)

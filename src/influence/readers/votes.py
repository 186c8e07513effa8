"""Votes for and against candidates, without times or header: signed ties, for reports only."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from influence.readers.source import Reader, Records, Sieve, header, numbers, read_csv

FILE = "votes.csv"
NAMES = ("voter", "candidate", "sign")
_SIGNS = ("-1", "0", "1")


def recognises(folder: Path) -> bool:
    """Whether `votes.csv` begins with a vote, not with a header."""
    first = header(folder / FILE)
    return len(first) == len(NAMES) and first[-1].strip() in _SIGNS


def read(folder: Path, sieve: Sieve) -> Records:
    """Each vote as an undated connection voter -> candidate, its sign kept as `sentiment`.

    A vote has no time here, and an event at an invented time would be a lie; a connection may be undated:
    it is static by declaration.
    """
    rows = read_csv(folder / FILE, NAMES)
    sign = pd.Series(numbers(rows["sign"]))
    nobody = (rows["voter"] == "") | (rows["candidate"] == "")
    faults = (
        ("sign", "is none of -1, 0, 1", "Correct or drop the rows.", ~sign.isin((-1.0, 0.0, 1.0))),
        ("voter", "or candidate is missing", "Fill it in, or drop the rows.", nobody),
    )
    rows = sieve.keep(FILE, rows.assign(value=sign), faults)
    for_oneself = rows["voter"] == rows["candidate"]
    votes = rows[~for_oneself].sort_values(["voter", "candidate"])
    connections = pd.DataFrame(
        {
            "source_id": votes["voter"],
            "target_id": votes["candidate"],
            "direction": "directed",
            "sentiment": votes["value"],
        }
    )
    n_for = (votes["value"] > 0).sum()
    notes = (
        f"{FILE}: {len(votes):,} votes, {n_for:,} in favour. They have no times: usable for the sign of "
        "a tie only, in reports; no request, delay or split in time can be had from them.",
        *((f"{FILE}: {for_oneself.sum():,} votes for oneself were dropped.",) if for_oneself.any() else ()),
    )
    return Records({"connections": connections}, notes)


VOTES = Reader(
    "votes", f"{FILE} without a header, lines of {', '.join(NAMES)} (-1, 0 or 1)", recognises, read
)

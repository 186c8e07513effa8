"""Households of villages, their ties, the leaders informed first, and who took a loan."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from influence.readers.source import Reader, Records, Sieve, header, numbers, read_csv
from influence.readers.traits import traits

HOUSEHOLDS, TIES = "households.csv", "edges.csv"
COLUMNS, ENDS = ("hh", "village", "leader", "loan"), ("source", "target")
LEADER = "leader"
"""The trait of households that were informed first."""
ITEM = "loan"


def recognises(folder: Path) -> bool:
    """Whether both files have the columns."""
    return set(COLUMNS) <= set(header(folder / HOUSEHOLDS)) and header(folder / TIES) == ENDS


def read(folder: Path, sieve: Sieve) -> Records:
    """Households as contacts, villages in `company_id`, ties undated, loans as undated adoptions."""
    rows = _households(folder, sieve)
    ties, notes = _ties(folder, sieve, rows)
    asked = rows.loc[:, ~rows.columns.isin(["hh", "village", "loan", ""])]
    answers, unused = traits(rows["hh"], asked)
    took = rows.loc[rows["loan"].str.strip() == "1", "hh"]
    tables = {
        "contacts": pd.DataFrame({"contact_id": rows["hh"], "company_id": rows["village"]}),
        "connections": ties,
        "traits": answers,
        **({"adoptions": pd.DataFrame({"contact_id": took, "item": ITEM})} if len(took) else {}),
    }
    told = (
        f"{HOUSEHOLDS}: households are contacts, and villages stand in contacts.company_id.",
        f"{HOUSEHOLDS}: {len(took):,} loans have no time: usable for rates of take-up, in reports only.",
        *((f"{HOUSEHOLDS}: {', '.join(unused)}: no numbers nor categories, not read.",) if unused else ()),
    )
    return Records(tables, (*notes, *told))


def _households(folder: Path, sieve: Sieve) -> pd.DataFrame:
    rows = read_csv(folder / HOUSEHOLDS)
    flags = pd.DataFrame({name: numbers(rows[name]) for name in ("leader", "loan")})
    faults = (
        ("hh", "or village is missing", "Fill it in, or drop the rows.",
         (rows["hh"] == "") | (rows["village"] == "")),
        ("hh", "repeats an earlier row's", "Keep one row per household.", rows["hh"].duplicated()),
        ("leader", "or loan is neither 0 nor 1", "Correct or drop the rows.",
         ~flags.isin((0.0, 1.0)).all(axis=1)),
    )  # fmt: skip
    return sieve.keep(HOUSEHOLDS, rows, faults).reset_index(drop=True)


def _ties(folder: Path, sieve: Sieve, households: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Each pair once, whichever end is named first; ties to oneself or to unlisted households are dropped."""
    rows = read_csv(folder / TIES)
    nobody = (rows["source"] == "") | (rows["target"] == "")
    fault = ("source", "or target is missing", "Fill it in, or drop the rows.", nobody)
    rows = sieve.keep(TIES, rows, (fault,), may_be_empty=True)
    listed = rows["source"].isin(households["hh"]) & rows["target"].isin(households["hh"])
    ends = pd.DataFrame({"source_id": rows.min(axis=1), "target_id": rows.max(axis=1)})
    oneself = ends["source_id"] == ends["target_id"]
    ties = ends[listed & ~oneself].drop_duplicates().reset_index(drop=True)
    dropped = (
        (int((~listed).sum()), "ties to households not listed"),
        (int(oneself.sum()), "ties to oneself"),
    )
    notes = tuple(f"{TIES}: {count:,} {what} were dropped." for count, what in dropped if count)
    return ties.assign(direction="mutual"), notes


VILLAGES = Reader(
    "villages",
    f"{HOUSEHOLDS} with the columns {', '.join(COLUMNS)}, and {TIES} with {', '.join(ENDS)}",
    recognises,
    read,
)

"""Collaborations between economies by quarter: what developers of one sent to projects of another."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from influence.readers.notes import dropped
from influence.readers.source import Reader, Records, Sieve, header, numbers, read_csv

FILE = "collaborators.csv"
COLUMNS = ("weight", "source", "destination", "year", "quarter")
AGGREGATES = ("EU",)
"""Sums over economies that the file lists too."""


def recognises(folder: Path) -> bool:
    """Whether `collaborators.csv` has the columns."""
    return header(folder / FILE) == COLUMNS


def read(folder: Path, sieve: Sieve) -> Records:
    """Economies as companies, each quarter's collaborations as company links `partner`.

    A quarter's figure is known at its end at the earliest: its link stands at the first moment after it.
    """
    rows = _checked(read_csv(folder / FILE), sieve)
    aggregate = rows["source"].isin(AGGREGATES) | rows["destination"].isin(AGGREGATES)
    with_itself = (rows["source"] == rows["destination"]) & ~aggregate
    kept = rows[~aggregate & ~with_itself].reset_index(drop=True)
    quarters = pd.PeriodIndex(
        kept["in_year"].astype("str") + "Q" + kept["in_quarter"].astype("str"), freq="Q"
    )
    links = pd.DataFrame(
        {
            "source_id": kept["source"],
            "target_id": kept["destination"],
            "kind": "partner",
            "at": (quarters + 1).start_time.tz_localize("UTC"),
            "weight": kept["value"],
        }
    )
    economies = sorted({*kept["source"], *kept["destination"]})
    notes = (
        *dropped(FILE, f"rows of an aggregate ({', '.join(AGGREGATES)})", aggregate),
        *dropped(FILE, "rows of an economy with itself", with_itself),
        f"{FILE}: each quarter is taken as known when it has ended; it was published later.",
        f"{FILE}: the smallest weight is {kept['value'].min():g}: less is not published, so that a pair "
        "without a row may still collaborate, and a new pair is one that crossed that threshold.",
    )
    companies = pd.DataFrame({"company_id": economies, "country": economies})
    return Records({"companies": companies, "company_links": links}, notes)


def _checked(rows: pd.DataFrame, sieve: Sieve) -> pd.DataFrame:
    weight, year, quarter = (pd.Series(numbers(rows[name])) for name in ("weight", "year", "quarter"))
    codes = rows["source"].str.fullmatch("[A-Z]{2}") & rows["destination"].str.fullmatch("[A-Z]{2}")
    known = year.isin(range(1990, 2100)) & quarter.isin((1, 2, 3, 4))
    rows = rows.assign(
        value=weight,
        in_year=year.where(known, 0).astype("int64"),
        in_quarter=quarter.where(known, 0).astype("int64"),
    )
    again = rows.duplicated(["source", "destination", "in_year", "in_quarter"])
    faults = (
        ("source", "or destination is not an ISO 3166-1 alpha-2 code", "Write two capital letters.", ~codes),
        ("year", "and quarter are no quarter of a year", "Write years as 2024, quarters as 1 to 4.", ~known),
        ("weight", "is not a number above 0", "Correct or drop the rows.", ~(weight > 0)),
        ("source", "and destination stand twice in a quarter", "Keep one row per pair and quarter.",
         again & known),
    )  # fmt: skip
    return sieve.keep(FILE, rows, faults)


COLLABORATIONS = Reader("collaborations", f"{FILE} with the columns {', '.join(COLUMNS)}", recognises, read)

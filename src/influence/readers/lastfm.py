"""Mutual follows among the users of a music site, with a numbered country for each user."""

from __future__ import annotations

from pathlib import Path
from string import ascii_uppercase

import pandas as pd

from influence.readers.source import Reader, Records, Sieve, header, numbers, read_csv
from influence.readers.ties import UNDATED, mutual_ties

TIES, COUNTRIES = "edges.csv", "countries.csv"
TIE_COLUMNS, COUNTRY_COLUMNS = ("node_1", "node_2"), ("id", "target")

USER_ASSIGNED = tuple(f"X{letter}" for letter in ascii_uppercase if letter != "K")
"""ISO 3166-1 keeps these for private use, so that a numbered country claims to be none; XK means Kosovo."""


def recognises(folder: Path) -> bool:
    """Whether both files have the columns."""
    return header(folder / TIES) == TIE_COLUMNS and header(folder / COUNTRIES) == COUNTRY_COLUMNS


def read(folder: Path, sieve: Sieve) -> Records:
    """Users as contacts with a country, follows as undated mutual connections."""
    contacts = _contacts(folder, sieve)
    ties, about_ties = mutual_ties(TIES, read_csv(folder / TIES), contacts["contact_id"], sieve)
    n = contacts["country"].nunique()
    about = (
        f"{COUNTRIES}: the {n} countries are numbers without names. They stand as the codes that ISO 3166-1 "
        f"leaves to users, {USER_ASSIGNED[0]} for 0, {USER_ASSIGNED[1]} for 1, ... without XK: nothing is "
        "known of their place, language or distance."
    )
    return Records({"contacts": contacts, "connections": ties}, (about, *about_ties, f"{TIES}: {UNDATED}"))


def _contacts(folder: Path, sieve: Sieve) -> pd.DataFrame:
    rows = read_csv(folder / COUNTRIES)
    number = pd.Series(numbers(rows["target"]))
    last = len(USER_ASSIGNED) - 1
    faults = (
        ("id", "is missing", "Fill it in, or drop the rows.", rows["id"] == ""),
        ("id", "repeats an earlier row's", "Keep one row per user.", rows["id"].duplicated()),
        ("target", f"is not a whole number from 0 to {last}", "Correct or drop the rows.",
         ~number.isin(range(last + 1))),
    )  # fmt: skip
    rows = sieve.keep(COUNTRIES, rows.assign(number=number), faults)
    countries = [USER_ASSIGNED[int(number)] for number in rows["number"]]
    return pd.DataFrame({"contact_id": rows["id"].to_numpy(), "country": countries})


LASTFM = Reader(
    "lastfm",
    f"{TIES} with the columns {', '.join(TIE_COLUMNS)}, and {COUNTRIES} with {', '.join(COUNTRY_COLUMNS)}",
    recognises,
    read,
)

"""Surveys of who is asked for advice: people with their answers, nominations by question, adoption times.

The form is that of the classic diffusion surveys (Valente 1995, "Network models of the diffusion of
innovations").  Their files also hold the same nominations a second time, and much that follows from the
adoption; `LEFT_OUT` says by name what is never read, and `_copies` finds copies under other names.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.readers.source import ZERO, Reader, Records, Sieve, header, numbers, read_csv, unix_times
from influence.readers.traits import traits

PEOPLE, EDGES = "nodes.csv", "edges.csv"
WHO, NAMED = ("node", "community"), ("source", "target", "relation")
ITEM = "the innovation"
"""What such a survey asks about is one thing that people take up."""

LONGEST_SURVEY = 36_500
"""Periods; later ones are slips, and would leave what times can hold."""

LEFT_OUT: dict[str, tuple[str, ...]] = {
    "no name": ("",),
    "numbers of rows, people and places": (
        r"node|community|commun|village|city|idold|origid|study|test|new",
        r"(id|recno|studno|area|card)\d*",
    ),
    "the nominations a second time, as given (net*, hub*) or as received (r*, resp*, scores of leadership)": (
        r"net.*",
        r"hub\d",
        r"r(fampl|abort|health|goods|educ)[\dl]|reduc[\dl]",
        r"resp.*|repsccp|poly|oltotal|iol",
    ),
    "answers about the people nominated": (r"n\d(adv|prac)|stand|educ",),
    "the adoption itself, its time, and what is computed from it": (
        r"toa|adopted|ado\d*|adopt.*|yr.?|recon|recall|expect|innov.*|tri|hlperc\d?|fs|total|dichot",
        r"thresh|ctl|catbak|paadico",
        r"pract[A-Z]|cur[A-Z]|use|discon|futatt",
    ),
    "when and how one became aware of what was adopted": (
        r"date|time[A-Z]|srce?\d|famawe\d",
        r"info|most|sourinfo",
    ),
    "the history of one's adoption, period by period": (
        r"fp\d+|fpt\d+|cfp|c[be](yr|mnth)|clngth|cawe\d",
        r"fatt\dt\d+|byrt\d+|lngtht\d+|awe\dt\d+",
    ),
}
"""Why -> patterns of the whole names of columns that are never read."""

TOO_ALIKE = 0.9
"""Rank correlation with the adoption time or the nominations received from which on a column is a copy."""
MATCHED = 0.5
"""Share of a column's numbers that are those of people tied to the row from which on it lists nominations."""


def recognises(folder: Path) -> bool:
    """Whether both files have the columns."""
    return set(WHO) <= set(header(folder / PEOPLE)) and set(NAMED) <= set(header(folder / EDGES))


def why_left_out(column: str) -> str | None:
    """The reason for which a survey's column is never read; None for one that is."""
    for reason, patterns in LEFT_OUT.items():
        if any(re.fullmatch(pattern, column) for pattern in patterns):
            return reason
    return None


def read(folder: Path, sieve: Sieve) -> Records:
    """Contacts in their communities, their traits, nominations within the sample, and dated adoptions."""
    people = _people(folder, sieve)
    nominations, notes = _nominations(folder, sieve, people)
    asked = people[[name for name in people if why_left_out(str(name)) is None]]
    copies = _copies(people, asked, nominations)
    rows, unused = traits(people["node"], asked.drop(columns=list(copies)))
    n_left_out = people.shape[1] - asked.shape[1]
    adoptions = _adoptions(people)
    tables = {
        "contacts": pd.DataFrame({"contact_id": people["node"], "company_id": people["community"]}),
        "nominations": nominations,
        "traits": rows,
        **({"adoptions": adoptions} if len(adoptions) else {}),
    }
    told = (
        f"{PEOPLE}: each community stands in contacts.company_id.",
        f"{PEOPLE}: {n_left_out} columns without a name, of nominations or of the adoption are not read.",
        *((f"{PEOPLE}: {', '.join(copies)}: copies by their contents, not read.",) if copies else ()),
        *((f"{PEOPLE}: {', '.join(unused)}: neither numbers nor categories, not read.",) if unused else ()),
        *((f"{PEOPLE}: toa counts periods; they are set to be days from {ZERO:%Y-%m-%d} on.",)
          if len(adoptions) else ()),
    )  # fmt: skip
    return Records(tables, (*notes, *told))


def _people(folder: Path, sieve: Sieve) -> pd.DataFrame:
    rows = read_csv(folder / PEOPLE)
    period = numbers(rows["toa"]) if "toa" in rows else np.zeros(len(rows))
    faults = (
        ("node", "or community is missing", "Fill it in, or drop the rows.",
         (rows["node"] == "") | (rows["community"] == "")),
        ("node", "repeats an earlier row's", "Keep one row per person.", rows["node"].duplicated()),
        ("toa", f"is more than {LONGEST_SURVEY:,} periods away", "Correct it, or leave it empty.",
         pd.Series(np.abs(period) > LONGEST_SURVEY)),
    )  # fmt: skip
    return sieve.keep(PEOPLE, rows, faults).reset_index(drop=True)


def _nominations(folder: Path, sieve: Sieve, people: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Each pair and relation once; nominations of oneself or of people outside the sample are dropped."""
    rows = read_csv(folder / EDGES)
    nobody = (rows["source"] == "") | (rows["target"] == "") | (rows["relation"] == "")
    stranger = ~nobody & ~rows["source"].isin(people["node"])
    faults = (
        ("source", "target or relation is missing", "Fill it in, or drop the rows.", nobody),
        ("source", f"is nobody in {PEOPLE}", f"Add them to {PEOPLE}, or drop the rows.", stranger),
    )
    rows = sieve.keep(EDGES, rows, faults, may_be_empty=True)
    outside = ~rows["target"].isin(people["node"])
    oneself = rows["source"] == rows["target"]
    kept = rows[~outside & ~oneself].drop_duplicates(list(NAMED))
    n_twice = len(rows) - int((outside | oneself).sum()) - len(kept)
    dropped = (
        (int(oneself.sum()), "nominations of oneself"),
        (int((outside & ~oneself).sum()), "nominations of people outside the sample"),
        (n_twice, "nominations given twice in one relation"),
    )
    notes = tuple(f"{EDGES}: {count:,} {what} were dropped." for count, what in dropped if count)
    named = kept[list(NAMED)].rename(
        columns={"source": "source_id", "target": "target_id", "relation": "topic"}
    )
    return named.reset_index(drop=True), notes


def _adoptions(people: pd.DataFrame) -> pd.DataFrame:
    """Dated by their period; who had not adopted by the end of the survey has no row."""
    empty = pd.DataFrame({"contact_id": [], "item": [], "at": []})
    if not {"toa", "adopted"} <= set(people):
        return empty
    period = numbers(people["toa"])
    took = ~np.isnan(period) & (numbers(people["adopted"]) == 1)
    if not took.any():
        return empty
    at = unix_times(period[took] * 86_400 + ZERO.timestamp())
    return pd.DataFrame({"contact_id": people["node"][took].to_numpy(), "item": ITEM, "at": at})


def _copies(people: pd.DataFrame, asked: pd.DataFrame, nominations: pd.DataFrame) -> tuple[str, ...]:
    """Names of columns that repeat nominations or the adoption time, whatever they are called."""
    received = pd.crosstab(nominations["target_id"], nominations["topic"])
    counts = received.reindex(people["node"], fill_value=0).assign(all=lambda table: table.sum(axis=1))
    outcomes = [*counts.to_numpy(np.float64).T]
    if "toa" in people:
        outcomes.append(numbers(people["toa"]))
    partners = _partners(people, nominations)
    found = []
    for name in asked:
        values = numbers(asked[name])
        alike = any(_rank_correlation(values, outcome) >= TOO_ALIKE for outcome in outcomes)
        if alike or _share_of_partners(values, partners) >= MATCHED:
            found.append(str(name))
    return tuple(found)


def _partners(people: pd.DataFrame, nominations: pd.DataFrame) -> list[frozenset[float]]:
    """For each person the numbers, whole or within the community (the last three digits), of their ties."""
    number = pd.Series(numbers(people["node"]), index=people["node"])
    pairs = nominations[["source_id", "target_id"]]
    both = pd.concat((pairs, pairs.set_axis(["target_id", "source_id"], axis=1)))
    codes = number.reindex(both["target_id"]).to_numpy()
    known = ~np.isnan(codes)
    ties = pd.Series(codes[known]).groupby(both["source_id"].to_numpy()[known])
    of = {who: frozenset(ids) | frozenset(ids % 1000) for who, ids in ties}
    return [of.get(who, frozenset()) for who in people["node"]]


def _share_of_partners(values: NDArray[np.float64], partners: list[frozenset[float]]) -> float:
    """Share of a column's numbers that are those of people tied to the row."""
    said = np.flatnonzero(~np.isnan(values) & (values != 0))
    if len(np.unique(values[said])) < 5:  # codes of few answers, not of people
        return 0.0
    return float(np.mean([values[row] in partners[row] for row in said]))


def _rank_correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    known = ~np.isnan(one) & ~np.isnan(other)
    if known.sum() < 10 or np.ptp(one[known]) == 0 or np.ptp(other[known]) == 0:
        return 0.0
    ranks = pd.DataFrame({"one": one[known], "other": other[known]}).rank()
    return abs(float(ranks["one"].corr(ranks["other"])))


SURVEYS = Reader(
    "surveys",
    f"{PEOPLE} with the columns {', '.join(WHO)}, and {EDGES} with {', '.join(NAMED)}",
    recognises,
    read,
)

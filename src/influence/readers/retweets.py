"""Trees of retweets: who took up which post when, and from whom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.readers.source import Reader, Records, Sieve, header, numbers, read_csv, unix_times

FILE = "edges.csv"
COLUMNS = ("set", "cascade", "parent_user", "user", "minutes")
ROOT = "ROOT"
"""The parent of whoever wrote the post."""
SNOWFLAKE_BITS, SNOWFLAKE_EPOCH_MS = 22, 1_288_834_974_657
"""A post's id holds its time in the bits above the lowest 22, in milliseconds since this moment."""
FIRST_ID, LATEST_MS = 1 << SNOWFLAKE_BITS, 7_258_118_400_000
"""Lower ids hold no time; times from 2200 on are a mistake."""


def recognises(folder: Path) -> bool:
    """Whether `edges.csv` has the columns."""
    return header(folder / FILE) == COLUMNS


def read(folder: Path, sieve: Sieve) -> Records:
    """Posts, who took them up, and every retweet as a share of the parent.

    The time of a post is in its id; minutes count from there.  A share whose parent had not taken up the post
    until later cannot be: it is dropped, the take-up itself is kept.
    """
    rows = _checked(read_csv(folder / FILE), sieve)
    is_root = (rows["parent_user"] == ROOT).to_numpy()
    posts = rows[is_root].drop_duplicates("cascade")
    adoptions = _first(rows).rename(columns={"user": "contact_id", "cascade": "item"})
    retweets = rows[~is_root].drop_duplicates(["cascade", "parent_user", "user", "at"])
    shares, n_before, n_stray = _possible(retweets, adoptions)
    contents = pd.DataFrame(
        {
            "content_id": posts["cascade"],
            "author_id": posts["user"],
            "at": unix_times(posts["posted"].to_numpy() / 1e3).to_numpy(),
        }
    )
    n_same = int((~is_root).sum()) - len(retweets)
    notes = (
        f"{FILE}: {len(contents):,} posts, {len(adoptions):,} take-ups, {len(shares):,} shares of a known "
        "parent; the time of a post is read from its id.",
        *((f"{FILE}: {n_before:,} shares that precede their parent were dropped.",) if n_before else ()),
        *((f"{FILE}: {n_stray:,} shares of a parent outside the tree were dropped.",) if n_stray else ()),
        *((f"{FILE}: {n_same:,} rows were there twice and were dropped.",) if n_same else ()),
        f"{FILE}: the veracity of a post (labels.csv) has no place among the tables and is not read.",
    )
    tables = {"contents": contents, "adoptions": adoptions, "interactions": _interactions(shares)}
    return Records(tables, notes)


def _checked(rows: pd.DataFrame, sieve: Sieve) -> pd.DataFrame:
    ids = pd.to_numeric(rows["cascade"], errors="coerce").fillna(-1).to_numpy()
    minutes = pd.Series(numbers(rows["minutes"]))
    posted = pd.Series(_posted_ms(rows["cascade"], ids))
    nobody = (rows["user"] == "") | (rows["parent_user"] == "")
    at = posted + minutes * 60_000
    at = at.where(at.between(0, LATEST_MS))
    faults = (
        ("cascade", "is not the id of a post with its time", "Correct or drop the rows.", posted.isna()),
        ("minutes", "is not a number of minutes", "Correct or drop the rows.", at.isna() & posted.notna()),
        ("user", "or parent_user is missing", "Fill it in, or drop the rows.", nobody),
        ("user", f"is called {ROOT}", "That word stands for the post itself.", rows["user"] == ROOT),
        ("user", "is its own parent", "Drop the rows.", rows["user"] == rows["parent_user"]),
    )
    rows = sieve.keep(FILE, rows.assign(posted=posted, ms=at), faults).reset_index(drop=True)
    return rows.assign(at=unix_times(rows["ms"].to_numpy() / 1e3))


def _posted_ms(cells: pd.Series, ids: NDArray[np.float64]) -> NDArray[np.float64]:
    """Milliseconds since 1970 of every post; NaN where the id holds no time."""
    sound = cells.str.fullmatch(r"[0-9]{7,19}").to_numpy(np.bool_) & (ids >= FIRST_ID) & (ids < 2**63)
    exact = cells.where(sound, "0").astype("int64").to_numpy()
    posted = (exact >> SNOWFLAKE_BITS) + SNOWFLAKE_EPOCH_MS
    return np.where(sound & (posted < LATEST_MS), posted.astype(np.float64), np.nan)


def _first(rows: pd.DataFrame) -> pd.DataFrame:
    """The first time that each user takes up each post."""
    return rows.groupby(["user", "cascade"], sort=True)["at"].min().reset_index()


def _possible(retweets: pd.DataFrame, adoptions: pd.DataFrame) -> tuple[pd.DataFrame, int, int]:
    """Shares of somebody who was there before or at the same moment; how many were not, or never."""
    parents = adoptions.rename(columns={"contact_id": "parent_user", "item": "cascade", "at": "parent_at"})
    found = retweets.merge(parents, how="left", on=["parent_user", "cascade"], validate="many_to_one")
    stray, before = found["parent_at"].isna(), found["parent_at"] > found["at"]
    return found[~stray & ~before], int(before.sum()), int(stray.sum())


def _interactions(shares: pd.DataFrame) -> pd.DataFrame:
    shares = shares.sort_values(["cascade", "user", "at", "parent_user"])
    number = (shares.groupby(["cascade", "user"]).cumcount() + 1).astype("str")
    return pd.DataFrame(
        {
            "event_id": shares["cascade"] + "/" + shares["user"] + "/" + number,
            "actor_id": shares["user"],
            "target_id": shares["parent_user"],
            "kind": "share",
            "at": shares["at"],
            "content_id": shares["cascade"],
        }
    )


RETWEETS = Reader("retweets", f"{FILE} with the columns {', '.join(COLUMNS)}", recognises, read)

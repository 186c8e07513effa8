"""Friendships among the streamers of one language's market, or of several markets in folders of their own."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from influence.readers.notes import dropped
from influence.readers.source import Reader, Records, Sieve, header, numbers, read_csv
from influence.readers.ties import UNDATED, mutual_ties
from influence.readers.traits import traits

TIES, PEOPLE = "edges.csv", "target.csv"
TIE_COLUMNS = ("from", "to")
ASKED = ("days", "mature", "views", "partner")
"""What the file says of each streamer, read as traits."""
COLUMNS = ("id", *ASKED, "new_id")
_FLAGS = {"True": "1", "False": "0"}


def recognises(folder: Path) -> bool:
    """Whether the folder is a market, or holds some."""
    return bool(_markets(folder))


def _is_market(folder: Path) -> bool:
    return header(folder / TIES) == TIE_COLUMNS and set(COLUMNS) == set(header(folder / PEOPLE))


def _markets(folder: Path) -> dict[str, Path]:
    """Prefix of the files' names -> folder: the folder itself, or those of its folders that are markets."""
    if _is_market(folder):
        return {"": folder}
    return {f"{each.name}/": each for each in _folders(folder) if _is_market(each)}


def _folders(place: Path) -> list[Path]:
    return sorted(each for each in place.iterdir() if each.is_dir()) if place.is_dir() else []


def read(folder: Path, sieve: Sieve) -> Records:
    """Streamers as contacts in the country of their market, friendships as undated mutual connections.

    The files number the streamers of each market anew, so that ids carry the market: `DE:17`.
    """
    people, ties, notes = list[pd.DataFrame](), list[pd.DataFrame](), list[str]()
    for prefix, path in _markets(folder).items():
        market, country = _market(path.resolve().name)
        listed = read_csv(path / PEOPLE).assign(country=country)
        rows, again = _people(prefix + PEOPLE, listed, market, sieve)
        named = read_csv(path / TIES)
        named = named.mask(named != "", market + named)
        found, about = mutual_ties(prefix + TIES, named, rows["contact_id"], sieve)
        people, ties, notes = [*people, rows], [*ties, found], [*notes, *again, *about]
    everyone = pd.concat(people, ignore_index=True)
    answers, _ = traits(everyone["contact_id"], everyone[list(ASKED)].replace(_FLAGS))
    contacts = everyone[["contact_id", "country"]]
    of = ", ".join(sorted(contacts["country"].dropna().unique())) or "none: the folder is not named after one"
    told = (
        f"{PEOPLE}: countries of the markets: {of}. A market is a language, not a place of residence.",
        f"{PEOPLE}: {', '.join(ASKED)} are as of the crawl. features.json (likes, unnamed) is not read.",
        f"{TIES}: {UNDATED}",
    )
    tables = {"contacts": contacts, "connections": pd.concat(ties, ignore_index=True), "traits": answers}
    return Records(tables, (*notes, *told))


def _people(file: str, rows: pd.DataFrame, market: str, sieve: Sieve) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """One row per streamer, the one of most views where the crawl met one twice."""
    missing = ("new_id", "is missing", "Fill it in, or drop the rows.", rows["new_id"] == "")
    kept = sieve.keep(file, rows, (missing,))
    kept = kept.assign(n_views=numbers(kept["views"])).sort_values(["new_id", "n_views", *ASKED])
    again = kept["new_id"].duplicated(keep="last")
    kept = kept[~again]
    return kept.assign(contact_id=market + kept["new_id"]), dropped(
        file, "rows of a streamer listed again", again
    )


def _market(folder: str) -> tuple[str, str | None]:
    """What ids begin with, and the country: `DE` is Germany, `ENGB` English for Great Britain."""
    if not re.fullmatch(r"[A-Z]{2}|[A-Z]{4}", folder):
        return "", None
    return f"{folder}:", folder[-2:]


TWITCH = Reader(
    "twitch",
    f"{TIES} with the columns {', '.join(TIE_COLUMNS)} and {PEOPLE} with {', '.join(COLUMNS)}, or folders "
    "of these named after their market, such as DE or ENGB",
    recognises,
    read,
)

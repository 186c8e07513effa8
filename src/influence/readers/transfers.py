"""Deals between football clubs by transfer window: who sold players to whom."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from influence.geography import to_alpha2
from influence.readers.club_names import ALIKE, club_names
from influence.readers.notes import dropped, unknown_countries
from influence.readers.source import Reader, Records, Sieve, header, numbers, read_csv

FILE = "transfers.csv"
COLUMNS = (
    *("club_name", "age", "position", "club_involved_name", "fee", "transfer_movement", "transfer_period"),
    *("year", "season", "country"),
)
NO_CLUB = ("Without Club", "Retired", "Unknown", "Career break", "Ban")
"""What stands in the place of the other club where there is none."""
RETURN = "End of loan"
"""How the fee begins where a player returns from a loan: no new deal."""
KNOWN_AT = {"Summer": (0, "12-01"), "Winter": (1, "06-01")}
"""Window -> years after the season's first one and the day on which all its deals are known.

The file names no days.  Most windows close on 31 August and 31 January, some a month later, and emergency
loans in England went on to the end of November and to spring: on these days all of them are over, so that
no deal is known before it was made.
"""


def recognises(folder: Path) -> bool:
    """Whether `transfers.csv` has the columns."""
    return set(COLUMNS) <= set(header(folder / FILE))


def read(folder: Path, sieve: Sieve) -> Records:
    """Clubs as companies, deals as company links `supplier` from who sold to who bought.

    A deal that both clubs list counts once.  A link's weight is the number of players: fees are unknown for
    most deals, and a fee of 0 is not one that is unknown.
    """
    rows = _checked(read_csv(folder / FILE), sieve)
    no_club = rows["club_involved_name"].isin(NO_CLUB)
    returned = rows["fee"].str.startswith(RETURN) & ~no_club
    rows = rows[~no_club & ~returned].reset_index(drop=True)
    means = club_names(rows)
    deals = _deals(rows, means)
    inside = deals["source_id"] == deals["target_id"]
    links = (
        deals[~inside].groupby(["source_id", "target_id", "at"]).size().reset_index(name="weight")
    ).assign(kind="supplier")  # fmt: skip
    companies, unknown = _companies(rows, links)
    where = companies.set_index("company_id")["country"].notna()
    both = links["source_id"].map(where) & links["target_id"].map(where)
    n_players = int(links["weight"].sum())
    notes = (
        *dropped(FILE, f"rows without another club ({', '.join(NO_CLUB)})", no_club),
        *dropped(FILE, "returns from a loan", returned),
        f"{FILE}: {len(rows) - len(deals):,} rows list a deal that another row lists too: each counts once.",
        *dropped(FILE, "deals within a club, such as with its youth side", inside),
        f"{FILE}: {n_players:,} players in {len(links):,} links; a club has the country of its league, and "
        f"{links.loc[both, 'weight'].sum() / max(n_players, 1):.0%} of the players moved between two clubs "
        f"with a country ({int(where.sum()):,} of {len(companies):,} clubs).",
        f"{FILE}: {sum(name != club for name, club in means.items()):,} other names were matched to clubs by "
        "the deals that both list, or as their youth and reserve sides; clubs without a match: no country.",
        f"{FILE}: no days: deals of summer are taken as known on 1 December, of winter on 1 June.",
        *unknown_countries(FILE, unknown),
    )
    return Records({"companies": companies, "company_links": links}, notes)


def _checked(rows: pd.DataFrame, sieve: Sieve) -> pd.DataFrame:
    year = pd.Series(numbers(rows["year"]))
    nobody = (rows["club_name"] == "") | (rows["club_involved_name"] == "")
    faults = (
        ("year", "is not a year", "Write the year in which the season begins.",
         ~year.isin(range(1990, 2100))),
        ("transfer_period", f"is none of {', '.join(KNOWN_AT)}", "Correct or drop the rows.",
         ~rows["transfer_period"].isin(list(KNOWN_AT))),
        ("transfer_movement", "is neither in nor out", "Correct or drop the rows.",
         ~rows["transfer_movement"].isin(("in", "out"))),
        ("club_name", "or club_involved_name is missing", "Fill it in, or drop the rows.", nobody),
    )  # fmt: skip
    return sieve.keep(FILE, rows.assign(begins=year.fillna(0).astype("int64")), faults)


def _deals(rows: pd.DataFrame, means: dict[str, str]) -> pd.DataFrame:
    """A row per player sold: source_id, target_id, at.

    Rows of one side that are alike are as many players; rows of the other side tell of the same ones.
    """
    other = rows["club_involved_name"].map(means).astype("str").fillna(rows["club_involved_name"])
    bought = rows["transfer_movement"] == "in"
    later = rows["transfer_period"].map({window: years for window, (years, _) in KNOWN_AT.items()})
    day = rows["transfer_period"].map({window: day for window, (_, day) in KNOWN_AT.items()})
    moves = rows[[*ALIKE, "transfer_movement"]].assign(
        source_id=other.where(bought, rows["club_name"]),
        target_id=rows["club_name"].where(bought, other),
        at=pd.to_datetime((rows["begins"] + later).astype("str") + "-" + day, utc=True),
    )
    deal = ["source_id", "target_id", "at", *ALIKE]
    nth = moves.groupby([*deal, "transfer_movement"]).cumcount()
    return moves.assign(nth=nth).drop_duplicates([*deal, "nth"])[deal[:3]]


def _companies(rows: pd.DataFrame, links: pd.DataFrame) -> tuple[pd.DataFrame, Mapping[str, int]]:
    """All clubs, those that list their deals with the country of their league (the first one named)."""
    leagues = rows.sort_values(["begins", "country"]).drop_duplicates("club_name").set_index("club_name")
    resolved = to_alpha2(leagues["country"])
    clubs = pd.Index(sorted({*links["source_id"], *links["target_id"]}), dtype="str", name="company_id")
    return resolved.codes.rename("country").reindex(clubs).reset_index(), resolved.unknown


TRANSFERS = Reader("transfers", f"{FILE} with the columns {', '.join(COLUMNS)}", recognises, read)

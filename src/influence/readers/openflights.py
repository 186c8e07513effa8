"""Airports and the routes between them, in files without headers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from influence.geography import to_alpha2
from influence.readers.notes import dropped, unknown_countries
from influence.readers.source import Reader, Records, Sieve, header, read_csv
from influence.readers.ties import UNDATED

AIRPORTS, ROUTES = "airports.dat", "routes.dat"
AIRPORT_NAMES = (
    *("id", "name", "city", "country", "iata", "icao", "latitude", "longitude", "altitude", "timezone"),
    *("dst", "tz", "type", "source"),
)
ROUTE_NAMES = (
    "airline", "airline_id", "from", "from_id", "to", "to_id", "codeshare", "stops", "equipment",
)  # fmt: skip
MISSING = "\\N"


def recognises(folder: Path) -> bool:
    """Whether both files begin with a line of so many cells."""
    widths = len(header(folder / AIRPORTS)), len(header(folder / ROUTES))
    return widths == (len(AIRPORT_NAMES), len(ROUTE_NAMES))


def read(folder: Path, sieve: Sieve) -> Records:
    """Airports as companies in their city and country, routes as undated company links `partner`.

    A link's weight is the number of airlines that sell the route.
    """
    airports, about_airports = _airports(folder, sieve)
    links, about_routes = _routes(folder, sieve, airports["company_id"])
    return Records({"companies": airports, "company_links": links}, (*about_airports, *about_routes))


def _read(path: Path, names: tuple[str, ...]) -> pd.DataFrame:
    rows = read_csv(path, names)
    return rows.mask(rows == MISSING, "")


def _airports(folder: Path, sieve: Sieve) -> tuple[pd.DataFrame, tuple[str, ...]]:
    rows = _read(folder / AIRPORTS, AIRPORT_NAMES)
    faults = (
        ("id", "is missing", "Fill it in, or drop the rows.", rows["id"] == ""),
        ("id", "repeats an earlier row's", "Keep one row per airport.", rows["id"].duplicated()),
    )
    rows = sieve.keep(AIRPORTS, rows, faults).reset_index(drop=True)
    resolved = to_alpha2(rows["country"])
    airports = pd.DataFrame({"company_id": rows["id"], "country": resolved.codes, "city": rows["city"]})
    return airports, unknown_countries(AIRPORTS, resolved.unknown)


def _routes(folder: Path, sieve: Sieve, airports: pd.Series) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Each ordered pair of airports once, weighed by its airlines; routes to nowhere known are dropped."""
    rows = _read(folder / ROUTES, ROUTE_NAMES)
    nobody = ("airline", "is missing", "Fill it in, or drop the rows.", rows["airline"] == "")
    rows = sieve.keep(ROUTES, rows, (nobody,))
    nowhere = ~(rows["from_id"].isin(airports) & rows["to_id"].isin(airports))
    round_trip = (rows["from_id"] == rows["to_id"]) & ~nowhere
    flown = rows[~nowhere & ~round_trip].groupby(["from_id", "to_id"])["airline"].nunique().reset_index()
    links = flown.set_axis(["source_id", "target_id", "weight"], axis=1).assign(kind="partner")
    notes = (
        *dropped(ROUTES, f"routes of airports that are not in {AIRPORTS}", nowhere),
        *dropped(ROUTES, "routes of an airport to itself", round_trip),
        f"{ROUTES}: the weight of a route is its number of airlines, codeshares included.",
        f"{ROUTES}: {UNDATED}",
    )
    return links, notes


OPENFLIGHTS = Reader(
    "openflights",
    f"{AIRPORTS} and {ROUTES} without headers, lines of {len(AIRPORT_NAMES)} and {len(ROUTE_NAMES)} cells",
    recognises,
    read,
)

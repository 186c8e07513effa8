"""Acquisitions: who bought whom on which day, with the country, city and categories of both firms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from influence.geography import to_alpha2
from influence.readers.notes import dropped, unknown_countries
from influence.readers.source import Reader, Records, Sieve, header, read_csv

FILE = "deals.csv"
FACTS = {"iso3": "country", "city": "city", "categories": "industry"}
"""What the file says of either firm -> the column of companies."""
COLUMNS = ("src", "dst", "date", *(f"{side}_{fact}" for fact in FACTS for side in ("src", "dst")))


def recognises(folder: Path) -> bool:
    """Whether `deals.csv` has the columns."""
    return set(COLUMNS) <= set(header(folder / FILE))


def read(folder: Path, sieve: Sieve) -> Records:
    """Firms as companies, acquisitions as company links `acquirer` from who bought to who was bought."""
    rows = _checked(read_csv(folder / FILE), sieve)
    to_itself = rows["src"] == rows["dst"]
    again = rows.duplicated(["src", "dst", "day"]) & ~to_itself
    deals = rows[~to_itself & ~again]
    links = pd.DataFrame(
        {"source_id": deals["src"], "target_id": deals["dst"], "kind": "acquirer", "at": deals["day"]}
    )
    companies, about_companies = _companies(deals)
    notes = (
        *dropped(FILE, "acquisitions of a firm by itself", to_itself),
        *dropped(FILE, "acquisitions listed again for the same day", again),
        *about_companies,
        f"{FILE}: countries, cities and categories are as of a later crawl, not as of the deal; several "
        "categories stand in companies.industry separated by '|'.",
        f"{FILE}: prices are missing for most and in several currencies: not read.",
    )
    return Records({"companies": companies, "company_links": links.reset_index(drop=True)}, notes)


def _checked(rows: pd.DataFrame, sieve: Sieve) -> pd.DataFrame:
    day = pd.to_datetime(rows["date"].str.strip(), format="%Y-%m-%d", utc=True, errors="coerce")
    nobody = (rows["src"] == "") | (rows["dst"] == "")
    faults = (
        ("date", "is not a day", "Write days as 2014-09-28.", day.isna()),
        ("src", "or dst is missing", "Fill it in, or drop the rows.", nobody),
    )
    return sieve.keep(FILE, rows.assign(day=day), faults)


def _companies(deals: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """One row per firm; where its deals disagree, what most of them say, of equally many the latest."""
    sides = [
        deals[[side, "day", *(f"{side}_{fact}" for fact in FACTS)]].set_axis(
            ["company_id", "day", *FACTS.values()], axis=1
        )
        for side in ("src", "dst")
    ]
    said = pd.concat(sides, ignore_index=True)
    resolved = to_alpha2(said["country"])
    said = said.assign(country=resolved.codes.fillna(""))
    columns, notes = {}, list[str]()
    for name in FACTS.values():
        columns[name], n_several = _most_frequent(said, name)
        if n_several:
            which = "the most frequent one is read, of equally frequent ones the latest"
            notes.append(f"{FILE}: {n_several:,} firms have more than one {name}: {which}.")
    firms = pd.Index(sorted(said["company_id"].unique()), name="company_id")
    companies = pd.DataFrame(columns).reindex(firms).reset_index()
    return companies, (*notes, *unknown_countries(FILE, resolved.unknown))


def _most_frequent(said: pd.DataFrame, name: str) -> tuple[pd.Series, int]:
    """The most frequent value of each firm, and for how many firms there were several."""
    told = said[said[name] != ""]
    counts = told.groupby(["company_id", name])["day"].agg(["size", "max"]).reset_index()
    ranked = counts.sort_values(["size", "max", name])
    best = ranked.drop_duplicates("company_id", keep="last").set_index("company_id")[name]
    n_values = counts.groupby("company_id").size().to_numpy(np.int64)
    return best, int((n_values > 1).sum())


CRUNCHBASE = Reader("crunchbase", f"{FILE} with the columns {', '.join(COLUMNS)}", recognises, read)

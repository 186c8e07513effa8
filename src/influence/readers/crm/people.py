"""People of an export: their ids, who they are, and what may be learned of them."""

from __future__ import annotations

import pandas as pd

from influence.geography import to_alpha2
from influence.readers.crm.titles import read_titles
from influence.readers.crm.words import (
    all_emails,
    emails,
    filled,
    folded_all,
    mapped,
    record_id,
    short_id,
    slugs,
)
from influence.readers.notes import unknown_countries

SEVERAL_COUNTRIES = ("georgia", "jersey")
"""Names of countries that are places elsewhere too: as the end of a location they tell nothing."""
_SHORT = {"usa": "US", "uk": "GB", "uae": "AE", "u.s.a.": "US", "u.k.": "GB"}
_LONGEST_CODE = 3
_ADDRESS = r"[<(\[]?(?<![^\s<>()\[\]])[^\s<>()\[\]]+(?:@|/in/)[^\s<>()\[\]]+[>)\]]?"
"""A word that is an e-mail or profile address, in brackets or not; see `words._EMAIL` for the look behind."""


def full_names(rows: pd.DataFrame) -> pd.Series:
    """`first_name last_name`, or `name` where both are empty; NA where all are."""
    first, last = rows["first_name"].fillna(""), rows["last_name"].fillna("")
    joined = filled((first + " " + last).str.split().str.join(" "))
    return joined.fillna(rows["name"]) if "name" in rows.columns else joined


def contact_ids(reader: str, own: pd.Series, email: pd.Series, profile: pd.Series) -> pd.Series:
    """`profile:<slug>` where a profile is known, else `email:<address>`, else `<reader>:<own id>`."""
    found = "profile:" + slugs(profile)
    return found.fillna("email:" + emails(email)).fillna(f"{reader}:" + own).astype("str")


def named_people(cells: pd.Series, reader: str) -> pd.DataFrame:
    """People told by one cell: a profile, an e-mail address, a name, or a name with an address in brackets.

    Columns contact_id, name, email and profile, under the cells' index; NA where a cell is empty.
    """
    text = filled(cells)
    name = filled(text.str.replace(_ADDRESS, " ", regex=True))
    own = "owner:" + folded_all(text)
    return pd.DataFrame(
        {"contact_id": contact_ids(reader, own, text, text), "name": name, "email": text, "profile": text}
    )


def identities(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows contact_id, kind, value of what the columns name, email, profile and employer tell."""
    told = {
        "name": rows["name"],
        "email": all_emails(rows["email"]),
        "profile": slugs(rows["profile"]),
        "employer": rows["employer"] if "employer" in rows.columns else pd.Series(dtype="str"),
    }
    parts = [
        pd.DataFrame(
            {"contact_id": rows["contact_id"].loc[known.index].array, "kind": kind, "value": known.array}
        )
        for kind, values in told.items()
        if len(known := values.dropna())
    ]
    if not parts:
        return pd.DataFrame(columns=["contact_id", "kind", "value"], dtype="str")
    found = pd.concat(parts, ignore_index=True)
    return found[found["contact_id"].notna()].drop_duplicates(ignore_index=True)


def attributes(rows: pd.DataFrame, file: str, titles: bool) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Columns country, seniority and job_function of rows with `country` and `title`, and what to tell."""
    where = to_alpha2(rows["country"])
    found = read_titles(rows["title"] if titles else rows["title"].mask(rows["title"].notna()))
    notes = unknown_countries(file, where.unknown)
    n_titles = int(rows["title"].notna().sum())
    if n_titles and not titles:
        notes = (*notes, f"{file}: job titles are not learned from, as asked.")
    elif n_titles:
        ranks, functions = int(found["seniority"].notna().sum()), int(found["job_function"].notna().sum())
        notes = (
            *notes,
            f"{file}: {n_titles:,} of {len(rows):,} contacts have a job title; it told the seniority of "
            f"{ranks:,} and the function of {functions:,}. Where titles were filled in only for those "
            "who answered: --set titles=false.",
        )
    return found.assign(country=where.codes), notes


def location_countries(cells: pd.Series) -> pd.Series:
    """The country at the end of `City, State, Country`; NA where the end is none beyond doubt.

    Codes of two letters are not taken: `CA` after a city is California.
    """
    last = cells.str.extract(r"([^,]*)$", expand=False).str.strip()
    short = last.str.lower().map(_SHORT)
    doubtful = (last.str.len() <= _LONGEST_CODE) | last.str.lower().isin(SEVERAL_COUNTRIES)
    return short.fillna(to_alpha2(last.mask(doubtful.fillna(True).astype(bool))).codes)


def one_per_key(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Rows with one key as one, each column's first filled cell in the order of their values."""
    if rows.empty or not rows.duplicated(key).any():
        return rows.reset_index(drop=True)
    ordered = rows.sort_values(
        [*key, *(name for name in rows.columns if name not in key)], na_position="last"
    )
    return ordered.groupby(key, dropna=False, sort=False, as_index=False).first()[list(rows.columns)]


def own_ids(cells: pd.Series, short: bool = False) -> pd.Series:
    """Ids of records; with `short`, those of Salesforce, whose 18 characters are 15 and a check sum."""
    return mapped(cells, short_id if short else record_id)

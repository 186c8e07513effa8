"""Deals of an export and who stands on which side; only what has a place in time is kept."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from influence.readers.crm.companies import Companies
from influence.readers.crm.numbers import amounts
from influence.readers.crm.people import one_per_key, own_ids
from influence.readers.crm.words import filled, mapped

_CLOSED = r"^(?:closed )?(?:(won|gewonnen|gagnee?)|(lost|verloren|perdue?))\b"
_TRUE = ("true", "1", "yes", "wahr", "vrai", "ja", "oui")
_FALSE = ("false", "0", "no", "falsch", "faux", "nein", "non")


def read_deals(
    rows: pd.DataFrame,
    companies: Companies,
    company_of: Mapping[str, str],
    buyers: pd.DataFrame,
    short_ids: bool,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The table of deals, and what could not be placed.

    Parameters
    ----------
    company_of : contact_id -> company_id, for deals that name no company
    buyers : rows deal_id, contact_id, first one first
    """
    deal_id = companies.reader + ":" + own_ids(rows["own_id"], short_ids)
    named = companies.of(
        own_ids(first_of(rows["companies"]), short_ids),
        rows["account_name"]
        if "account_name" in rows.columns
        else rows["companies"].mask(rows["companies"].notna()),
    )
    through = buyers.assign(company_id=mapped(buyers["contact_id"], company_of.get))
    through = through.dropna(subset=["company_id"]).drop_duplicates("deal_id").set_index("deal_id")
    company_id = named.fillna(deal_id.map(through["company_id"]).astype("str"))
    amount, sign = amounts(rows["amount"].fillna(""))
    won = won_of(rows)
    closed_at = rows["closed_at"].where(won.notna())
    late = closed_at < rows["opened_at"]
    closed_at = closed_at.mask(late, rows["opened_at"])
    won = won.where(closed_at.notna())
    code = rows["currency"].str.upper()
    table = pd.DataFrame(
        {
            "deal_id": deal_id,
            "company_id": company_id,
            "stage": rows["stage"].where(won.notna()),
            "amount": amount,
            "currency": code.where(code.str.fullmatch("[A-Z]{3}").fillna(False).astype(bool)).fillna(sign),
            "opened_at": rows["opened_at"],
            "closed_at": closed_at,
            "won": won.astype("boolean"),
        }
    )
    undated, homeless = table["opened_at"].isna(), table["company_id"].isna() & table["opened_at"].notna()
    notes = _told(table, rows, undated, homeless, late)
    kept = table[~undated & ~homeless]
    return one_per_key(kept, ["deal_id"]), notes


def _told(
    table: pd.DataFrame, rows: pd.DataFrame, undated: pd.Series, homeless: pd.Series, late: pd.Series
) -> tuple[str, ...]:
    unclosed = won_of(rows).notna() & rows["closed_at"].isna() & ~undated & ~homeless
    open_ones = table["won"].isna() & ~undated & ~homeless & ~unclosed
    counts = {
        "have no date of creation, and so no place in time: left out. Export it too": undated,
        "name no company, nor a contact with one: left out": homeless,
        "closed before they were entered: known as closed from their entry on": late,
        "are won or lost but have no date of closing: their result is left out": unclosed,
        "are open: their stage and expected closing are as of the export, and left out": open_ones,
    }
    return tuple(f"deals: {int(mask.sum()):,} {what}." for what, mask in counts.items() if mask.any())


def won_of(rows: pd.DataFrame) -> pd.Series:
    """Whether each deal was won, by its flags, else by its stage; NA while it is open."""
    words = rows["stage"].str.casefold().str.replace(r"[\s_-]+", " ", regex=True).str.replace("é", "e")
    words = words.str.replace(r"^closed(?=won|lost)", "closed ", regex=True)
    found = words.str.extract(_CLOSED)
    by_stage = (
        pd.Series(pd.NA, rows.index, dtype="boolean")
        .mask(found[0].notna(), True)
        .mask(found[1].notna(), False)
    )
    if "won" not in rows.columns:
        return by_stage
    won, closed = flags(rows["won"]), flags(rows["closed"])
    return won.where(closed.fillna(False) | won.fillna(False)).where(won.notna(), by_stage)


def flags(cells: pd.Series) -> pd.Series:
    """Cells as true or false; NA where they are neither."""
    word = cells.str.strip().str.casefold()
    found = pd.Series(pd.NA, cells.index, dtype="boolean")
    return found.mask(word.isin(_TRUE), True).mask(word.isin(_FALSE), False)


def first_of(cells: pd.Series) -> pd.Series:
    """The first of several ids separated by `;`."""
    return filled(cells.str.extract(r"^\s*([^;]*)", expand=False))


def each_of(cells: pd.Series) -> pd.Series:
    """All of several ids separated by `;`: one row each, under the cell's index."""
    return cells.dropna().str.split(";").explode().dropna()


def roles(deals: pd.DataFrame, *sides: pd.DataFrame) -> pd.DataFrame:
    """Rows deal_id, contact_id, side, role of the deals that were kept."""
    stacked = pd.concat(sides, ignore_index=True)[["deal_id", "contact_id", "side", "role"]]
    known = stacked[stacked["deal_id"].isin(deals["deal_id"]) & stacked["contact_id"].notna()]
    return one_per_key(known, ["deal_id", "contact_id", "side"])

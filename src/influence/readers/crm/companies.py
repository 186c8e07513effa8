"""Companies of an export: one id each, by domain or by name, and how other files name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from influence.geography import to_alpha2
from influence.readers.crm.numbers import amounts, whole_numbers
from influence.readers.crm.people import one_per_key, own_ids
from influence.readers.crm.words import domains, folded_all, mapped
from influence.readers.notes import unknown_countries

FOUNDED = (1000, 2100)


@dataclass(frozen=True)
class Companies:
    """Companies, and the ways to name one.

    Attributes
    ----------
    rows : in the columns of the table `companies`
    by_own_id : id of the record -> company_id
    by_name : folded name -> company_id, of names that one company has
    """

    reader: str
    rows: pd.DataFrame
    by_own_id: Mapping[str, str]
    by_name: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def of(self, ids: pd.Series, names: pd.Series) -> pd.Series:
        """company_id by id of record, else by name; a company that nobody listed gets an id of its own."""
        by_id = mapped(ids, self.by_own_id.get).fillna(f"{self.reader}:" + ids)
        name = folded_all(names)
        return by_id.fillna(mapped(name, self.by_name.get)).fillna(name)

    def with_mentioned(self, *company_ids: pd.Series, names: pd.Series | None = None) -> pd.DataFrame:
        """The table, with a row for each company that others name and no file lists."""
        mentioned = pd.concat([ids.dropna() for ids in company_ids], ignore_index=True)
        new = mentioned[~mentioned.isin(self.rows["company_id"])].drop_duplicates().sort_values()
        called = pd.Series(dtype="str")
        if names is not None:
            told = pd.DataFrame({"id": company_ids[0], "name": names}).dropna().sort_values(["id", "name"])
            called = told.drop_duplicates("id").set_index("id")["name"]
        rows = pd.DataFrame({"company_id": new, "name": new.map(called).astype("str")})
        return pd.concat([self.rows, rows], ignore_index=True)


def read_companies(rows: pd.DataFrame, reader: str, short_ids: bool = False) -> Companies:
    """Companies of rows under our names; several records with one domain, or one name, are one company."""
    own, domain, name = own_ids(rows["own_id"], short_ids), domains(rows["website"]), folded_all(rows["name"])
    company_id = domain.fillna(name).fillna(f"{reader}:" + own)
    revenue, sign = amounts(rows["revenue"].fillna(""))
    code = rows["currency"].str.upper().str.strip() if "currency" in rows.columns else sign
    where, founded = to_alpha2(rows["country"]), whole_numbers(rows["founded_year"].fillna(""))
    table = pd.DataFrame(
        {
            "company_id": company_id,
            "observed_at": rows["observed_at"],
            "name": rows["name"],
            "country": where.codes,
            "city": rows["city"],
            "industry": rows["industry"].str.replace(r"\s*;\s*", "|", regex=True),
            "employees": whole_numbers(rows["employees"].fillna("")),
            "founded_year": founded.where(founded.between(*FOUNDED)),
            "revenue": revenue,
            "currency": code.where(code.str.fullmatch("[A-Z]{3}").fillna(False).astype(bool)).fillna(sign),
            "domain": domain,
        }
    )
    known = pd.DataFrame({"name": name, "id": company_id}).dropna().drop_duplicates()
    alone = known[~known["name"].duplicated(keep=False)]
    return Companies(
        reader,
        one_per_key(table, ["company_id", "observed_at"]),
        dict(zip(own, company_id, strict=True)),
        dict(zip(alone["name"], alone["id"], strict=True)),
        unknown_countries("companies", where.unknown),
    )

"""What HubSpot and Salesforce have in common: contacts, companies, deals, and the people who own them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from influence.readers.config import ReadingConfig
from influence.readers.crm.companies import Companies, read_companies
from influence.readers.crm.deals import each_of, first_of, read_deals, roles
from influence.readers.crm.exports import Exports
from influence.readers.crm.people import (
    attributes,
    contact_ids,
    full_names,
    identities,
    named_people,
    one_per_key,
    own_ids,
)
from influence.readers.crm.words import mapped


@dataclass(frozen=True)
class People:
    """Contacts of a CRM and its own team.

    Attributes
    ----------
    contacts : in columns of the table `contacts`
    identities : who they are
    by_own_id : id of the record -> contact_id
    owners : what an export writes for an owner -> contact_id
    """

    reader: str
    contacts: pd.DataFrame
    identities: pd.DataFrame
    by_own_id: Mapping[str, str]
    owners: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def of(self, ids: pd.Series) -> pd.Series:
        """contact_id by id of record; a person whom no file lists gets an id of that record."""
        return mapped(ids, self.by_own_id.get).fillna(f"{self.reader}:" + ids)


@dataclass(frozen=True)
class Sales:
    """All that the files of a CRM hold."""

    people: People
    companies: Companies
    tables: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...] = field(default=())


def read_sales(
    exports: Exports,
    reader: str,
    config: ReadingConfig,
    users: pd.DataFrame | None = None,
    short_ids: bool = False,
) -> Sales:
    """The tables contacts, companies, deals, deal_roles and identities.

    Parameters
    ----------
    users : rows own_id, contact_id, name, email, profile of the CRM's own users, where a file lists them
    short_ids : ids have 18 characters in some files and their first 15 in others
    """
    companies = read_companies(exports["companies"], reader, short_ids)
    owners = _owners(exports, reader, users, short_ids)
    people = _people(exports["contacts"], reader, companies, owners, config, short_ids)
    buyers = _buyers(exports, people, short_ids)
    deals, told = read_deals(exports["deals"], companies, _company_of(people.contacts), buyers, short_ids)
    sellers = pd.DataFrame(
        {
            "deal_id": reader + ":" + own_ids(exports["deals"]["own_id"], short_ids),
            "contact_id": mapped(own_ids(exports["deals"]["owner"], short_ids), people.owners.get),
            "side": "sell",
            "role": "owner",
        }
    )
    sides = roles(deals, buyers.assign(side="buy"), sellers)
    contacts = _with_mentioned(people.contacts, sides["contact_id"])
    employers = exports["contacts"]["employer"]
    of_rows = companies.of(own_ids(first_of(exports["contacts"]["companies"]), short_ids), employers)
    tables = {
        "contacts": contacts,
        "companies": companies.with_mentioned(of_rows, deals["company_id"], names=employers),
        "deals": deals,
        "deal_roles": sides,
        "identities": people.identities,
    }
    n_stubs = len(contacts) - len(people.contacts)
    stubs = f"contacts: {n_stubs:,} are known by their id alone, as no file lists them."
    notes = (*exports.notes, *companies.notes, *people.notes, *told, *((stubs,) if n_stubs else ()))
    return Sales(people, companies, {name: rows for name, rows in tables.items() if len(rows)}, notes)


def _owners(exports: Exports, reader: str, users: pd.DataFrame | None, short_ids: bool) -> pd.DataFrame:
    """Rows cell, contact_id, name, email, profile: a row for each spelling of an owner."""
    cells = pd.concat([exports[kind]["owner"] for kind in exports.rows if "owner" in exports[kind].columns])
    cells = pd.Series(sorted(own_ids(cells, short_ids).dropna().unique()), dtype="str")
    found = named_people(cells, reader).assign(cell=cells)
    if users is None:
        return found
    listed = users.assign(cell=users["own_id"])
    by_name = users.dropna(subset=["name"]).drop_duplicates("name", keep=False)
    both = pd.concat([listed, by_name.assign(cell=by_name["name"]), found], ignore_index=True)
    return both.drop_duplicates("cell")[["cell", "contact_id", "name", "email", "profile"]]


def _people(
    rows: pd.DataFrame,
    reader: str,
    companies: Companies,
    owners: pd.DataFrame,
    config: ReadingConfig,
    short_ids: bool,
) -> People:
    own = own_ids(rows["own_id"], short_ids)
    rows = rows.assign(
        contact_id=contact_ids(reader, own, rows["email"], rows["profile"]), name=full_names(rows)
    )
    known, notes = attributes(rows, "contacts", config.titles)
    contacts = pd.DataFrame(
        {
            "contact_id": rows["contact_id"],
            "observed_at": rows["observed_at"],
            "company_id": companies.of(own_ids(first_of(rows["companies"]), short_ids), rows["employer"]),
            "country": known["country"],
            "job_function": known["job_function"],
            "seniority": known["seniority"],
        }
    )
    team = pd.DataFrame({"contact_id": owners["contact_id"].drop_duplicates()})
    stacked = pd.concat([contacts, team], ignore_index=True)
    if len(team):
        stacked = stacked.assign(is_own_team=stacked["contact_id"].isin(team["contact_id"]))
    called = companies.rows.drop_duplicates("company_id").set_index("company_id")["name"]
    employed = rows.assign(employer=rows["employer"].fillna(contacts["company_id"].map(called).astype("str")))
    told = pd.concat([identities(employed), identities(owners)], ignore_index=True)
    n_records = len(rows) - rows["contact_id"].nunique()
    if n_records:
        notes = (
            *notes,
            f"contacts: {n_records:,} records are of a person with another record: one contact each.",
        )
    if "status" in rows.columns and rows["status"].notna().any():
        notes = (*notes, "contacts: Lead Status tells how it went, as of the export: not read.")
    if rows["observed_at"].notna().any():
        notes = (
            *notes,
            "contacts: what is known of a contact is taken as known since the record was created.",
        )
    return People(
        reader,
        _carried_on(one_per_key(stacked, ["contact_id", "observed_at"])),
        told.drop_duplicates(ignore_index=True),
        dict(zip(own, rows["contact_id"], strict=True)),
        dict(zip(owners["cell"], owners["contact_id"], strict=True)),
        notes,
    )


def _carried_on(contacts: pd.DataFrame) -> pd.DataFrame:
    """A later record of a person that leaves a cell empty does not make it unknown."""
    if not contacts["contact_id"].duplicated().any():
        return contacts
    ordered = contacts.sort_values(["contact_id", "observed_at"], na_position="first", ignore_index=True)
    facts = [name for name in ordered.columns if name not in ("contact_id", "observed_at")]
    ordered[facts] = ordered.groupby("contact_id", sort=False)[facts].ffill()
    return ordered


def _buyers(exports: Exports, people: People, short_ids: bool) -> pd.DataFrame:
    """Rows deal_id, contact_id, role of a deal's contacts."""
    if "roles" in exports.rows:
        rows = exports["roles"]
        deal, contact, role = rows["deal"], rows["contact"], rows["role"]
    else:
        rows = exports["deals"]
        contact = each_of(rows["contacts"])
        deal, role = rows["own_id"].reindex(contact.index), pd.Series(pd.NA, contact.index, dtype="str")
    found = pd.DataFrame(
        {
            "deal_id": (people.reader + ":" + own_ids(deal, short_ids)).to_numpy(),
            "contact_id": people.of(own_ids(contact, short_ids)).to_numpy(),
            "role": role.to_numpy(),
        }
    )
    return found[found["contact_id"].notna()].astype("str")


def _company_of(contacts: pd.DataFrame) -> Mapping[str, str]:
    known = contacts.dropna(subset=["company_id"]).drop_duplicates("contact_id")
    return dict(zip(known["contact_id"], known["company_id"], strict=True))


def _with_mentioned(contacts: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    new = ids[~ids.isin(contacts["contact_id"])].drop_duplicates().sort_values()
    return pd.concat([contacts, pd.DataFrame({"contact_id": new})], ignore_index=True)

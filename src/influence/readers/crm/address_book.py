"""Address books: contacts as Google and Outlook export them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from influence.readers.crm.companies import Companies
from influence.readers.crm.exports import read_exports, recognises
from influence.readers.crm.people import (
    attributes,
    contact_ids,
    full_names,
    identities,
    named_people,
    one_per_key,
)
from influence.readers.crm.words import emails, filled, folded_all
from influence.readers.notes import dropped
from influence.readers.source import Reader, Records, Sieve

NAME = "address_book"


def read(place: Path, sieve: Sieve) -> Records:
    """Contacts with country, company and what their titles tell; undated ties to the owner, where named.

    A person without e-mail and profile is known by name and company.
    """
    exports = read_exports(place, NAME, sieve)
    rows = exports["people"]
    rows = rows.assign(name=full_names(rows), profile=rows["website"])
    own = filled(folded_all(rows["name"]).fillna("") + "|" + folded_all(rows["employer"]).fillna(""))
    rows = rows.assign(
        email=rows["email"].where(emails(rows["email"]).notna()),
        contact_id=contact_ids(NAME, own.where(own != "|"), rows["email"], rows["profile"]),
    )
    nobody = rows["contact_id"].isna()
    rows = rows[~nobody].reset_index(drop=True)
    known, notes = attributes(rows, "contacts", sieve.config.titles)
    contacts = known.assign(contact_id=rows["contact_id"], company_id=folded_all(rows["employer"]))
    companies = _companies(contacts["company_id"], rows["employer"])
    tables = {
        "contacts": one_per_key(contacts, ["contact_id"]),
        "identities": identities(rows),
        **({"companies": companies} if len(companies) else {}),
    }
    told = (*exports.notes, *dropped("contacts", "rows without name and e-mail", nobody), *notes)
    if sieve.config.owner is None:
        return Records(
            tables,
            (
                *told,
                "contacts: whose address book it is was not told: no ties. Tell it by --set owner=NAME.",
            ),
        )
    tied, ties = _with_owner(tables, sieve.config.owner)
    return Records(tied, (*told, ties))


def _companies(company_id: pd.Series, name: pd.Series) -> pd.DataFrame:
    nothing = pd.DataFrame({"company_id": pd.Series(dtype="str"), "name": pd.Series(dtype="str")})
    return Companies(NAME, nothing, {}, {}).with_mentioned(company_id, names=name)


def _with_owner(tables: dict[str, pd.DataFrame], owner: str) -> tuple[dict[str, pd.DataFrame], str]:
    """The tables with the owner and his ties."""
    person = named_people(pd.Series([owner], dtype="str"), NAME)
    own_id = person["contact_id"].iloc[0]
    contacts = tables["contacts"]
    others = contacts.loc[contacts["contact_id"] != own_id, "contact_id"]
    team = pd.DataFrame({"contact_id": [own_id], "is_own_team": [True]})
    return {
        **tables,
        "contacts": one_per_key(pd.concat([contacts, team], ignore_index=True), ["contact_id"]),
        "connections": pd.DataFrame({"source_id": own_id, "target_id": others, "direction": "mutual"}),
        "identities": pd.concat([tables["identities"], identities(person)]).drop_duplicates(
            ignore_index=True
        ),
    }, (
        f"connections: {len(others):,} ties of the owner, undated. They count as known at any time: where "
        "people came into the address book by accepting an invitation, do not learn acceptance from them."
    )


ADDRESS_BOOK = Reader(
    NAME,
    "contacts as CSV of Google (Given Name, Family Name; or First Name, Phonetic First Name, Organization "
    "Name) or Outlook (First Name, Last Name, E-mail Address; in German or French too)",
    recognises(NAME),
    read,
    personal=True,
    shares_folder=True,
)

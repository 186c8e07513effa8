"""HubSpot: its exports of contacts, companies and deals."""

from __future__ import annotations

from pathlib import Path

from influence.readers.crm.exports import read_exports, recognises
from influence.readers.crm.sales import read_sales
from influence.readers.source import Reader, Records, Sieve

NAME = "hubspot"


def read(place: Path, sieve: Sieve) -> Records:
    """Contacts, companies, deals with both sides; owners are the own team."""
    sales = read_sales(read_exports(place, NAME, sieve), NAME, sieve.config)
    return Records(sales.tables, sales.notes)


HUBSPOT = Reader(
    NAME,
    "CSV exports of HubSpot: contacts (Record ID, First Name, Email), companies (Record ID, Company name) or "
    "deals (Record ID, Deal Name, Deal Stage)",
    recognises(NAME),
    read,
    personal=True,
    shares_folder=True,
)

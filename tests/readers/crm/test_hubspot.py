"""HubSpot: contacts, companies and deals, and what must not be known too early."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from tests.readers.crm.records import read_records, row, told
from tests.readers.folders import HUBSPOT_COMPANIES, HUBSPOT_CONTACTS, HUBSPOT_DEALS, SOURCES, write

from influence.data import Network
from influence.readers import read

FILES = SOURCES["hubspot"]
DEALS_HEADER = HUBSPOT_DEALS.splitlines()[0]


def stamp(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def test_contacts__ids_country_title_company__read(tmp_path: Path) -> None:
    contacts = read_records(tmp_path, "hubspot", FILES).tables["contacts"]
    ann = row(contacts, contact_id="email:ann@acme.com")
    assert (ann["company_id"], ann["country"], ann["seniority"]) == ("acme.com", "DE", "c_suite")
    assert ann["observed_at"] == stamp("2024-01-15 10:30")
    assert row(contacts, contact_id="email:bob@acme.com")["job_function"] == "sales"
    assert pd.isna(row(contacts, contact_id="email:bob@acme.com")["country"])
    assert row(contacts, contact_id="hubspot:103")["country"] == "FR"


def test_owners__names_with_addresses__own_team(tmp_path: Path) -> None:
    records = read_records(tmp_path, "hubspot", FILES)
    contacts = records.tables["contacts"]
    team = contacts[contacts["is_own_team"].fillna(False)]
    assert sorted(team["contact_id"]) == ["email:jo@us.com", "email:max@us.com"]
    assert row(records.tables["identities"], contact_id="email:jo@us.com", kind="name")["value"] == "Jo Fox"


def test_identities__record__name_email_employer(tmp_path: Path) -> None:
    told_of = read_records(tmp_path, "hubspot", FILES).tables["identities"]
    ann = told_of[told_of["contact_id"] == "email:ann@acme.com"]
    assert dict(zip(ann["kind"], ann["value"], strict=True)) == {
        "name": "Ann Lee", "email": "ann@acme.com", "employer": "Acme, Inc.",
    }  # fmt: skip


def test_deals__won__closed_when_it_was(tmp_path: Path) -> None:
    deals = read_records(tmp_path, "hubspot", FILES).tables["deals"]
    won = row(deals, deal_id="hubspot:7001")
    assert (won["company_id"], won["amount"], won["won"]) == ("acme.com", 1000.5, True)
    assert won["closed_at"] == stamp("2024-03-01 09:00")


def test_deals__open__stage_and_expected_closing_unknown(tmp_path: Path) -> None:
    records = read_records(tmp_path, "hubspot", FILES)
    still_open = row(records.tables["deals"], deal_id="hubspot:7002")
    assert still_open[["stage", "closed_at", "won"]].isna().all()
    assert told(records, "deals: 1 are open")


def test_deal_roles__contacts_and_owner__both_sides(tmp_path: Path) -> None:
    sides = read_records(tmp_path, "hubspot", FILES).tables["deal_roles"]
    of_deal = sides[sides["deal_id"] == "hubspot:7001"]
    assert sorted(zip(of_deal["contact_id"], of_deal["side"], strict=True)) == [
        ("email:ann@acme.com", "buy"), ("email:bob@acme.com", "buy"), ("email:jo@us.com", "sell"),
    ]  # fmt: skip


def test_deals__entered_late_undated_or_homeless__told(tmp_path: Path) -> None:
    deals = f"""{DEALS_HEADER}
1,late,Closed Lost,,max@us.com,9001,,2024-02-15 10:00,2024-02-10 09:00
2,undated,Closed Won,,max@us.com,9001,,,2024-02-10 09:00
3,homeless,Closed Won,,max@us.com,,,2024-02-15 10:00,2024-03-10 09:00
4,through its contact,Closed Won,,max@us.com,,101,2024-02-15 10:00,2024-03-10 09:00
5,unclosed,Closed Won,,max@us.com,9001,,2024-02-15 10:00,
"""
    records = read_records(tmp_path, "hubspot", {**FILES, "sales.csv": deals})
    found = records.tables["deals"]
    assert sorted(found["deal_id"]) == ["hubspot:1", "hubspot:4", "hubspot:5"]
    assert row(found, deal_id="hubspot:1")["closed_at"] == stamp("2024-02-15 10:00")
    assert row(found, deal_id="hubspot:4")["company_id"] == "acme.com"
    assert pd.isna(row(found, deal_id="hubspot:5")["won"])
    assert all(
        told(records, words)
        for words in ("no date of creation", "name no company", "before they were entered")
    )


def test_readme_columns__no_dates_of_deals__said_with_remedy(tmp_path: Path) -> None:
    deals = "Record ID,Deal Name,Deal Stage,Amount,Deal owner,Associated Company IDs,Associated Contact IDs\n"
    records = read_records(
        tmp_path, "hubspot", {**FILES, "sales.csv": deals + "1,a,Closed Won,5,Jo,9001,101\n"}
    )
    assert "deals" not in records.tables
    assert told(records, "have no date of creation")


def test_lead_status__never_read(tmp_path: Path) -> None:
    records = read_records(tmp_path / "a", "hubspot", FILES)
    other = {**FILES, "people.csv": HUBSPOT_CONTACTS.replace("CONNECTED", "UNQUALIFIED")}
    again = read_records(tmp_path / "b", "hubspot", other)
    for name, rows in records.tables.items():
        pd.testing.assert_frame_equal(rows, again.tables[name])
    assert told(records, "Lead Status")


def test_same_person_twice__one_contact_later_gaps_filled(tmp_path: Path) -> None:
    again = HUBSPOT_CONTACTS + "104,Ann,Lee,ANN@acme.com,,,2024-03-15 10:30,,,\n"
    records = read_records(tmp_path, "hubspot", {**FILES, "people.csv": again})
    ann = records.tables["contacts"].query("contact_id == 'email:ann@acme.com'")
    assert ann["observed_at"].tolist() == [stamp("2024-01-15 10:30"), stamp("2024-03-15 10:30")]
    assert ann["seniority"].tolist() == ["c_suite", "c_suite"]
    assert told(records, "1 records are of a person with another record")


def test_contacts_alone__companies_by_their_record(tmp_path: Path) -> None:
    records = read_records(tmp_path, "hubspot", {"people.csv": HUBSPOT_CONTACTS})
    assert row(records.tables["contacts"], contact_id="email:ann@acme.com")["company_id"] == "hubspot:9001"
    assert records.tables["companies"]["company_id"].tolist() == ["hubspot:9001"]


def test_unknown_country__told_not_fatal(tmp_path: Path) -> None:
    assert told(read_records(tmp_path, "hubspot", FILES), "unknown countries were left out: Atlantis (1)")


def test_titles_not_wanted__no_seniority(tmp_path: Path) -> None:
    contacts = read_records(tmp_path, "hubspot", FILES, titles=False).tables["contacts"]
    assert contacts[["seniority", "job_function"]].isna().all(axis=None)


def test_single_file__read_as_a_user_does__pseudonyms(tmp_path: Path) -> None:
    write(tmp_path, {"whatever.csv": HUBSPOT_COMPANIES, "people.csv": HUBSPOT_CONTACTS})
    network = read(tmp_path / "people.csv")
    assert network.notes[0] == "Recognised as hubspot."
    assert not network.contact_ids.str.contains("@|hubspot").any()
    assert "Ann Lee" in set(network.names)


def test_nothing_of_the_future__as_of_before_closing__deal_open(tmp_path: Path) -> None:
    network = Network.from_tables(read_records(tmp_path, "hubspot", FILES).tables)
    before = network.as_of("2024-02-20").table("deals")
    assert before[["won", "closed_at", "stage"]].isna().all(axis=None)

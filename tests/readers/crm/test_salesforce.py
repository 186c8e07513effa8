"""Salesforce: the objects that Data Loader writes, and reports by their labels."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from tests.readers.crm.records import read_records, row, told

ACCOUNT, CONTACT, DEAL, USER = (f"{prefix}A00000000001AAA" for prefix in ("001", "003", "006", "005"))
FILES = {
    "contact.csv": f"""Id,AccountId,FirstName,LastName,Email,Title,MailingCountry,OwnerId,CreatedDate
{CONTACT},{ACCOUNT},Ann,Lee,ann@acme.com,VP Sales,United States,{USER},2024-01-15T10:30:00.000Z
003A00000000002AAB,{ACCOUNT},Bob,Ray,,,,{USER},2024-01-15T10:30:00.000Z
""",
    "account.csv": f"""Id,Name,Website,Industry,NumberOfEmployees,AnnualRevenue,BillingCountry,CreatedDate
{ACCOUNT},Acme,acme.com,Machinery,1200,5000000,USA,2023-01-15T10:30:00.000Z
""",
    "opportunity.csv": f"""Id,AccountId,Name,StageName,Amount,CloseDate,CreatedDate,IsClosed,IsWon,OwnerId
{DEAL},{ACCOUNT},X,Signed,1000,2024-03-01,2024-02-01T08:00:00.000+0000,true,true,{USER}
006A00000000002AAA,{ACCOUNT},Y,Closed Lost,,2024-02-01,2024-02-01T08:00:00.000+0000,true,false,{USER}
006A00000000003AAA,{ACCOUNT},Z,Prospecting,,2027-03-01,2024-02-01T08:00:00.000+0000,false,false,{USER}
""",
    "role.csv": f"""Id,ContactId,OpportunityId,Role,IsPrimary,CreatedDate
00K1,{CONTACT},{DEAL},Decision Maker,true,2024-02-01T08:00:00.000+0000
""",
    "user.csv": f"Id,Username,FirstName,LastName,Email\n{USER},jo@us.com.prod,Jo,Fox,jo@us.com\n",
    "task.csv": f"""Id,WhoId,OwnerId,ActivityDate,Status,TaskSubtype,Type,CallType,IsClosed,\
CreatedDate,CompletedDateTime
00T1,{CONTACT},{USER},2024-02-03,Completed,Call,,Inbound,true,2024-02-02T08:00:00.000+0000,
00T2,{CONTACT},{USER},2024-02-03,Completed,Email,,,true,2024-02-02T08:00:00.000+0000,2024-02-02T09:00:00.000+0000
00T3,{CONTACT},{USER},2024-02-03,Not Started,Email,,,false,2024-02-02T08:00:00.000+0000,
00T4,00QA,{USER},2024-02-03,Completed,Email,,,true,2024-02-02T08:00:00.000+0000,
""",
    "event.csv": f"""Id,WhoId,OwnerId,Subject,StartDateTime,EndDateTime,CreatedDate
00U1,{CONTACT},{USER},x,2024-02-03T08:00:00.000+0000,2024-02-03T09:00:00.000+0000,2024-02-02T08:00:00.000+0000
00U2,{CONTACT},{USER},x,2025-02-03T08:00:00.000+0000,2025-02-03T09:00:00.000+0000,2024-02-04T08:00:00.000+0000
""",
}


def test_contacts__account_owner_country__read(tmp_path: Path) -> None:
    contacts = read_records(tmp_path, "salesforce", FILES).tables["contacts"]
    ann = row(contacts, contact_id="email:ann@acme.com")
    assert ann[["company_id", "country", "seniority", "job_function"]].tolist() == [
        "acme.com",
        "US",
        "vp",
        "sales",
    ]
    assert row(contacts, contact_id="salesforce:003A00000000002")["company_id"] == "acme.com"
    assert row(contacts, contact_id="email:jo@us.com")["is_own_team"]


def test_companies__account__size_and_revenue(tmp_path: Path) -> None:
    acme = row(read_records(tmp_path, "salesforce", FILES).tables["companies"], company_id="acme.com")
    assert acme[["employees", "revenue", "country", "industry"]].tolist() == [1200, 5e6, "US", "Machinery"]


def test_deals__flags_before_words_of_the_stage(tmp_path: Path) -> None:
    deals = read_records(tmp_path, "salesforce", FILES).tables["deals"].set_index("deal_id")
    assert deals["won"].astype("object").where(deals["won"].notna(), None).tolist() == [True, False, None]
    assert deals["closed_at"].iloc[0] == pd.Timestamp("2024-03-01T23:59:59Z")
    assert deals["closed_at"].iloc[1] == pd.Timestamp("2024-02-01T23:59:59Z")


def test_roles__contact_role__buy_side(tmp_path: Path) -> None:
    sides = read_records(tmp_path, "salesforce", FILES).tables["deal_roles"]
    assert row(sides, side="buy")[["contact_id", "role"]].tolist() == ["email:ann@acme.com", "Decision Maker"]
    assert set(sides.query("side == 'sell'")["contact_id"]) == {"email:jo@us.com"}


def test_activities__done_ones__interactions(tmp_path: Path) -> None:
    records = read_records(tmp_path, "salesforce", FILES)
    found = records.tables["interactions"].set_index("event_id")
    assert found["kind"].to_dict() == {
        "salesforce:00T1": "call", "salesforce:00T2": "email", "salesforce:00U1": "meeting",
    }  # fmt: skip
    inbound, outbound = found.loc["salesforce:00T1"], found.loc["salesforce:00T2"]
    assert (inbound["actor_id"], inbound["target_id"]) == ("email:ann@acme.com", "email:jo@us.com")
    assert (outbound["actor_id"], outbound["at"]) == ("email:jo@us.com", pd.Timestamp("2024-02-02T09:00Z"))
    assert inbound["at"] == pd.Timestamp("2024-02-03T23:59:59Z")
    assert all(told(records, words) for words in ("still lay ahead", "are open", "nobody of the contacts"))


def test_report__labels_short_ids_and_footer__same_people(tmp_path: Path) -> None:
    report = f"""Contact ID,First Name,Last Name,Title,Email,Account ID,Account Name,\
Mailing Country,Created Date
{CONTACT[:15]},Ann,Lee,VP Sales,ann@acme.com,{ACCOUNT[:15]},Acme,United States,1/15/2024


Copyright (c) 2000-2024 salesforce.com, inc. All rights reserved.
Confidential Information - Do Not Distribute
"""
    records = read_records(tmp_path, "salesforce", {**FILES, "contact.csv": report})
    ann = row(records.tables["contacts"], contact_id="email:ann@acme.com")
    assert ann["company_id"] == "acme.com"
    assert ann["observed_at"] == pd.Timestamp("2024-01-15T23:59:59Z")
    assert row(records.tables["deal_roles"], side="buy")["contact_id"] == "email:ann@acme.com"
    assert told(records, "2 lines below the table")


def test_owner_without_user_file__known_by_id(tmp_path: Path) -> None:
    files = {name: text for name, text in FILES.items() if name != "user.csv"}
    contacts = read_records(tmp_path, "salesforce", files).tables["contacts"]
    (owner,) = contacts.loc[contacts["is_own_team"].fillna(False), "contact_id"]
    assert owner.startswith("salesforce:owner:")

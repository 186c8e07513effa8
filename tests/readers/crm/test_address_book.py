"""Address books of Google, before and since 2024, and of Outlook."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.readers.crm.records import read_records, row, told
from tests.readers.folders import HUBSPOT_CONTACTS, OUTLOOK, write

from influence.readers import READERS, read
from influence.readers.source import Sieve

OLD = """Name,Given Name,Additional Name,Family Name,Yomi Name,Group Membership,E-mail 1 - Type,\
E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value,Organization 1 - Type,Organization 1 - Name,\
Organization 1 - Title,Address 1 - Country,Website 1 - Value
Ann Lee,Ann,,Lee,,* myContacts,* Work,ann@acme.com,Home,ann@home.org,,Acme,CEO,Germany,
Bob Ray,Bob,,Ray,,* myContacts,,,,,,Bolt,Einkäufer,Österreich,https://www.linkedin.com/in/bob-ray/
"""
NEW = """First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,Phonetic Last Name,\
Name Prefix,Name Suffix,Nickname,File As,Organization Name,Organization Title,Organization Department,\
Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,Address 1 - Country,Website 1 - Value
Ann,,Lee,,,,,,,,Acme,CEO,,,"two
lines",,* myContacts,* Work,ann@acme.com ::: ann@home.org,Germany,
Bob,,Ray,,,,,,,,Bolt,Einkäufer,,,,,,,,Österreich,https://www.linkedin.com/in/bob-ray/
,,,,,,,,,,,,,,,,,,,,
"""


@pytest.mark.parametrize("text", [OLD, NEW], ids=["before 2024", "since 2024"])
def test_google__either_generation__same_people(text: str, tmp_path: Path) -> None:
    records = read_records(tmp_path, "address_book", {"contacts.csv": text})
    contacts = records.tables["contacts"]
    ann, bob = row(contacts, contact_id="email:ann@acme.com"), row(contacts, contact_id="profile:bob-ray")
    assert (ann["company_id"], ann["country"], ann["seniority"]) == ("acme", "DE", "c_suite")
    assert (bob["company_id"], bob["country"], bob["job_function"]) == ("bolt", "AT", "purchasing")
    who = records.tables["identities"]
    assert set(who.query("contact_id == 'email:ann@acme.com' and kind == 'email'")["value"]) == {
        "ann@acme.com", "ann@home.org",
    }  # fmt: skip
    assert told(records, "whose address book it is was not told")


def test_outlook__windows_encoding_and_semicolons__read(tmp_path: Path) -> None:
    text = OUTLOOK.replace("Lee", "Lée").replace(",", ";")
    (tmp_path / "contacts.CSV").write_bytes(text.encode("cp1252"))
    network = read(tmp_path)
    assert network.notes[0] == "Recognised as address_book."
    assert sorted(network.names) == ["Ann Lée", "Bob Ray"]


GERMAN = """"Anrede","Vorname","Weitere Vornamen","Nachname","Suffix","Firma","Abteilung","Position",\
"Straße geschäftlich","Land/Region geschäftlich","Land/Region privat","Telefon geschäftlich",\
"E-Mail-Adresse","E-Mail-Typ","E-Mail: Angezeigter Name","E-Mail 2: Adresse","Webseite"
"Frau","Ann",,"Lee",,"Acme",,"Geschäftsführerin",,"Deutschland",,,"ann@acme.com","SMTP",,"ann@home.org",
"Herr","Bob",,"Ray",,"Bolt",,"Einkäufer",,,"Österreich",,,,,,"https://www.linkedin.com/in/bob-ray/"
"""
FRENCH = """"Titre","Prénom","Deuxième prénom","Nom","Suffixe","Société","Service","Titre","Rue (bureau)",\
"{country} (bureau)","{country} (domicile)","Téléphone (bureau)","{mail}","{mail} 2","Page web"
"Mme","Ann",,"Lee",,"Acme",,"Directrice générale",,"Allemagne",,,"ann@acme.com","ann@home.org",
"M.","Bob",,"Ray",,"Bolt",,"Acheteur",,,"Autriche",,,,"https://www.linkedin.com/in/bob-ray/"
"""


@pytest.mark.parametrize(
    "text",
    [
        GERMAN,
        FRENCH.format(country="Pays/Région", mail="Adresse de courrier"),
        FRENCH.format(country="Pays", mail="Adresse de messagerie"),
    ],
    ids=["German", "French", "French, before 2013"],
)
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig"])
def test_outlook__other_languages__same_people(text: str, encoding: str, tmp_path: Path) -> None:
    """Headers with accents, in what Outlook writes them: Windows-1252, of late UTF-8 with a mark."""
    (tmp_path / "contacts.csv").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert READERS["address_book"].recognises(tmp_path)
    records = READERS["address_book"].read(tmp_path, Sieve())
    contacts = records.tables["contacts"]
    ann, bob = row(contacts, contact_id="email:ann@acme.com"), row(contacts, contact_id="profile:bob-ray")
    assert (ann["company_id"], ann["country"], ann["seniority"]) == ("acme", "DE", "c_suite")
    assert (bob["company_id"], bob["country"], bob["job_function"]) == ("bolt", "AT", "purchasing")
    who = records.tables["identities"]
    assert set(who.query("contact_id == 'email:ann@acme.com' and kind == 'email'")["value"]) == {
        "ann@acme.com", "ann@home.org",
    }  # fmt: skip


@pytest.mark.parametrize("header", ["Vorname,Nachname,E-Mail-Adresse", "Prénom,Nom,Adresse de courrier"])
def test_outlook__list_of_names_and_addresses_alone__not_taken_for_it(header: str, tmp_path: Path) -> None:
    """Any list of guests has these; a mapping reads it."""
    path = write(tmp_path, {"guests.csv": f"{header}\nAnn,Lee,ann@acme.com\n"})
    assert not READERS["address_book"].recognises(path)


def test_outlook__utf16_with_tabs__read(tmp_path: Path) -> None:
    (tmp_path / "contacts.txt").write_bytes(OUTLOOK.replace(",", "\t").encode("utf-16"))
    assert sorted(read(tmp_path / "contacts.txt").names) == ["Ann Lee", "Bob Ray"]


def test_owner__named__undated_ties_and_a_warning(tmp_path: Path) -> None:
    records = read_records(tmp_path, "address_book", {"a.csv": OUTLOOK}, owner="jo@us.com")
    ties = records.tables["connections"]
    assert sorted(zip(ties["source_id"], ties["target_id"], strict=True)) == [
        ("email:jo@us.com", "email:ann@acme.com"), ("email:jo@us.com", "email:bob@bolt.com"),
    ]  # fmt: skip
    assert row(records.tables["contacts"], contact_id="email:jo@us.com")["is_own_team"]
    assert told(records, "do not learn acceptance from them")


def test_owner__in_the_book_himself__not_tied_to_himself(tmp_path: Path) -> None:
    records = read_records(tmp_path, "address_book", {"a.csv": OUTLOOK}, owner="ann@acme.com")
    assert records.tables["connections"]["target_id"].tolist() == ["email:bob@bolt.com"]
    assert len(records.tables["contacts"]) == 2


def test_without_email__known_by_name_and_company(tmp_path: Path) -> None:
    text = OUTLOOK + ",Cy,,Da,,Acme,,,,,\n,Cy,,Da,,Bolt,,,,,\n,,,,,,,,,,\n"
    records = read_records(tmp_path, "address_book", {"a.csv": text})
    ids = set(records.tables["contacts"]["contact_id"])
    assert {"address_book:cy da|acme", "address_book:cy da|bolt"} <= ids
    assert told(records, "1 rows without name and e-mail")


def test_folder_of_several_systems__each_reads_its_own(tmp_path: Path) -> None:
    network = read(write(tmp_path, {"a.csv": OUTLOOK, "b.csv": HUBSPOT_CONTACTS, "c.csv": "x,y\n1,2\n"}))
    assert set(network.table("sources")["reader"]) == {"address_book", "hubspot"}
    assert any("Of no known kind, not read: c.csv" in note for note in network.notes)

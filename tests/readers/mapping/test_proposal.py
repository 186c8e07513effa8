"""Mappings proposed for files of three languages."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.readers.mapping.test_mapped import ASKED, PEOPLE, VISITS

from influence.errors import DataError
from influence.readers import ReadingConfig, read
from influence.readers.mapping import Proposal, propose


def proposed(tmp_path: Path, text: str) -> Proposal:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    return propose(path)


@pytest.mark.parametrize(
    ("text", "table", "columns"),
    [
        (PEOPLE, "contacts",
         {"contact_id": "Kundennr", "observed_at": "Erstellt am", "country": "Land", "first_name": "Vorname",
          "last_name": "Nachname", "email": "E-Mail", "job_title": "Funktion", "employer": "Firma"}),
        (VISITS, "interactions", {"actor_id": "Von", "target_id": "An", "kind": "Art", "at": "Datum"}),
        ("Prénom,Nom,Courriel,Société,Poste,Pays,Date de création\nA,Lee,a@b.fr,A,PDG,Italie,2024-01-02\n",
         "contacts",
         {"observed_at": "Date de création", "country": "Pays", "first_name": "Prénom", "last_name": "Nom",
          "email": "Courriel", "job_title": "Poste", "employer": "Société"}),
        ("Deal ID,Company,Stage,Amount,Create Date,Close Date\n1,Acme,Won,5,2024-01-01,2024-02-01\n", "deals",
         {"deal_id": "Deal ID", "company_id": "Company", "stage": "Stage", "amount": "Amount",
          "opened_at": "Create Date", "closed_at": "Close Date"}),
        ("Lead Profile URL,Sent on,Accepted on\nlinkedin.com/in/x,2024-01-01,\n", "invitations",
         {"recipient_id": "Lead Profile URL", "sent_at": "Sent on", "accepted_at": "Accepted on"}),
        ("Company Name,Website,Headcount,Country\nAcme,acme.com,50,DE\n", "companies",
         {"name": "Company Name", "domain": "Website", "employees": "Headcount", "country": "Country"}),
    ],
)  # fmt: skip
def test_proposal__usual_headers__table_and_columns(
    text: str, table: str, columns: dict[str, str], tmp_path: Path
) -> None:
    found = proposed(tmp_path, text).mapping
    assert (found.table, found.columns) == (table, columns)


def test_proposal__cells_speak__header_need_not(tmp_path: Path) -> None:
    found = proposed(tmp_path, "Name,Kanal\nAnn,ann@acme.com\nBo,bo@bolt.se\n").mapping
    assert found.columns == {"name": "Name", "email": "Kanal"}


def test_proposal__cells_contradict__header_not_believed(tmp_path: Path) -> None:
    found = proposed(tmp_path, "Name,Email,Country\nAnn,none,7\nBo,no,8\n")
    assert found.mapping.columns == {"name": "Name"}
    assert found.unmapped == ("Email", "Country")


def test_proposal__ids_that_repeat__no_key(tmp_path: Path) -> None:
    found = proposed(tmp_path, "Event ID,From,To,Type,Date\n1,a,b,call,2024-01-01\n1,a,c,call,2024-01-02\n")
    assert "event_id" not in found.mapping.columns


def test_proposal__values__their_meaning_or_told(tmp_path: Path) -> None:
    found = proposed(tmp_path, VISITS + "jo@us.com;2;Fax;21.02.2024 12:30\n")
    assert found.mapping.values == {"kind": {"Anruf": "call", "Besuch": "meeting"}}
    assert found.unknown_values == ("kind: Fax",)


def test_proposal__required_column_absent__told(tmp_path: Path) -> None:
    found = proposed(tmp_path, ASKED)
    assert found.missing == ("sender_id",)


def test_proposal__first_rows__as_they_are_read(tmp_path: Path) -> None:
    rows = proposed(tmp_path, PEOPLE).rows
    assert rows["country"].tolist() == ["DE", "SE"]


def test_proposal__written_and_read__network(tmp_path: Path) -> None:
    found = proposed(tmp_path, PEOPLE)
    (tmp_path / "mapping.yaml").write_text(found.as_yaml(), encoding="utf-8")
    assert yaml.safe_load(found.as_yaml())["files"]["file.csv"]["table"] == "contacts"
    network = read(tmp_path / "file.csv", config=ReadingConfig(mapping=tmp_path / "mapping.yaml"))
    assert sorted(network.names) == ["Ann Lee", "Bo Ek"]


@pytest.mark.parametrize("text", ["x,y\n1,2\n", "Name,Email\n"])
def test_proposal__nothing_fits__error_with_remedy(text: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"fits none of the tables|holds no rows"):
        proposed(tmp_path, text)

"""Any CSV by a mapping: what it tells is read, what it tells wrongly is answered with the nearest name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from tests.readers.crm.records import row
from tests.readers.folders import write

from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.readers import ReadingConfig, read
from influence.readers.mapping import MAPPED, read_mapping
from influence.readers.source import Records, Sieve

PEOPLE = """Kundennr;Vorname;Nachname;E-Mail;Firma;Funktion;Land;Erstellt am
1.0;Ann;Lee;ann@acme.com;Acme AG;Einkaufsleiterin;Deutschland;15.01.2024
2;Bo;Ek;;Bolt AB;Geschäftsführer;Schweden;16.01.2024
"""
VISITS = """Von;An;Art;Datum
jo@us.com;1;Besuch;20.02.2024 10:00
jo@us.com;2;Anruf;21.02.2024 11:30
jo@us.com;2;Anruf;21.02.2024 11:30
"""
ASKED = """Profile,Sent,Accepted
https://www.linkedin.com/in/cy-da,3/4/2024,3/14/2024
https://www.linkedin.com/in/di-fo,3/5/2024,
"""
MAPPING = """files:
  kunden*.csv:
    table: contacts
    columns: {contact_id: Kundennr, first_name: Vorname, last_name: Nachname, email: E-Mail, employer: Firma,
              job_title: Funktion, country: Land, observed_at: Erstellt am}
    constants: {is_own_team: false}
  besuche.csv:
    table: interactions
    columns: {actor_id: Von, target_id: An, kind: Art, at: Datum}
    values: {kind: {Besuch: meeting, Anruf: call}}
  asked.csv:
    table: invitations
    columns: {recipient_id: Profile, sent_at: Sent, accepted_at: Accepted}
    dates: month_first
    constants: {sender_id: jo@us.com}
"""
FILES = {"Kunden 2024.csv": PEOPLE, "besuche.csv": VISITS, "asked.csv": ASKED}


def mapped(
    tmp_path: Path, files: Mapping[str, str] = FILES, mapping: str = MAPPING, **asked: object
) -> Records:
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    config = ReadingConfig.model_validate({"mapping": tmp_path / "mapping.yaml", **asked})
    records = MAPPED.read(write(tmp_path / "in", files), Sieve(config=config))
    Network.from_tables(records.tables)
    return records


def test_contacts__mapped__known_as_other_readers_know_them(tmp_path: Path) -> None:
    records = mapped(tmp_path)
    ann = row(records.tables["contacts"], contact_id="email:ann@acme.com")
    told = ["company_id", "country", "seniority", "job_function", "is_own_team"]
    assert ann[told].tolist() == ["acme ag", "DE", "director", "purchasing", False]
    assert ann["observed_at"] == pd.Timestamp("2024-01-15T23:59:59Z")
    assert row(records.tables["contacts"], contact_id="mapped:2")["country"] == "SE"
    ann_is = records.tables["identities"].query("contact_id == 'email:ann@acme.com'")
    assert dict(zip(ann_is["kind"], ann_is["value"], strict=True)) == {
        "name": "Ann Lee", "email": "ann@acme.com", "employer": "Acme AG",
    }  # fmt: skip


def test_interactions__ids_of_contacts_and_values__translated(tmp_path: Path) -> None:
    found = mapped(tmp_path).tables["interactions"].sort_values("at")
    assert found["target_id"].tolist() == ["email:ann@acme.com", "mapped:2", "mapped:2"]
    assert found["kind"].tolist() == ["meeting", "call", "call"]
    assert set(found["actor_id"]) == {"email:jo@us.com"}
    assert found["event_id"].is_unique


def test_invitations__accepted_at__outcome_and_answer(tmp_path: Path) -> None:
    found = mapped(tmp_path).tables["invitations"].set_index("recipient_id")
    assert found["outcome"].to_dict() == {"profile:cy-da": "accepted", "profile:di-fo": "pending"}
    assert found.loc["profile:cy-da", "sent_at"] == pd.Timestamp("2024-03-04T23:59:59Z")
    assert set(found["time_resolution"]) == {"day"}
    assert set(found["sender_id"]) == {"email:jo@us.com"}


def test_sender__not_told__is_the_owner(tmp_path: Path) -> None:
    mapping = MAPPING.replace("    constants: {sender_id: jo@us.com}\n", "")
    found = mapped(tmp_path, mapping=mapping, owner="max@us.com").tables["invitations"]
    assert set(found["sender_id"]) == {"email:max@us.com"}


def test_companies_and_deals__own_ids__domains(tmp_path: Path) -> None:
    files = {
        "firms.csv": "Nr,Firm,Web,Staff\n7,Acme AG,www.acme.com,51-200\n8,Bolt,,\n",
        "deals.csv": """Id,Firm,Opened,Closed,Won,Value
1,7,2024-01-01,2024-02-01,ja,"1.000,50 €"
2,Cogs,2024-01-01,,,
""",
    }
    mapping = """files:
  firms.csv:
    table: companies
    columns: {company_id: Nr, name: Firm, domain: Web, employees: Staff}
  deals.csv:
    table: deals
    columns: {deal_id: Id, company_id: Firm, opened_at: Opened, closed_at: Closed, won: Won, amount: Value}
"""
    tables = mapped(tmp_path, files, mapping).tables
    deals = tables["deals"].set_index("deal_id")
    assert deals["company_id"].to_dict() == {"mapped:1": "acme.com", "mapped:2": "cogs"}
    assert deals.loc["mapped:1", ["won", "amount"]].tolist() == [True, 1000.5]
    assert set(tables["companies"]["company_id"]) == {"acme.com", "bolt", "cogs"}


def test_example_of_the_documentation__read__same_network(tmp_path: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "mapping_example.yaml"
    documented = mapped(tmp_path / "a", mapping=page.read_text(encoding="utf-8"))
    for name, rows in mapped(tmp_path / "b").tables.items():
        pd.testing.assert_frame_equal(rows, documented.tables[name])


def test_read__with_mapping__before_any_other_reader(tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    folder = write(tmp_path / "in", {**FILES, "other.csv": "a,b\n1,2\n"})
    network = read(folder, config=ReadingConfig(mapping=tmp_path / "mapping.yaml"))
    assert network.notes[0] == "Recognised as mapped."
    assert any("Not in the mapping, not read: other.csv" in note for note in network.notes)
    assert not network.contact_ids.str.contains("@|mapped|profile").any()
    assert len(network.table("invitations")) == 2


def test_read__as_mapped_without_mapping__error_with_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--set mapping=FILE"):
        MAPPED.read(write(tmp_path, FILES), Sieve())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("table: contacts", "table: contact"), "Did you mean 'contacts'"),
        (("country: Land", "contry: Land"), "contacts has no column 'contry'. Did you mean 'country'"),
        (("values: {kind", "values: {kinds"), "Did you mean 'kind'"),
        (("constants: {is_own", "constant: {is_own"), "unknown key .*constant.* Did you mean 'constants'"),
        (("dates: month_first", "dates: american"), "day_first"),
        (("{sender_id: jo@us.com}", "{sent_at: x}"), "sent_at stands in columns and in constants"),
        (("files:", "file:"), "Did you mean 'files'"),
    ],
)
def test_mapping__misspelt__nearest_name(change: tuple[str, str], problem: str, tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text(MAPPING.replace(*change))
    with pytest.raises(ConfigError, match=problem):
        read_mapping(tmp_path / "mapping.yaml")


def test_mapping__header_the_file_lacks__nearest_header(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Kunden 2024.csv has no column 'Lnd'. Did you mean 'Land'"):
        mapped(tmp_path, mapping=MAPPING.replace("country: Land", "country: Lnd"))


def test_rows_at_fault__told_with_the_files_own_headers(tmp_path: Path) -> None:
    files = {**FILES, "besuche.csv": VISITS.replace("20.02.2024 10:00", "bald")}
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    config = ReadingConfig(mapping=tmp_path / "mapping.yaml")
    with pytest.raises(DataError, match=r"besuche.csv.Datum is no date in 1 row \(1\)"):
        read(write(tmp_path / "in", files), config=config)
    network = read(tmp_path / "in", config=config, set_aside=tmp_path / "aside")
    assert len(network.table("interactions")) == 2

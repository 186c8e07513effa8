"""What an archive tells of those who accepted alone joins nobody, unless asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.readers.folders import CONNECTED, HUBSPOT_CONTACTS, SENT, write

from influence.readers import ReadingConfig, matched, read


@pytest.fixture
def places(tmp_path: Path) -> list[Path]:
    """Bo accepted, so that the archive tells an address; the CRM knows it too."""
    archive = {
        "Invitations.csv": SENT,
        "Connections.csv": CONNECTED.replace("bo-ek,,", "bo-ek,bob@acme.com,"),
    }
    crm = {"people.csv": HUBSPOT_CONTACTS.replace("Bob,Ray", "Bo,Ek")}
    return [write(tmp_path / "archive", archive), write(tmp_path / "crm", crm)]


def test_read__archive_and_crm__address_of_an_acceptor_joins_nobody(places: list[Path]) -> None:
    network = read(places)
    assert len(network.contact_ids) == len(read(places[0]).contact_ids) + len(read(places[1]).contact_ids)
    asked = network.table("invitations")["recipient_id"]
    facts = network.table("contacts").set_index("contact_id").loc[asked.unique()]
    assert facts[["country", "seniority", "job_function"]].isna().all(axis=None)


def test_read__asked_for__joined_by_address(places: list[Path]) -> None:
    apart, joined = (
        read(places, config=ReadingConfig.model_validate({"joining": {"of_acceptors": asked}}))
        for asked in (False, True)
    )
    assert len(joined.contact_ids) == len(apart.contact_ids) - 1
    assert matched(places, config=ReadingConfig.model_validate({"joining": {"of_acceptors": True}})).merged[
        "reason"
    ].tolist() == ["email"]

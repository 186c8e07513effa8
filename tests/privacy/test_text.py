"""What people wrote reaches no table, whatever the source."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.readers.folders import SOURCES, write
from tests.readers.linkedin.writing import connection, files_of, invitation, message

from influence.readers import read

SECRET = "meet me at the old mill"
COLUMNS = ("Notes", "Message", "Description", "Last Message", "Body")
"""How systems call it: HubSpot and address books, campaign logs, tasks of Salesforce."""
WITH_TABLES = ("hubspot", "salesforce", "campaign_log", "sales_navigator", "address_book")


def _with_text(text: str) -> str:
    """The file with these columns, each of its records with a text in all of them."""
    header, *records = text.splitlines()
    cells = f",{SECRET}" * len(COLUMNS)
    return "\n".join([",".join([header, *COLUMNS]), *(record + cells for record in records), ""])


def _archive() -> dict[str, str]:
    at = "2021-03-01 10:00:00 UTC"
    return files_of(
        {
            "Invitations.csv": [invitation("ann-lee", "bo-ek", at, "ann-lee", SECRET)],
            "Connections.csv": [connection("bo-ek", "02 Mar 2021")],
            "messages.csv": [message("ann-lee", ["bo-ek"], at, text=SECRET)],
        }
    )


@pytest.mark.parametrize("name", [*WITH_TABLES, "linkedin"])
def test_read__texts_in_a_personal_source__in_no_table(name: str, tmp_path: Path) -> None:
    files = (
        _archive() if name == "linkedin" else {file: _with_text(text) for file, text in SOURCES[name].items()}
    )
    assert all(SECRET in text for file, text in files.items() if file != "Connections.csv")
    network = read(write(tmp_path / "source", files), name)
    assert len(network.tables)
    for table, rows in network.tables.items():
        told = rows.astype("str").apply(lambda cells: cells.str.contains(SECRET)).any()
        assert not told.any(), (table, list(told[told].index))
    assert not any(SECRET in note for note in network.notes)

"""The data sheet: counted by hand, and nobody named."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import influence
from influence import cli
from influence.data import Network
from influence.data.sheet import HELPS, NEEDS
from influence.readers import write_tables
from influence.schema import TABLES
from influence.tasks import TASKS


def at(day: str) -> pd.Timestamp:
    return pd.Timestamp(day, tz="UTC")


@pytest.fixture
def network() -> Network:
    """Accepted at once, after ten days, refused, open for 5 days and 40, withdrawn after 1 day and 30."""
    sent = ["2025-01-01", "2025-01-01", "2025-01-02", "2025-02-24", "2025-01-20", "2025-01-03", "2025-01-03"]
    answered = ["2025-01-01T12:00", "2025-01-11", "2025-01-05", None, None, "2025-01-04", "2025-02-02"]
    invitations = pd.DataFrame(
        {
            "invitation_id": list("abcdefg"),
            "sender_id": ["ana"] * 7,
            "recipient_id": ["bo", "cy", "di", "ed", "flo", "gus", "hal"],
            "sent_at": pd.to_datetime(sent, utc=True),
            "outcome": ["accepted", "accepted", "declined", "pending", "pending", "withdrawn", "withdrawn"],
            "responded_at": pd.to_datetime(answered, utc=True, format="ISO8601"),
            "observed_until": at("2025-03-01"),
        }
    )
    contacts = pd.DataFrame(
        {
            "contact_id": ["ana", "bo", "cy", "di", "ed", "flo", "gus", "hal"],
            "country": ["FR", "DE", None, "DE", "DE", "FR", None, "FR"],
            "is_own_team": [True, False, False, None, False, False, False, False],
            "company_id": ["acme", "bolt", "bolt", None, None, None, None, None],
        }
    )
    sources = pd.DataFrame(
        {
            "source_id": ["s1", "s2"],
            "file": ["Ana Lee.zip", "Bo.zip"],
            "reader": ["linkedin", "linkedin"],
            "exported_at": [at("2025-02-01"), at("2025-03-01")],
            "retain_until": [at("2027-01-01"), at("2026-01-01")],
        }
    )
    return Network.from_tables(
        {"invitations": invitations, "contacts": contacts, "sources": sources}, ["2 rows dropped."]
    )


def test_sheet__small_network__counted_by_hand(network: Network) -> None:
    sheet = network.describe()
    assert sheet.who == {"contacts": 8, "of the own team": 1, "companies": 2, "countries": 2}
    tables = sheet.tables.set_index("table")
    assert tables.loc["invitations", "rows"] == 7
    assert (tables.loc["invitations", "first"], tables.loc["invitations", "last"]) == (
        at("2025-01-01"),
        at("2025-02-24"),  # the last one sent, not the day of the export
    )
    assert tables.loc[["contacts", "sources"], "last"].isna().all()  # a day to retain until dates no row
    missing = sheet.missing.set_index(["table", "column"])["missing"]
    assert missing["contacts", "country"] == 0.25
    assert missing["invitations", "responded_at"] == pytest.approx(2 / 7)
    assert ("invitations", "sent_at") not in missing


def test_sheet__outcomes__open_or_withdrawn_within_three_weeks_are_censored(network: Network) -> None:
    sheet = network.describe()
    found = sheet.outcomes.set_index("outcome")
    assert found["invitations"].to_dict() == {"accepted": 2, "pending": 2, "declined": 1, "withdrawn": 2}
    assert found["censored"].to_dict() == {"accepted": 0, "pending": 1, "declined": 0, "withdrawn": 1}
    assert found["share"].sum() == pytest.approx(1)
    assert sheet.answers["half within"] == pytest.approx((0.5 + 10) / 2)


def test_sheet__sources__by_reader_with_the_earliest_end(network: Network) -> None:
    (row,) = network.describe().sources.to_dict("records")
    assert (row["reader"], row["sources"], row["legal_basis"]) == ("linkedin", 2, "not stated")
    assert (row["first_exported_at"], row["last_exported_at"]) == (at("2025-02-01"), at("2025-03-01"))
    assert row["retain_until"] == at("2026-01-01")


def test_sheet__uses__what_each_task_lacks(network: Network) -> None:
    uses = network.describe().uses
    assert uses["acceptance"].startswith("can be learnt, but without `connections` (mutual connections")
    assert "`contacts`" not in uses["acceptance"]
    assert uses["leadership"].startswith("cannot be learnt: it needs `adoptions` and `connections`, or ")
    assert uses["partners"].startswith("cannot be learnt: it needs `company_links` and `companies`, or ")


def test_sheet__page__names_nobody(network: Network) -> None:
    page = network.describe().markdown()
    assert "2 rows dropped." in page
    assert "| accepted | 2 | 28.6% | 0 |" in page
    for word in ("ana", "Ana Lee", "Bo.zip", "bolt", "acme"):
        assert f" {word} " not in page


def test_sheet__empty_network__says_so() -> None:
    page = Network({}).describe().markdown()
    assert "0 contacts" in page
    assert "There are no invitations." in page
    assert page.count("cannot be learnt") == len(TASKS)


def test_sheet__complete_world__nothing_lacking_for_acceptance() -> None:
    uses = influence.synthesize(300, seed=1).describe().uses
    assert uses["acceptance"] == "can be learnt; nothing is lacking."


def test_needs__tasks_and_tables__are_those_of_the_house() -> None:
    assert set(NEEDS) == set(HELPS) == set(TASKS)
    named = {table for sets in NEEDS.values() for tables in sets for table in tables}
    assert named | {table for tables in HELPS.values() for table in tables} <= set(TABLES)


def test_describe__folder__a_page_in_a_file_or_on_the_screen(
    network: Network, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tables(network, tmp_path / "records")
    for words in (
        ["describe", tmp_path / "records"],
        ["describe", tmp_path / "records", "--output", tmp_path / "sheet.md"],
    ):
        with pytest.raises(SystemExit) as left:
            cli.main([str(word) for word in words])
        assert not left.value.code
    shown = capsys.readouterr().out
    page = (tmp_path / "sheet.md").read_text("utf-8")
    assert page.startswith("# Data sheet\n")
    assert shown.startswith(page)


def test_describe__no_such_place__status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["describe", str(tmp_path / "absent"), "--output", str(tmp_path / "sheet.md")])
    assert left.value.code == 2
    assert not (tmp_path / "sheet.md").exists()

"""Sources past their retention: what only they told goes, everywhere; the rest stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from tests.privacy.people import ANN, BO, CY, DEE, KEY, folder, holding, own

from influence import cli, readers
from influence.bundle import Bundle
from influence.config import Config
from influence.data import Network
from influence.errors import DataError
from influence.privacy import expire
from influence.readers import ReadingConfig


@pytest.fixture
def place(tmp_path: Path, key_file: Path) -> Path:
    """Dee is known from the source s:2 alone, Cy from both; s:2 was to be kept until the end of 2025."""
    key_file.write_text(KEY)
    place = folder(tmp_path / "net")
    sources = pd.read_parquet(place / "sources.parquet")
    late = sources.assign(source_id="s:2", retain_until=pd.Timestamp("2025-12-31", tz="UTC"))
    pd.concat([sources, late]).to_parquet(place / "sources.parquet", index=False)
    for name, column in (("contacts", "source"), ("identities", "source_id"), ("matches", "source_id")):
        rows = pd.read_parquet(place / f"{name}.parquet")
        rows.loc[rows["contact_id"] == own(DEE), column] = "s:2"
        rows.to_parquet(place / f"{name}.parquet", index=False)
    identities = pd.read_parquet(place / "identities.parquet")
    more = identities[identities["contact_id"] == own(CY)].assign(source_id="s:2")
    pd.concat([identities, more]).to_parquet(place / "identities.parquet", index=False)
    (place / "scores.csv").write_text(f"sender_id,p_within_3_weeks\n{own(DEE)},.1\n{own(BO)},.2\n")
    return place


DEES = (DEE, own(DEE), "dee@acme.example", "Dee Fox")


def test_expire__one_of_two_sources__its_people_alone_go(place: Path) -> None:
    found = expire([place], "2026-01-01")
    assert found.left == []
    assert holding(place, (*DEES, "s:2")) == []
    left = readers.read(place)
    assert set(left.contact_ids) == {own(one) for one in (ANN, BO, CY)}
    assert len(left.table("identities")) == 3 + 2 + 2
    assert (place / "scores.csv").read_text() == f"sender_id,p_within_3_weeks\n{own(BO)},.2\n"


@pytest.fixture
def both(place: Path) -> Path:
    """Cy's one row of contacts names s:2, though s:1 tells of Cy, too."""
    contacts = pd.read_parquet(place / "contacts.parquet")
    contacts.loc[contacts["contact_id"] == own(CY), ["source", "country"]] = ["s:2", "PL"]
    contacts["n_connections"] = pd.array([7] * len(contacts), "Int64")
    contacts["country"] = contacts["country"].astype("category")
    contacts.to_parquet(place / "contacts.parquet", index=False)
    return place


def row_of(network: Network, person: str) -> dict[str, object]:
    """What a row of contacts tells of somebody beside the id."""
    rows = network.table("contacts")
    row = rows[rows["contact_id"] == own(person)].iloc[0].dropna().to_dict()
    return {name: value for name, value in row.items() if name != "contact_id"}


def test_expire__row_of_contacts_names_the_ended_source__its_cells_go_the_person_stays(both: Path) -> None:
    asked = ReadingConfig.model_validate({"at": "2026-01-01T00:00:00Z"})
    kept = readers.read(both, config=asked)
    found = expire([both], "2026-01-01")
    assert found.left == [] and "1 people are known from these alone" in found.notes[0]
    rest = readers.read(both)
    assert set(rest.contact_ids) == {own(one) for one in (ANN, BO, CY)}
    assert row_of(rest, CY) == {"source": "s:1"}, "what s:2 told is gone"
    assert row_of(rest, BO) == {"source": "s:1", "company_id": "acme", "n_connections": 7}
    for name, rows in kept.tables.items():
        pd.testing.assert_frame_equal(rows, rest.table(name), check_dtype=False)
    assert expire([both], "2026-01-01").touched == []


def test_expire__a_model_beside_its_tables__whoever_a_living_source_tells_of_stays_in_both(
    both: Path, tmp_path: Path
) -> None:
    model = tmp_path / "runs" / "model"
    Bundle(readers.read(both), Config(), {}, pd.Timestamp("2025-02-01", tz="UTC")).write(model)
    alone = expire([model.parent], "2026-01-01", dry_run=True)
    assert "1 people" not in alone.notes[0] and "--in, too, and they stay" in alone.notes[1]
    told: list[int] = []
    found = expire([both, model.parent], "2026-01-01", progress=lambda _, done, total: told.append(done))
    assert told == [*range(found.n_files + 1)], "each file and model is told"
    assert len(found.notes) == 1 and found.retrain == [model]
    for network in (readers.read(both), Bundle.read(model, {}).network):
        assert set(network.contact_ids) == {own(one) for one in (ANN, BO, CY)}
        assert row_of(network, CY) == {"source": "s:1"}
    assert holding(model, (own(DEE), "s:2")) == []


def test_expire__every_source_of_another_folder__its_people_stay_where_a_living_source_tells_of_them(
    both: Path, tmp_path: Path
) -> None:
    ended = folder(tmp_path / "ended")
    sources = pd.read_parquet(ended / "sources.parquet")
    until = pd.Timestamp("2025-12-31", tz="UTC")
    sources.assign(source_id="s:2", retain_until=until).to_parquet(ended / "sources.parquet", index=False)
    for name, column in (("contacts", "source"), ("identities", "source_id"), ("matches", "source_id")):
        rows = pd.read_parquet(ended / f"{name}.parquet").assign(**{column: "s:2"})
        rows.to_parquet(ended / f"{name}.parquet", index=False)
    expire([both, ended], "2026-01-01")
    assert holding(ended, [own(one) for one in (ANN, BO, CY, DEE)]) == []
    assert set(readers.read(both).contact_ids) == {own(one) for one in (ANN, BO, CY)}


def test_expire__last_day__nothing_goes_yet(place: Path) -> None:
    found = expire([place], "2025-12-31T23:59:59Z")
    assert found.touched == [] and "No source here is past its retention" in found.notes[0]


def test_read__expired_source__not_read_and_said(place: Path) -> None:
    whole = readers.read(place)
    assert own(DEE) in whole.contact_ids
    kept = readers.read(place, config=ReadingConfig.model_validate({"at": "2026-01-01T00:00:00Z"}))
    assert set(kept.contact_ids) == {own(one) for one in (ANN, BO, CY)}
    assert kept.table("sources")["source_id"].tolist() == ["s:1"]
    assert any("1 sources are past their retention and were not read (s:2)" in note for note in kept.notes)
    expire([place], "2026-01-01")
    rest = readers.read(place)
    for name, rows in kept.tables.items():
        pd.testing.assert_frame_equal(rows, rest.table(name))


def test_read__every_source_expired__refused(place: Path) -> None:
    with pytest.raises(DataError, match=r"were to be kept until 2025-12-31.*influence expire"):
        sources = pd.read_parquet(place / "sources.parquet")
        sources = sources.assign(retain_until=pd.Timestamp("2025-12-31", tz="UTC"))
        sources.to_parquet(place / "sources.parquet", index=False)
        readers.read(place, config=ReadingConfig.model_validate({"at": "2026-01-01"}))


def test_commands__records_past_their_retention__training_refused_until_expired(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.yaml").write_text(f"output: {tmp_path / 'model'}\ntracking: {{enabled: false}}\n")

    def ran(*words: object) -> int:
        with pytest.raises(SystemExit) as left:
            cli.main([str(word) for word in words])
        return int(left.value.code or 0)

    assert ran("train", tmp_path / "config.yaml", "--data", place) == 2
    assert "influence expire --in PLACE" in capsys.readouterr().err.replace("\n", " ")
    assert ran("expire", "--in", place) == 0
    ran("train", tmp_path / "config.yaml", "--data", place)
    assert "influence expire" not in capsys.readouterr().err


def test_read__sources_of_their_own__get_what_is_asked_where_they_say_nothing(place: Path) -> None:
    asked = ReadingConfig(legal_basis="consent", retain_until=date(2027, 12, 31), at="2025-06-01")
    found = readers.read(place, config=asked)
    until = found.table("sources").set_index("source_id")["retain_until"]
    assert until.dt.strftime("%Y-%m-%d").to_dict() == {"s:1": "2027-12-31", "s:2": "2025-12-31"}
    said = [note for note in found.notes if "that they state themselves" in note]
    assert said == ["sources: 1 keep the retain_until that they state themselves, not 2027-12-31."]
    bare = pd.read_parquet(place / "sources.parquet").drop(columns=["retain_until", "legal_basis"])
    bare.to_parquet(place / "sources.parquet", index=False)
    again = readers.read(place, config=asked)
    assert again.table("sources")["legal_basis"].tolist() == ["consent", "consent"]
    assert again.table("sources")["retain_until"].notna().all()


def test_read__legal_basis__lacking_or_misspelt_is_said(place: Path) -> None:
    notes = readers.read(place).notes
    assert not [note for note in notes if "legal basis" in note], "consent is noted"
    sources = pd.read_parquet(place / "sources.parquet")
    sources["legal_basis"] = [None, "legitimate interest"]
    sources.to_parquet(place / "sources.parquet", index=False)
    notes = [note for note in readers.read(place).notes if "legal basis" in note]
    assert "no legal basis is noted for s:1" in notes[0] and "vital interests" in notes[0]
    assert notes[1].endswith("Did you mean 'legitimate interests'?")

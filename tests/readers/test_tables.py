from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest
from tests.data.frames import sound_tables
from tests.readers.folders import INVITATIONS, PEOPLE, SOURCES, write

from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.readers import read, write_tables


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """The sound tables, in the order in which they are read."""
    folder = tmp_path / "network"
    write_tables(Network.from_tables(sound_tables()), folder)
    return read(folder)


def _assert_same(one: Network, other: Network) -> None:
    assert set(one.tables) == set(other.tables)
    for name, rows in one.tables.items():
        pd.testing.assert_frame_equal(rows, other.tables[name])


def test_tables__csv__namibia_leading_zeros_and_missing_cells_survive(tmp_path: Path) -> None:
    contacts = read(write(tmp_path, SOURCES["tables"])).table("contacts")
    assert contacts["contact_id"].tolist() == ["007", "7", "8"]
    assert contacts["country"].tolist()[:2] == ["NA", "DE"]
    assert pd.isna(contacts["country"].iloc[2])
    assert contacts["n_connections"].iloc[0] == 12
    assert pd.isna(contacts["n_connections"].iloc[1])


def test_write_tables__parquet__reads_back_the_same(network: Network, tmp_path: Path) -> None:
    again = tmp_path / "again"
    write_tables(network, again)
    _assert_same(read(again), network)
    assert sorted(path.suffix for path in (tmp_path / "again").iterdir()) == [".parquet"] * len(
        network.tables
    )


def test_read__csv_of_the_same_tables__reads_back_the_same(network: Network, tmp_path: Path) -> None:
    for name, rows in network.tables.items():
        rows.to_csv(tmp_path / f"{name}.csv", index=False)
    _assert_same(read(tmp_path), network)


def test_write_tables__folder_in_use__refused_and_left_alone(network: Network, tmp_path: Path) -> None:
    write(tmp_path / "used", {"diary.txt": "mine"})
    with pytest.raises(ConfigError, match="exists already"):
        write_tables(network, tmp_path / "used")
    assert [path.name for path in (tmp_path / "used").iterdir()] == ["diary.txt"]


def test_write_tables__fails_midway__nothing_is_left(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(ConfigError, match="No space left"):
        write_tables(network, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["network"]


def test_tables__other_files__noted_and_truth_never_read(tmp_path: Path) -> None:
    write(tmp_path, {**SOURCES["tables"], "readme.md": "hello", "contcts.csv": "contact_id\n1\n"})
    write(tmp_path / "truth", {"adoptions.csv": "broken"})
    network = read(tmp_path)
    assert "Not tables of the vocabulary, not read: contcts.csv, readme.md." in network.notes
    assert set(network.tables) == {"contacts", "invitations"}


def test_tables__without_observed_at__said_to_be_static(tmp_path: Path) -> None:
    notes = read(write(tmp_path, SOURCES["tables"])).notes
    assert (
        "contacts: no row tells since when it was known (observed_at): taken as known at any time." in notes
    )
    assert not any(note.startswith("invitations:") for note in notes)


@pytest.mark.parametrize("kept", [0, 3, 200, -1])
def test_tables__truncated_parquet__error_names_the_file(network: Network, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "network" / "invitations.parquet"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match=r"invitations\.parquet cannot be read as Parquet .* truncated"):
        read(tmp_path / "network")


def test_tables__corrupt_parquet__error_names_the_file(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "network" / "invitations.parquet"
    data = bytearray(path.read_bytes())
    data[4:400] = b"\xff" * 396
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match=r"invitations\.parquet"):
        read(tmp_path / "network")


def test_tables__empty_file__error_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"invitations\.csv is empty"):
        read(write(tmp_path, {"invitations.csv": "", "contacts.csv": PEOPLE}))


def test_tables__same_table_twice__refused(network: Network, tmp_path: Path) -> None:
    write(tmp_path / "network", {"invitations.csv": INVITATIONS})
    with pytest.raises(DataError, match="invitations stands in the folder as CSV and as Parquet"):
        read(tmp_path / "network")


def test_tables__parquet_with_named_index__index_is_a_column(tmp_path: Path) -> None:
    pd.DataFrame({"contact_id": ["x", "y"], "country": ["DE", "NA"]}).set_index("contact_id").to_parquet(
        tmp_path / "contacts.parquet"
    )
    assert read(tmp_path).table("contacts")["contact_id"].tolist() == ["x", "y"]


def test_tables__row_numbers_in_errors__are_those_of_the_file(tmp_path: Path) -> None:
    people = "contact_id,country\nz,DE\nb,Nambia\na,NA\n"
    with pytest.raises(DataError, match=r"contacts\.country .* in 1 row \(2\)"):
        read(write(tmp_path, {"contacts.csv": people}))


def test_tables__ten_megabyte_cell__error_is_short(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"contacts\.country holds a cell of more than") as caught:
        read(write(tmp_path, {"contacts.csv": f"contact_id,country\na,{'x' * 10_000_000}\n"}))
    assert len(str(caught.value)) < 500


def test_tables__parquet_text_not_utf8__error_names_the_file(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "network" / "contacts.parquet"
    rows = pa.table({"contact_id": pa.array([b"ann", b"\xffbob"], pa.binary())})
    wrong = pa.Array.from_buffers(pa.string(), 2, rows["contact_id"].chunk(0).buffers())
    pa_parquet.write_table(pa.table({"contact_id": wrong}), path)
    with pytest.raises(DataError, match=r"contacts\.parquet cannot be read as Parquet \(.*UTF8"):
        read(tmp_path / "network")


@pytest.mark.parametrize(
    "told", [b"{}", b'{"columns": [{}]}', b"[]", b"\xff", b'{"index_columns": [{"kind": "x"}]}']
)
def test_tables__parquet_that_misdescribes_itself__read_or_refused(told: bytes, tmp_path: Path) -> None:
    rows = pa.table({"contact_id": ["ann"]}).replace_schema_metadata({b"pandas": told})
    pa_parquet.write_table(rows, tmp_path / "contacts.parquet")
    try:
        assert read(tmp_path).table("contacts")["contact_id"].tolist() == ["ann"]
    except DataError as error:
        assert "contacts.parquet cannot be read as Parquet" in str(error)

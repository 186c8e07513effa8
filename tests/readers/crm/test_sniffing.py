"""CSV of all countries and programs: encodings, separators, line ends inside cells, repeated headers."""

from __future__ import annotations

from pathlib import Path

import pytest

from influence.errors import DataError
from influence.readers.sniffing import HEAD_BYTES, columns_of, csv_files, read_sheet

TEXT = 'Name,"Note, long",Id\r\n"Zoë, Dr.","two\r\nlines",1.0\r\nBo,,2\r\n'


def sheet_of(tmp_path: Path, content: bytes) -> dict[str, list[str]]:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    return {str(name): cells.tolist() for name, cells in read_sheet(path).rows.items()}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_sheet__any_encoding_and_separator__same_rows(encoding: str, separator: str, tmp_path: Path) -> None:
    text = TEXT if separator == "," else TEXT.replace("long", "lo,ng,").replace('",', '"' + separator)
    text = (
        text
        if separator == ","
        else text.replace("Name,", "Name" + separator).replace("Bo,,", f"Bo{separator}{separator}")
    )
    rows = sheet_of(tmp_path, text.encode(encoding))
    assert list(rows.values()) == [["Zoë, Dr.", "Bo"], ["two\r\nlines", ""], ["1.0", "2"]]
    assert columns_of(tmp_path / "file.csv") == tuple(rows)


def test_sheet__repeated_header__both_columns_kept(tmp_path: Path) -> None:
    assert sheet_of(tmp_path, b"A;B;A\n1;2;3\n") == {"A": ["1"], "B": ["2"], "A#2": ["3"]}


def test_sheet__windows_encoding__said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("A,B\nZoë,1\n".encode("cp1252"))
    assert "Windows-1252" in read_sheet(tmp_path / "a.csv").notes[0]


def test_header__windows_encoding__same_as_of_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Prénom;Société\nZoë;Acme\n".encode("cp1252"))
    assert columns_of(path) == ("Prénom", "Société") == tuple(read_sheet(path).rows)


def test_header__letter_cut_at_the_end_of_what_is_looked_at__still_utf8(tmp_path: Path) -> None:
    content = "Prénom,x\n".encode()
    content += b"a" * (HEAD_BYTES - len(content) - 1) + "é,1\n".encode()
    (tmp_path / "a.csv").write_bytes(content)
    assert columns_of(tmp_path / "a.csv") == ("Prénom", "x")


def test_sheet__lines_of_a_report_below__left_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('A,B\n1,2\n\n\n"Copyright (c) 2000-2024 salesforce.com"\n')
    sheet = read_sheet(tmp_path / "a.csv")
    assert len(sheet.rows) == 1
    assert "1 lines below the table" in sheet.notes[0]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"A,B\n1\n", "Expected 2 columns, got 1"),
        (b"A,B\n1,2,3\n", "Expected 2 columns, got 3"),
        (b'A,B\n"1,2\n', "cannot be read"),
        (b"\xff\xfeA", "cannot be read"),
        (b"A,B\n\x81,2\n", "not UTF-8"),
    ],
)
def test_sheet__broken__error_names_the_file(content: bytes, problem: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"file\.csv.*{problem}"):
        sheet_of(tmp_path, content)


def test_files__of_a_folder__hidden_and_other_ones_passed_over(tmp_path: Path) -> None:
    for name in ("b.CSV", "a.txt", ".c.csv", "d.xlsx"):
        (tmp_path / name).write_text("A\n1\n")
    assert [path.name for path in csv_files(tmp_path)] == ["a.txt", "b.CSV"]
    assert csv_files(tmp_path / "d.xlsx") == csv_files(tmp_path / "nowhere") == []

"""Whatever a file holds, `read` answers with a network or with an `InfluenceError`, never otherwise."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.readers.folders import SOURCES, write

from influence.errors import DataError, InfluenceError
from influence.readers import read
from influence.readers.source import read_csv

cells = st.sampled_from(
    ["a", "b", "", "1", "-1", "1.5", "1e999", "NaN", "2024-01-01", "2014-10-04 16:26:28.0", '"', "x,", "É"]
)
lines = st.lists(st.lists(cells, min_size=1, max_size=11).map(",".join), max_size=6)


def _answers(files: dict[str, bytes], set_aside: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name) / "source", {})
        for file, content in files.items():
            (folder / file).write_bytes(content)
        try:
            read(folder, set_aside=Path(name) / "aside" if set_aside else None)
        except InfluenceError as error:
            assert len(str(error)) < 5_000


@pytest.mark.parametrize("name", SOURCES)
@settings(max_examples=10)
@given(lines=lines, set_aside=st.booleans())
@example(lines=["a,b,1"], set_aside=False)
@example(lines=["a,a,1082040961"], set_aside=True)
@example(lines=["a,b,1082040961"] * 2, set_aside=True)
def test_read__strange_lines__answer(name: str, lines: list[str], set_aside: bool) -> None:
    files = {}
    for file, text in SOURCES[name].items():
        head = text.splitlines()[0]
        width = head.count(",") + 1
        padded = [(line.split(",") + [""] * width)[:width] for line in lines]
        files[file] = "\n".join([head, *map(",".join, padded)]).encode()
    _answers(files, set_aside)


@pytest.mark.parametrize("name", SOURCES)
@settings(max_examples=8)
@given(tail=st.binary(max_size=60))
@example(tail=b"\x00\x00\n")
@example(tail=b'"\n')
def test_read__strange_bytes__answer(name: str, tail: bytes) -> None:
    _answers({file: text.encode() + tail for file, text in SOURCES[name].items()}, set_aside=True)


@settings(max_examples=10)
@given(content=st.binary(max_size=200))
@example(content=b"")
@example(content=b"\n\n")
@example(content=b"\xef\xbb\xbf")
@example(content=b"PAR1PAR1")
def test_read__nothing_but_bytes__answer(content: bytes) -> None:
    for name in ("invitations.csv", "messages.csv", "votes.csv", "contacts.parquet"):
        _answers({name: content}, set_aside=False)


def test_read_csv__name_of_a_column_not_utf8__error_names_the_file(tmp_path: Path) -> None:
    write(tmp_path, SOURCES["tables"])
    (tmp_path / "contacts.csv").write_bytes(b"contact_id,coun\xffry\n7,DE\n")
    with pytest.raises(DataError, match=r"contacts\.csv cannot be read: it is not UTF-8"):
        read(tmp_path)


@pytest.mark.parametrize("odd", ['coun"try', '"coun\ntry"', '"coun,try"'])
def test_read_csv__odd_name_of_a_column__its_cells_are_text(odd: str, tmp_path: Path) -> None:
    write(tmp_path, {"x.csv": f"contact_id,{odd}\n007,1\n7,2\n"})
    rows = read_csv(tmp_path / "x.csv")
    assert rows.iloc[:, 0].tolist() == ["007", "7"]
    assert rows.iloc[:, 1].tolist() == ["1", "2"]


@pytest.mark.parametrize(
    "head", ["contact_id" + "," * 2_000, "contact_id," + "x" * 70_000, "contact_id" + "," * 5_000_000]
)
def test_read_csv__header_beyond_measure__refused_before_columns_are_made(head: str, tmp_path: Path) -> None:
    write(tmp_path, {"contacts.csv": f"{head}\na{',' * head.count(',')}\n"})
    with pytest.raises(DataError, match=r"its first line holds more than 65,536 bytes or 2,000 columns"):
        read(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("before", [b"contact_id,country\na,", b'contact_id,country\n"a,', b"contact_id,cou"])
def test_read__line_of_a_gigabyte__refused_without_holding_it(before: bytes, tmp_path: Path) -> None:
    with (tmp_path / "contacts.csv").open("wb") as file:
        file.write(before)
        file.truncate(2**30)
    code = (
        "import resource, sys; from influence import readers; from influence.errors import DataError\n"
        "try: readers.read(sys.argv[1])\n"
        "except DataError as error: print(error)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert "a record is longer than 67,108,864 bytes" in said[0] or "its first line holds more" in said[0]
    before_us = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert int(said[1]) < max(800 * 1024, before_us + 50 * 1024), "KiB"


def test_read__many_unknown_columns__the_error_stays_readable(tmp_path: Path) -> None:
    names = ",".join(f"column_{number}" for number in range(1_500))
    with pytest.raises(DataError, match="1,401 more are not listed") as caught:
        read(write(tmp_path, {"contacts.csv": f"{names}\n{',' * 1_499}\n"}))
    assert len(str(caught.value)) < 25_000


def test_read__file_that_may_not_be_read__error_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path, SOURCES["messages"])

    def forbidden(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(DataError, match=r"messages\.csv' cannot be used: Permission denied"):
        read(folder)


def test_read__name_longer_than_names_can_be__error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be used: File name too long"):
        read(tmp_path / ("x" * 5_000))


@pytest.mark.parametrize("name", ["surveys", "villages", "tables", "messages"])
def test_read__column_twice__error_names_it(name: str, tmp_path: Path) -> None:
    file, text = next(iter(SOURCES[name].items()))
    head, *lines = text.splitlines()
    first = head.split(",")[0]
    doubled = "\n".join([f"{head},{first}", *(f"{line},7" for line in lines)])
    write(tmp_path, {**SOURCES[name], file: doubled})
    with pytest.raises(DataError, match=f"the column '{first}' stands there twice|No reader recognises"):
        read(tmp_path)


def test_read__several_columns_without_a_name__as_spreadsheets_leave_them(tmp_path: Path) -> None:
    rows = read_csv(write(tmp_path, {"x.csv": "a,b,,\n1,2,,\n"}) / "x.csv")
    assert rows.columns.tolist() == ["a", "b", "", ""]


@pytest.mark.parametrize(
    ("more", "written"), [(",", ["", "#2"]), ("row,", ["row#2", ""])], ids=["two_without_a_name", "as_ours"]
)
def test_read__names_twice_beside_a_row_at_fault__set_aside_all_the_same(
    more: str, written: list[str], tmp_path: Path
) -> None:
    head, *sound = SOURCES["transfers"]["transfers.csv"].splitlines()
    at_fault = sound[-1].replace(",2001,", ",never,")
    lines = [f"{head},{more}", *(f"{line},x,y" for line in [*sound, at_fault])]
    place = write(tmp_path / "transfers", {"transfers.csv": "\n".join(lines) + "\n"})
    read(place, set_aside=tmp_path / "aside")
    told = (tmp_path / "aside" / "source" / "transfers.csv").read_text().splitlines()
    names, cells = ([cell.strip('"') for cell in line.split(",")] for line in told)
    n = len(head.split(","))
    assert names[: n + 3] == ["row", *head.split(","), *written]
    assert cells[: n + 3] == [str(len(sound) + 1), *at_fault.split(","), "x", "y"]
    assert names[-1] == "problem"


@pytest.mark.parametrize("minutes", ["1e300", "-1e300", "9" * 400, "1e12", "nan"])
def test_retweets__minutes_beyond_time__row_at_fault(minutes: str, tmp_path: Path) -> None:
    text = SOURCES["retweets"]["edges.csv"] + f"15,693785810311778304,ann,zed,{minutes}\n"
    with pytest.raises(DataError, match="is not a number of minutes in 1 row"):
        read(write(tmp_path, {"edges.csv": text}))


@pytest.mark.parametrize("period", ["1e300", "-1e18", "99999999"])
def test_surveys__period_beyond_time__row_at_fault(period: str, tmp_path: Path) -> None:
    files = SOURCES["surveys"]
    nodes = files["nodes.csv"].replace("1001,1,2.0,1", f"1001,1,{period},1")
    with pytest.raises(DataError, match=r"nodes\.csv\.toa is more than 36,500 periods away in 1 row \(1\)"):
        read(write(tmp_path, {**files, "nodes.csv": nodes}))


@pytest.mark.parametrize("clubs", [1, 2])
def test_transfers__no_name_of_a_club_settled__read_all_the_same(clubs: int, tmp_path: Path) -> None:
    """Where no list shows what a short name means, there is nothing to look up."""
    head, *lines = SOURCES["transfers"]["transfers.csv"].splitlines()
    apart = [lines[0], next(line for line in lines if line.startswith("Hamburger SV,33"))][:clubs]
    network = read(write(tmp_path, {"transfers.csv": "\n".join([head, *apart]) + "\n"}))
    assert "HSV" in network.table("companies")["company_id"].tolist()


@pytest.mark.parametrize("cell", ["=1+1", "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "=HYPERLINK(0)"])
def test_read__formula_in_a_cell__is_the_text_that_it_is(cell: str, tmp_path: Path) -> None:
    network = read(write(tmp_path, {"contacts.csv": f'contact_id,industry\nana,"{cell}"\n'}))
    assert network.table("contacts")["industry"].tolist() == [cell]

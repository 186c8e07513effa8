"""Rows written for people: no cell is a formula, nothing is lost, nothing is half-written."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from influence import writing
from influence.data.problems import Problem
from influence.data.validation import set_rows_aside
from influence.errors import ConfigError
from influence.writing import as_text, defused, read_table, restored, row_writer, write_list, write_table

FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

cells = st.lists(
    st.none()
    | st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
    | st.text(st.sampled_from("='+-@\t\r\n1.e＝a"), max_size=6),
    min_size=1,
    max_size=8,
)


def _tamed(text: str | None) -> bool:
    return text is None or not FORMULA.match(text) or NUMBER.fullmatch(text) is not None


@given(cells)
@example(["=1+1", "'=1+1", "''=1", "'", "-5", "'-5", "-5)", "+1e5", "", None, "-", "\n=1"])
def test_defused__any_cells__no_formula_and_restored_exactly(texts: list[str | None]) -> None:
    table = pa.table({"a": pa.array(texts, pa.string()), "=b": pa.array(texts, pa.string())})
    safe = defused(table)
    assert all(_tamed(cell) for column in safe.columns for cell in column.to_pylist())
    assert safe.column_names == ["a", "'=b"]
    assert restored(safe).equals(table)


@given(cells)
def test_write_table__any_cells__read_back_as_they_were(texts: list[str | None]) -> None:
    buffer = io.BytesIO()
    table = pa.table({"a": pa.array(texts, pa.string())})
    options = pa.csv.WriteOptions(quoting_style="needed")
    pa.csv.write_csv(defused(table), buffer, options)
    cells = [row[0] for row in csv.reader(io.StringIO(buffer.getvalue().decode(), newline="")) if row][1:]
    assert [cell for cell in cells if cell] == [cell for cell in defused(table)["a"].to_pylist() if cell]


def test_write_table__numbers_and_text__only_text_is_touched(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {
            "name": ["=HYPERLINK(1)", "ann", None],
            "amount": ["-5", "+3.5", "-5x"],
            "score": [-1.5, np.nan, 2.0],
            "kind": pd.Categorical(["@a", "b", "@a"]),
            "leaders": [("a", "b"), ("=c",), ()],
            "at": pd.to_datetime(["2024-01-01", None, "2024-01-02"], utc=True),
        }
    )
    write_table(rows, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[1:] == [
        '"\'=HYPERLINK(1)","-5",-1.5,"\'@a","a|b",2024-01-01 00:00:00.000000Z',
        '"ann","+3.5",,"b","\'=c",',
        ',"\'-5x",2,"\'@a","",2024-01-02 00:00:00.000000Z',
    ]
    write_table(rows[["name"]], tmp_path / "out.parquet")
    assert pd.read_parquet(tmp_path / "out.parquet")["name"].iloc[0] == "=HYPERLINK(1)"


def test_row_writer__many_chunks__each_is_safe(tmp_path: Path) -> None:
    with row_writer(tmp_path / "out.csv") as write:
        write(pd.DataFrame({"a": ["ok"], "b": [None]}))
        write(pd.DataFrame({"a": ["=1"], "b": ["@2"]}))
    assert (tmp_path / "out.csv").read_text() == '"a","b"\n"ok",\n"\'=1","\'@2"\n'


@pytest.mark.parametrize("kind", [".parquet", ".csv"])
def test_row_writer__written_beside_the_making_of_the_next__order_kept(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "ROW_GROUP_ROWS", 2)
    path = tmp_path / f"rows{kind}"
    frames = [pd.DataFrame({"n": range(start, start + 3), "x": start / 7}) for start in range(0, 60, 3)]
    with row_writer(path) as write:
        for frame in frames:
            write(frame)
    pd.testing.assert_frame_equal(read_table(path), pd.concat(frames, ignore_index=True))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
@pytest.mark.parametrize("n_frames", [1, 3])
def test_row_writer__disk_full_while_writing_beside__told(
    n_frames: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "ROW_GROUP_ROWS", 1)
    rows = pd.DataFrame({"x": np.random.default_rng(0).random(100_000)})
    with pytest.raises(OSError), row_writer(Path("/dev/full"), kind=".parquet") as write:
        for _ in range(n_frames):
            write(rows)


def test_write_table__cell_that_cannot_be_written__nothing_left(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("yesterday's")
    with pytest.raises((pa.ArrowException, TypeError, UnicodeError)):
        write_table(pd.DataFrame({"a": ["x", 7, object()]}), tmp_path / "out.csv")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("out.csv", "yesterday's")]


def test_write_table__unknown_ending__error_names_the_known(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ends in \.parquet or \.csv"):
        write_table(pd.DataFrame({"a": ["x"]}), tmp_path / "out.xlsx")


def test_set_rows_aside__formula_in_a_source__defused_and_the_file_is_csv(tmp_path: Path) -> None:
    rows = pd.DataFrame({"name": ["ok", "=1", b"\xff"], "odd": [1, "\ud800", None]})
    problems = [Problem("links.tsv", "name", "is odd", "Mend it.", np.array([1, 2]))]
    (note,) = set_rows_aside(rows, problems, tmp_path / "links.tsv")
    assert note.endswith(f"Listed in {tmp_path / 'links.tsv.csv'}.")
    listed = pd.read_csv(tmp_path / "links.tsv.csv")
    assert listed["row"].tolist() == [2, 3], "counted from 1"
    assert listed["name"].tolist() == ["'=1", "b'\\xff'"]
    assert listed["odd"].tolist()[0] == "\\ud800"


def test_as_text__columns_of_one_kind__kept() -> None:
    rows = pd.DataFrame({"n": [1, 2], "mixed": [1, "a"]})
    assert as_text(rows).dtypes.astype(str).tolist() == ["int64", "str"]


def test_source__csv_for_people__written_in_one_place() -> None:
    source = Path(__file__).parents[2] / "src" / "influence"
    elsewhere = [path for path in source.rglob("*.py") if path.name != "writing.py"]
    writes = re.compile(r"\.to_csv\(|csv\.writer\(|DictWriter\(|write_csv\(")
    found = {
        path.relative_to(source).as_posix() for path in elsewhere if writes.search(path.read_text("utf-8"))
    }
    # Nobody opens these: a form like its original, rows put back as they stood, a database's own wire.
    assert {name for name in found if not name.startswith("synthesis/")} == {
        "privacy/keepers/delimited.py",
        "batch/merging.py",
    }


LIST = pd.DataFrame(
    {
        "name": ["Zoë; Müller", "=1+1", None, 'O\'Neil, "Bo"'],
        "p": [0.25, np.nan, 1234.5, -1e-7],
        "n": pd.array([3, pd.NA, 5, 7], "Int64"),
        "sent_at": pd.to_datetime(
            ["2026-01-31 09:30", None, "2026-02-01 00:00", "2026-02-02 08:15"], utc=True
        ),
    }
)


@pytest.mark.parametrize(
    ("separator", "first"),
    [(",", "Zoë; Müller,0.25,3,2026-01-31 09:30:00"), (";", '"Zoë; Müller";0,25;3;2026-01-31 09:30:00')],
)
def test_write_list__separator_of_a_country__opens_there_and_reads_back(
    tmp_path: Path, separator: str, first: str
) -> None:
    write_list(LIST, tmp_path / "list.csv", separator)
    written = (tmp_path / "list.csv").read_bytes()
    assert written.startswith("\ufeff".encode())
    lines = written.decode("utf-8-sig").splitlines()
    assert lines[0] == separator.join(LIST.columns) and lines[1] == first
    assert lines[2].startswith("'=1+1")
    found = read_table(tmp_path / "list.csv")
    for name in ("p", "n"):
        expected = LIST[name].astype("float64").tolist()
        assert found[name].astype("float64").tolist() == pytest.approx(expected, nan_ok=True)
    assert found["name"].fillna("").tolist() == LIST["name"].fillna("").tolist()
    assert found["sent_at"].dt.tz_localize("UTC").dropna().tolist() == LIST["sent_at"].dropna().tolist()


def test_write_list__name_in_parquet__types_as_they_were(tmp_path: Path) -> None:
    write_list(LIST, tmp_path / "list.parquet", ";")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "list.parquet")[["p"]], LIST[["p"]])


def test_write_list__unknown_separator_or_format__said_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Give ',' or ';'"):
        write_list(LIST, tmp_path / "list.csv", "tab")
    with pytest.raises(ConfigError, match="unknown format"):
        write_list(LIST, tmp_path / "list.pdf")
    assert not list(tmp_path.iterdir())

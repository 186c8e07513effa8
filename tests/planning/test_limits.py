"""Limits that make no sense, and lists of contacts to leave alone."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from influence.errors import ConfigError, DataError
from influence.planning import Limits, read_ids
from influence.writing import write_table


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"k": 0}, "k is 0"),
        ({"k": 2.5}, "k is 2.5. Give a whole number, at least 1"),
        ({"weekly_quota": -1}, "weekly_quota is -1. Give a whole number, at least 0"),
        ({"per_recipient": 0}, "per_recipient is 0"),
        ({"per_company": 0}, "per_company is 0"),
    ],
)
def test_limits__senseless_number__told(words: dict[str, int], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Limits(**words)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ids.txt", "007\n\n  ann \n"),
        ("ids.csv", "name,contact_id\nx,007\ny,ann\nz,\n"),
        ("IDS.CSV", "\ufeffcontact_id\n007\nann\n"),
    ],
)
def test_read_ids__text_files__as_written(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert read_ids(tmp_path / name) == {"007", "ann"}
    assert read_ids(str(tmp_path / name)) == {"007", "ann"}


def test_read_ids__parquet_and_plain_ids__as_text(tmp_path: Path) -> None:
    pd.DataFrame({"contact_id": ["007", None, "ann"]}).to_parquet(tmp_path / "ids.parquet")
    assert read_ids(tmp_path / "ids.parquet") == {"007", "ann"}
    assert read_ids(["ann", 7]) == {"ann", "7"}  # type: ignore[list-item]
    assert read_ids(()) == frozenset()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("absent.txt", None, "There is no file"),
        ("ids.csv", b"contact,n\nx,1\n", "lacks the column contact_id. Did you mean 'contact'"),
        ("ids.csv", b"p0010\np0011\n", "one id a line, is a file that ends in .txt"),
        ("ids.csv", b"", "cannot be read as a list of ids"),
        ("ids.txt", b"\xff\xfe\xfa", "cannot be read as a list of ids"),
        ("ids.parquet", b"no parquet", "cannot be read as a list of ids"),
    ],
)
def test_read_ids__file_at_fault__told(tmp_path: Path, name: str, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=says):
        read_ids(tmp_path / name)


def test_read_ids__csv_that_the_tool_wrote__ids_as_they_were(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"contact_id": ["-ann", "bo", "'=c"]}), tmp_path / "list.csv")
    assert read_ids(tmp_path / "list.csv") == {"-ann", "bo", "'=c"}

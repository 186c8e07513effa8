"""Strange cells for every parser of cells: each gives a value of its type or a fault, nothing else."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.api.types import pandas_dtype
from tests.fuzz.mutants import strange_text

from influence.data.coercion import coerce
from influence.geography import nearest_name, to_alpha2
from influence.readers.source import numbers, seconds
from influence.schema import PANDAS_DTYPES, TABLES, Column

QUICK, FULL, AT_ONCE = 4, 400, 250
"""Batches, and the cells of each: 100,000 in all."""

LONGEST_S = 5.0
COLUMNS: dict[str, Column] = {column.kind: column for table in TABLES.values() for column in table.columns}
"""One column of every kind."""


def _coerced(kind: str) -> Callable[[pd.Series], None]:
    def check(cells: pd.Series) -> None:
        values, faults = coerce(cells, COLUMNS[kind])
        assert values.dtype == pandas_dtype(PANDAS_DTYPES[COLUMNS[kind].kind])
        assert values.index.equals(cells.index)
        for fault in faults:
            assert len(fault.mask) == len(cells)
            assert fault.mask.any()
            assert len(fault.what) + len(fault.remedy) < 2_000
            if "time zones" not in fault.what:
                assert values[fault.mask].isna().all()

    return check


def _countries(cells: pd.Series) -> None:
    found = to_alpha2(cells)
    assert found.codes.index.equals(cells.index)
    assert found.codes.dropna().str.fullmatch("[A-Z]{2}").all()
    assert all(len(nearest_name(spelling)) < 1_000 for spelling in list(found.unknown)[:3])


def _numbers(cells: pd.Series) -> None:
    assert not pd.isna(cells).any()
    assert len(numbers(cells)) == len(seconds(cells)) == len(cells)
    assert seconds(cells).dropna().between(0, 7.3e9).all()


PARSERS: dict[str, Callable[[pd.Series], None]] = {
    **{kind: _coerced(kind) for kind in COLUMNS},
    "names of countries": _countries,
    "numbers and seconds": _numbers,
}


def _try(name: str, batches: range) -> None:
    for batch in batches:
        draw = random.Random(batch)
        cells = [strange_text(draw) for _ in range(AT_ONCE)]
        began = time.process_time()
        try:
            PARSERS[name](pd.Series(cells, index=range(5, 5 + AT_ONCE), dtype="str"))
        except Exception as error:
            raise AssertionError(f"{name}, batch {batch}: {_alone(name, cells)!r:.300}") from error
        assert time.process_time() - began < LONGEST_S


def _alone(name: str, cells: list[str]) -> str | None:
    """The first cell that is too much for the parser by itself."""
    for cell in cells:
        try:
            PARSERS[name](pd.Series([cell], dtype="str"))
        except Exception:  # noqa: BLE001
            return cell
    return None


@pytest.mark.parametrize("name", PARSERS)
def test_parser__strange_cells__value_or_fault(name: str) -> None:
    _try(name, range(QUICK))


@pytest.mark.slow
@pytest.mark.parametrize("name", PARSERS)
def test_parser__hundred_thousand_cells__value_or_fault(name: str) -> None:
    _try(name, range(FULL))


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=25)
@given(cells=st.lists(st.text(max_size=30) | st.datetimes().map(str) | st.floats().map(str), max_size=8))
def test_parser__any_text__value_or_fault(name: str, cells: list[str]) -> None:
    cells = [cell.encode("utf-8", "replace").decode() for cell in cells]
    PARSERS[name](pd.Series(cells, dtype="str"))

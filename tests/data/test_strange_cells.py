"""Whatever stands in a cell, validation answers with tables or with a `DataError`, never otherwise."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from influence.data.validation import validate
from influence.errors import DataError
from influence.schema import TABLES

STRANGE = [
    None, np.nan, pd.NA, pd.NaT, np.inf, -np.inf, 0, -1, 2**70, 1e300, 1.5, True, "", " ", "NA", "nan", "-",
    "now", "today", "0000-00-00", "9999-12-31", "20240101", "1e400", "inf", "\x00", "\ud800", b"\xff",
    [1, 2], [], {"a": 1}, (1,), object, float, decimal.Decimal("1.5"), 1j, np.array([1, 2]), pd.Series([1]),
    dt.date(2024, 1, 1), dt.time(8), dt.datetime(2024, 1, 1), dt.timedelta(1), np.datetime64("2024-01-01"),
    pd.Timestamp("2024-01-01", tz="Asia/Tokyo"),
]  # fmt: skip

COLUMNS = [(table.name, column.name) for table in TABLES.values() for column in table.columns]


def _answers(tables: dict[str, pd.DataFrame]) -> None:
    try:
        validate(tables)
    except DataError as error:
        assert error.problems
        assert all(len(problem) < 1_000 for problem in error.problems)


@pytest.mark.parametrize("cell", STRANGE, ids=range(len(STRANGE)))
def test_validate__strange_cell_in_every_column__data_error_or_none(cell: Any) -> None:
    for name in ("contacts", "companies"):  # between them they hold columns of every kind
        cells = {column.name: pd.Series([None, cell], dtype=object) for column in TABLES[name].columns}
        _answers({name: pd.DataFrame(cells)})


@settings(max_examples=20)
@given(
    st.sampled_from(COLUMNS),
    st.lists(
        st.sampled_from(STRANGE) | st.text(max_size=20) | st.integers() | st.floats(), min_size=1, max_size=4
    ),
)
def test_validate__strange_column__data_error_or_none(place: tuple[str, str], cells: list[Any]) -> None:
    table, column = place
    _answers(
        {
            table: pd.DataFrame(
                {name: pd.Series(cells, dtype=object) for name in {column, *TABLES[table].required}}
            )
        }
    )


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([dt.timedelta(1)]),
        pd.Series(pd.period_range("2024", periods=1)),
        pd.Series([1.0], dtype="Float32"),
        pd.Series([1], dtype="uint8"),
        pd.Series([2**64 - 1], dtype="uint64"),
        pd.Series([True]),
        pd.Series(["2024-01-01"], dtype="category"),
        pd.Series(pd.Categorical(pd.to_datetime(["2024-01-01"]))),
        pd.Series(["2024-01-01"], dtype="string"),
        pd.Series([1j]),
        pd.Series(pd.to_datetime(["2024-01-01"]).astype("datetime64[s]")),
        pd.Series(pd.arrays.IntervalArray.from_breaks([0, 1])),
        pd.Series(pd.arrays.SparseArray([1.0])),
    ],
    ids=lambda values: str(values.dtype),
)
@pytest.mark.parametrize(
    "column", ["contact_id", "observed_at", "country", "n_connections", "profile_quality", "is_own_team"]
)
def test_validate__strange_dtype__data_error_or_none(values: pd.Series, column: str) -> None:
    _answers({"contacts": pd.DataFrame({"contact_id": ["x"], column: values})})

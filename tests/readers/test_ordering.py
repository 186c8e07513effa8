"""Rows in the order of their key, whatever order they came in."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from influence.readers.ordering import in_order
from influence.schema import TABLES

IDS = st.sampled_from(["", "a", "A", "ab", "é", "z", "\U0001f600", "\ue000"])
DAYS = st.none() | st.integers(-3, 3).map(lambda day: pd.Timestamp("2024-01-01") + pd.Timedelta(day, "D"))


@given(keys=st.lists(st.tuples(IDS, DAYS), unique=True, max_size=12))
def test_in_order__any_keys__sorted_as_python_does_undated_first(keys: list[tuple[str, object]]) -> None:
    rows = pd.DataFrame(
        {
            "contact_id": pd.Series([name for name, _ in keys], dtype="str"),
            "observed_at": pd.Series([day for _, day in keys], dtype="datetime64[us]").dt.tz_localize("UTC"),
            "place": range(len(keys)),
        }
    )
    found = in_order(TABLES["contacts"], rows)["place"].tolist()
    undated_first = sorted(
        range(len(keys)), key=lambda at: (keys[at][0], keys[at][1] is not None, keys[at][1] or 0)
    )
    assert found == undated_first

"""Tables of more rows than are parsed, hashed or compared at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from influence.data import checks, coercion
from influence.data.coercion import coerce
from influence.data.validation import validate
from influence.errors import DataError
from influence.schema import TABLES

TIMES = ["2024-01-01", "", "2024-01-02T08:00:00", "soon", "2024-01-03 09:00"]
ZONED = ["2024-01-01T08:00:00Z", "", "2024-01-02T08:00:00Z", None, "2024-01-03T08:00:00+02:00", "", "", "x"]
NUMBERS = ["1.5", "", "1e400", "x", "-2", "nan", "0.5"]


@pytest.mark.parametrize(
    ("place", "cells"),
    [
        (("invitations", "sent_at"), TIMES),
        (("invitations", "sent_at"), [cell for cell in TIMES if cell != "soon"]),
        (("invitations", "sent_at"), ZONED),
        (("invitations", "sent_at"), ZONED[:-1]),
        (("invitations", "sent_at"), ZONED[:4]),
        (("invitations", "sent_at"), ["", None, "2024-01-01T08:00:00Z", "2024-01-01T08:00:00+00:00"]),
        (("invitations", "sent_at"), []),
        (("interactions", "sentiment"), NUMBERS),
        (("contacts", "n_connections"), [*NUMBERS, "3"]),
        (("contacts", "n_connections"), []),
    ],
)
@pytest.mark.parametrize("part", [1, 2, 3])
def test_coerce__in_parts__as_at_once(
    place: tuple[str, str], cells: list[Any], part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    column = TABLES[place[0]].column(place[1])
    values = pd.Series(cells, index=range(10, 10 + len(cells)), dtype="str")
    whole, faults = coerce(values, column)
    monkeypatch.setattr(coercion, "PART", part)
    again, same = coerce(values, column)
    pd.testing.assert_series_equal(again, whole)
    assert [(fault.what, fault.remedy, fault.mask.tolist()) for fault in same] == [
        (fault.what, fault.remedy, fault.mask.tolist()) for fault in faults
    ]


@pytest.mark.parametrize("hashed", [1, 2, 2**20])
def test_validate__keys_in_parts__repeated_ones_found(hashed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "HASHED", hashed)
    rows = pd.DataFrame(
        {
            "source_id": ["a", "a", None, "a", "b", None, "b", "a"],
            "target_id": ["b", "c", "b", "b", "a", "b", "a", "b"],
        }
    )
    with pytest.raises(DataError) as caught:
        validate({"connections": rows})
    assert any(
        "repeats a key of an earlier row ('a', 'b') in 3 rows (4, 7, 8)" in each
        for each in caught.value.problems
    )


def test_validate__hashes_collide__keys_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    def same_for_all(rows: pd.DataFrame, **_: object) -> pd.Series:
        return pd.Series(np.full(len(rows), 7, np.uint64))

    monkeypatch.setattr(checks, "hash_pandas_object", same_for_all)
    ids = pd.DataFrame({"contact_id": ["a", "b", "c"]})
    assert len(validate({"contacts": ids})["contacts"]) == 3
    with pytest.raises(DataError, match=r"repeats a key of an earlier row \('b', 'NaT'\) in 1 row \(4\)"):
        validate({"contacts": pd.concat([ids, ids.iloc[1:2]])})


def test_validate__text_without_faults__shared_and_not_copied() -> None:
    """What a million ids take is taken once."""
    ids = pd.Series(["a", "b", "c"], dtype="str")
    found = validate({"contacts": pd.DataFrame({"contact_id": ids})})["contacts"]["contact_id"]
    given, kept = (pa.array(each).buffers()[2].address for each in (ids, found))
    assert kept == given

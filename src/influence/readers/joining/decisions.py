"""Pairs of records in a table that a person reads, fills in and gives back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.errors import ConfigError, DataError, columns_named, nearest
from influence.readers.joining.observed import Observed
from influence.readers.source import header, read_csv
from influence.writing import read_table, write_table

SAME, APART = "same", "apart"
OF_RECORD = ("record", "source", "names", "employers")
COLUMNS = (
    "decision", "reason", "score",
    *(f"{word}_{end}" for end in ("one", "two") for word in OF_RECORD),
)  # fmt: skip
NEEDED = ("decision", "record_one", "source_one", "record_two", "source_two")

SHOWN = 3


def listed(observed: Observed, pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs of records (one, other, reason, score) in the columns of a decision, surest first."""
    wanted = np.unique(pairs[["one", "other"]].to_numpy(np.int64))
    shown = {kind: _shown(observed.values(kind), wanted) for kind in ("name", "employer")}
    of = observed.told_by[observed.told_by["record"].isin(wanted)].groupby("record")["source"].min()
    columns: dict[str, object] = {"decision": "", "reason": pairs["reason"], "score": pairs["score"].round(4)}
    for end, word in (("one", "one"), ("other", "two")):
        columns[f"record_{word}"] = observed.ids[pairs[end]]
        columns[f"source_{word}"] = [observed.sources[of[record]] for record in pairs[end]]
        columns[f"names_{word}"] = [shown["name"].get(record, "") for record in pairs[end]]
        columns[f"employers_{word}"] = [shown["employer"].get(record, "") for record in pairs[end]]
    rows = pd.DataFrame(columns, index=pairs.index, columns=list(COLUMNS))
    order = ["score", "record_one", "record_two", "source_one", "source_two"]
    return rows.sort_values(order, ascending=[False, True, True, True, True], ignore_index=True)


def _shown(told: pd.DataFrame, wanted: NDArray[np.int64]) -> dict[int, str]:
    """The first values of each record, by alphabet."""
    values: dict[int, list[str]] = {}
    for record, value in told[told["record"].isin(wanted)].sort_values("value").to_numpy(object).tolist():
        values.setdefault(record, []).append(value)
    return {record: " | ".join(each[:SHOWN]) for record, each in values.items()}


def write(rows: pd.DataFrame, path: Path) -> None:
    """Pairs as CSV, safe to open in a spreadsheet.

    Raises
    ------
    ConfigError
        If the file cannot be written, or holds decisions already.
    """
    refuse_decided(path)
    write_table(rows, path)


def refuse_decided(path: Path) -> None:
    """Never write over decisions.

    Raises
    ------
    ConfigError
        If the file holds some.
    """
    if path.is_file() and "decision" in header(path) and (read_csv(path)["decision"].str.strip() != "").any():
        raise ConfigError(f"{str(path)!r} holds decisions, which would be lost. Name another file.")


def read(path: Path) -> pd.DataFrame:
    """The rows of a table of decisions in which one was filled in.

    Raises
    ------
    DataError
        If it is absent, lacks a column, or a decision is neither `same` nor `apart`.
    """
    if not path.is_file():
        raise DataError(f"There is no table of decisions at {str(path)!r}. `influence matches` writes one.")
    lacking = [name for name in NEEDED if name not in header(path)]
    if lacking:
        raise DataError(
            f"{path.name} lacks the {columns_named(lacking)}. `influence matches` writes such a table."
        )
    rows = read_table(path, NEEDED)[list(NEEDED)]
    rows = rows.assign(**{name: rows[name].fillna("").str.strip() for name in NEEDED})
    rows = rows.assign(decision=rows["decision"].str.lower())
    wrong = rows[~rows["decision"].isin((SAME, APART, ""))]
    if len(wrong):
        word, row = wrong["decision"].iloc[0][:40], wrong.index[0]
        raise DataError(
            f"{path.name}: decision is {word!r} in row {row + 1} (counted from 1). "
            f"{nearest(word, (SAME, APART))} Write same, apart, or nothing."
        )
    return rows[rows["decision"] != ""].reset_index(drop=True)


def applied(observed: Observed, rows: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Pairs of records that are one [k, 2], pairs that are not [k, 2], and how many decisions name none."""
    records = pd.DataFrame({"record": np.arange(len(observed))}).groupby(observed.ids)["record"].agg(list)
    sources = observed.told_by.groupby("record")["source"].agg(list)
    pairs: dict[str, list[tuple[int, int]]] = {SAME: [], APART: []}
    n_unknown = 0
    for decision, first, source_one, second, source_two in rows[list(NEEDED)].to_numpy(object).tolist():
        one, two = records.get(first, []), records.get(second, [])
        if first == second:
            one = _of_source(observed, sources, one, source_one)
            two = _of_source(observed, sources, two, source_two)
        found = [(a, b) for a in one for b in two if a != b]
        pairs[decision].extend(found)
        n_unknown += not found
    return _pairs(pairs[SAME]), _pairs(pairs[APART]), n_unknown


def _of_source(observed: Observed, sources: pd.Series, records: Sequence[int], source: str) -> list[int]:
    """Records of the source named, or, where it was exported anew since, of its reader."""
    told = {record: [observed.sources[each] for each in sources[record]] for record in records}
    exactly = [record for record in records if source in told[record]]
    reader = source.split(":")[0]
    return exactly or [
        record for record in records if reader in [each.split(":")[0] for each in told[record]]
    ]


def _pairs(found: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    return np.array(found, dtype=np.int64).reshape(-1, 2)

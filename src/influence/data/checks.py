"""What the cells of a table must satisfy: alone, beside their row, and beside other tables."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.util import hash_pandas_object

from influence.data.problems import Problem, shown
from influence.errors import nearest
from influence.schema import TABLES, Column, Table


@contextmanager
def _unheard_of_pyspark() -> Iterator[None]:
    """Wherever pyspark is installed, pandera imports it, and pyspark then warns of pandas 3."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support", FutureWarning)
        yield


with _unheard_of_pyspark():
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

HASHED = 2**20
"""Keys that are hashed at once."""

EARLIEST = pd.Timestamp("1990-01-01", tz="UTC")
"""Before the systems that keep such records; earlier times are slips of a format."""

ANSWERED = ("accepted", "declined", "withdrawn")
_RESOLUTION = {"minute": "min", "hour": "h", "day": "D"}
_MEND = "Correct or drop them."
_PATTERNS = {
    "currency": (r"[A-Z]{3}", "is not an ISO 4217 code", "Write three capital letters, such as EUR."),
}


def cell_problems(table: Table, rows: pd.DataFrame, absent: frozenset[str]) -> Iterator[Problem]:
    """Cells that are missing, out of range, or no word of the vocabulary; `absent` columns excepted."""
    try:
        with _unheard_of_pyspark():
            _pandera_schema(table.name, absent).validate(rows, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        for (name, check), group in cases.groupby(["column", "check"], sort=False):
            found = np.sort(group["index"].to_numpy(np.int64))
            what, remedy = _wording(table.column(str(name)), str(check), rows[name].iloc[found])
            yield Problem(table.name, str(name), what, remedy, found)


@cache
def _pandera_schema(name: str, absent: frozenset[str]) -> pa.DataFrameSchema:
    """What must hold of the columns present; one that may hold anything would cost its time for nothing."""
    checks = {
        column: list(_checks_of(column)) for column in TABLES[name].columns if column.name not in absent
    }
    return pa.DataFrameSchema(
        {
            column.name: pa.Column(None, checks=of_column, nullable=not column.required)
            for column, of_column in checks.items()
            if of_column or column.required
        }
    )


def _checks_of(column: Column) -> Iterator[pa.Check]:
    if column.kind in _PATTERNS:
        yield pa.Check.str_matches(f"^{_PATTERNS[column.kind][0]}$", error="pattern")
    if column.values:
        yield pa.Check.isin(column.values, error="values")
    if column.low is not None:
        yield pa.Check.ge(column.low, error="range")
    if column.high is not None:
        yield pa.Check.le(column.high, error="range")
    if column.kind == "time" and column.name != "retain_until":
        yield pa.Check.ge(EARLIEST, error="early")


def _wording(column: Column, check: str, cells: pd.Series) -> tuple[str, str]:
    distinct = list(dict.fromkeys(cells))[:3]
    examples = ", ".join(shown(cell) for cell in distinct)
    if check == "not_nullable":
        return "is missing", "Fill it in, or drop the rows."
    if check == "pattern":
        _, what, remedy = _PATTERNS[column.kind]
        return f"{what} ({examples})", remedy
    if check == "values":
        hints = " ".join(nearest(str(cell)[:80], column.values) for cell in distinct)
        return f"is an unknown value ({examples})", hints
    if check == "range":
        return f"is outside {_range(column)} ({examples})", _MEND
    return (
        f"is before {EARLIEST:%Y-%m-%d}",
        "Check the time format (seconds or milliseconds, order of day and month).",
    )


def _range(column: Column) -> str:
    if column.high is None:
        return f"{column.low:g} or more"
    return f"{column.low:g} to {column.high:g}"


@dataclass(frozen=True)
class RowRule:
    """A rule within one row: `broken` gives a boolean Series over the table's rows."""

    table: str
    column: str
    what: str
    remedy: str
    broken: Callable[[pd.DataFrame], pd.Series]


def _before(earlier: str, later: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: rows[later] < rows[earlier]


def _same(one: str, other: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: rows[one] == rows[other]


def _answered_before_sent(rows: pd.DataFrame) -> pd.Series:
    """Answers dated by the day may stand before the hour of sending on the same day."""
    sent_at = rows["sent_at"].copy()
    for word, unit in _RESOLUTION.items():
        coarse = rows["time_resolution"] == word
        if coarse.any():
            sent_at[coarse] = sent_at[coarse].dt.floor(unit)
    return rows["responded_at"] < sent_at


ROW_RULES: tuple[RowRule, ...] = (
    RowRule("invitations", "recipient_id", "is the sender", "Drop invitations to oneself.",
            _same("sender_id", "recipient_id")),
    RowRule("invitations", "responded_at", "is before sent_at", _MEND, _answered_before_sent),
    RowRule("invitations", "observed_until", "is before sent_at", _MEND,
            _before("sent_at", "observed_until")),
    RowRule("invitations", "responded_at", "is after observed_until",
            "Set observed_until to when the records were taken.", _before("responded_at", "observed_until")),
    RowRule("invitations", "responded_at", "is missing although the outcome is known",
            "Give the time of the answer, or outcome 'unknown' where it was not kept.",
            lambda rows: rows["outcome"].isin(ANSWERED) & rows["responded_at"].isna()),
    RowRule("invitations", "responded_at", "is given although the outcome is pending",
            "Give the outcome, or leave responded_at empty.",
            lambda rows: (rows["outcome"] == "pending") & rows["responded_at"].notna()),
    RowRule("connections", "target_id", "is the source", "Drop connections to oneself.",
            _same("source_id", "target_id")),
    RowRule("connections", "removed_at", "is before connected_at", _MEND,
            _before("connected_at", "removed_at")),
    RowRule("company_links", "target_id", "is the source", "Drop links of a company to itself.",
            _same("source_id", "target_id")),
    RowRule("nominations", "target_id", "is the source", "Drop nominations of oneself.",
            _same("source_id", "target_id")),
    RowRule("contents", "observed_at", "is before at", _MEND, _before("at", "observed_at")),
    RowRule("deals", "closed_at", "is before opened_at", _MEND, _before("opened_at", "closed_at")),
    RowRule("deals", "closed_at", "is missing although won is known",
            "Give the day of closing, or leave won empty.",
            lambda rows: rows["won"].notna() & rows["closed_at"].isna()),
)  # fmt: skip
"""An outcome without its time is refused because nobody could tell from when on it was known."""


def row_problems(table: Table, rows: pd.DataFrame) -> Iterator[Problem]:
    """Cells that contradict others of their row."""
    for rule in ROW_RULES:
        if rule.table == table.name:
            broken = np.flatnonzero(rule.broken(rows).fillna(False).to_numpy(np.bool_))
            if len(broken):
                yield Problem(table.name, rule.column, rule.what, rule.remedy, broken)


def key_problems(table: Table, rows: pd.DataFrame, absent: frozenset[str]) -> Iterator[Problem]:
    """Rows whose key stands in an earlier row already; rows that lack a required part have none."""
    if not absent.isdisjoint(set(table.key) & set(table.required)):
        return
    lacking = [rows[name].isna().to_numpy() for name in table.key if name in table.required]
    keys = pd.DataFrame({name: rows[name] for name in table.key}, copy=False)
    if np.any(lacking):
        keys = keys[~np.any(lacking, axis=0)]
    repeated = keys.index[_repeated(keys)].to_numpy(np.int64)
    if len(repeated):
        first = ", ".join(shown(cell) for cell in keys.loc[repeated[0]])
        what = f"repeats a key of an earlier row ({first})"
        yield Problem(table.name, "+".join(table.key), what, "Keep one row per key.", repeated)


def _repeated(keys: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows equal an earlier one.

    Only rows whose hash stands twice are compared; an index of millions of keys would take more memory than
    the keys themselves.
    """
    parts = (keys.iloc[begin : begin + HASHED] for begin in range(0, len(keys), HASHED))
    hashes = np.concatenate(
        [
            np.empty(0, np.uint64),
            *(hash_pandas_object(part, index=False, categorize=False).to_numpy() for part in parts),
        ]
    )
    ordered = np.sort(hashes)
    several = ordered[1:][ordered[1:] == ordered[:-1]]
    repeated = np.isin(hashes, several)
    if len(several):
        repeated[repeated] = keys[repeated].duplicated()
    return repeated


def reference_problems(
    tables: Mapping[str, pd.DataFrame], absent: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    """Ids that the table they refer to, where it is present, does not hold."""
    known: dict[str, NDArray[np.object_]] = {}
    for name, rows in tables.items():
        for column in TABLES[name].columns:
            of = column.references
            if of is None or of not in tables or TABLES[of].key[0] in absent[of]:
                continue
            if of not in known:
                # As objects: pandas would ask Arrow for each one.
                known[of] = np.asarray(tables[of][TABLES[of].key[0]].dropna().unique(), dtype=object)
            ids = rows[column.name]
            dangling = np.flatnonzero((ids.notna() & ~ids.isin(known[of])).to_numpy())
            if len(dangling):
                what = f"names an id that {of} lacks ({shown(ids.iloc[dangling[0]])})"
                yield Problem(name, column.name, what, f"Add it to {of}, or drop the rows.", dangling)


def export_problems(tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Times later than the export that the records come from."""
    exported_at = export_time(tables)
    if exported_at is None:
        return
    for name, rows in tables.items():
        for column in TABLES[name].columns:
            if column.kind == "time" and name != "sources":
                late = np.flatnonzero((rows[column.name] > exported_at).to_numpy())
                if len(late):
                    what = f"is after the export ({exported_at:%Y-%m-%dT%H:%M:%SZ})"
                    yield Problem(name, column.name, what, "Correct them, or sources.exported_at.", late)


def export_time(tables: Mapping[str, pd.DataFrame]) -> pd.Timestamp | None:
    """The latest `sources.exported_at`; None where a source does not tell, whose records may be later."""
    if "sources" not in tables or not len(tables["sources"]) or tables["sources"]["exported_at"].isna().any():
        return None
    return tables["sources"]["exported_at"].max()

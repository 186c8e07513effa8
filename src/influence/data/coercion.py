"""Cells as they come, turned into the types of the schema; what cannot be turned is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pandas.api.types import pandas_dtype

from influence.data.problems import shown
from influence.geography import nearest_name, to_alpha2
from influence.schema import PANDAS_DTYPES, Column, Kind

DTYPES = {kind: pandas_dtype(name) for kind, name in PANDAS_DTYPES.items()}
_NOTHING = {kind: pd.Series([None], dtype=dtype).array for kind, dtype in DTYPES.items()}

MAX_CELL = 2**20
"""Characters that a cell may hold."""

PART = 2**20
"""Cells that are parsed at once."""

_HUGE = f"a cell of more than {MAX_CELL:,} characters"
_MISSING_WORDS = frozenset({"", "nan", "na", "n/a", "null", "none", "nat", "<na>"})
_FLAGS = {
    "true": True,
    "yes": True,
    "1": True,
    "1.0": True,
    "false": False,
    "no": False,
    "0": False,
    "0.0": False,
}
_ZONE = r":\d{2}[\d:.,]*\s*(Z|[+-]\d{2}(?::?\d{2})?)$"
_TIME_REMEDY = "Write times as 2026-01-31T08:00:00Z."


@dataclass(frozen=True)
class Fault:
    """Cells that a column cannot hold: `what` is wrong with those under `mask` (bool [n]), and the remedy."""

    what: str
    remedy: str
    mask: NDArray[np.bool_]


def coerce(values: pd.Series, column: Column) -> tuple[pd.Series, list[Fault]]:
    """A column in the type of the schema, and the faults of the cells that could not be turned.

    Faulty cells are NA in what comes back.  Empty text is missing.
    """
    if not values.notna().any():
        return nothing(column, values.index), []
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype("object")
    coerced, faults = _COERCERS.get(column.kind, _to_text)(values)
    dtype = DTYPES[column.kind]
    turned = coerced if coerced.dtype == dtype else coerced.astype(dtype)
    return turned, [fault for fault in faults if fault.mask.any()]


def nothing(column: Column, index: pd.Index) -> pd.Series:
    """A column in the type of the schema in which every cell is missing."""
    return pd.Series(_NOTHING[column.kind].repeat(len(index)), index)


def _to_text(values: pd.Series) -> tuple[pd.Series, list[Fault]]:
    text = _text(values)
    shortest, longest = _n_bytes(text)
    if shortest > 0 and longest <= MAX_CELL:  # as nearly always: bytes are no fewer than characters
        return text, []
    huge = (text.str.len() > MAX_CELL).to_numpy(np.bool_)
    return _without(text, (text == "") | huge), [Fault(f"holds {_HUGE}", "Shorten or drop it.", huge)]


def _to_country(values: pd.Series) -> tuple[pd.Series, list[Fault]]:
    text, faults = _to_text(values)
    found = to_alpha2(text)
    bad = (text.isin(list(found.unknown))).to_numpy(np.bool_)
    hints = " ".join(nearest_name(spelling) for spelling in list(found.unknown)[:3])
    remedy = f"{hints} Write a name or an ISO 3166-1 code: Germany, DE, DEU."
    return found.codes, [*faults, Fault(f"names no country ({_examples(text, bad)})", remedy, bad)]


def _n_bytes(text: pd.Series) -> tuple[int, int]:
    """Bytes of the shortest and of the longest cell, those that are missing not counted."""
    found = pc.min_max(pc.binary_length(pa.array(text))).as_py()
    return found["min"] or 0, found["max"] or 0


def _text(values: pd.Series) -> pd.Series:
    if values.dtype == DTYPES["text"]:
        return values
    # Ids read beside a missing value come as floats: 7.0 is the id "7".
    if pd.api.types.is_float_dtype(values.dtype) or values.dtype == object:
        values = values.astype("object").map(_plain, na_action="ignore")
    return values.astype("str")


def _plain(cell: object) -> str:
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    encoded = cell if isinstance(cell, bytes) else str(cell).encode("utf-8", "backslashreplace")
    return encoded.decode("utf-8", "backslashreplace")


def _words(values: pd.Series) -> pd.Series:
    """Cells as text; the usual words for a missing value are missing."""
    text = _text(values)
    if _n_bytes(text)[1] > MAX_CELL:
        text = text.mask(text.str.len() > MAX_CELL, _HUGE)
    text = text.str.strip()
    return _without(text, text.str.lower().isin(_MISSING_WORDS))


def _without(text: pd.Series, mask: pd.Series) -> pd.Series:
    """NA under the mask; where it names no cell, the same text and not a copy."""
    return text.mask(mask) if mask.any() else text


def _in_parts(text: pd.Series) -> Iterator[pd.Series]:
    """The cells a million at a time, for what makes an object of each of them."""
    return (text.iloc[begin : begin + PART] for begin in range(0, max(1, len(text)), PART))


def _to_time(values: pd.Series) -> tuple[pd.Series, list[Fault]]:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _as_utc(values), []
    if pd.api.types.is_numeric_dtype(values.dtype):
        what = "holds numbers where times belong"
        remedy = "Turn seconds since 1970 into times with pandas.to_datetime(..., unit='s', utc=True)."
        return pd.Series(pd.NaT, values.index, dtype="datetime64[us, UTC]"), [
            Fault(what, remedy, values.notna().to_numpy(np.bool_))
        ]
    text = _words(values)
    # pandas reads "now" and "today" as the present moment; no record may.
    wordy = text.notna() & ~text.str.contains(r"^\d", na=False)
    faults: list[Fault] = []
    try:
        if wordy.any():
            raise ValueError
        times = _parse(text)
    except (ValueError, OverflowError):
        times, faults = _parse_one_by_one(text, wordy)
    return times, faults


def _parse(text: pd.Series) -> pd.Series:
    """ISO 8601 text as UTC times.

    Raises
    ------
    ValueError
        If a cell is no time, or if they mix time zones.
    """
    parts = [pd.to_datetime(part, format="ISO8601") for part in _in_parts(text)]
    if len({str(part.dt.tz) for part in parts if part.notna().any()}) > 1:
        raise ValueError("mixed time zones")
    return pd.concat([_as_utc(part).dt.as_unit("us") for part in parts])


def _as_utc(times: pd.Series) -> pd.Series:
    """Times without a zone are taken as UTC."""
    return times.dt.tz_localize("UTC") if times.dt.tz is None else times.dt.tz_convert("UTC")


def _parse_one_by_one(text: pd.Series, wordy: pd.Series) -> tuple[pd.Series, list[Fault]]:
    times = pd.to_datetime(text.mask(wordy), format="ISO8601", utc=True, errors="coerce")
    parsed = times.notna()
    unparsable = (text.notna() & ~parsed).to_numpy(np.bool_)
    faults = [Fault(f"is not a time ({_examples(text, unparsable)})", _TIME_REMEDY, unparsable)]
    zones = (
        text[parsed].str.extract(_ZONE, expand=False).fillna("none").replace({"Z": "UTC", "+00:00": "UTC"})
    )
    if zones.nunique() > 1:
        usual = zones.mode().iloc[0]
        odd = np.zeros(len(text), dtype=np.bool_)
        odd[parsed.to_numpy()] = (zones != usual).to_numpy(np.bool_)
        others = ", ".join(sorted(set(zones) - {usual}))
        what = f"mixes time zones (most rows: {usual}; others: {others})"
        faults.append(Fault(what, "Convert all times to one zone, best UTC.", odd))
    return times, faults


def _to_number(values: pd.Series) -> tuple[pd.Series, list[Fault]]:
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_complex_dtype(values.dtype):
        numbers, bad = (
            values.astype("Float64").to_numpy(np.float64, na_value=np.nan),
            np.zeros(len(values), np.bool_),
        )
        text = values
    else:
        text = _words(values)
        parts = (pd.to_numeric(part, errors="coerce") for part in _in_parts(text))
        numbers = np.concatenate([part.to_numpy(np.float64, na_value=np.nan) for part in parts])
        bad = text.notna().to_numpy(np.bool_) & np.isnan(numbers)
    infinite = np.isinf(numbers)
    return pd.Series(np.where(infinite, np.nan, numbers), values.index), [
        Fault(f"is not a number ({_examples(text, bad)})", "Write 12.5, or leave it empty.", bad),
        Fault("is infinite", "Give a finite number, or leave it empty.", infinite),
    ]


def _to_integer(values: pd.Series) -> tuple[pd.Series, list[Fault]]:
    if pd.api.types.is_signed_integer_dtype(values.dtype):
        return values, []
    numbers, faults = _to_number(values)
    broken = numbers.notna().to_numpy() & ((numbers % 1 != 0) | (numbers.abs() >= 2**63)).to_numpy(np.bool_)
    fault = Fault(
        f"is not a whole number ({_examples(numbers, broken)})", "Round it, or leave it empty.", broken
    )
    return numbers.mask(broken), [*faults, fault]


def _to_flag(values: pd.Series) -> tuple[pd.Series, list[Fault]]:
    if pd.api.types.is_bool_dtype(values.dtype):
        return values, []
    text = _words(values)
    flags = text.str.lower().map(_FLAGS)
    bad = (text.notna() & flags.isna()).to_numpy(np.bool_)
    fault = Fault(f"is neither true nor false ({_examples(text, bad)})", "Write true or false.", bad)
    return flags.astype("boolean"), [fault]


def _examples(cells: pd.Series, mask: NDArray[np.bool_]) -> str:
    return ", ".join(map(shown, cells[mask].drop_duplicates().iloc[:3]))


_COERCERS: dict[Kind, Callable[[pd.Series], tuple[pd.Series, list[Fault]]]] = {
    "country": _to_country,
    "time": _to_time,
    "number": _to_number,
    "integer": _to_integer,
    "flag": _to_flag,
}

"""What a plan must keep to: its length, quotas, caps, and whom to leave alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from numbers import Integral
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from influence.errors import ConfigError, DataError, first_line, nearest
from influence.writing import restored, separator_of

ID_COLUMN = "contact_id"


@dataclass(frozen=True)
class Limits:
    """The limits of a plan.

    Raises
    ------
    ConfigError
        If a number is no whole number, or below what makes sense.
    """

    k: int = 20
    """Invitations in all, of all senders together."""
    weekly_quota: int | None = None
    """Invitations that each sender may send a week; without it, the whole plan is for one week."""
    per_recipient: int = 1
    """Invitations that a contact may have open from us at a time."""
    per_company: int | None = None
    """Invitations that the people of one company may have open from us at a time; without it, any number."""
    suppress: frozenset[str] = field(default=frozenset())
    """Ids of contacts that must not be invited."""

    def __post_init__(self) -> None:
        for name, least in (("k", 1), ("weekly_quota", 0), ("per_recipient", 1), ("per_company", 1)):
            value = getattr(self, name)
            if value is None and name in ("weekly_quota", "per_company"):
                continue
            if not isinstance(value, Integral) or value < least:
                raise ConfigError(f"{name} is {value!r}. Give a whole number, at least {least}.")


def read_ids(listed: Iterable[str] | str | Path) -> frozenset[str]:
    """Ids of contacts, given one by one or as the path of a file.

    Parameters
    ----------
    listed
        Ids, or the path of a CSV or Parquet file with a column `contact_id`, or of a text file with one id a
        line. Everything is read as text.

    Raises
    ------
    DataError
        If the file cannot be read, or lacks the column.
    """
    if not isinstance(listed, str | Path):
        return frozenset(str(one) for one in listed if not pd.isna(one))
    path = Path(listed)
    if not path.is_file():
        raise DataError(
            f"There is no file {str(path)!r}. Give the path of a list of ids, or the ids as a list."
        )
    try:
        column = _column(path)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(
            f"{path} cannot be read as a list of ids: {first_line(error)}. "
            "Write it as UTF-8: one id a line, or CSV or Parquet with a column contact_id."
        ) from error
    return frozenset(text for one in column if one is not None and (text := str(one).strip()))


def _column(path: Path) -> Iterable[str | None]:
    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet"):
        return path.read_text(encoding="utf-8-sig").splitlines()
    if kind == ".csv":
        rows = pd.read_csv(
            path, sep=separator_of(path), dtype="str", keep_default_na=False, encoding="utf-8-sig"
        )
        rows = restored(pa.Table.from_pandas(rows, preserve_index=False)).to_pandas()
    else:
        rows = pq.read_table(path).to_pandas()
    if ID_COLUMN not in rows.columns:
        raise DataError(
            f"{path} lacks the column {ID_COLUMN}. {nearest(ID_COLUMN, map(str, rows.columns))} "
            "A list without a header, one id a line, is a file that ends in .txt."
        )
    return list(rows[ID_COLUMN].dropna())

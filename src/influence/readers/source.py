"""What a reader is, and how it opens files: every broken file ends in an error that names it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
from numpy.typing import NDArray

from influence.data.problems import Problem
from influence.data.validation import raise_problems, set_rows_aside
from influence.errors import DataError
from influence.readers.config import ReadingConfig

LARGEST_RECORD = 64 * 2**20
"""Bytes of one CSV record; longer ones are refused by name."""

LATEST_S = pd.Timestamp("2200-01-01", tz="UTC").timestamp()
"""Larger numbers are no seconds since 1970, rather milliseconds."""


@dataclass(frozen=True)
class Records:
    """What a reader found: tables in the words of the schema, and what to tell about them."""

    tables: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...] = ()
    exported_at: pd.Timestamp | None = None
    """When the source was taken, where it tells."""


@dataclass(frozen=True)
class Reader:
    """One kind of source.

    Attributes
    ----------
    name : how `read(..., reader=name)` asks for it
    looks_for : what a folder or file must hold, completing "... looks for ..."
    recognises : whether a folder or file holds it, judged by names and headers alone
    read : the tables; source rows at fault go through the sieve
    personal : whether its ids name people, and are replaced by pseudonyms
    pool : reads several sources of this kind as one, where they know more together than each alone
    """

    name: str
    looks_for: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path, Sieve], Records]
    personal: bool = False
    pool: Callable[[Sequence[Path], Sieve], Records] | None = None


@dataclass
class Sieve:
    """Keeps the rows at fault of a source's own files, to be told all at once or set aside.

    Attributes
    ----------
    folder : where rows at fault are listed, as `source/<file>`; None: they are an error
    config : what was asked of reading
    """

    folder: Path | None = None
    config: ReadingConfig = field(default_factory=ReadingConfig)
    found: dict[str, tuple[pd.DataFrame, list[Problem]]] = field(default_factory=dict)

    def keep(
        self,
        file: str,
        rows: pd.DataFrame,
        faults: Sequence[tuple[str, str, str, pd.Series]],
        may_be_empty: bool = False,
    ) -> pd.DataFrame:
        """The rows of `file` without any of the `faults`: (column, what, remedy, boolean mask).

        Raises
        ------
        DataError
            If no row is left, unless the file `may_be_empty`.
        """
        problems, sound = [], np.ones(len(rows), dtype=np.bool_)
        for column, what, remedy, mask in faults:
            broken = mask.to_numpy(np.bool_)
            if broken.any():
                problems.append(Problem(file, column, what, remedy, np.flatnonzero(broken)))
                sound &= ~broken
        if not sound.any() and not may_be_empty:
            raise_problems(problems or [Problem(file, "", "holds no rows", "Export it again.")])
        if problems:
            self.found[file] = (rows, problems)
        return rows[sound]

    def finish(self) -> tuple[str, ...]:
        """Set the rows aside and say so.

        Raises
        ------
        DataError
            Listing all of them, where there is no folder to set them aside in.
        """
        problems = [problem for _, of_file in self.found.values() for problem in of_file]
        if not problems:
            return ()
        if self.folder is None:
            raise_problems(problems)
        return tuple(
            note
            for file, (rows, of_file) in self.found.items()
            for note in set_rows_aside(rows, of_file, self.folder / "source" / file)
        )


def header(path: Path) -> tuple[str, ...]:
    """The first line of a CSV file, cell by cell; empty where there is none."""
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        return tuple(next(csv.reader([lines.readline(2**16)]), ()))


def read_csv(path: Path, names: Sequence[str] | None = None) -> pd.DataFrame:
    """A CSV file as text, cell by cell; a missing cell is the empty string.

    `names` are the columns of a file without a header.

    Raises
    ------
    DataError
        If the file is empty, not UTF-8, or its lines differ in their number of cells.
    """
    columns = list(names or header(path))
    if not any(columns):
        raise DataError(f"{path.name} is empty. Export it again, or remove it.")
    try:
        table = pa_csv.read_csv(
            path,
            read_options=pa_csv.ReadOptions(column_names=names, block_size=LARGEST_RECORD, use_threads=False),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{path.name} cannot be read: {csv_reason(str(error))}") from error
    return table.to_pandas()


def csv_reason(message: str) -> str:
    """What the parser found wrong with a file, in plain words, and the remedy."""
    if "UTF8" in message:
        return "it is not UTF-8. Save it as UTF-8."
    if "straddling" in message:
        return f"a record is longer than {LARGEST_RECORD:,} bytes. A quotation mark may be left open."
    reason = message.splitlines()[0].strip()[:200].removeprefix("CSV parse error: ")
    return f"{reason}. Export it again; cells that hold commas need quotation marks."


def read_parquet(path: Path) -> pd.DataFrame:
    """A Parquet file.

    Raises
    ------
    DataError
        If the file is truncated, corrupt, or no Parquet at all.
    """
    try:
        rows = pa_parquet.ParquetFile(path).read().to_pandas()
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0].strip().rstrip(".")[:200] if str(error) else "unknown"
        raise DataError(
            f"{path.name} cannot be read as Parquet ({reason}). It may be truncated: export it again."
        ) from error
    return rows.reset_index() if any(name is not None for name in rows.index.names) else rows


def numbers(cells: pd.Series) -> NDArray[np.float64]:
    """Text cells as finite numbers; NaN where they are none."""
    values = pd.to_numeric(cells.str.strip(), errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def seconds(cells: pd.Series) -> pd.Series:
    """Text cells as seconds since 1970 (or since the first event); NaN where they cannot be that."""
    values = pd.Series(numbers(cells))
    return values.where(values.between(0, LATEST_S))


def unix_times(seconds: NDArray[np.float64]) -> pd.Series:
    """Seconds since 1970, fractions allowed, as UTC times in microseconds."""
    return pd.Series(pd.to_datetime(np.round(seconds * 1e6).astype(np.int64), unit="us", utc=True)).astype(
        "datetime64[us, UTC]"
    )


def numbered(names: pd.Series) -> pd.Series:
    """Names made unique: equal ones get `#2`, `#3`, ... in the order given."""
    count = names.groupby(names).cumcount() + 1
    return names.where(count == 1, names + "#" + count.astype("str"))

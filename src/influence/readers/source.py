"""What a reader is, and how it opens files: every broken file ends in an error that names it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
from numpy.typing import NDArray

from influence.data.checks import EARLIEST
from influence.data.problems import Problem
from influence.data.validation import raise_problems, set_rows_aside
from influence.errors import DataError, first_line
from influence.progress import Tell, silent
from influence.readers.config import ReadingConfig

LARGEST_RECORD = 64 * 2**20
"""Bytes of one CSV record; longer ones are refused by name."""

LONGEST_HEADER, MOST_COLUMNS = 2**16, 2_000
"""Bytes of the first line of a CSV file, and the cells in it."""

LATEST_S = pd.Timestamp("2200-01-01", tz="UTC").timestamp()
"""Larger numbers are no seconds since 1970, rather milliseconds."""
ZERO = pd.Timestamp("2000-01-01", tz="UTC")
"""What stands for the 0 of a source that counts from a beginning of its own."""


@dataclass(frozen=True)
class Records:
    """What a reader found: tables in the words of the schema, and what to tell about them."""

    tables: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...] = ()
    exported_at: pd.Timestamp | None = None
    """When the source was taken, where it tells."""
    of_acceptors: tuple[str, ...] = ()
    """Kinds of identities that it tells of those who accepted, and of nobody else."""


@dataclass(frozen=True)
class Reader:
    """One kind of source.

    Attributes
    ----------
    name : how `read(..., reader=name)` asks for it
    looks_for : what a folder or file must hold, completing "... looks for ..."
    recognises : whether a folder or file holds it, judged by names and headers alone
    read : the tables at a path, or of the database at an address; source rows at fault go through the sieve
    personal : whether its ids name people, and are replaced by pseudonyms
    pool : reads several sources of this kind as one, where they know more together than each alone
    shares_folder : reads its own files of a folder only, so that others may read theirs beside them
    """

    name: str
    looks_for: str
    recognises: Callable[[Path], bool]
    read: Callable[[Any, Sieve], Records]
    personal: bool = False
    pool: Callable[[Sequence[Any], Sieve], Records] | None = None
    shares_folder: bool = False


@dataclass
class Sieve:
    """Keeps the rows at fault of a source's own files, to be told all at once or set aside.

    Attributes
    ----------
    folder : where rows at fault are listed, as `source/<file>`; None: they are an error
    config : what was asked of reading
    tell : hears which of the files is being read
    """

    folder: Path | None = None
    config: ReadingConfig = field(default_factory=ReadingConfig)
    tell: Tell = silent
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
    """The first line of a CSV file, cell by cell; empty where there is none.

    Of a line longer than `LONGEST_HEADER` only the beginning is looked at.
    """
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        return tuple(next(csv.reader([lines.readline(LONGEST_HEADER)]), ()))


def read_csv(
    path: Path,
    names: Sequence[str] | None = None,
    empty_is_missing: bool = False,
    *,
    delimiter: str = ",",
    n_before: int = 0,
) -> pd.DataFrame:
    """A CSV file as text, cell by cell; an empty cell is the empty string, or NA where `empty_is_missing`.

    `names` are the columns of a file without a header, whose first `n_before` lines are passed over.

    Raises
    ------
    DataError
        If the file is empty, not UTF-8, its lines differ in their number of cells, a column stands there
        twice, or a line, a cell or the number of columns is beyond what tables have.
    """
    columns = list(names or _columns(path))
    form = _CsvForm(names, empty_is_missing, delimiter, n_before)
    try:
        table = form.parse(path, columns)
        if not set(table.column_names) <= set(columns):
            # Where quotation marks or line ends stand in names, the first line is not the whole header.
            table = form.parse(path, table.column_names)
    except (pa.ArrowInvalid, OSError, UnicodeDecodeError) as error:
        if names is not None and n_before and "Empty CSV" in str(error):
            return pd.DataFrame(columns=columns, dtype="str")
        raise DataError(f"{path.name} cannot be read: {csv_reason(str(error))}") from error
    return table.to_pandas(split_blocks=True, self_destruct=True)


def _columns(path: Path) -> tuple[str, ...]:
    """The header, looked at before Arrow makes a column of each of its cells."""
    with path.open("rb") as lines:
        too_long = len(lines.readline(LONGEST_HEADER + 1)) > LONGEST_HEADER
    columns = header(path)
    if too_long or len(columns) > MOST_COLUMNS:
        remedy = "Leave out what is not needed, or see whether it is a table at all."
        raise DataError(
            f"{path.name} cannot be read: its first line holds more than {LONGEST_HEADER:,} bytes "
            f"or {MOST_COLUMNS:,} columns. {remedy}"
        )
    if not any(columns):
        raise DataError(f"{path.name} is empty. Export it again, or remove it.")
    twice = next((name for name, count in Counter(columns).items() if name and count > 1), None)
    if twice is not None:
        raise DataError(
            f"{path.name} cannot be read: the column {twice!r:.100} stands there twice. Keep one."
        )
    return columns


@dataclass(frozen=True)
class _CsvForm:
    """How a CSV file is laid out; see `read_csv`."""

    names: Sequence[str] | None
    empty_is_missing: bool
    delimiter: str
    n_before: int

    def parse(self, path: Path, columns: Sequence[str]) -> pa.Table:
        """The cells of the columns as text."""
        return pa_csv.read_csv(
            path,
            read_options=pa_csv.ReadOptions(
                column_names=self.names,
                block_size=LARGEST_RECORD,
                use_threads=False,
                skip_rows=self.n_before,
            ),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True, delimiter=self.delimiter),
            convert_options=pa_csv.ConvertOptions(
                # What pandas holds text as: anything else would be converted, at the peak of memory.
                column_types=dict.fromkeys(columns, pa.large_string()),
                strings_can_be_null=self.empty_is_missing,
                null_values=[""],
            ),
        )


def csv_reason(message: str) -> str:
    """What the parser found wrong with a file, in plain words, and the remedy."""
    if "UTF8" in message or "utf-8" in message:
        return "it is not UTF-8. Save it as UTF-8."
    if "straddling" in message:
        return f"a record is longer than {LARGEST_RECORD:,} bytes. A quotation mark may be left open."
    reason = first_line(message).removeprefix("CSV parse error: ")
    return f"{reason}. Export it again; cells that hold commas need quotation marks."


_BROKEN_METADATA = (KeyError, TypeError, AttributeError, IndexError)
"""What pandas raises on what a file says of its own columns."""


def read_parquet(path: Path) -> pd.DataFrame:
    """A Parquet file.

    Raises
    ------
    DataError
        If the file is truncated, corrupt, or no Parquet at all, or if its text is not UTF-8.
    """
    try:
        table = pa_parquet.ParquetFile(path).read()
        table.validate(full=True)
        rows = table.to_pandas()
    except (pa.ArrowException, OSError, ValueError, *_BROKEN_METADATA) as error:
        told = f"{path.name} cannot be read as Parquet ({first_line(error)})."
        raise DataError(f"{told} It may be truncated: export it again.") from error
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


def times_since(seconds: NDArray[np.float64]) -> tuple[pd.Series, bool]:
    """Seconds as UTC times, and whether their 0 is no year 1970 but unknown, so that `ZERO` stands for it.

    It is where all of them would lie before the earliest moment that records may hold.
    """
    is_relative = bool(seconds.max() < EARLIEST.timestamp())
    return unix_times(seconds + ZERO.timestamp() if is_relative else seconds), is_relative


def numbered(names: pd.Series) -> pd.Series:
    """Names made unique: equal ones get `#2`, `#3`, ... in the order given."""
    count = names.groupby(names).cumcount() + 1
    return names.where(count == 1, names + "#" + count.astype("str"))

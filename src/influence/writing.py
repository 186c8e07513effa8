"""Rows into files: Parquet, and CSV that no spreadsheet takes for formulas; whole or not at all.

A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a line break, and whoever fills in a
form may have put it there (OWASP, "CSV Injection").  In CSV such a cell of text gets an apostrophe in front,
one more where it has some already, and so do names of columns; `restored` takes it away again, so that
nothing is lost.  Numbers stay numbers, also in columns of text: `-5` computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from influence.errors import ConfigError, DataError, first_line
from influence.files import atomic

FORMATS = (".parquet", ".csv")

SEPARATOR = "|"
"""What stands between several values of one cell in CSV."""

SPREADSHEETS = {",": ".", ";": ","}
"""Separator of cells -> the decimal sign beside it: a spreadsheet has both from the country it is set to."""

ROW_GROUP_ROWS = 65_536
"""Rows that a group of Parquet holds at least, but the last: smaller ones read slowly."""

# The full-width twins are what some spreadsheets of East Asia take for the same signs.
_FORMULA = r"'*[=+\-@\t\r\n＝＋－＠]"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def check_format(path: Path) -> None:
    """See that the ending of a name tells a known format.

    Raises
    ------
    ConfigError
        If it does not.
    """
    if path.suffix.lower() not in FORMATS:
        raise ConfigError(f"{str(path)!r}: unknown format. Use a name that ends in .parquet or .csv.")


def write_table(rows: pd.DataFrame, target: str | Path) -> None:
    """Write rows as Parquet or CSV, by the ending of the name; whole or not at all."""
    target = Path(target)
    check_format(target)
    with atomic(target) as temporary, row_writer(temporary) as write:
        write(rows)


def write_list(rows: pd.DataFrame, target: str | Path, separator: str = ",") -> None:
    """Write rows for people: as CSV that a spreadsheet opens as a table, or as Parquet; whole or not at all.

    A byte order mark says that the letters are UTF-8.  Cells and decimals are separated as spreadsheets of
    the country expect, moments are UTC without saying so in every cell; `read_table` reads either form.

    Parameters
    ----------
    separator
        A key of `SPREADSHEETS`: a comma, or the semicolon of French, German and most of Europe's.

    Raises
    ------
    ConfigError
        If there is no such separator, or the ending of the name is unknown.
    """
    target = Path(target)
    check_format(target)
    if separator not in SPREADSHEETS:
        raise ConfigError(f"The separator is {separator!r}. Give ',' or ';'.")
    if target.suffix.lower() == ".parquet":
        write_table(rows, target)
        return
    safe = defused(table_of(rows))
    cells = safe.to_pandas(integer_object_nulls=True)
    local = {
        name: moments.dt.tz_localize(None) for name, moments in cells.select_dtypes("datetimetz").items()
    }
    dialect = {"sep": separator, "decimal": SPREADSHEETS[separator]}
    with atomic(target) as temporary:
        cells.assign(**local).to_csv(temporary, index=False, encoding="utf-8-sig", **dialect)


def read_table(source: str | Path, ids: Sequence[str] = ()) -> pd.DataFrame:
    """Rows of Parquet or CSV, by the ending of the name: the inverse of `write_table` and `write_list`.

    In CSV the columns `ids` are text, whatever they look like; types of the others are told by their cells.

    Raises
    ------
    ConfigError, DataError
        If the format is not known, or the file cannot be read.
    """
    source = Path(source)
    check_format(source)
    if not source.is_file():
        raise DataError(f"There is no file {str(source)!r}. Check the path.")
    try:
        if source.suffix.lower() == ".parquet":
            return pyarrow.parquet.read_table(source).to_pandas()
        separator = separator_of(source)
        read = pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=True)
        as_written = pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(ids, pa.string()), decimal_point=SPREADSHEETS[separator]
        )
        table = pyarrow.csv.read_csv(source, parse_options=read, convert_options=as_written)
        return restored(table).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{source} cannot be read: {first_line(error)}. Write it again.") from error


def separator_of(path: Path) -> str:
    """What stands between the cells of CSV by its first line: a comma, or a spreadsheet's semicolon."""
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        header = lines.readline()
    return ";" if ";" in header and "," not in header else ","


def as_text(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as they came, such that they can be written: mixed columns as text, no column's name twice."""
    columns = [
        cells.map(_text, na_action="ignore").astype("str") if cells.dtype == object else cells
        for _, cells in rows.items()
    ]
    return pd.concat(columns, axis="columns", keys=_each_once(rows.columns.map(str))) if columns else rows


def _each_once(names: Iterable[str]) -> list[str]:
    """The names in their order, one that stood before as `name#2`, `name#3`, ..."""
    found: dict[str, None] = {}
    for name in names:
        own, count = name, 1
        while own in found:
            count += 1
            own = f"{name}#{count}"
        found[own] = None
    return list(found)


def _text(cell: object) -> str:
    return str(cell).encode("utf-8", "backslashreplace").decode("utf-8")


@contextmanager
def row_writer(
    path: Path, *, kind: str | None = None, schema: pa.Schema | None = None
) -> Iterator[Callable[[pd.DataFrame], None]]:
    """A function that appends a frame to the file; what is written goes on while the next frame is made.

    Parameters
    ----------
    kind
        .parquet or .csv, where the name does not tell.
    schema
        The columns' types; by default the first frame fixes them.
    """
    is_parquet = (kind or path.suffix.lower()) == ".parquet"
    sink: pyarrow.parquet.ParquetWriter | pyarrow.csv.CSVWriter | None = None
    held: list[pa.Table] = []
    written: Future[None] | None = None

    def flush() -> None:
        nonlocal sink, written
        table = pa.concat_tables(held)
        held.clear()
        if written is not None:
            written.result()
        if sink is None:
            sink = _sink(path, table.schema, is_parquet)
        written = beside.submit(sink.write_table, table)

    def write(frame: pd.DataFrame) -> None:
        nonlocal schema
        table = table_of(frame, schema)
        schema = table.schema
        held.append(table if is_parquet else defused(table))
        if not is_parquet or sum(map(len, held)) >= ROW_GROUP_ROWS:
            flush()

    with ThreadPoolExecutor(1) as beside:
        try:
            yield write
            if held:
                flush()
            if written is not None:
                written.result()
        finally:
            beside.shutdown()
            if sink is not None:
                sink.close()


def _sink(
    path: Path, schema: pa.Schema, is_parquet: bool
) -> pyarrow.parquet.ParquetWriter | pyarrow.csv.CSVWriter:
    if is_parquet:
        # Measured numbers hardly repeat: a dictionary of them would be made, grow too large and be left.
        repeat = [field.name for field in schema if not pa.types.is_floating(field.type)]
        return pyarrow.parquet.ParquetWriter(path, schema, use_dictionary=repeat)
    return pyarrow.csv.CSVWriter(path, schema, write_options=pyarrow.csv.WriteOptions(quoting_style="needed"))


def table_of(frame: pd.DataFrame, schema: pa.Schema | None = None) -> pa.Table:
    """The rows as Arrow's, of the frame's own types (`schema_of`) where no others are given.

    Types of pandas come along for who reads them back, unless pandas would not understand their names: it
    stops at those of lists, maps, dictionaries and the like, instead of taking the columns as they are.
    """
    table = pa.Table.from_pandas(frame, schema_of(frame) if schema is None else schema, preserve_index=False)
    try:
        for column in table.schema.pandas_metadata["columns"]:
            pd.api.types.pandas_dtype(column["numpy_type"])
    except (TypeError, NotImplementedError):
        return table.replace_schema_metadata()
    return table


def schema_of(frame: pd.DataFrame) -> pa.Schema:
    """The frame's types; a column without a value in the first chunk is taken as text."""
    found = pa.Schema.from_pandas(frame, preserve_index=False).remove_metadata()
    return pa.schema(
        [pa.field(field.name, pa.string() if pa.types.is_null(field.type) else field.type) for field in found]
    )


def defused(table: pa.Table) -> pa.Table:
    """The table as CSV may hold it: cells of text, and names, that would be formulas have an apostrophe."""
    return _with_texts(table, "^" + _FORMULA, lambda cells: pc.binary_join_element_wise("'", cells, ""))


def restored(table: pa.Table) -> pa.Table:
    """The inverse of `defused`."""
    return _with_texts(table, "^'" + _FORMULA, lambda cells: pc.utf8_slice_codeunits(cells, 1))


def _with_texts(table: pa.Table, pattern: str, changed: Callable[[pa.Array], pa.Array]) -> pa.Table:
    """The table with its texts, and the names of its columns, changed where they match the pattern."""

    def mended(cells: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
        asked = pc.match_substring_regex(cells, pattern)
        if not pc.any(asked, min_count=0).as_py():
            return cells
        asked = pc.and_(asked, pc.invert(pc.match_substring_regex(cells, _NUMBER)))
        return pc.if_else(asked, changed(cells), cells)

    columns = [
        mended(cells) if pa.types.is_string(cells.type) else cells for cells in map(_flat, table.columns)
    ]
    return pa.Table.from_arrays(columns, names=mended(pa.array(table.column_names, pa.string())).to_pylist())


def _flat(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts of every kind as one type; several values of one cell as one text."""
    kind = cells.type
    if pa.types.is_dictionary(kind):
        return _flat(cells.cast(kind.value_type))
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return cells.cast(pa.string())
    if pa.types.is_list(kind):
        return pc.binary_join(cells.cast(pa.list_(pa.string())), SEPARATOR)
    return cells

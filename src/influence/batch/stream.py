"""A stream of rows asked about: consecutive chunks, whatever they come from and wherever they go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pandas as pd
import pyarrow as pa

from influence.errors import ConfigError, DataError, columns_named, counted, nearest

CHUNK_ROWS = 65_536
EXPLAINED_ROWS = 256
"""Rows explained between two reports of progress; an explanation takes as long as a thousand scores."""


Answers = Iterator[tuple[int, pd.DataFrame]]
"""Rows of the input answered so far, and the latest of them with the answers beside them."""


class Predictor(Protocol):
    """What scoring needs of a model."""

    def predict(self, task: str, pairs: pd.DataFrame, at: str | pd.Timestamp | None = None) -> pd.DataFrame:
        """One row of answers per row of `pairs`, in their order."""
        ...


@dataclass(frozen=True)
class Chunk:
    """Consecutive rows of the input."""

    rows: pd.DataFrame
    first_row: int
    """Position of the first row in the input, counted from 0."""
    total: int
    """Rows of the whole input."""

    @property
    def done(self) -> int:
        """Rows of the input up to the end of this chunk."""
        return self.first_row + len(self.rows)


def ids_of(task: str) -> tuple[str, ...]:
    """The columns that rows asked about must hold.

    Raises
    ------
    ConfigError
        If there is no such task.
    """
    from influence.tasks import TASKS  # with all that answers them: too heavy for a look at a path

    if task not in TASKS:
        raise ConfigError(f"There is no task {task!r}. {nearest(task, TASKS)}")
    return TASKS[task].ID_COLUMNS


def explained(model: Predictor, task: str, rows: pd.DataFrame, at: str | pd.Timestamp | None) -> pd.DataFrame:
    """The rows with the reasons behind them.

    Raises
    ------
    ConfigError
        If the model gives none.
    """
    if not hasattr(model, "explain"):
        raise ConfigError("This model gives no reasons. Leave out --explain.")
    return beside(rows, model.explain(task, rows, at=at), ids_of(task))


def stamped(model: object, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with a mark on those to be left alone, and with what they are traced back by.

    A model that knows of no list, or of no version, gives neither.
    """
    if (mark := getattr(model, "mark_suppressed", None)) is not None:
        rows = mark(rows)
    if (version := getattr(model, "version", None)) is None:
        return rows
    until = pd.Series(getattr(model, "data_until", None), rows.index, dtype="datetime64[us, UTC]")
    stamps = {"model_version": pd.Series(version, rows.index, dtype="str"), "data_until": until}
    return beside(rows, pd.DataFrame(stamps), ())


def beside(rows: pd.DataFrame, answers: pd.DataFrame, ids: tuple[str, ...]) -> pd.DataFrame:
    """The rows, then the answers' columns but the ids; what the rows had under the same names gives way."""
    fresh = answers[[name for name in answers.columns if name not in ids]]
    kept = rows[[name for name in rows.columns if name not in fresh.columns]]
    return pd.concat([kept.reset_index(drop=True), fresh.reset_index(drop=True)], axis="columns")


def check_columns(names: list[str], source: object, ids: tuple[str, ...]) -> None:
    """See that the columns asked for are there, and none twice.

    Raises
    ------
    DataError
        If not.
    """
    if missing := [name for name in ids if name not in names]:
        found = ", ".join(names[:20])
        raise DataError(
            f"{source} lacks the {columns_named(missing)}. Found: {found}. Rename one, or add it."
        )
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"{source} has the column {', '.join(twice)} more than once. Keep one.")


def as_frame(table: pa.Table | pa.RecordBatch, ids: tuple[str, ...]) -> pd.DataFrame:
    """The rows, the columns `ids` as text; whole numbers and truth values keep their types despite gaps."""
    rows = table.to_pandas(ignore_metadata=True, types_mapper=_exact)
    return rows.assign(**{name: rows[name].astype("str") for name in ids})


def _exact(kind: pa.DataType) -> pd.api.extensions.ExtensionDtype | None:
    """How pandas holds a column so that it comes out as it went in, gaps included; None: as it likes to."""
    if pa.types.is_integer(kind):
        name = str(kind)
        return pd.api.types.pandas_dtype(name.replace("int", "Int").replace("uI", "UI"))  # type: ignore[return-value]
    if pa.types.is_boolean(kind):
        return pd.BooleanDtype()
    plain = pa.types.is_floating(kind) or pa.types.is_timestamp(kind) or pa.types.is_null(kind)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return None if plain or text else pd.ArrowDtype(kind)


def check_cells(
    chunk: Chunk, source: object, ids: tuple[str, ...], at: str | pd.Timestamp | None = None
) -> None:
    """See that no id is empty, and that moments and notes are understood where there are any.

    Raises
    ------
    DataError
        Naming the rows, counted from 1.
    """
    for name in ids:
        cells = chunk.rows[name]
        empty = (cells.isna() | (cells.str.strip() == "")).to_numpy().nonzero()[0]
        if len(empty):
            rows = ", ".join(str(chunk.first_row + position + 1) for position in empty[:10])
            raise DataError(
                f"{source}: {name} is empty in {counted(len(empty), 'row')} ({rows}). Fill or drop them."
            )
    from influence.data import to_utc
    from influence.prediction.asking import notes, times  # too heavy for a look at a path

    try:
        if "sent_at" in chunk.rows:
            times(chunk.rows["sent_at"], None if at is None else to_utc(at), chunk.first_row)
        if "has_note" in chunk.rows:
            notes(chunk.rows["has_note"], chunk.first_row)
    except DataError as error:
        raise DataError(f"{source}: {error}") from error

"""Scoring as a plain stream: chunk in, chunk out, memory bounded, order kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from influence.addresses import Place, checked, is_address
from influence.batch import databases, files, score_table
from influence.batch.databases import ASKED, TableAddress
from influence.batch.stream import (
    CHUNK_ROWS,
    EXPLAINED_ROWS,
    Predictor,
    beside,
    check_ids,
    cut,
    explained,
    ids_of,
)
from influence.errors import ConfigError, DataError
from influence.files import atomic
from influence.writing import check_format, row_writer


@dataclass(frozen=True)
class Sink:
    """Where answers go."""

    write: Callable[[pd.DataFrame], None]
    """Takes rows and the answers beside them."""
    done: int = 0
    """Rows of the input that an earlier attempt has answered."""
    takes_all: bool = True
    """Whether it takes columns that neither ask nor answer, too."""


def score(
    model: Predictor,
    source: Place,
    target: Place,
    *,
    task: str = "acceptance",
    at: str | pd.Timestamp | None = None,
    explain: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
    chunk_rows: int = CHUNK_ROWS,
) -> int:
    """Score every row of `source` into `target`.

    A file appears only when all rows are done; it holds the input's columns, then the model's, which take
    the place of those of the same name, in the input's order.  A table of a database takes a chunk at a
    time, by ids and moment; an attempt that was cut off goes on after the last chunk that it had committed.
    The numbers are those that `Model.predict` gives.

    Parameters
    ----------
    source, target
        Parquet or CSV, by the ending of the name, or `ADDRESS#table`.  Needed columns: sender_id and
        recipient_id, for leadership contact_id, for partners source_id and target_id.
    at
        The moment to predict for; only what was visible strictly before it is used.
    explain
        Whether the columns of `Model.explain` follow.
    progress
        Called with a description, the work done and the whole of it.
    chunk_rows
        Rows held in memory, and committed, at once (CSV is cut by bytes).

    Returns
    -------
    int
        The number of rows scored, those of earlier attempts included.

    Raises
    ------
    DataError
        If the input cannot be read, lacks a column, holds an empty id, or has no rows; or if a database
        cannot be reached, refuses, or is lost midway.
    ConfigError
        If a format is not known, the output cannot be written, or a table has no moment to keep scores by.
    """
    check_paths(source, target)
    ids, n_rows = ids_of(task), 0
    asked = {"task": task, "at": at, "explain": explain}
    with (
        _asked(source, task, ids) as path,
        _sink(model, path, target, ids, asked) as sink,
    ):
        chunks = files.chunks(path, chunk_rows, ids)
        for chunk in cut(chunks, EXPLAINED_ROWS) if explain else chunks:
            check_ids(chunk, source, ids)
            new = chunk.rows.iloc[max(0, sink.done - chunk.first_row) :]
            if not sink.takes_all:
                new = new[[name for name in new.columns if name in (*ids, *(c.name for c in ASKED[task]))]]
            if len(new):
                rows = _marked(model, beside(new, model.predict(task, new, at=at), ids))
                sink.write(explained(model, task, rows, at) if explain else rows)
            n_rows += len(chunk.rows)
            if progress is not None:
                progress("scoring", chunk.done, chunk.total)
        if n_rows == 0:
            raise DataError(f"{source} holds no rows. Give at least one with {' and '.join(ids)}.")
    return n_rows


def _marked(model: Predictor, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with a mark on those to be left alone, where the model knows of any list."""
    mark = getattr(model, "mark_suppressed", None)
    return rows if mark is None else mark(rows)


@contextmanager
def _asked(source: Place, task: str, ids: tuple[str, ...]) -> Iterator[Path]:
    """The file of the rows asked about; of a table, a copy."""
    if not is_address(source):
        yield Path(source)
        return
    with databases.as_file(TableAddress.of(str(source)), task, ids) as path:
        yield path


@contextmanager
def _sink(
    model: Predictor, source: Path, target: Place, ids: tuple[str, ...], asked: dict[str, Any]
) -> Iterator[Sink]:
    if not is_address(target):
        with atomic(target) as temporary, row_writer(temporary) as write:
            yield Sink(write)
        return
    place = TableAddress.of(str(target))
    run = databases.run_digest(model, source, place, **asked)
    with score_table.scores(place, run, ids, asked["at"]) as table:
        yield Sink(table.write, table.done, takes_all=False)


def check_paths(source: Place, target: Place) -> None:
    """See that input and output can be meant, before anything costly happens.

    Raises
    ------
    ConfigError, DataError
        As `score` does.
    """
    if is_address(target):
        TableAddress.of(checked(str(target)))
    else:
        check_format(Path(target))
    if is_address(source):
        TableAddress.of(checked(str(source)))
        same = source == target
    else:
        source, target = Path(source), target if is_address(target) else Path(target)
        check_format(source)
        if not source.is_file():
            raise DataError(f"There is no file {str(source)!r}. Check the path of the input.")
        same = isinstance(target, Path) and target.exists() and source.samefile(target)
    if same:
        raise ConfigError(f"{str(source)!r} is input and output at once. Name another output.")

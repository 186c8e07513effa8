"""Scoring as a plain stream: chunk in, chunk out, memory bounded, order kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from influence.addresses import Place, is_address
from influence.batch import databases, files, score_table
from influence.batch.databases import TableAddress
from influence.batch.files import Asked
from influence.batch.parts import EXPLAINED_PARTITION_ROWS, PARTITION_ROWS, parts_in
from influence.batch.places import check_paths, is_folder
from influence.batch.runs import run_of
from influence.batch.stream import (
    CHUNK_ROWS,
    EXPLAINED_ROWS,
    Answers,
    Predictor,
    beside,
    explained,
    ids_of,
    stamped,
)
from influence.data import to_utc
from influence.errors import ConfigError
from influence.files import atomic, unwritable
from influence.progress import Tell
from influence.tasks import TASKS
from influence.writing import row_writer


class Sink(Protocol):
    """Where answers go."""

    @property
    def done(self) -> int:
        """Rows of the input that an earlier attempt has answered."""
        ...

    @property
    def taken_out(self) -> int:
        """Rows answered by an earlier attempt that are no longer there, since somebody was forgotten."""
        ...

    @property
    def part_rows(self) -> int | None:
        """Chunks end at every multiple of so many rows, where that matters."""
        ...

    @property
    def takes_all(self) -> bool:
        """Whether it takes columns that neither ask nor answer, too."""
        ...

    def take(self, answers: Answers) -> None:
        """Write all that come; whole once it returns."""
        ...


@dataclass(frozen=True)
class FileSink:
    """A file that appears once it is whole."""

    path: Path
    done: int = 0
    taken_out: int = 0
    part_rows: None = None
    takes_all: bool = True

    def take(self, answers: Answers) -> None:
        """Write all rows."""
        with atomic(self.path) as temporary, row_writer(temporary) as write:
            for _, rows in answers:
                write(rows)


def score(
    model: Predictor,
    source: Place,
    target: Place,
    *,
    task: str = "acceptance",
    at: str | pd.Timestamp | None = None,
    explain: bool = False,
    progress: Tell | None = None,
    chunk_rows: int = CHUNK_ROWS,
    partition_rows: int | None = None,
) -> int:
    """Score every row of `source` into `target`.

    The answers hold the input's columns, then the model's, which take the place of those of the same name,
    in the input's order, then `model_version` and `data_until`.  A file appears only when all rows are done.
    A folder fills part by part, and a table of a database chunk by chunk (by ids and moment); an attempt
    that was cut off at any moment goes on after what it had finished.  The numbers are those that
    `Model.predict` gives.

    Parameters
    ----------
    model
        A loaded one.
    source
        Parquet or CSV, by the ending of the name, a folder of either, a pattern such as `pairs/*.parquet`,
        or `ADDRESS#table`.  Needed columns: sender_id and recipient_id, for leadership contact_id, for
        partners source_id and target_id.
    target
        Parquet or CSV, by the ending of the name, `ADDRESS#table`, or a folder: a name without ending,
        one that ends in /, or one that is there.
    at
        The moment to predict for; only what was visible strictly before it is used.
    explain
        Whether the columns of `Model.explain` follow.
    progress
        Called with a description, the rows done and those in all; first with those done by earlier attempts.
    chunk_rows
        Rows held in memory, and committed to a database, at once.
    partition_rows
        Rows of each part in a folder; by default 1,048,576, explained 16,384.

    Returns
    -------
    int
        The number of rows scored, those of earlier attempts included as far as they are still there:
        `influence forget` may have taken some out.

    Raises
    ------
    DataError
        If the input cannot be read, lacks a column, holds an empty id, has no rows, or is altered meanwhile;
        if finished parts were altered; or if a database cannot be reached, refuses, or is lost midway.
    ConfigError
        If a format is not known, the output cannot be written or holds something else, or a table has no
        moment to keep scores by, or `model` is only the place of one.
    """
    if isinstance(model, str | Path):
        raise ConfigError(f"{str(model)!r} is the place of a model. Load it: influence.load({str(model)!r}).")
    check_paths(source, target)
    ids = ids_of(task)
    what = {"task": task, "at": None if at is None else to_utc(at).isoformat(), "explain": explain}
    with (
        _asked(source, task, ids, at) as asked,
        _sink(model, asked, source, target, what, partition_rows) as sink,
    ):
        rows_at_once = min(chunk_rows, EXPLAINED_ROWS) if explain else chunk_rows
        if progress is not None:
            progress("scoring", sink.done, asked.n_rows)

        def answers() -> Answers:
            for chunk in asked.chunks(rows_at_once, sink.part_rows, sink.done):
                asked.check_unchanged()
                rows = chunk.rows if sink.takes_all else _asking(chunk.rows, task, ids)
                rows = stamped(model, beside(rows, model.predict(task, rows, at=at), ids))
                yield chunk.done, explained(model, task, rows, at) if explain else rows
                if progress is not None:
                    progress("scoring", chunk.done, chunk.total)
            asked.check_unchanged()

        with _writing(target, sink):
            sink.take(answers())
        return asked.n_rows - sink.taken_out


def check_input(
    source: Place, task: str, target: Place | None = None, at: str | pd.Timestamp | None = None
) -> None:
    """See that the input can be read and holds what task and target ask for, by its head alone.

    Raises
    ------
    ConfigError, DataError
        As `score` does.
    """
    if is_address(source):
        columns = databases.check_table(TableAddress.of(str(source)), ids_of(task))
    else:
        columns = files.check_input(source, ids_of(task))
    if target is not None and is_address(target):
        score_table.check_moment(columns, at)
        score_table.check_schema(TableAddress.of(str(target)))


def _asking(rows: pd.DataFrame, task: str, ids: tuple[str, ...]) -> pd.DataFrame:
    """The columns that the question is made of."""
    wanted = (*ids, *(column.name for column in TASKS[task].OPTIONAL_COLUMNS))
    return rows[[name for name in rows.columns if name in wanted]]


@contextmanager
def _writing(target: Place, sink: Sink) -> Iterator[None]:
    """A disk that is full is no bug of ours."""
    try:
        yield
    except OSError as error:
        again = f"goes on after the {sink.done:,} rows that are finished" if sink.done else "starts anew"
        raise unwritable(target, error, so=f"Nothing is half-written; another attempt {again}.") from error


@contextmanager
def _asked(source: Place, task: str, ids: tuple[str, ...], at: str | pd.Timestamp | None) -> Iterator[Asked]:
    """The files of the rows asked about; of a table, a copy."""
    if not is_address(source):
        asked = Asked.at(source, ids)
        _ = asked.state
        asked.check_cells(task, at)
        yield asked
        return
    with databases.as_file(TableAddress.of(str(source)), task, ids) as (path, told):
        asked = Asked.open((path,), told, ids)
        asked.check_cells(task, at)
        yield asked


@contextmanager
def _sink(
    model: Predictor,
    asked: Asked,
    source: Place,
    target: Place,
    what: Mapping[str, Any],
    partition_rows: int | None,
) -> Iterator[Sink]:
    if is_address(target):
        place = TableAddress.of(str(target))
        digest = databases.run_digest(model, asked.digest, place, **what)
        with score_table.scores(place, digest, asked.ids, what["at"]) as table:
            yield table
    elif is_folder(target):
        rows = partition_rows or (EXPLAINED_PARTITION_ROWS if what["explain"] else PARTITION_ROWS)
        run = run_of(model, asked.told_of(source), {**what, "partition_rows": rows})
        with parts_in(Path(target), run, rows, asked.n_rows) as folder:
            yield folder
    else:
        yield FileSink(Path(target))

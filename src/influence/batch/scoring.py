"""Scoring as a plain stream: chunk in, chunk out, memory bounded, order kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from influence.batch import files
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


def score(
    model: Predictor,
    source: str | Path,
    target: str | Path,
    *,
    task: str = "acceptance",
    at: str | pd.Timestamp | None = None,
    explain: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
    chunk_rows: int = CHUNK_ROWS,
) -> int:
    """Score every row of `source` into `target`, which appears only when all rows are done.

    The output holds the input's columns, then the model's, which take the place of those of the same
    name; row order is kept and the numbers are those that `Model.predict` gives.

    Parameters
    ----------
    source, target
        Parquet or CSV, by the ending of the name.  Needed columns: sender_id and recipient_id, for
        leadership contact_id.
    at
        The moment to predict for; only what was visible strictly before it is used.
    explain
        Whether the columns of `Model.explain` follow.
    progress
        Called with a description, the work done and the whole of it.
    chunk_rows
        Rows held in memory at once (Parquet; CSV is cut by bytes).

    Returns
    -------
    int
        The number of rows scored.

    Raises
    ------
    DataError
        If the input cannot be read, lacks a column, holds an empty id, or has no rows.
    ConfigError
        If a format is not known or the output cannot be written.
    """
    source, target = Path(source), Path(target)
    check_paths(source, target)
    ids, n_rows = ids_of(task), 0
    with atomic(target) as temporary, files.writer(temporary) as write:
        chunks = files.chunks(source, chunk_rows, ids)
        for chunk in cut(chunks, EXPLAINED_ROWS) if explain else chunks:
            check_ids(chunk, source, ids)
            rows = beside(chunk.rows, model.predict(task, chunk.rows, at=at), ids)
            write(explained(model, task, rows, at) if explain else rows)
            n_rows += len(chunk.rows)
            if progress is not None:
                progress("scoring", chunk.done, chunk.total)
        if n_rows == 0:
            raise DataError(f"{source} holds no rows. Give at least one with {' and '.join(ids)}.")
    return n_rows


def check_paths(source: Path, target: Path) -> None:
    """See that input and output can be meant, before anything costly happens.

    Raises
    ------
    ConfigError, DataError
        As `score` does.
    """
    files.check_format(source)
    files.check_format(target)
    if not source.is_file():
        raise DataError(f"There is no file {str(source)!r}. Check the path of the input.")
    if target.exists() and source.samefile(target):
        raise ConfigError(f"{str(source)!r} is input and output at once. Name another output.")

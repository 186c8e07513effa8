"""Candidates of many senders into a file, some senders at a time: the pairs that scoring may start from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from influence.batch.stream import stamped
from influence.errors import ConfigError
from influence.files import atomic
from influence.writing import check_format, row_writer

SENDERS_AT_ONCE = 64


class Proposes(Protocol):
    """What this needs of a model."""

    def candidates(self, task: str, **asked: Any) -> pd.DataFrame:
        """The best candidates of the senders asked for."""
        ...


def write_candidates(
    model: Proposes,
    target: str | Path,
    senders: Sequence[str] | None = None,
    *,
    task: str = "acceptance",
    progress: Callable[[str, int, int], None] | None = None,
    **asked: Any,
) -> int:
    """Write the candidates of every sender; the file appears once all are found.

    Parameters
    ----------
    target
        Parquet or CSV, by the ending of the name.
    senders
        Their ids; by default the own team.
    asked
        `k`, `at`, `pool`, `suppress`: see `Model.candidates`.

    Returns
    -------
    int
        The number of rows.

    Raises
    ------
    InfluenceError
        As `Model.candidates` does, or if the file cannot be written.
    """
    target = Path(target)
    check_format(target)
    if senders is not None and not senders:
        raise ConfigError(
            "The list of senders is empty. Name at least one, or leave it out for the own team."
        )
    groups: list[Sequence[str] | None] = [None]
    if senders is not None:
        groups = [senders[i : i + SENDERS_AT_ONCE] for i in range(0, len(senders), SENDERS_AT_ONCE)]
    n_rows = 0
    with atomic(target) as temporary, row_writer(temporary) as write:
        for done, group in enumerate(groups, start=1):
            found = model.candidates(task, sender_id=group, **asked)
            write(stamped(model, found))
            n_rows += len(found)
            if progress is not None:
                progress("looking for candidates", done, len(groups))
    return n_rows

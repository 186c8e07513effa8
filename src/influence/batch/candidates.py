"""Candidates of many senders into a file or a folder of parts, some senders at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from influence.batch.parts import parts_in
from influence.batch.places import check_target, is_folder
from influence.batch.runs import digest_of, run_of
from influence.batch.stream import Answers, stamped
from influence.data import to_utc
from influence.errors import ConfigError
from influence.files import atomic
from influence.planning import read_ids
from influence.progress import Tell
from influence.writing import row_writer

SENDERS_AT_ONCE = 64
PARTITION_SENDERS = 1_024
"""A part is what a kill costs at most: minutes of work."""


class Proposes(Protocol):
    """What this needs of a model."""

    def candidates(self, task: str, **asked: Any) -> pd.DataFrame:
        """The best candidates of the senders asked for."""
        ...

    def senders(self, task: str, at: str | pd.Timestamp | None = None) -> list[str]:
        """The own team."""
        ...


def write_candidates(
    model: Proposes,
    target: str | Path,
    senders: Sequence[str] | None = None,
    *,
    task: str = "acceptance",
    progress: Tell | None = None,
    partition_senders: int = PARTITION_SENDERS,
    **asked: Any,
) -> int:
    """Write the candidates of every sender.

    A file appears once all are found.  A folder fills part by part, and an attempt that was cut off at any
    moment goes on after what it had finished, to the same bytes.

    Parameters
    ----------
    target
        Parquet or CSV, by the ending of the name, or a folder: a name without ending, one that ends in /,
        or one that is there.
    senders
        Their ids; by default the own team.
    progress
        Called with a description, the senders done and those in all.
    partition_senders
        Senders of each part in a folder.
    asked
        `k`, `at`, `pool`, `suppress`: see `Model.candidates`.

    Returns
    -------
    int
        The number of rows, those of earlier attempts included.

    Raises
    ------
    InfluenceError
        As `Model.candidates` does, or if the place cannot be written, holds something else or another run.
    """
    check_target(target)
    who = [*model.senders(task, asked.get("at"))] if senders is None else [*senders]
    if not who:
        raise ConfigError(
            "The list of senders is empty. Name at least one, or leave it out for the own team."
        )
    asked["suppress"] = sorted(read_ids(asked.get("suppress", ())))
    if is_folder(target):
        run = run_of(model, _told_of(who), _request(task, partition_senders, asked))
        with parts_in(Path(target), run, partition_senders, len(who)) as folder:
            folder.take(_found(model, task, who, asked, progress, folder.done, partition_senders))
            return folder.n_rows
    n_rows = 0
    with atomic(target) as temporary, row_writer(temporary) as write:
        for _, rows in _found(model, task, who, asked, progress, 0, len(who)):
            write(rows)
            n_rows += len(rows)
    return n_rows


def _found(
    model: Proposes,
    task: str,
    who: list[str],
    asked: dict[str, Any],
    progress: Tell | None,
    done: int,
    partition: int,
) -> Answers:
    """The candidates of the senders after the first `done`, no group of them in two parts."""
    if progress is not None:
        progress("looking for candidates", done, len(who))
    for first in _cuts(done, len(who), partition):
        group = who[first : min(first + SENDERS_AT_ONCE, first - first % partition + partition)]
        yield first + len(group), stamped(model, model.candidates(task, sender_id=group, **asked))
        if progress is not None:
            progress("looking for candidates", first + len(group), len(who))


def _cuts(done: int, total: int, partition: int) -> Iterator[int]:
    for start in range(done, total, partition):
        yield from range(start, min(start + partition, total), SENDERS_AT_ONCE)


def _told_of(who: list[str]) -> dict[str, Any]:
    return {"senders": len(who), "sha256": digest_of(who)}


def _request(task: str, partition_senders: int, asked: dict[str, Any]) -> dict[str, Any]:
    """What is asked, as JSON values; of those to be left alone a digest, since a manifest names nobody."""
    at, alone = asked.get("at"), asked["suppress"]
    return {
        "task": task,
        "at": None if at is None else to_utc(at).isoformat(),
        **{name: asked[name] for name in ("k", "pool") if name in asked},
        "suppress": digest_of(alone) if alone else None,
        "partition_senders": partition_senders,
    }

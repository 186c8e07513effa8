"""Edges on their way through files: appended to buckets, and taken from one bucket at a time."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from influence.graph.temporal import Edges

RECORD = np.dtype(
    [
        ("source", "<i4"), ("target", "<i4"), ("at", "<i8"), ("until", "<i8"),
        ("relation", "i1"), ("weight", "<f4"), ("value", "<f8"),
    ]
)  # fmt: skip
"""An edge in 37 bytes."""

CONTACT_RECORD = np.dtype([*((name, RECORD[name]) for name in RECORD.names or ()), ("edge", "<i4")])
"""An edge and its row among all."""


def edges_from(records: NDArray[Any]) -> Edges:
    """Records as edges."""
    return Edges(*(np.ascontiguousarray(records[field.name]) for field in fields(Edges)))


def records_from(edges: Edges, first: int | None = None) -> NDArray[Any]:
    """Edges as records; with `first`, the row of the first one, they tell their rows."""
    records = np.empty(len(edges), RECORD if first is None else CONTACT_RECORD)
    for field in fields(Edges):
        records[field.name] = getattr(edges, field.name)
    if first is not None:
        records["edge"] = np.arange(first, first + len(edges))
    return records


class Spill:
    """Buckets of records by number, each a file of a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder, self._seen = folder, set[int]()

    @property
    def buckets(self) -> list[int]:
        """The numbers of those that hold records, ascending."""
        return sorted(self._seen)

    def distribute(self, bucket: NDArray[np.int64], records: NDArray[Any]) -> None:
        """Append records to the buckets named beside them, ascending."""
        numbers, first = np.unique(bucket, return_index=True)
        for number, part in (
            zip(numbers.tolist(), np.split(records, first[1:]), strict=True) if len(records) else ()
        ):
            with (self.folder / str(number)).open("ab") as file:
                part.tofile(file)
            self._seen.add(number)

    def take(self, bucket: int, kind: np.dtype[Any]) -> NDArray[Any]:
        """The records of a bucket in the order in which they came; its file is gone then."""
        if bucket not in self._seen:
            return np.empty(0, kind)
        path = self.folder / str(bucket)
        records = np.fromfile(path, kind)
        path.unlink()
        self._seen.remove(bucket)
        return records

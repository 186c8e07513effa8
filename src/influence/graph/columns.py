"""Columns of a graph in a folder: NumPy files, appended to once and mapped into memory ever after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, get_type_hints

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

Compressed = TypeVar("Compressed")


class ColumnWriter:
    """Appends arrays to the `.npy` files of a folder, by the columns' names."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder, self.open = folder, dict[str, _Column]()

    def append(self, name: str, values: NDArray[Any]) -> None:
        """Append to a column; the first array decides its type."""
        if name not in self.open:
            self.open[name] = _Column(self.folder / f"{name}.npy", values)
        self.open[name].append(values)

    def append_rows(self, prefix: str, rows: object, low: int, high: int) -> None:
        """Append what the keys from `low` to before `high` have in a structure with `ptr`, and in its parts.

        What was appended before belongs to the keys below `low`.
        """
        ptr: NDArray[np.int64] = rows.ptr  # type: ignore[attr-defined]
        first, last = int(ptr[low]), int(ptr[high])
        name = f"{prefix}.ptr"
        if name not in self.open:
            self.append(name, np.zeros(1, np.int64))
            self.open[name].last = 0
        self.append(name, ptr[low + 1 : high + 1] - first + self.open[name].last)
        self.open[name].last += last - first
        for field, values in _parts(rows):
            if is_dataclass(values):
                self.append_rows(f"{prefix}.{field}", values, low, high)
            elif field != "ptr":
                self.append(f"{prefix}.{field}", values[first:last] if len(values) else values)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        for column in self.open.values():
            column.close()


class Columns:
    """The columns of a folder, mapped into memory: only what is looked at is read, and may be let go of.

    All are mapped at once: where another folder takes the place of this one, they stay those of one graph.
    """

    def __init__(self, folder: Path) -> None:
        self.mapped = {path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}

    def column(self, name: str) -> NDArray[Any]:
        """One column, read-only; an empty one is no map, for nothing can be mapped."""
        return np.asarray(self.mapped[name])  # a plain array over the map: numba knows no other kind

    def rows(self, kind: type[Compressed], prefix: str) -> Compressed:
        """A structure as `ColumnWriter` wrote it, field by field."""
        types = get_type_hints(kind)
        found = {
            field.name: self.rows(types[field.name], f"{prefix}.{field.name}")
            if is_dataclass(types[field.name])
            else self.column(f"{prefix}.{field.name}")
            for field in fields(kind)  # type: ignore[arg-type]
        }
        return kind(**found)


class _Column:
    """One file: a header whose length does not depend on the number of rows, then the rows."""

    def __init__(self, path: Path, first: NDArray[Any]) -> None:
        self.dtype, self.width, self.n, self.last = first.dtype, first.shape[1:], 0, 0
        self.file = path.open("wb")
        self._write_header()

    def _write_header(self) -> None:
        self.file.seek(0)
        shape = (self.n, *self.width)
        # NumPy pads the header for the number of rows to grow.
        told = {"descr": npy.dtype_to_descr(self.dtype), "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(self.file, told)
        self.header_bytes = self.file.tell()

    def append(self, values: NDArray[Any]) -> None:
        np.ascontiguousarray(values, self.dtype).tofile(self.file)
        self.n += len(values)

    def mapped(self) -> NDArray[Any]:
        """What has been appended so far."""
        self.file.flush()
        if not self.n:
            return np.empty((0, *self.width), self.dtype)
        shape = (self.n, *self.width)
        return np.asarray(np.memmap(self.file.name, self.dtype, "r", offset=self.header_bytes, shape=shape))

    def close(self) -> None:
        self._write_header()
        self.file.close()


def _parts(rows: object) -> Iterator[tuple[str, Any]]:
    for field in fields(rows):  # type: ignore[arg-type]
        yield field.name, getattr(rows, field.name)

"""numpy's files: cells of text blanked; arrays side by side keep their lengths."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from influence.privacy.keepers.keeper import Hits, Keeper
from influence.privacy.sought import Sought


def clean(source: Path, target: Path | None, sought: Sought) -> Hits:
    """Look through the arrays; with a target, write them without the people."""
    loaded = np.load(source, allow_pickle=False)
    if isinstance(loaded, np.ndarray):
        left, n = _blanked(loaded, sought)
        if target is not None:
            with target.open("wb") as out:
                np.save(out, left, allow_pickle=False)
        return Hits(cells=n)
    with loaded:
        parts = {name: _blanked(loaded[name], sought) for name in loaded.files}
    if target is not None:
        with target.open("wb") as out:
            np.savez_compressed(out, allow_pickle=False, **{name: left for name, (left, _) in parts.items()})
    return Hits(cells=sum(n for _, n in parts.values()))


def _blanked(values: NDArray, sought: Sought) -> tuple[NDArray, int]:
    if values.dtype.kind not in "US":
        return values, 0
    text = values.astype("U")
    left = np.array([_blank(cell, sought) for cell in text.ravel()], dtype="U").reshape(text.shape)
    n = int((left != text).sum())
    return (left.astype(values.dtype.kind) if n else values), n


def _blank(cell: str, sought: Sought) -> str:
    return "" if sought.is_one(cell) or cell in sought.events else sought.redact(cell)


def _recognises(path: Path, start: bytes) -> bool:
    if start.startswith(b"\x93NUMPY"):
        return True
    if not start.startswith(b"PK\x03\x04") or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return bool(names) and all(name.endswith(".npy") for name in names)


ARRAYS = Keeper("numpy", _recognises, clean)

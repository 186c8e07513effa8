"""Where records come from: a row of the table `sources`, whose id tells reader and content."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from influence.readers.config import ReadingConfig

HASH_BLOCK_BYTES = 1 << 20


def source_row(
    place: Path, reader: str, exported_at: pd.Timestamp | None, asked: ReadingConfig
) -> pd.DataFrame:
    """One row of the table `sources`, whose id tells reader and content."""
    digest = content_digest(place)
    return pd.DataFrame(
        {
            "source_id": [f"{reader}:{digest[:12]}"],
            "file": [place.name],
            "sha256": [digest],
            "exported_at": [exported_at],
            "reader": [reader],
            "legal_basis": [asked.legal_basis],
            "retain_until": [None if asked.retain_until is None else asked.retain_until.isoformat()],
        }
    )


def content_digest(place: Path) -> str:
    """SHA-256 over a file, or over the files of a folder by their names."""
    digest = hashlib.sha256()
    files = [place] if place.is_file() else sorted(each for each in place.rglob("*") if each.is_file())
    for path in files:
        if place.is_dir():
            digest.update(path.relative_to(place).as_posix().encode() + b"\0")
        with path.open("rb") as content:
            while block := content.read(HASH_BLOCK_BYTES):
                digest.update(block)
    return digest.hexdigest()

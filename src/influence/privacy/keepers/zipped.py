"""Zip: every member by its own kind, those that are nothing of theirs as they are."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from influence.errors import DataError
from influence.privacy.keepers.keeper import Hits, Keeper
from influence.privacy.sought import Sought

LARGEST_BYTES = 4 << 30
"""Of all members together, unpacked: beyond it an archive is not opened."""


def clean(source: Path, target: Path | None, sought: Sought) -> Hits:
    """Look through the members; with a target, write the archive without the people.

    Raises
    ------
    DataError
        If it is too large unpacked, or cannot be opened.
    """
    with zipfile.ZipFile(source) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST_BYTES:
            raise DataError(f"more than {LARGEST_BYTES:,} bytes unpacked")
        if target is None:
            return sum((_member(archive, one, None, sought) for one in archive.infolist()), Hits())
        with zipfile.ZipFile(target, "w") as out:
            return sum((_member(archive, one, out, sought) for one in archive.infolist()), Hits())


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, out: zipfile.ZipFile | None, sought: Sought
) -> Hits:
    from influence.privacy.keepers import keeper_of

    if member.is_dir():
        if out is not None:
            out.writestr(member, b"")
        return Hits()
    with tempfile.TemporaryDirectory() as folder:
        name = Path(member.filename).name or "member"
        before, after = Path(folder) / name, Path(folder) / "after" / name
        with archive.open(member) as packed, before.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        keeper = keeper_of(before)
        hits = keeper.clean(before, None, sought)
        if out is None:
            return hits
        if hits.rows or hits.cells:
            after.parent.mkdir()
            keeper.clean(before, after, sought)
            before = after
        fresh = zipfile.ZipInfo(sought.redact(member.filename), member.date_time)
        fresh.compress_type, fresh.external_attr = member.compress_type, member.external_attr
        with before.open("rb") as plain, out.open(fresh, "w") as packed:
            shutil.copyfileobj(plain, packed)
    return hits


ZIPPED = Keeper(
    "zip", lambda path, start: start.startswith(b"PK\x03\x04") and zipfile.is_zipfile(path), clean
)

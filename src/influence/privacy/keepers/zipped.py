"""Zip: every member by its own kind, those that are nothing of theirs as they are."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from influence.privacy.keepers.keeper import Hits, Keeper
from influence.privacy.sought import Sought
from influence.readers.config import ArchiveLimits
from influence.readers.zipped import OpenedZip, opened_zip

LIMITS = ArchiveLimits(entry_bytes=ArchiveLimits().total_bytes)
"""As for reading, but one member may be all that there is: what the tool itself wrote can be large."""


def clean(source: Path, target: Path | None, sought: Sought) -> Hits:
    """Look through the members; with a target, write the archive without the people.

    Raises
    ------
    DataError
        If it cannot be opened or holds what no reader would unpack (`readers/zipped.py`).
    """
    with opened_zip(source, LIMITS) as archive:
        members = archive.zipped.infolist()
        if target is None:
            return sum((_member(archive, one, None, sought) for one in members), Hits())
        with zipfile.ZipFile(target, "w") as out:
            return sum((_member(archive, one, out, sought) for one in members), Hits())


def _member(archive: OpenedZip, member: zipfile.ZipInfo, out: zipfile.ZipFile | None, sought: Sought) -> Hits:
    from influence.privacy.keepers import keeper_of

    if member.is_dir():
        if out is not None:
            out.writestr(member, b"")
        return Hits()
    with tempfile.TemporaryDirectory() as folder:
        name = Path(member.filename).name or "member"
        before, after = Path(folder) / name, Path(folder) / "after" / name
        archive.unpack(member, before)
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

"""Writing files so that a reader never meets half of one."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from influence.errors import ConfigError

HASH_BLOCK_BYTES = 1 << 20
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What a full disk answers."""


def unwritable(place: str | Path, error: OSError, *, so: str = "") -> ConfigError:
    """What the disk answered where something was to be written, and the remedy.

    Parameters
    ----------
    so
        A sentence on what came of it.
    """
    why = os.strerror(error.errno) if error.errno is not None else str(error)
    remedy = "Make room" if error.errno in NO_ROOM else "Name a place that you may write to"
    refused = f"{str(place)!r} cannot be written: {why}."
    return ConfigError(" ".join(filter(None, (refused, so, f"{remedy}, then run the command again."))))


@contextmanager
def atomic(target: str | Path, *, ending: str | None = None) -> Iterator[Path]:
    """A temporary path beside `target` that takes its place once the block ends without an error.

    The folder is made where it is missing.  After an error the temporary file is removed and
    `target` is as it was.

    Parameters
    ----------
    ending
        What the temporary name ends in, where that of `target` would let a reader's `*.parquet` meet it.

    Raises
    ------
    ConfigError
        If the place cannot be written to.
    """
    target = Path(target)
    if target.is_dir():
        raise ConfigError(f"{str(target)!r} is a folder. Name a file to write.")
    ending = target.suffix if ending is None else ending
    temporary = target.with_name(f".{target.stem}-{uuid.uuid4().hex[:8]}{ending}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch()
    except OSError as error:
        raise unwritable(target, error) from error
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its place once the block ends without an error.

    An earlier folder of that name is kept until then.

    Raises
    ------
    ConfigError
        If the place cannot be written to.
    """
    mark = uuid.uuid4().hex[:8]
    temporary, earlier = (
        target.with_name(f".{target.name}-{mark}"),
        target.with_name(f".{target.name}-{mark}-old"),
    )
    try:
        temporary.mkdir(parents=True)
    except OSError as error:
        raise unwritable(target, error) from error
    try:
        yield temporary
        if target.exists():
            target.rename(earlier)
        temporary.rename(target)
        shutil.rmtree(earlier, ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if earlier.exists() and not target.exists():
            earlier.rename(target)


@contextmanager
def new_folder(target: str | Path) -> Iterator[Path]:
    """A temporary folder that becomes `target` once the block ends without an error.

    Raises
    ------
    ConfigError
        If `target` exists and is not an empty folder, or if writing fails.
    """
    target = Path(target)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigError(f"{str(target)!r} exists already. Name a new folder, or empty it.")
    try:
        with atomic_folder(target) as new:
            yield new
    except OSError as error:
        raise unwritable(target, error) from error


def link(source: str | Path, target: str | Path) -> None:
    """The same file under another name, or a copy where the disk knows no links.

    Only for files that are replaced when they change, never written into: as `atomic` does.
    """
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


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

"""Files as they are or packed by gzip: never more unpacked than a limit allows."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import IO, cast

from influence.errors import DataError

BLOCK_BYTES = 1 << 20
HEAD_BYTES = 1 << 16
"""What is looked at to recognise a file."""
PACKED = ".gz"


def opened(path: Path) -> IO[bytes]:
    """The content of a file, unpacked while it is read."""
    return cast("IO[bytes]", gzip.open(path, "rb")) if path.suffix == PACKED else path.open("rb")


def suffix_of(path: Path) -> str:
    """The ending of a name in lower case, that of a packed file without `.gz`."""
    plain = path.with_suffix("") if path.suffix == PACKED else path
    return plain.suffix.lower()


def first_bytes(path: Path) -> bytes:
    """The beginning of a file; nothing where it cannot be unpacked."""
    try:
        with opened(path) as content:
            return content.read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""


def check_size(path: Path, most: int) -> None:
    """See that a file, unpacked, is no larger than it may be.

    Raises
    ------
    DataError
        If it is larger, or cannot be unpacked.
    """
    size = path.stat().st_size
    if path.suffix == PACKED:
        size = 0
        try:
            with opened(path) as content:
                while size <= most and (block := content.read(BLOCK_BYTES)):
                    size += len(block)
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{path.name} cannot be unpacked: {error}. Pack it again with gzip.") from error
    if size > most:
        raise DataError(
            f"{path.name} holds more than {most / 2**20:,.0f} MiB. Split it, or give tables instead."
        )

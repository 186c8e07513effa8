"""Zip files of records, opened with suspicion: nothing in them is believed before it was counted.

What its directory says of sizes is not trusted; bytes are counted as they come out.  Only the entries asked
for are unpacked, and no zip within a zip is opened.  `open_archive` is for readers; `opened_zip` for those
who must see every entry as it stands there.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from influence.errors import DataError
from influence.readers.config import ArchiveLimits

LARGEST_DIRECTORY = 4 * 2**20
"""Bytes of a zip's list of entries that are read; room for 30,000 entries with names of 80 characters."""

HEAD_BYTES = 2**16
"""What is looked at of an entry to recognise it."""

MAY_INFLATE = 2**20
"""Bytes that an entry may come to whatever its ratio: small repetitive files pack very well."""

_BLOCK_BYTES = 2**18
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""bzip2 and LZMA would be unpacked without a bound on what comes out at once."""
_ENCRYPTED = 0x1
_NOT_RECORDS = ("__MACOSX", ".DS_Store")
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNPACK = "Unpack it, look at what it holds, and name the folder."
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
"""What zipfile raises on a broken file."""


@contextmanager
def open_archive(
    path: Path, wanted: Callable[[str], bool], limits: ArchiveLimits | None = None
) -> Iterator[Path]:
    """A folder that holds the wanted files of an archive, for as long as the block lasts.

    A folder is given as it is.  A zip's wanted entries are unpacked into a temporary folder, dated as in the
    zip (its dates have no zone and are taken as UTC), and gone afterwards.

    Parameters
    ----------
    path : a folder or a zip file
    wanted : whether the entry of that name is to be unpacked; names are relative, with `/`, without a folder
        that all entries stand in
    limits : what is refused; `Sieve.config.archives` of a reader

    Raises
    ------
    DataError
        If it is no zip or a broken one, if an entry would be written elsewhere, is a link, encrypted, packed
        by an unusual method, or stands there twice, if a name is not UTF-8, or if it unpacks to more than
        `limits` allow.
    """
    if path.is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="influence-") as name:
        _unpack(path, Path(name), wanted, limits or ArchiveLimits())
        yield Path(name)


def archive_names(path: Path) -> tuple[str, ...]:
    """Names of a zip's entries, by which it may be recognised; none where it is no zip.

    Only the list of entries is read, and never more than `LARGEST_DIRECTORY` of it.
    """
    try:
        with _opened(path) as zipped:
            return tuple(_entries(zipped))
    except DataError:
        return ()


def archive_head(path: Path, name: str, n_bytes: int = HEAD_BYTES) -> bytes:
    """The first bytes of an entry, by which a zip may be recognised; none where it has no such sound one."""
    try:
        with _opened(path) as zipped:
            info = _entries(zipped).get(name)
            if info is None or _fault(info) is not None:
                return b""
            with zipped.open(info) as content:
                return content.read(n_bytes)
    except (DataError, OSError, *_DAMAGED):
        return b""


class _Bounded(io.BufferedReader):
    """A file that gives a bounded amount at once: zipfile reads a directory of any size in one go."""

    def read(self, size: int | None = -1, /) -> bytes:
        all_of_it = size is None or size < 0
        content = super().read(LARGEST_DIRECTORY + 1 if all_of_it else min(size or 0, LARGEST_DIRECTORY + 1))
        if len(content) > LARGEST_DIRECTORY:
            raise zipfile.BadZipFile(f"its list of entries is longer than {LARGEST_DIRECTORY:,} bytes")
        return content


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip, its directory read and its entries not yet looked at."""
    try:
        file = _Bounded(path.open("rb", buffering=0))
    except OSError as error:
        raise DataError(f"{path.name} cannot be opened: {error.strerror}.") from error
    with file:
        try:
            zipped = zipfile.ZipFile(file, metadata_encoding="utf-8")
        except UnicodeDecodeError as error:
            raise DataError(f"{path.name} holds a name that is not UTF-8. {_UNPACK}") from error
        except (OSError, *_DAMAGED) as error:
            raise DataError(
                f"{path.name} cannot be read as a zip ({_reason(error)}). Download it again."
            ) from error
        with zipped:
            yield zipped


def _entries(zipped: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Its files by name, without what the packing system added and without a folder around them all."""
    named = [(_plain(info.filename), info) for info in zipped.infolist() if not info.is_dir()]
    named = [(name, info) for name, info in named if not set(PurePosixPath(name).parts) & set(_NOT_RECORDS)]
    around = {name.partition("/")[0] + "/" for name, _ in named}
    if len(around) == 1 and all(name.startswith(tuple(around)) for name, _ in named):
        named = [(name.partition("/")[2], info) for name, info in named]
    entries: dict[str, zipfile.ZipInfo] = {}
    for name, info in named:
        entries.setdefault(name, info)
    return entries


def _plain(name: str) -> str:
    """With `/` between folders, also where Windows wrote the zip."""
    return str(PurePosixPath(name.replace("\\", "/")))


def _unpack(path: Path, folder: Path, wanted: Callable[[str], bool], limits: ArchiveLimits) -> None:
    with opened_zip(path, limits) as archive:
        for name, info in _entries(archive.zipped).items():
            if wanted(name):
                archive.unpack(info, folder / name)
                os.utime(folder / name, times=(_dated(info, path), _dated(info, path)))


@dataclass
class OpenedZip:
    """A zip, every entry of which was looked at; what is unpacked is counted over all of them.

    Attributes
    ----------
    path : where it is
    limits : what is refused
    zipped : its entries
    left : bytes that may still be unpacked
    """

    path: Path
    limits: ArchiveLimits
    zipped: zipfile.ZipFile
    left: int

    def unpack(self, info: zipfile.ZipInfo, target: Path) -> None:
        """Write an entry to a place where nothing is yet.

        Raises
        ------
        DataError
            If it is broken, unpacks to more than the limits allow, or cannot be written.
        """
        packed = max(1, min(info.compress_size, self.path.stat().st_size))
        most = {
            f"archives.total_bytes = {self.limits.total_bytes:,}": self.left,
            f"archives.entry_bytes = {self.limits.entry_bytes:,}": self.limits.entry_bytes,
            f"archives.ratio = {self.limits.ratio:,}": max(MAY_INFLATE, packed * self.limits.ratio),
        }
        self.left -= _write(self.zipped, info, target, most, f"{self.path.name}: {_plain(info.filename)!r}")


@contextmanager
def opened_zip(path: Path, limits: ArchiveLimits | None = None) -> Iterator[OpenedZip]:
    """A zip that holds nothing that would be refused, for as long as the block lasts.

    Raises
    ------
    DataError
        As `open_archive` does.
    """
    asked = limits or ArchiveLimits()
    with _opened(path) as zipped:
        _refuse(path, zipped, asked)
        yield OpenedZip(path, asked, zipped, asked.total_bytes)


def _refuse(path: Path, zipped: zipfile.ZipFile, limits: ArchiveLimits) -> None:
    """Look at every entry, wanted or not: a zip with one that reaches elsewhere is no export.

    Raises
    ------
    DataError
        Naming the first fault.
    """
    infos = zipped.infolist()
    if len(infos) > limits.entries:
        most = f"archives.entries = {limits.entries:,}"
        raise DataError(f"{path.name} holds {len(infos):,} entries, more than {most}. {_UNPACK}")
    seen: set[str] = set()
    for info in infos:
        fault = _fault(info)
        name = unicodedata.normalize("NFC", _plain(info.filename)).casefold()
        if fault is None and name in seen:
            fault = f"stands there twice, or differs in capitals alone. {_UNPACK}"
        if fault is not None:
            raise DataError(f"{path.name}: the entry {info.orig_filename[:100]!r} {fault}")
        seen.add(name)


def _fault(info: zipfile.ZipInfo) -> str | None:
    """Why an entry is refused whatever it holds, and the remedy."""
    name, kind = info.orig_filename.replace("\\", "/"), stat.S_IFMT(info.external_attr >> 16)
    if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"):
        return f"would be written outside the folder. {_UNPACK}"
    if _CONTROL.search(name) or not name.strip("./"):
        return f"has no proper name. {_UNPACK}"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return f"is a link or a device, no file. {_UNPACK}"
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted. Unpack it with its password and name the folder."
    if info.compress_type not in _METHODS:
        return f"is packed by an unusual method. {_UNPACK}"
    return None


def _write(
    zipped: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, most: Mapping[str, int], place: str
) -> int:
    """Unpack one entry and return its number of bytes, counted; `most`: limit -> bytes that it allows."""
    written, tightest = 0, min(most, key=lambda limit: most[limit])
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipped.open(info) as content, target.open("xb") as file:
            while block := content.read(_BLOCK_BYTES):
                written += len(block)
                if written > most[tightest]:
                    remedy = "Raise it if you trust the file, or unpack it and name the folder."
                    raise DataError(f"{place} unpacks to more than {tightest} allows. {remedy}")
                file.write(block)
    except OSError as error:
        remedy = f"Make room in {target.parent}, or name another place by TMPDIR."
        raise DataError(f"{place} cannot be unpacked ({_reason(error)}). {remedy}") from error
    except _DAMAGED as error:
        raise DataError(f"{place} cannot be unpacked ({_reason(error)}). Download it again.") from error
    return written


def _dated(info: zipfile.ZipInfo, path: Path) -> float:
    """Seconds since 1970; the zip's own date where the entry has none."""
    try:
        return datetime(*info.date_time, tzinfo=UTC).timestamp()
    except ValueError:
        return path.stat().st_mtime


def _reason(error: Exception) -> str:
    told = error.strerror if isinstance(error, OSError) else str(error)
    return (told or type(error).__name__).splitlines()[0][:100].rstrip(".")

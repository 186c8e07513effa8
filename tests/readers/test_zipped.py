"""Zips that mean harm, and sound ones of every make."""

from __future__ import annotations

import io
import stat
import struct
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from influence.errors import DataError
from influence.readers import zipped
from influence.readers.config import ArchiveLimits, ReadingConfig
from influence.readers.zipped import archive_head, archive_names, open_archive
from influence.settings import parse_settings

RECORDS = b"sender,recipient,time\na,b,1\n"
Files = dict[str, bytes]


def everything(name: str) -> bool:
    return True


def tables(name: str) -> bool:
    return name.endswith(".csv")


def packed(path: Path, files: Files, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as new:
        for name, content in files.items():
            new.writestr(zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10)), content, method)
    return path


def unpacked(path: Path, limits: ArchiveLimits | None = None) -> Files:
    with open_archive(path, tables, limits) as folder:
        return {
            each.relative_to(folder).as_posix(): each.read_bytes()
            for each in folder.rglob("*")
            if each.is_file()
        }


def patched(path: Path, change: Callable[[bytearray, int, int], None]) -> Path:
    """The zip with its first entry changed: `change(content, local_header_at, directory_at)`."""
    content = bytearray(path.read_bytes())
    change(content, content.index(b"PK\x03\x04"), content.index(b"PK\x01\x02"))
    path.write_bytes(content)
    return path


def test_open_archive__sound_zip__wanted_files_alone_and_gone_afterwards(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "export.zip", {"messages.csv": RECORDS, "media/photo.jpg": b"x", "deep/a.csv": b"1"}
    )
    with open_archive(path, tables) as folder:
        found = sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())
        assert found == ["deep/a.csv", "messages.csv"]
        assert (folder / "messages.csv").read_bytes() == RECORDS
        assert (folder / "messages.csv").stat().st_mtime == 1714979290  # 2024-05-06T07:08:10Z
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_open_archive__block_fails__folder_is_gone_too(tmp_path: Path) -> None:
    path = packed(tmp_path / "export.zip", {"messages.csv": RECORDS})
    with pytest.raises(KeyError), open_archive(path, tables) as folder:
        raise KeyError
    assert not folder.exists()


def test_open_archive__a_folder__given_as_it_is(tmp_path: Path) -> None:
    with open_archive(tmp_path, tables) as folder:
        assert folder == tmp_path
    assert tmp_path.exists()


@pytest.mark.parametrize("around", ["Basic_Export_01-02-2024/", "a b\\"])
def test_open_archive__a_folder_around_all__is_left_out(around: str, tmp_path: Path) -> None:
    files = {f"{around}messages.csv": RECORDS, "__MACOSX/._messages.csv": b"\x00", ".DS_Store": b"\x00"}
    path = packed(tmp_path / "export.zip", files)
    assert unpacked(path) == {"messages.csv": RECORDS}
    assert archive_names(path) == ("messages.csv",)


def test_open_archive__names_in_utf8_without_the_flag__understood(tmp_path: Path) -> None:
    path = packed(tmp_path / "export.zip", {"Ünvan.csv": RECORDS})

    def without_flag(content: bytearray, local: int, directory: int) -> None:
        content[local + 7] &= ~0x08
        content[directory + 9] &= ~0x08

    assert unpacked(patched(path, without_flag)) == {"Ünvan.csv": RECORDS}


def test_open_archive__names_in_another_encoding__refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "export.zip", {"Xnvan.csv": RECORDS})

    def latin(content: bytearray, local: int, directory: int) -> None:
        content[local + 30] = content[directory + 46] = 0xDC

    with pytest.raises(DataError, match=r"export\.zip holds a name that is not UTF-8\. Unpack it"):
        unpacked(patched(path, latin))


@pytest.mark.parametrize(
    "name",
    [
        "../evil.csv",
        "a/../../evil.csv",
        "/tmp/evil.csv",
        "..\\evil.csv",
        "C:\\evil.csv",
        "C:evil.csv",
        "\\\\h\\e.csv",
    ],
)
def test_open_archive__entry_that_leads_elsewhere__refused_and_nothing_written(
    name: str, tmp_path: Path
) -> None:
    path = packed(tmp_path / "export.zip", {"messages.csv": RECORDS, name: b"evil"})
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError, match=r"export\.zip: the entry .* outside the folder\. Unpack it"):
        unpacked(path)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_open_archive__link_or_device__refused(kind: int, tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("messages.csv")
    entry.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as new:
        new.writestr(entry, "/etc/passwd")
    with pytest.raises(DataError, match=r"'messages\.csv' is a link or a device"):
        unpacked(tmp_path / "export.zip")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("other", ["messages.csv", "Messages.CSV", "./messages.csv"])
def test_open_archive__name_twice__refused(other: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as new:
        new.writestr("messages.csv", RECORDS)
        new.writestr(other, b"another truth")
    with pytest.raises(DataError, match="stands there twice, or differs in capitals alone"):
        unpacked(tmp_path / "export.zip")


def test_open_archive__encrypted__refused_with_the_remedy(tmp_path: Path) -> None:
    def encrypted(content: bytearray, local: int, directory: int) -> None:
        content[local + 6] |= 1
        content[directory + 8] |= 1

    path = patched(packed(tmp_path / "export.zip", {"messages.csv": RECORDS}), encrypted)
    with pytest.raises(DataError, match=r"'messages\.csv' is encrypted\. Unpack it with its password"):
        unpacked(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_open_archive__method_without_bounds__refused(method: int, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="packed by an unusual method"):
        unpacked(packed(tmp_path / "export.zip", {"messages.csv": RECORDS}, method))


def test_open_archive__checksum_wrong__refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "export.zip", {"messages.csv": RECORDS}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"a,b,1", b"a,b,2"))
    with pytest.raises(
        DataError, match=r"'messages\.csv' cannot be unpacked \(Bad CRC-32 .*Download it again"
    ):
        unpacked(path)


def test_open_archive__disk_full__said_and_nothing_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    path = packed(tmp_path / "export.zip", {"messages.csv": RECORDS})
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(zipfile.ZipFile, "open", full)
    with pytest.raises(DataError, match=r"cannot be unpacked \(No space left on device\)\. Make room"):
        unpacked(path)
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("kept", [0, 10, 100, -1])
def test_open_archive__truncated__refused(kept: int, tmp_path: Path) -> None:
    path = packed(tmp_path / "export.zip", {"messages.csv": RECORDS})
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match=r"export\.zip cannot be read as a zip \(.*Download it again"):
        unpacked(path)


def test_open_archive__zip_bomb__refused_by_what_comes_out(tmp_path: Path) -> None:
    path = packed(tmp_path / "export.zip", {"messages.csv": b"0" * 50_000_000})
    assert path.stat().st_size < 60_000
    with pytest.raises(DataError, match=r"'messages\.csv' unpacks to more than archives\.ratio = 200 allows"):
        unpacked(path)


def test_open_archive__size_understated__counted_not_believed(tmp_path: Path) -> None:
    """The list of entries says 10 bytes."""
    path = packed(tmp_path / "export.zip", {"messages.csv": b"0" * 50_000_000})

    def modest(content: bytearray, local: int, directory: int) -> None:
        content[local + 22 : local + 26] = content[directory + 24 : directory + 28] = struct.pack("<L", 10)

    with pytest.raises(DataError, match=r"cannot be unpacked|unpacks to more"):
        unpacked(patched(path, modest))


def test_open_archive__packed_size_overstated__refused_too(tmp_path: Path) -> None:
    path = packed(tmp_path / "export.zip", {"messages.csv": b"0" * 50_000_000})

    def stout(content: bytearray, local: int, directory: int) -> None:
        content[local + 18 : local + 22] = content[directory + 20 : directory + 24] = struct.pack("<L", 2**31)

    with pytest.raises(DataError, match=r"archives\.ratio|cannot be unpacked"):
        unpacked(patched(path, stout))


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        (ArchiveLimits(entry_bytes=99), "archives.entry_bytes = 99"),
        (ArchiveLimits(total_bytes=250), "archives.total_bytes = 250"),
        (ArchiveLimits(entries=2), "archives.entries = 2"),
    ],
)
def test_open_archive__more_than_a_limit__refused_naming_it(
    limits: ArchiveLimits, limit: str, tmp_path: Path
) -> None:
    files = {f"{number}.csv": bytes(range(100)) for number in range(3)}
    path = packed(tmp_path / "export.zip", files)
    with pytest.raises(DataError, match=limit):
        unpacked(path, limits)
    assert unpacked(path, ArchiveLimits(entry_bytes=100, total_bytes=300, entries=3)) == files


def test_open_archive__many_copies_of_one_bomb__counted_together(tmp_path: Path) -> None:
    """Entries that overlap in the file are counted as what each unpacks to."""
    path = packed(tmp_path / "export.zip", {f"{number}.csv": b"0" * 1_000_000 for number in range(8)})
    with pytest.raises(DataError, match=r"'5\.csv' unpacks to more than archives\.total_bytes"):
        unpacked(path, ArchiveLimits(total_bytes=5_000_000))


def test_open_archive__what_is_not_wanted__counts_for_nothing(tmp_path: Path) -> None:
    path = packed(tmp_path / "export.zip", {"messages.csv": RECORDS, "film.mp4": b"0" * 3_000_000})
    assert unpacked(path, ArchiveLimits(total_bytes=1_000)) == {"messages.csv": RECORDS}


def test_open_archive__zip_within_a_zip__stays_shut(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", {"messages.csv": RECORDS}).read_bytes()
    path = packed(tmp_path / "export.zip", {"inner.zip": inner, "a.csv": b"1"})
    assert unpacked(path) == {"a.csv": b"1"}


def test_open_archive__list_of_entries_too_long__never_held(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with path.open("wb") as file:
        file.truncate(300_000_000)
        file.seek(0, io.SEEK_END)
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 299_999_999, 0, 0))
    tracemalloc.start()
    with pytest.raises(DataError, match="its list of entries is longer than"):
        unpacked(path)
    assert archive_names(path) == ()
    assert tracemalloc.get_traced_memory()[1] < 3 * zipped.LARGEST_DIRECTORY
    tracemalloc.stop()


def test_open_archive__absent_or_no_zip__refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.zip cannot be opened: No such file"):
        unpacked(tmp_path / "gone.zip")
    (tmp_path / "page.zip").write_text("<html>Your session has expired</html>")
    with pytest.raises(DataError, match=r"page\.zip cannot be read as a zip \(File is not a zip file\)"):
        unpacked(tmp_path / "page.zip")


def test_archive_head__a_bomb__first_bytes_alone(tmp_path: Path) -> None:
    path = packed(tmp_path / "export.zip", {"messages.csv": b"0" * 50_000_000})
    tracemalloc.start()
    assert archive_head(path, "messages.csv", 100) == b"0" * 100
    assert tracemalloc.get_traced_memory()[1] < 2 * zipped.LARGEST_DIRECTORY
    tracemalloc.stop()
    assert archive_head(path, "other.csv") == b""


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" * 9])
def test_archive_names__hardly_a_zip__none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "export.zip").write_bytes(content)
    assert archive_names(tmp_path / "export.zip") == ()
    assert archive_names(tmp_path) == ()


def test_limits__set_by_hand__reach_the_archives() -> None:
    asked = parse_settings(ReadingConfig, {}, ["archives.total_bytes=12"])
    assert asked.archives == ArchiveLimits(total_bytes=12)

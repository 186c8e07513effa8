"""A file is there whole, or as it was before."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from influence.errors import ConfigError
from influence.files import atomic, unwritable


def test_atomic__block_succeeds__target_takes_the_new_content(tmp_path: Path) -> None:
    target = tmp_path / "new" / "deep" / "out.txt"
    with atomic(target) as temporary:
        assert temporary.parent == target.parent
        assert temporary.suffix == ".txt"
        temporary.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole"
    assert list(target.parent.iterdir()) == [target]


def test_atomic__block_fails__target_as_before_and_nothing_left(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic(target) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_atomic__block_writes_nothing__empty_file(tmp_path: Path) -> None:
    with atomic(tmp_path / "out.txt"):
        pass
    assert (tmp_path / "out.txt").read_bytes() == b""


@pytest.mark.parametrize("place", ["folder", "file/below"])
def test_atomic__impossible_place__config_error(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"is a folder|cannot be written"), atomic(tmp_path / place):
        pass


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.EROFS, "Read-only file system. Name a place that you may write to"),
        (errno.ENOSPC, "No space left on device. Make room"),
    ],
)
def test_unwritable__what_the_disk_says__with_its_remedy(number: int, says: str) -> None:
    told = str(unwritable("x/y", OSError(number, "")))
    assert told == f"'x/y' cannot be written: {says}, then run the command again."

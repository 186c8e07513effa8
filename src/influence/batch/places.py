"""What the places of input and output mean; told from their names, before anything heavy is loaded."""

from __future__ import annotations

import glob
import json
import os
from pathlib import Path

from influence.addresses import Place, checked, is_address
from influence.errors import ConfigError, DataError
from influence.writing import FORMATS, check_format

MANIFEST = "_manifest.json"
"""What tells of the parts in a folder; readers of tables pass over names that begin so."""
HIDDEN = (".", "_")


def paths_of(place: str | Path) -> tuple[Path, ...]:
    """The files that a place means: one, those of a folder, or those that a pattern with * matches, by name.

    Raises
    ------
    ConfigError
        If a format is not known.
    DataError
        If there is nothing, or a folder holds other files, or parts of a run that is not finished.
    """
    path = Path(place)
    if path.is_dir():
        return _in_folder(path)
    if path.is_file() or not glob.has_magic(str(place)):
        if not path.is_file():
            raise DataError(f"There is no file or folder {str(path)!r}. Check the path of the input.")
        check_format(path)
        return (path,)
    pattern = path.relative_to(path.anchor)
    found = sorted(Path(path.anchor).glob(str(pattern)))
    files = tuple(each for each in found if each.is_file() and not each.name.startswith("."))
    if not files:
        raise DataError(f"No file matches {str(place)!r}. Check the pattern.")
    return _of_one_kind(files, str(place))


def _in_folder(folder: Path) -> tuple[Path, ...]:
    manifest = folder / MANIFEST
    if manifest.is_file() and not _is_finished(manifest):
        raise DataError(f"{str(folder)!r} holds a run that is not finished. Let it end first.")
    files = tuple(each for each in sorted(folder.iterdir()) if not each.name.startswith(HIDDEN))
    if not files:
        raise DataError(f"{str(folder)!r} is empty. Name a folder of .parquet or .csv files.")
    return _of_one_kind(files, str(folder))


def _is_finished(manifest: Path) -> bool:
    try:
        return bool(json.loads(manifest.read_text("utf-8"))["finished"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _of_one_kind(files: tuple[Path, ...], told: str) -> tuple[Path, ...]:
    kind = files[0].suffix.lower()
    for each in files:
        if each.suffix.lower() != kind or kind not in FORMATS or not each.is_file():
            raise DataError(
                f"{told}: {each.name} is not one of the others' kind. Leave .parquet files there, or .csv "
                "files, and nothing else."
            )
    return files


def is_folder(target: Place) -> bool:
    """Whether answers become a folder of parts: no ending, a / at the end, or a folder that is there."""
    return not is_address(target) and (
        str(target).endswith("/") or Path(target).suffix == "" or Path(target).is_dir()
    )


def check_paths(source: Place, target: Place) -> None:
    """See that input and output can be meant, before anything costly happens.

    Raises
    ------
    ConfigError, DataError
        As `score` does.
    """
    if is_address(target):
        _check_table(str(target))
    elif not is_folder(target) and Path(target).suffix.lower() not in FORMATS:
        raise ConfigError(
            f"{str(target)!r}: unknown format. Use a name that ends in .parquet or .csv, or, for a folder of "
            "parts, in /."
        )
    if not is_address(target):
        check_writable(Path(target))
    if is_address(source):
        _check_table(str(source))
        same = source == target
    else:
        files = paths_of(source)
        same = not is_address(target) and _overlap(Path(target), Path(source), files)
    if same:
        raise ConfigError(f"{str(source)!r} is input and output at once. Name another output.")


def _overlap(target: Path, source: Path, files: tuple[Path, ...]) -> bool:
    """Whether the output is one of the files asked from, or lies in the folder that is asked from."""
    inside = source.is_dir() and target.resolve().is_relative_to(source.resolve())
    return inside or target.resolve() in {file.resolve() for file in files}


def check_target(target: str | Path) -> None:
    """See that rows can be written into a file or a folder of parts.

    Raises
    ------
    ConfigError
        If the format is not known, or the place is not to be written to.
    """
    if not is_folder(target):
        check_format(Path(target))
    check_writable(Path(target))


def check_writable(target: Path) -> None:
    """See that a file or a folder can be made there; folders above it that are missing are made on writing.

    Raises
    ------
    ConfigError
        If not, naming what stands in the way.
    """
    there = next(each for each in (target, *target.absolute().parents) if each.exists())
    if there != target and not there.is_dir():
        raise ConfigError(f"{str(target)!r} cannot be written: {str(there)!r} is a file. Name another place.")
    if not os.access(there, os.W_OK):
        raise ConfigError(
            f"{str(target)!r} cannot be written: {str(there)!r} is not yours to write to. Name another place."
        )


def _check_table(address: str) -> None:
    from influence.batch.databases import TableAddress

    TableAddress.of(checked(address))

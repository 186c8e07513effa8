"""Which sources lie at a place, told by names, headers and addresses alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from influence.addresses import Place, beside, checked, is_address, shown
from influence.errors import ConfigError, DataError, nearest
from influence.readers.config import ReadingConfig
from influence.readers.databases import DATABASE
from influence.readers.mapping import MAPPED, maps
from influence.readers.registry import READERS
from influence.readers.source import Reader


@dataclass(frozen=True)
class Source:
    """A place and the reader that recognises it."""

    place: Place
    reader: Reader


def sources_at(
    places: str | Path | Sequence[str | Path], reader: str | None, asked: ReadingConfig
) -> list[Source]:
    """The sources at one place or several, in their order.

    Raises
    ------
    DataError
        If a place holds none.
    ConfigError
        If no place is named, or there is no such reader.
    """
    listed = [places] if isinstance(places, str | Path) else list(places)
    if not listed:
        raise ConfigError("Nothing to read was named. Name a folder or a file.")
    return [source for place in listed for source in _at(place, reader, asked)]


def _at(place: str | Path, name: str | None, asked: ReadingConfig) -> list[Source]:
    """The sources at a place; files that a mapping names are read by it, whatever they are."""
    mapping = asked.mapping if name in (None, MAPPED.name) and not is_address(place) else None
    if mapping is not None and maps(Path(place), mapping):
        return [Source(Path(place), MAPPED)]
    return _sources(place, name)


def _sources(place: str | Path, name: str | None) -> list[Source]:
    """The sources at a place.

    Raises
    ------
    DataError
        If there are none.
    """
    path = Path(place)
    if name is not None and name not in READERS:
        raise ConfigError(f"There is no reader {name!r}. {nearest(name, READERS)}")
    if is_address(place):
        return [_database(str(place), name)]
    if not path.exists():
        remedy = beside(path) or "Check the path; `influence list` names all readers."
        raise DataError(f"There is no file or folder {str(path)!r}. {remedy}")
    if path.is_dir() and not any(path.iterdir()):
        raise DataError(f"{str(path)!r} is empty. It must hold one of these:", _looked_for())
    if name is not None:
        if not READERS[name].recognises(path):
            raise DataError(f"{str(path)!r} does not hold what {name} looks for: {READERS[name].looks_for}.")
        return [Source(path, READERS[name])]
    found = _recognise(path)
    if not found and path.is_dir():
        found = [
            source for child in sorted(path.iterdir()) if not _hidden(child) for source in _recognise(child)
        ]
    around = _recognise(path.parent) if not found and path.is_file() else []
    if around and not around[0].reader.shares_folder:  # such a reader would have known its own file alone
        raise DataError(
            f"{str(path)!r} is one file of what {around[0].reader.name} reads as a whole. "
            f"Name the folder: {str(path.parent)!r}."
        )
    if not found:
        raise DataError(f"No reader recognises {str(path)!r}. It must hold one of these:", _looked_for())
    return found


def _database(address: str, name: str | None) -> Source:
    if name not in (None, DATABASE.name):
        raise ConfigError(f"{shown(address)} is an address: leave out the reader {name!r}.")
    return Source(checked(address), DATABASE)


def _recognise(path: Path) -> list[Source]:
    """The source that the path is as a whole, or those that share it; none where nobody recognises it."""
    found = [Source(path, each) for each in READERS.values() if each.recognises(path)]
    shared = [source for source in found if source.reader.shares_folder]
    return shared if found and found[0].reader.shares_folder else found[:1]


def _hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _looked_for() -> list[str]:
    return [f"{each.name} looks for {each.looks_for}." for each in READERS.values()]

"""From places to one network: recognise each source, read it, join them, replace the ids of people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from influence.data import Network
from influence.data.pseudonyms import default_key_file, key_of, pseudonymised
from influence.errors import ConfigError, DataError, nearest
from influence.readers.config import ReadingConfig
from influence.readers.duties import observed
from influence.readers.joining import join
from influence.readers.registry import READERS
from influence.readers.source import Reader, Records, Sieve
from influence.schema import TABLES, Table

HASH_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Source:
    """A place and the reader that recognises it."""

    place: Path
    reader: Reader


def read(
    places: str | Path | Sequence[str | Path],
    reader: str | None = None,
    set_aside: str | Path | None = None,
    config: ReadingConfig | None = None,
) -> Network:
    """Records of one source or several as a validated network.

    The kind of each source is recognised by its files and their headers; a folder of no known kind is
    searched for sources one level down.  `Network.notes` says what was recognised, what could not be used,
    and what is static by declaration.

    Parameters
    ----------
    places : a folder, a file, or several of them, which become one network
    reader : the name of the reader to use, instead of recognising the source
    set_aside : a folder; rows at fault are listed there and left out, those of the source's own files as
        `source/<file>`, those of the tables made from them as `<table>.csv`. Without it they are an error.
    config : what else is asked of reading

    Raises
    ------
    DataError
        If a place is absent, empty or of no known kind, a file is broken, or records are at fault.
    ConfigError
        If there is no such reader.
    """
    asked = config or ReadingConfig()
    sieve = Sieve(None if set_aside is None else Path(set_aside), asked)
    listed = [places] if isinstance(places, str | Path) else list(places)
    if not listed:
        raise ConfigError("Nothing to read was named. Name a folder or a file.")
    sources = [source for place in listed for source in _sources(place, reader)]
    records = join(_read_all(sources, sieve, asked), asked)
    aside = sieve.finish()
    tables, keyed = _keyed(records.tables, sources, asked)
    network = Network.from_tables(tables, (*records.notes, *aside), set_aside)
    network = observed(network, any(source.reader.personal for source in sources), asked)
    ordered = {name: _in_order(TABLES[name], rows) for name, rows in network.tables.items()}
    notes = (*_recognised(sources), *network.notes, *keyed, *_static(ordered))
    return Network(MappingProxyType(ordered), notes)


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
    if "://" in str(place):
        raise DataError(f"{str(place)!r} is an address; only folders and files can be read.")
    if not path.exists():
        raise DataError(f"{str(path)!r} does not exist. Name one of these:", _looked_for())
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
    if not found and path.is_file() and (around := _recognise(path.parent)):
        raise DataError(
            f"{str(path)!r} is one file of what {around[0].reader.name} reads as a whole. "
            f"Name the folder: {str(path.parent)!r}."
        )
    if not found:
        raise DataError(f"No reader recognises {str(path)!r}. It must hold one of these:", _looked_for())
    return found


def _recognise(path: Path) -> list[Source]:
    """The source that the path is as a whole; none where nobody recognises it."""
    return [Source(path, each) for each in READERS.values() if each.recognises(path)][:1]


def _hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _looked_for() -> list[str]:
    return [f"{each.name} looks for {each.looks_for}." for each in READERS.values()]


def _read_all(sources: Sequence[Source], sieve: Sieve, asked: ReadingConfig) -> list[Records]:
    """What each holds; sources of one kind stand together, as one where their reader pools them."""
    owes = asked.legal_basis is not None or asked.retain_until is not None
    traced = owes or len(sources) > 1 or any(source.reader.personal for source in sources)
    found: list[Records] = []
    for reader in dict.fromkeys(source.reader for source in sources):
        places = [source.place for source in sources if source.reader is reader]
        if reader.pool is not None:
            found.append(reader.pool(places, sieve))
            continue
        for place in places:
            records = reader.read(place, sieve)
            found.append(_traced(records, place, reader, asked) if traced else records)
    return found


def _traced(records: Records, place: Path, reader: Reader, asked: ReadingConfig) -> Records:
    """The records with a row in `sources`, which their contacts name."""
    if "sources" in records.tables:
        return records
    row = source_row(place, reader.name, records.exported_at, asked)
    tables = {**records.tables, "sources": row}
    if "contacts" in tables:
        contacts = tables["contacts"]
        told = contacts["source"] if "source" in contacts.columns else pd.Series(pd.NA, contacts.index)
        tables["contacts"] = contacts.assign(source=told.fillna(row["source_id"].iloc[0]))
    return replace(records, tables=tables)


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


def _keyed(
    tables: Mapping[str, pd.DataFrame], sources: Iterable[Source], asked: ReadingConfig
) -> tuple[Mapping[str, pd.DataFrame], tuple[str, ...]]:
    """The tables with people's ids replaced, where that was asked for or a source names people."""
    if asked.key_file is None and not any(source.reader.personal for source in sources):
        return tables, ()
    file = asked.key_file or default_key_file()
    key, is_new = key_of(file)
    made = " It was made just now: keep it, and keep it from others." if is_new else ""
    return pseudonymised(tables, key), (f"The ids of people are pseudonyms under the key in {file}.{made}",)


def _recognised(sources: Sequence[Source]) -> tuple[str, ...]:
    if len(sources) == 1:
        return (f"Recognised as {sources[0].reader.name}.",)
    return tuple(f"{source.place.name}: recognised as {source.reader.name}." for source in sources)


def _in_order(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows by their key, so that the order within a file never matters; undated ones come first."""
    return rows.sort_values(list(table.key), na_position="first", ignore_index=True)


def _static(tables: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    """Which tables, or how many of their rows, hold no time of observation."""
    notes = []
    for name, rows in tables.items():
        since = TABLES[name].visible_from
        n_static = 0 if since is None else int(rows[since].isna().sum())
        if n_static:
            which = "all rows" if n_static == len(rows) else f"{n_static:,} of {len(rows):,} rows"
            notes.append(
                f"{name}: {which} without {since}: static by declaration, taken as known at any time."
            )
    return tuple(notes)

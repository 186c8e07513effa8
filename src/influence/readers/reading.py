"""From places to one network: recognise each source, read it, join them, replace the ids of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from influence.addresses import Place, is_address, label_of
from influence.data import Network
from influence.data.pseudonyms import default_key_file, key_of, pseudonymised
from influence.errors import ConfigError, DataError
from influence.progress import Tell, silent
from influence.readers.config import ReadingConfig
from influence.readers.databases import content_digest as rows_digest
from influence.readers.duties import observed
from influence.readers.joining import Joined, join, match
from influence.readers.ordering import in_order
from influence.readers.provenance import source_row
from influence.readers.recognising import Source, sources_at
from influence.readers.source import Reader, Records, Sieve
from influence.readers.stored import read_stored, stored_among
from influence.schema import TABLES


def read(
    places: str | Path | Sequence[str | Path],
    reader: str | None = None,
    set_aside: str | Path | None = None,
    config: ReadingConfig | None = None,
    tell: Tell = silent,
) -> Network:
    """Records of one source or several as a validated network.

    The kind of each source is recognised by its files and their headers, a database by its address; a folder
    of no known kind is searched for sources one level down.  `Network.notes` says what was recognised, what
    could not be used, and what is static by declaration.

    Parameters
    ----------
    places : a folder, a file, the address of a database, or several of them, which become one network
    reader : the name of the reader to use, instead of recognising the source
    set_aside : a folder; rows at fault are listed there and left out, those of the source's own files as
        `source/<file>`, those of the tables made from them as `<table>.csv`. Without it they are an error.
    config : what else is asked of reading
    tell : hears which file is being read, and what follows

    Raises
    ------
    DataError
        If a place is absent, empty or of no known kind, a file is broken or cannot be opened, or records are
        at fault.
    ConfigError
        If there is no such reader.
    """
    try:
        return _read(
            places, reader, None if set_aside is None else Path(set_aside), config or ReadingConfig(), tell
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(f"{str(error.filename or places)!r:.500} cannot be used: {reason}.") from error


def _read(
    places: str | Path | Sequence[str | Path],
    reader: str | None,
    set_aside: Path | None,
    asked: ReadingConfig,
    tell: Tell,
) -> Network:
    if (graph := stored_among(places)) is not None:
        return read_stored(graph)
    tell("reading records", 0, 1)
    sieve = Sieve(set_aside, asked, tell)
    sources = sources_at(places, reader, asked)
    network, keyed = _validated(sources, sieve, asked)
    ordered = {name: in_order(TABLES[name], rows) for name, rows in network.tables.items()}
    tell("records are read", 1, 1)
    notes = (*_recognised(sources), *network.notes, *keyed, *_static(ordered))
    return Network(MappingProxyType(ordered), notes)


def matched(
    places: str | Path | Sequence[str | Path],
    reader: str | None = None,
    set_aside: str | Path | None = None,
    config: ReadingConfig | None = None,
) -> Joined:
    """Who is who in several sources, as `read` joins them, with the names and ids that they give.

    Raises
    ------
    DataError, ConfigError
        As `read` does; and if there are not two sources.
    """
    asked = config or ReadingConfig()
    sieve = Sieve(None if set_aside is None else Path(set_aside), asked)
    found = _read_all(sources_at(places, reader, asked), sieve, asked)
    sieve.finish()
    joined = match(found, asked.joining)
    if len(joined.observed.sources) < 2:
        raise ConfigError("One source alone has nobody to be matched with. Name two or more.")
    return joined


def _validated(
    sources: Sequence[Source], sieve: Sieve, asked: ReadingConfig
) -> tuple[Network, tuple[str, ...]]:
    """What the sources hold as one network, and a note on its ids; the cells as they came are let go of."""
    records = join(_read_all(sources, sieve, asked), asked)
    aside = sieve.finish()
    tables, keyed = _keyed(records.tables, sources, asked)
    network = Network.from_tables(tables, (*records.notes, *aside), sieve.folder)
    return observed(network, any(source.reader.personal for source in sources), asked), keyed


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
        for done, place in enumerate(places):
            if len(places) > 1:
                sieve.tell(label_of(place), done, len(places))
            records = reader.read(place, sieve)
            found.append(_traced(records, place, reader, asked) if traced else records)
    sieve.tell("checking records", 0, 1)
    return found


def _traced(records: Records, place: Place, reader: Reader, asked: ReadingConfig) -> Records:
    """The records with a row in `sources`, which their contacts name."""
    if "sources" in records.tables:
        return _stated(records, asked)
    digest = rows_digest(records.tables) if is_address(place) else None
    row = source_row(place, reader.name, records.exported_at, asked, digest)
    tables = {**records.tables, "sources": row}
    if "contacts" in tables:
        contacts = tables["contacts"]
        told = contacts["source"] if "source" in contacts.columns else pd.Series(pd.NA, contacts.index)
        tables["contacts"] = contacts.assign(source=told.fillna(row["source_id"].iloc[0]))
    if "identities" in tables and "source_id" not in tables["identities"].columns:
        tables["identities"] = tables["identities"].assign(source_id=row["source_id"].iloc[0])
    return replace(records, tables=tables)


def _stated(records: Records, asked: ReadingConfig) -> Records:
    """Records that bring `sources` along, with what is asked of these where they state nothing themselves."""
    sources, notes = records.tables["sources"], list(records.notes)
    for name, value in (("legal_basis", asked.legal_basis), ("retain_until", asked.retain_until)):
        if value is None:
            continue
        own = sources[name] if name in sources.columns else pd.Series(pd.NA, sources.index)
        told, is_time = str(value), own.dtype.kind == "M"
        stated = (own.dt.strftime("%Y-%m-%d") if is_time else own.astype("str"))[own.notna()]
        if kept := int((stated != told).sum()):
            notes.append(f"sources: {kept:,} keep the {name} that they state themselves, not {told}.")
        sources = sources.assign(**{name: own.fillna(pd.Timestamp(value, tz=own.dt.tz) if is_time else told)})
    return replace(records, tables={**records.tables, "sources": sources}, notes=tuple(notes))


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
    return tuple(f"{label_of(source.place)}: recognised as {source.reader.name}." for source in sources)


def _static(tables: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    """Which tables, or how many of their rows, hold no time of observation."""
    notes = []
    for name, rows in tables.items():
        since = TABLES[name].visible_from
        n_static = 0 if since is None else int(rows[since].isna().sum())
        if n_static:
            which = (
                "no row tells" if n_static == len(rows) else f"{n_static:,} of {len(rows):,} rows do not tell"
            )
            notes.append(f"{name}: {which} since when it was known ({since}): taken as known at any time.")
    return tuple(notes)

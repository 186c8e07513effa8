"""A few invented people as a personal source gives them, read under a key, and what searches every byte."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from influence.data import Network
from influence.data.pseudonyms import pseudonym, pseudonymised
from influence.readers import write_tables

KEY = "5c" * 32
NAMES = {
    "profile:ann-lee-7": "Ann Lee",
    "profile:bo-day-8": "Bo Day",
    "profile:cy-oneil-9": "Cy O'Neil",
    "email:dee@acme.example": "Dee Fox",
}
ANN, BO, CY, DEE = NAMES


def own(person: str) -> str:
    """The pseudonym of somebody."""
    return pseudonym(bytes.fromhex(KEY), person)


def day(n: int) -> str:
    """Morning of a day of January."""
    return f"2025-01-{n + 1:02d}T08:00:00Z"


def identities() -> list[dict[str, object]]:
    """Names of all, profiles and addresses of some."""
    told = [(one, "name", name) for one, name in NAMES.items()]
    told += [(one, "profile", one.partition(":")[2]) for one in (ANN, BO, CY)]
    told += [(ANN, "email", "ann.lee@acme.example"), (DEE, "email", "dee@acme.example")]
    return [
        {"contact_id": one, "kind": kind, "value": value, "source_id": "s:1"} for one, kind, value in told
    ]


def tables() -> dict[str, pd.DataFrame]:
    """Every table that may hold a person, ids still readable."""
    people = list(NAMES)
    found: dict[str, list[dict[str, object]]] = {
        "contacts": [{"contact_id": one, "company_id": "acme", "source": "s:1"} for one in people],
        "companies": [{"company_id": "acme", "name": "Acme", "country": "DE"}],
        "connections": [
            {"source_id": ANN, "target_id": BO, "connected_at": day(0)},
            {"source_id": BO, "target_id": CY, "connected_at": day(1), "observed_by": ANN},
        ],
        "invitations": [
            {"invitation_id": f"{one}>{two}", "sender_id": one, "recipient_id": two, "outcome": "pending"}
            for one, two in ((ANN, CY), (BO, CY), (CY, DEE), (DEE, ANN))
        ],
        "contents": [
            {"content_id": "post-1", "author_id": ANN, "at": day(2), "observed_at": day(2)},
            {"content_id": "post-2", "author_id": BO, "at": day(3), "observed_at": day(3)},
        ],
        "interactions": [
            {"event_id": "e1", "actor_id": ANN, "target_id": BO, "kind": "like", "content_id": "post-2"},
            {"event_id": "e2", "actor_id": CY, "target_id": BO, "kind": "share", "content_id": "post-1"},
            {"event_id": "e3", "actor_id": CY, "target_id": BO, "kind": "like", "content_id": "post-2"},
        ],
        "adoptions": [{"contact_id": one, "item": "cnc", "at": day(7)} for one in (ANN, BO)],
        "nominations": [{"source_id": BO, "target_id": one, "topic": "cnc"} for one in (ANN, CY)],
        "traits": [{"contact_id": one, "name": "age", "value": 40.0} for one in (ANN, CY)],
        "deals": [{"deal_id": "d1", "company_id": "acme", "opened_at": day(8)}],
        "deal_roles": [
            {"deal_id": "d1", "contact_id": ANN, "side": "buy", "role": "user"},
            {"deal_id": "d1", "contact_id": BO, "side": "sell", "role": "rep"},
        ],
        "sources": [{"source_id": "s:1", "file": "Export_Ann Lee.zip", "legal_basis": "consent"}],
        "identities": identities(),
        "matches": [
            {"record_id": f"crm:{i}00{i}", "source_id": "s:1", "contact_id": one, "rule": "email"}
            for i, one in enumerate(people)
        ],
    }
    for name, at in (("invitations", "sent_at"), ("interactions", "at")):
        for i, row in enumerate(found[name]):
            row[at] = day(i + 9)
    return {name: pd.DataFrame(rows) for name, rows in found.items()}


def network() -> Network:
    """The same as one network, under the key."""
    return Network.from_tables(pseudonymised(tables(), bytes.fromhex(KEY)))


def folder(place: Path) -> Path:
    """The network's tables in a folder, and its key beside it."""
    write_tables(network(), place)
    (place.parent / "key").write_text(KEY)
    return place


TERMS = (ANN, own(ANN), "ann-lee-7", "ann.lee@acme.example", "Ann Lee")


def holding(place: Path, terms: Iterable[str] = TERMS) -> list[str]:
    """Files below a place that hold one of the terms anywhere, unpacked: `file: term`."""
    found = []
    for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
        if path.is_file():
            text = "\n".join(unpacked(path)).casefold()
            found += [f"{path.name}: {term}" for term in terms if term.casefold() in text]
    return found


def unpacked(path: Path) -> Iterator[str]:
    """The bytes of a file as they are, and what they hold once unpacked."""
    content = path.read_bytes()
    yield content.decode("latin-1")
    yield content.decode("utf-8", "replace")
    if content[:4] == b"PAR1":
        file = pq.ParquetFile(path)
        yield str(file.schema_arrow.metadata) + file.read().to_pandas().to_csv()
        # Dictionaries may keep values that no row has.
        yield pq.read_table(path, read_dictionary=file.schema_arrow.names).to_pydict().__repr__()
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield name + archive.read(name).decode("utf-8", "replace")
                yield archive.read(name).decode("utf-32-le", "replace")
    elif content.startswith(b"SQLite"):
        with closing(sqlite3.connect(path)) as database:
            yield "\n".join(database.iterdump())

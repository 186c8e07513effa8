"""Any CSV, by a mapping of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from influence.errors import ConfigError
from influence.readers.config import ReadingConfig
from influence.readers.crm.people import contact_ids, full_names, identities, named_people, one_per_key
from influence.readers.crm.titles import read_titles
from influence.readers.crm.words import domains, emails, filled, folded_all, slugs
from influence.readers.mapping.config import PERSON, MappingFile, read_mapping
from influence.readers.mapping.conversion import converted
from influence.readers.sniffing import csv_files, read_sheet
from influence.readers.source import Reader, Records, Sieve, numbered
from influence.schema import TABLES

NAME = "mapped"
ONESELF = ("sender_id", "actor_id", "source_id")
"""Columns that are the owner's where a file does not tell them."""

Tables = dict[str, pd.DataFrame]


def maps(place: Path, mapping: Path) -> bool:
    """Whether the mapping names a file at a place."""
    how = read_mapping(mapping)
    return any(how.of(path.name) is not None for path in csv_files(place))


def read(place: Path, sieve: Sieve) -> Records:
    """The files that the mapping names, as tables; people and companies get the ids that other readers give.

    Raises
    ------
    ConfigError
        If no mapping is given, or it names columns that a file lacks.
    """
    if sieve.config.mapping is None:
        raise ConfigError("No mapping is named: --set mapping=FILE. `influence map FILE` proposes one.")
    raw, notes = _rows(place, read_mapping(sieve.config.mapping), sieve)
    companies = _Companies.of(raw.pop("companies", None))
    people = _People.of(raw.pop("contacts", None), companies, sieve.config)
    tables: Tables = {
        name: _finished(name, rows, people, companies, sieve.config) for name, rows in raw.items()
    }
    tables = {"contacts": people.rows, "companies": companies.rows, "identities": people.identities, **tables}
    tables = _with_mentioned({name: rows for name, rows in tables.items() if len(rows)})
    return Records(tables, notes)


def _rows(place: Path, mapping: MappingFile, sieve: Sieve) -> tuple[Tables, tuple[str, ...]]:
    """Table -> rows under our names, of all files."""
    parts: dict[str, list[pd.DataFrame]] = {}
    notes, foreign = list[str](), list[str]()
    for path in csv_files(place):
        how = mapping.of(path.name)
        if how is None:
            foreign.append(path.name)
            continue
        sheet = read_sheet(path)
        rows, faults, told = converted(sheet, how, sieve.config.day_first)
        sound = sieve.keep(sheet.name, sheet.rows, faults)
        parts.setdefault(how.table, []).append(rows.loc[sound.index])
        notes += [*sheet.notes, f"{path.name}: {len(sound):,} rows of {how.table}.", *told]
    if foreign:
        notes.append(f"Not in the mapping, not read: {', '.join(foreign)}.")
    return {table: pd.concat(each, ignore_index=True) for table, each in parts.items()}, tuple(notes)


def _text(rows: pd.DataFrame, name: str) -> pd.Series:
    return rows[name].astype("str") if name in rows.columns else pd.Series(pd.NA, rows.index, dtype="str")


@dataclass(frozen=True)
class _Companies:
    """Companies under the ids that all readers give: the domain, else the folded name."""

    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    by_own_id: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: pd.DataFrame | None) -> _Companies:
        if rows is None:
            return cls()
        own, domain = _text(rows, "company_id"), domains(_text(rows, "domain"))
        company_id = domain.fillna(folded_all(_text(rows, "name"))).fillna(f"{NAME}:" + own)
        told = rows.assign(company_id=company_id)
        if "domain" in rows.columns:
            told = told.assign(domain=domain)
        listed = pd.DataFrame({"own": own, "id": company_id}).dropna()
        key = [name for name in TABLES["companies"].key if name in told.columns]
        kept = told[company_id.notna()]
        return cls(one_per_key(kept, key), dict(zip(listed["own"], listed["id"], strict=True)))

    def named(self, cells: pd.Series) -> pd.Series:
        """company_id of cells that hold an id of the file of companies, a domain or a name."""
        return cells.map(self.by_own_id).astype("str").fillna(domains(cells)).fillna(folded_all(cells))


@dataclass(frozen=True)
class _People:
    """Contacts under the ids that all readers give: the profile, else the e-mail address, else their own."""

    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    identities: pd.DataFrame = field(default_factory=pd.DataFrame)
    by_own_id: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: pd.DataFrame | None, companies: _Companies, config: ReadingConfig) -> _People:
        if rows is None:
            return cls()
        who = rows.assign(**{name: _text(rows, name) for name in PERSON})
        own, employer = _text(rows, "contact_id"), folded_all(who["employer"])
        who = who.assign(name=full_names(who), email=who["email"].fillna(emails(own)))
        called = filled(folded_all(who["name"]).fillna("") + "|" + employer.fillna(""))
        who["contact_id"] = contact_ids(
            NAME, own.fillna(called.where(called != "|")), who["email"], who["profile"].fillna(own)
        )
        who["company_id"] = companies.named(_text(rows, "company_id").fillna(who["employer"]))
        who = who.assign(**_from_titles(who, config.titles))
        known = who[who["contact_id"].notna()]
        listed = pd.DataFrame({"own": own, "id": who["contact_id"]}).dropna()
        table = known[[name for name in known.columns if name not in PERSON]]
        key = [name for name in TABLES["contacts"].key if name in table.columns]
        return cls(
            one_per_key(table, key), identities(known), dict(zip(listed["own"], listed["id"], strict=True))
        )

    def named(self, cells: pd.Series) -> pd.Series:
        """contact_id of cells that hold an id of the file of contacts, a profile, an address or a name."""
        found = cells.map(self.by_own_id).astype("str")
        return (
            found.fillna("profile:" + slugs(cells))
            .fillna("email:" + emails(cells))
            .fillna(f"{NAME}:" + cells)
        )


def _from_titles(who: pd.DataFrame, wanted: bool) -> dict[str, pd.Series]:
    """Seniority and function, from the title where the file does not tell them itself."""
    found = read_titles(who["job_title"] if wanted else who["job_title"].mask(who["job_title"].notna()))
    return {name: _text(who, name).fillna(found[name]) for name in ("seniority", "job_function")}


def _finished(
    table: str, rows: pd.DataFrame, people: _People, companies: _Companies, config: ReadingConfig
) -> pd.DataFrame:
    """Rows of any other table: references under the ids of people and companies, and a key of their own."""
    rows = rows.copy()
    for column in TABLES[table].columns:
        if column.name in ONESELF and column.references == "contacts" and config.owner is not None:
            owner = named_people(pd.Series([config.owner], dtype="str"), NAME)["contact_id"].iloc[0]
            rows[column.name] = people.named(_text(rows, column.name)).fillna(owner)
        elif column.name in rows.columns and column.references == "contacts":
            rows[column.name] = people.named(_text(rows, column.name))
        elif column.name in rows.columns and column.references == "companies":
            rows[column.name] = companies.named(_text(rows, column.name))
        elif column.name in rows.columns and (column.references or column.name == "deal_id"):
            rows[column.name] = f"{NAME}:" + _text(rows, column.name)
    if "accepted_at" in rows.columns:
        rows = rows.assign(
            responded_at=rows["accepted_at"],
            outcome=np.where(rows["accepted_at"].notna(), "accepted", "pending"),
        ).drop(columns="accepted_at")
    return _keyed(table, rows)


def _keyed(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with a key of their own where the file has none: what they tell, numbered where alike."""
    key = TABLES[table].key[0]
    own = TABLES[table].column(key)
    if key in rows.columns or own.references is not None or len(TABLES[table].key) > 1:
        return rows
    told = [
        name
        for name in ("sender_id", "actor_id", "recipient_id", "target_id", "kind")
        if name in rows.columns
    ]
    times = [name for name in ("sent_at", "at") if name in rows.columns]
    name = pd.Series(NAME, rows.index, dtype="str")
    for column in told:
        name = name + ">" + rows[column].astype("str").fillna("")
    for column in times:
        name = name + "@" + rows[column].dt.strftime("%Y-%m-%dT%H:%M:%SZ").fillna("")
    return rows.assign(**{key: numbered(name)})


def _with_mentioned(tables: Tables) -> Tables:
    """The tables, where contacts and companies have a row for everybody whom the others name."""
    for table in ("companies", "contacts"):
        key = TABLES[table].key[0]
        named = pd.concat([pd.Series(dtype="str"), *_references(tables, table)], ignore_index=True).dropna()
        listed = tables[table] if table in tables else pd.DataFrame({key: pd.Series(dtype="str")})
        new = named[~named.isin(listed[key])].drop_duplicates().sort_values()
        if len(new):
            tables = {**tables, table: pd.concat([listed, pd.DataFrame({key: new})], ignore_index=True)}
    return tables


def _references(tables: Mapping[str, pd.DataFrame], to: str) -> Iterable[pd.Series]:
    for name, rows in tables.items():
        for column in TABLES[name].columns:
            if column.references == to and column.name in rows.columns and name != to:
                yield rows[column.name].astype("str")


MAPPED = Reader(
    NAME,
    "CSV files that a mapping names (--set mapping=FILE; `influence map FILE` proposes one)",
    lambda place: False,
    read,
    personal=True,
    shares_folder=True,
)

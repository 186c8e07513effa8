"""Every record of a person in every source, and what it tells of who that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.readers.joining import spelling
from influence.readers.source import Records
from influence.schema import TABLES

KINDS = ("profile", "email")
"""What record ids may be made of, `<kind>:<value>`, and what identifies a person wherever it is told."""

UNNAMED = "?"
NOBODY = pd.DataFrame({"record": np.empty(0, np.int64), "kind": "", "value": ""})


@dataclass(frozen=True)
class Observed:
    """One record per id of a person and source read; records are numbered.

    Attributes
    ----------
    of : int64 [n], which of the `Records` each stands in
    ids : str [n], its id there
    sources : the ids of the sources; one that has none gets a number after UNNAMED
    told_by : columns record, source (a position in `sources`): a record of a pool may be of several
    identities : columns record, kind, value as told
    """

    of: NDArray[np.int64]
    ids: NDArray[np.object_]
    sources: tuple[str, ...]
    told_by: pd.DataFrame
    identities: pd.DataFrame

    def __len__(self) -> int:
        return len(self.ids)

    def values(self, kind: str) -> pd.DataFrame:
        """Columns record, value of one kind of identity, as told; no two rows alike."""
        rows = self.identities[self.identities["kind"] == kind]
        return rows[["record", "value"]].drop_duplicates(ignore_index=True)

    @cached_property
    def names(self) -> dict[int, frozenset[tuple[str, ...]]]:
        """The names of each record, as words; records without one are absent."""
        rows = self.values("name")
        words = [spelling.name(value) for value in rows["value"]]
        found: dict[int, set[tuple[str, ...]]] = {}
        for record, each in zip(rows["record"].tolist(), words, strict=True):
            if each:
                found.setdefault(record, set()).add(each)
        return {record: frozenset(each) for record, each in found.items()}

    @cached_property
    def source_bits(self) -> NDArray[np.uint8]:
        """The sources of each record as bits [n, ceil(sources / 8)]."""
        told = np.zeros((len(self), len(self.sources)), dtype=np.bool_)
        told[self.told_by["record"], self.told_by["source"]] = True
        return np.packbits(told, axis=1)


def observe(found: Sequence[Records], of_acceptors: bool) -> Observed:
    """The records of all sources, without what is told of those who accepted alone unless asked for."""
    sources: list[str] = []
    ids, of, told_by, identities = [], [], [], []
    start = 0
    for number, records in enumerate(found):
        own = _ids(records.tables)
        named = _source_ids(records) or [f"{UNNAMED}{number}"]
        sources.extend(each for each in named if each not in sources)
        told, who = (
            _told(records, own, named),
            _identities(records, own, () if of_acceptors else records.of_acceptors),
        )
        places = told["source"].map({each: sources.index(each) for each in named})
        told_by.append(pd.DataFrame({"record": told["record"] + start, "source": places.astype("int64")}))
        identities.append(who.assign(record=who["record"] + start))
        ids.append(own.to_numpy(object))
        of.append(np.full(len(own), number))
        start += len(own)
    return Observed(
        np.concatenate(of),
        np.concatenate(ids),
        tuple(sources),
        pd.concat(told_by, ignore_index=True),
        pd.concat(identities, ignore_index=True),
    )


def columns_of(tables: Mapping[str, pd.DataFrame], of: str) -> Iterator[tuple[str, str]]:
    """Table and column of every cell that holds an id of `contacts` or `companies`."""
    for name, rows in tables.items():
        if name not in TABLES:
            continue
        for column in TABLES[name].columns:
            is_key = name == of and column.name == TABLES[of].key[0]
            by = of == "contacts" and column.name == "observed_by"
            if column.name in rows.columns and (column.references == of or is_key or by):
                yield name, column.name


def _ids(tables: Mapping[str, pd.DataFrame]) -> pd.Index:
    parts = [
        tables[name][column].dropna().astype("str").unique()
        for name, column in columns_of(tables, "contacts")
    ]
    return pd.Index(sorted(set().union(*map(list, parts))), dtype="object")


def _column(tables: Mapping[str, pd.DataFrame], table: str, column: str) -> pd.Series:
    if table not in tables or column not in tables[table].columns:
        return pd.Series(dtype="str")
    return tables[table][column].dropna().astype("str")


def _source_ids(records: Records) -> list[str]:
    return sorted(set(_column(records.tables, "sources", "source_id")))


def _told(records: Records, own: pd.Index, sources: Sequence[str]) -> pd.DataFrame:
    """Columns record, source: the one source, or those of a pool that name the record; else all of them."""
    if len(sources) == 1:
        return pd.DataFrame({"record": np.arange(len(own)), "source": sources[0]})
    parts = [
        records.tables[table][["contact_id", column]].dropna().set_axis(["id", "source"], axis=1)
        for table, column in (("identities", "source_id"), ("contacts", "source"))
        if table in records.tables and column in records.tables[table].columns
    ]
    named = pd.concat([*parts, pd.DataFrame({"id": [], "source": []}, dtype="str")]).drop_duplicates()
    named = named[named["source"].isin(sources)]
    named = named.assign(record=_places(own, named["id"]))[["record", "source"]]
    silent = np.setdiff1d(np.arange(len(own)), named["record"])
    every = pd.DataFrame({"record": silent}).merge(pd.DataFrame({"source": list(sources)}), how="cross")
    return pd.concat([named, every], ignore_index=True)


def _identities(records: Records, own: pd.Index, but: Sequence[str]) -> pd.DataFrame:
    """Columns record, kind, value: rows of the table `but` some kinds, ids of people, and companies."""
    parts = [NOBODY]
    for kind in KINDS if len(own) else ():
        record = np.flatnonzero(own.str.startswith(f"{kind}:"))
        told = own[record].str.removeprefix(f"{kind}:")
        parts.append(pd.DataFrame({"record": record, "kind": kind, "value": told}))
    if (table := records.tables.get("identities")) is not None:
        rows = table.loc[~table["kind"].isin(but), ["contact_id", "kind", "value"]].dropna().astype("str")
        parts.append(rows.assign(record=_places(own, rows["contact_id"])).drop(columns="contact_id"))
        parts.append(_employers(records.tables, own))
    rows = pd.concat([part[["record", "kind", "value"]] for part in parts], ignore_index=True)
    return rows.drop_duplicates(ignore_index=True).astype({"record": "int64", "kind": "str", "value": "str"})


def _places(own: pd.Index, ids: pd.Series) -> NDArray[np.int64]:
    return own.get_indexer(pd.Index(ids.astype("str"))).astype(np.int64)


def _employers(tables: Mapping[str, pd.DataFrame], own: pd.Index) -> pd.DataFrame:
    """The companies of a source that names people, by name where it is told."""
    if "contacts" not in tables or "company_id" not in tables["contacts"].columns:
        return NOBODY
    works = tables["contacts"][["contact_id", "company_id"]].dropna().astype("str").drop_duplicates()
    parts = [works["company_id"]]
    if "companies" in tables and "name" in tables["companies"].columns:
        called = tables["companies"][["company_id", "name"]].dropna().drop_duplicates("company_id")
        parts.append(works["company_id"].map(called.set_index("company_id")["name"]).dropna())
    employers = pd.concat(parts)
    record = _places(own, works["contact_id"].loc[employers.index])
    return pd.DataFrame({"record": record, "kind": "employer", "value": employers.to_numpy()})

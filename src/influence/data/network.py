"""A team's records as validated tables, with id vocabularies and a view of the past."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from numbers import Number
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

import pandas as pd

from influence.data.profile import Profile, Profiled
from influence.data.pseudonyms import PSEUDONYM
from influence.data.validation import latest_times, validate, validate_setting_aside
from influence.errors import ConfigError, DataError, nearest
from influence.markup import face
from influence.schema import PANDAS_DTYPES, TABLES, Column, Table

if TYPE_CHECKING:
    from influence.data.sheet import Sheet

PART = 2**18
"""Rows that are hashed at once; all at once would take as much memory again as the records."""

ANY_MOMENT = pd.Timestamp("1970-01-01", tz="UTC")
"""Asked about where nothing on record has a time: what has none holds at every moment."""

MAY_BE_UNDATED = ("nominations", "connections", "company_links")
"""Tables that teach something without a time."""

CONTACT_COLUMNS = (
    "contact_id", "sender_id", "recipient_id", "introducer_id", "endorser_id", "source_id", "target_id",
)  # fmt: skip
"""The columns of answers that hold ids of contacts."""

CONTACTS_OR_COMPANIES = ("source_id", "target_id")
"""Those of them that hold ids of companies in some answers."""

WORDED_COLUMNS = ("introducers", "path", "reasons")
"""The columns of answers that name contacts in words."""


def empty_table(table: Table) -> pd.DataFrame:
    """The table with all its columns and no rows."""
    return pd.DataFrame({c.name: pd.Series(dtype=PANDAS_DTYPES[c.kind]) for c in table.columns})


@cache
def _lacking(name: str) -> pd.DataFrame:
    """What stands for a table that a source lacks; like all tables, never altered in place."""
    return empty_table(TABLES[name])


def to_utc(at: str | pd.Timestamp) -> pd.Timestamp:
    """A time as a UTC timestamp; a time without a zone is taken as UTC."""
    try:
        if isinstance(at, Number):  # which pandas takes for nanoseconds since 1970
            raise TypeError("a number")
        stamp = pd.Timestamp(at)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{at!r} is not a time. Write it as 2026-01-31 or 2026-01-31T08:00:00Z.") from error
    if pd.isna(stamp):
        raise ConfigError("The time is missing. Write it as 2026-01-31 or 2026-01-31T08:00:00Z.")
    return stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")


@dataclass(frozen=True, eq=False)
class Network:
    """Validated tables of the vocabulary in `schema.py`.

    Build one with `influence.read`, `influence.synthesize` or `Network.from_tables`; the tables are
    complete (every column of the schema, missing values NA) and must not be altered in place.
    """

    tables: Mapping[str, pd.DataFrame]
    """Table name -> rows.  A table that the source lacks is absent."""
    notes: tuple[str, ...] = field(default=())
    """What the reader recognised, set aside, or could not use, in plain sentences."""
    graph: Path | None = None
    """A folder with the graph of just these tables, built before (`influence build-graph`)."""

    @classmethod
    def from_tables(
        cls,
        tables: Mapping[str, pd.DataFrame],
        notes: Iterable[str] = (),
        set_aside: str | Path | None = None,
    ) -> Network:
        """Validate raw tables into a network.

        With `set_aside`, a folder, rows at fault are listed there, table by table, left out and
        counted in the notes.

        Raises
        ------
        DataError
            Listing every problem of every table, with rows and remedy.
        """
        if set_aside is None:
            return cls(MappingProxyType(validate(tables)), tuple(notes))
        sound, aside = validate_setting_aside(tables, set_aside)
        return cls(MappingProxyType(sound), (*notes, *aside))

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def table(self, name: str) -> pd.DataFrame:
        """The rows of a table; an empty one with all its columns where the source lacks it."""
        if name not in TABLES:
            raise ConfigError(f"There is no table {name!r}. {nearest(name, TABLES)}")
        return self.tables[name] if name in self.tables else _lacking(name)

    def profile(self, name: str) -> Profile:
        """Figures of a table: how many rows, from when to when, what is missing.

        Stored tables tell theirs without being read.
        """
        if name in self.tables and isinstance(self.tables, Profiled):
            return self.tables.profile(name)
        return Profile.of(TABLES[name], self.table(name))

    def n_rows(self, name: str) -> int:
        """How many rows a table has; 0 where the source lacks it."""
        is_told = name in self.tables and isinstance(self.tables, Profiled)
        return self.profile(name).rows if is_told else len(self.table(name))

    def with_tables(self, **tables: pd.DataFrame) -> Network:
        """A copy with some tables exchanged, validated anew."""
        return Network.from_tables({**self.tables, **tables}, self.notes)

    def impersonal(self) -> Network:
        """A copy without what tells who people are: some tables, and names of files, often theirs."""
        kept = {name: rows for name, rows in self.tables.items() if not TABLES[name].personal}
        if "sources" in kept:
            kept["sources"] = without_files(kept["sources"])
        return replace(self, tables=MappingProxyType(kept), graph=None)

    @cached_property
    def names(self) -> pd.Series:
        """What contacts are called, by their ids, as far as the sources told; the first name of several."""
        return self._first_told("name")

    @cached_property
    def profiles(self) -> pd.Series:
        """The addresses of contacts' profiles, by their ids, as far as known; the first of several."""
        return "https://www.linkedin.com/in/" + self._first_told("profile").map(quote)

    def _first_told(self, kind: str) -> pd.Series:
        told = self.table("identities")
        told = told[told["kind"] == kind].drop_duplicates("contact_id")
        return pd.Series(told["value"].to_numpy(), pd.Index(told["contact_id"], dtype="str"), dtype="str")

    def contact_columns(self, rows: pd.DataFrame) -> list[str]:
        """The columns of an answer that hold ids of contacts."""
        found = [name for name in CONTACT_COLUMNS if name in rows]
        ambiguous = [name for name in found if name in CONTACTS_OR_COMPANIES]
        companies = [name for name in ambiguous if not rows[name].isin(self.contact_ids).any()]
        return [name for name in found if name not in companies]

    def with_names(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of an answer with a column `..._name` after each column of contacts' ids, NA where unknown.

        Words about people name them too.
        """
        columns: dict[str, pd.Series] = {}
        people = self.contact_columns(rows)
        for column in rows.columns:
            worded = column in WORDED_COLUMNS
            columns[column] = rows[column].map(self.told, na_action="ignore") if worded else rows[column]
            if column in people:
                columns[column.removesuffix("id") + "name"] = rows[column].map(self.names)
        return pd.DataFrame(columns, index=rows.index)

    def id_of(self, called: str) -> str:
        """The id of the contact of this id or name; what is neither, as it is.

        Raises
        ------
        DataError
            If several people have the name.
        """
        if called in self.contact_ids:
            return called
        names = self.names.str.casefold()
        ids = names.index[names == called.strip().casefold()]
        if len(ids) > 1:
            raise DataError(
                f"{called!r} is what {len(ids)} people are called. Give the id of one:", sorted(ids)
            )
        return ids[0] if len(ids) else called

    def told(self, sentence: str) -> str:
        """A sentence with the names of people in the place of their pseudonyms, as far as they are known."""
        return PSEUDONYM.sub(lambda found: str(self.names.get(found[0], found[0])), sentence)

    @cached_property
    def contact_ids(self) -> pd.Index:
        """Every contact named in any table, sorted."""
        return self._ids("contacts")

    @cached_property
    def company_ids(self) -> pd.Index:
        """Every company named in any table, sorted."""
        return self._ids("companies")

    def _ids(self, of: str) -> pd.Index:
        own = TABLES[of].key[0]
        found = [
            self.tables[name][column.name].dropna().unique()
            for name in self.tables
            for column in TABLES[name].columns
            if column.references == of or (name == of and column.name == own)
        ]
        return pd.Index(sorted(set().union(*found)), dtype="str", name=own)

    def latest(self, of: Literal["contacts", "companies"], columns: Sequence[str]) -> pd.DataFrame:
        """What each contact or company was last known to be, cell by cell, by id; NA where never told.

        In the order of `contact_ids` or `company_ids`.  Ask `as_of(t)` for what was known at t.
        """
        key = TABLES[of].key[0]
        rows = self.table(of).sort_values("observed_at", kind="stable", na_position="first")
        told = rows[[key, *columns]].groupby(key, sort=False).last()
        return told.reindex(self.contact_ids if of == "contacts" else self.company_ids)

    @cached_property
    def last_observed_at(self) -> pd.Timestamp:
        """The end of the records: the latest time that any table holds.

        Raises
        ------
        DataError
            If no table holds a time.
        """
        times = list(latest_times(self.tables))
        if not times:
            raise DataError("The records hold no times. Give at least the invitations with sent_at.")
        return max(times)

    def as_of(self, at: str | pd.Timestamp) -> Network:
        """The network as it was known strictly before `at`.

        Rows that became visible at `at` or later are gone; answers, removals and closings that came
        at `at` or later are hidden again, as if still open.
        """
        moment = to_utc(at)
        visible = {name: _as_of(rows, TABLES[name], moment) for name, rows in self.tables.items()}
        visible = {name: _accompanied(rows, TABLES[name], visible) for name, rows in visible.items()}
        return replace(self, tables=MappingProxyType(visible), graph=None)

    def describe(self) -> Sheet:
        """What the records hold and what they lack: a data sheet, whose `markdown` is the page."""
        from influence.data.sheet import sheet_of

        return sheet_of(self)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the tables' contents: the same records give the same fingerprint."""
        digest = hashlib.sha256()
        for name in sorted(self.tables):
            rows = self.tables[name]
            digest.update(f"{name}:{len(rows)}:{','.join(rows.columns)}".encode())
            for begin in range(0, len(rows), PART):  # the hash of a row depends on no other
                part = rows.iloc[begin : begin + PART]
                digest.update(pd.util.hash_pandas_object(part, index=False).to_numpy().tobytes())
        return digest.hexdigest()

    def _repr_html_(self) -> str:
        rows = pd.DataFrame([_period(name, self.profile(name)) for name in self.tables])
        return face("Network", self.notes, rows)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {self.n_rows(name):,}" for name in self.tables)
        return f"Network({sizes or 'empty'})"


def moment_of(network: Network, at: str | pd.Timestamp | None = None) -> pd.Timestamp:
    """The moment asked about; by default the end of the records.

    Raises
    ------
    DataError
        If no moment is given and nothing on record has a time, unless there is what may do without.
    """
    if at is not None:
        return to_utc(at)
    try:
        return network.last_observed_at
    except DataError:
        if not any(len(network.table(name)) for name in MAY_BE_UNDATED):
            raise
        return ANY_MOMENT


def without_files(sources: pd.DataFrame) -> pd.DataFrame:
    """The table of sources without the names of their files."""
    return sources.assign(file=pd.Series(pd.NA, sources.index, dtype="str"))


def _period(name: str, told: Profile) -> dict[str, str]:
    """What a table holds, and from when to when."""
    at = TABLES[name].happened_at or TABLES[name].visible_from
    span = told.spans.get(at) if at is not None else None
    first, last = (f"{end:%Y-%m-%d}" for end in span) if span else ("", "")
    return {"table": name, "rows": f"{told.rows:,}", "from": first, "until": last}


def _as_of(rows: pd.DataFrame, table: Table, moment: pd.Timestamp) -> pd.DataFrame:
    for name in (table.visible_from, table.happened_at):
        if name is not None:
            rows = rows[rows[name].isna() | (rows[name] < moment)]
    for reveal in table.reveals:
        hidden = rows[reveal.at] >= moment
        if hidden.any():
            rows = rows.assign(
                **{
                    name: rows[name].mask(hidden, _value(table.column(name), shown))
                    for name, shown in reveal.until_then.items()
                }
            )
    if table.observed_until is not None:
        until = rows[table.observed_until]
        rows = rows.assign(**{table.observed_until: until.mask(until > moment, moment)})
    return rows.reset_index(drop=True)


def _accompanied(rows: pd.DataFrame, table: Table, visible: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows whose companion in another table is visible too, where that table is present."""
    of = table.visible_with and table.column(table.visible_with).references
    if not of or of not in visible:
        return rows
    companions = visible[of][TABLES[of].key[0]]
    return rows[rows[table.visible_with].isin(companions)].reset_index(drop=True)


def _value(column: Column, shown: str | None) -> object:
    if shown is not None:
        return shown
    return pd.NaT if column.kind == "time" else pd.NA

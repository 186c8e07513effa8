"""Who is meant: an id, a profile, an e-mail address or a name, and all that the records call them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from influence.data.identities import readable_id, slug_of, word_of
from influence.data.pseudonyms import EVENTS, default_key_file, key_of, personal_columns, pseudonym
from influence.errors import DataError
from influence.privacy.places import Places
from influence.privacy.sought import Sought
from influence.schema import TABLES

KINDS = ("profile", "email", "name")
"""Kinds of identities that name a person; an employer names many."""


@dataclass(frozen=True)
class Known:
    """What the tables at some places tell of who people are.

    Attributes
    ----------
    identities : contact_id, kind, value of everybody
    contact_ids : everybody on record
    tables : (name, rows) of every table there
    key : what pseudonyms are made with; None where there is no key
    """

    identities: pd.DataFrame
    contact_ids: frozenset[str]
    tables: tuple[tuple[str, pd.DataFrame], ...]
    key: bytes | None

    @classmethod
    def at(cls, places: Places, key_file: Path | None = None) -> Known:
        """Read the tables; a key is used where there is one, and never made.

        Raises
        ------
        DataError
            If the key file named holds no key.
        """
        file = key_file or default_key_file()
        key = key_of(file)[0] if file.is_file() else None
        if key_file is not None and key is None:
            raise DataError(f"There is no key file {str(key_file)!r}.")
        tables = tuple((name, rows) for _, name, rows in places.tables())
        ids: set[str] = set()
        for name, rows in tables:
            for column in personal_columns(TABLES[name]):
                if column in rows.columns and column not in EVENTS:
                    ids |= set(rows[column].dropna().astype("str"))
        told = [
            rows[["contact_id", "kind", "value"]].astype("str")
            for name, rows in tables
            if name == "identities"
        ]
        identities = pd.concat([pd.DataFrame(columns=["contact_id", "kind", "value"], dtype="str"), *told])
        return cls(identities.drop_duplicates(ignore_index=True), frozenset(ids), tables, key)

    def person(self, asked: str) -> Sought:
        """Everything by which files may name one person.

        Parameters
        ----------
        asked : an id, a profile's slug or address, an e-mail address, or a name

        Raises
        ------
        DataError
            If several people are called so; they are listed.
        """
        ids = self._ids(asked.strip())
        if len(ids) > 1:
            raise DataError(
                f"{asked!r} may be {len(ids)} people. Nothing was done. Ask for one of these ids:",
                [f"{one}: {self._described(one)}" for one in sorted(ids)],
            )
        return self.all_of(ids, frozenset() if ids else frozenset({word_of(asked)}))

    def all_of(self, ids: Collection[str], words: frozenset[str] = frozenset()) -> Sought:
        """Everything by which files may name the people of some ids, or who are asked for by words."""
        found = set(ids)
        words |= self._words(found)
        readable = {readable_id(word) for word in words}
        keyed = set() if self.key is None else {pseudonym(self.key, one) for one in readable | found}
        found |= keyed
        events, contents, records = self._events(found)
        return Sought(frozenset(found), words | readable | records, events, contents)

    def _ids(self, asked: str) -> set[str]:
        """Whom the records call so: by id first, then by profile or address, then by name."""
        if asked in self.contact_ids:
            return {asked}
        own, name = self.identities, word_of(asked)
        value = own["value"].map(slug_of).str.casefold()
        for kinds in (("profile", "email"), ("name",)):
            is_it = own["kind"].isin(kinds) & (value == name)
            if found := set(own.loc[is_it, "contact_id"]):
                return found
        readable = (asked, readable_id(name))
        keyed = [pseudonym(self.key, one) for one in readable] if self.key is not None else []
        return {one for one in (*keyed, *readable) if one in self.contact_ids}

    def _words(self, ids: Collection[str]) -> frozenset[str]:
        """What they alone are called; what others are called too, stays."""
        own = self.identities[self.identities["kind"].isin(KINDS)]
        value = own["value"].map(slug_of)
        theirs = own["contact_id"].isin(ids)
        others = set(value[~theirs].str.casefold())
        return frozenset(one for one in value[theirs] if one.casefold() not in others)

    def unknown(self, asked: str, sought: Sought) -> list[str]:
        """A sentence with the remedy, where no table tells who somebody is; else nothing."""
        if sought.ids & self.contact_ids:
            return []
        if self.key is None:
            return [
                f"No table here knows {asked!r}: files were searched for the words alone, not for a "
                "pseudonym. Name the folder of `influence read --output` with --in too, or give an id."
            ]
        return [
            f"No table here knows {asked!r}: files were searched for the words, and for the pseudonym of a "
            "profile or an address written so. Somebody's name is known by the folder of `influence read "
            "--output` alone: name it with --in too, or give an id, a profile or an address."
        ]

    def shared(self, sought: Sought) -> list[str]:
        """Names that they share with others, and that stay for that reason."""
        own = self.identities[self.identities["contact_id"].isin(sought.ids)]
        named = {slug_of(one) for one in own.loc[own["kind"].isin(KINDS), "value"]}
        return sorted(named - set(sought.words))

    def _events(self, ids: set[str]) -> tuple[frozenset[str], frozenset[str], set[str]]:
        """Ids of what they did or what was done to them, of their contents, and of source records."""
        events: set[str] = set()
        contents: set[str] = set()
        records: set[str] = set()
        for name, rows in self.tables:
            columns = [one for one in personal_columns(TABLES[name]) if one in rows.columns]
            people = [one for one in columns if one not in EVENTS and one != "observed_by"]
            key = next((one for one in TABLES[name].key if one in EVENTS and one in columns), None)
            if key is None or not people:
                continue
            theirs = rows[rows[people].isin(ids).any(axis=1)][key].dropna().astype("str")
            events |= set(theirs)
            contents |= set(theirs) if name == "contents" else set()
            records |= set(theirs) if name == "matches" else set()
        return frozenset(events), frozenset(contents), records

    def _described(self, one: str) -> str:
        own = self.identities[self.identities["contact_id"] == one]
        return ", ".join(f"{kind} {value}" for kind, value in zip(own["kind"], own["value"], strict=True))

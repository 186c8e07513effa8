"""Whom to look for: the ids, addresses and names of people, and how a text is known to hold one."""

from __future__ import annotations

import html
import json
import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from influence.data.identities import slug_of

FORGOTTEN = "(forgotten)"
"""What stands where a person was named inside a text."""

_BEFORE, _AFTER = r"(?<![^\W_]|[@%+-])", r"(?![^\W_]|[@%+-])"
"""A word stands alone: `ann-lee` is not in `ann-lee-2`."""
_BEFORE_ADDRESS, _AFTER_ADDRESS = r"(?<![^\W_]\.)", r"(?!\.[^\W_])"
"""Dots are parts of addresses: `lee@acme.example` is not in `ann.lee@acme.example`."""


@dataclass(frozen=True)
class Sought:
    """People as files may name them.

    Attributes
    ----------
    ids : contact ids, as they stand in the records
    words : profile slugs, e-mail addresses, names and readable ids, which differ by case alone from nothing
    events : ids of their invitations, interactions, contents and source records
    contents : those of the events that are contents of theirs
    sources : sources that are gone, with the rows that name them as theirs
    heirs : people whose rows of `contacts` name such a source alone, and a living one that tells of them
    """

    ids: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    contents: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    heirs: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def all_of(cls, several: Iterable[Sought]) -> Sought:
        """Several as one, so that each file is rewritten once."""
        parts = list(several)
        return cls(
            *(frozenset().union(*(getattr(one, name) for one in parts)) for name in cls.__dataclass_fields__)
        )

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(word.lower() for word in self.words)

    @cached_property
    def heir_of(self) -> dict[str, str]:
        """The source that a contact's row is to name from now on."""
        return dict(self.heirs)

    @cached_property
    def weak(self) -> frozenset[str]:
        """Terms too short or too plain to be looked for inside texts: only whole cells count."""
        return frozenset(term for term in self.ids | self.words if not is_distinctive(term))

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """Finds a distinctive term that stands alone in a text; None where there is none."""
        return _pattern(term for term in self.ids | self.words if is_distinctive(term))

    @cached_property
    def every(self) -> re.Pattern[str] | None:
        """Finds any term that stands alone: for cells that hold nothing but ids."""
        return _pattern(self.ids | self.words)

    @cached_property
    def needles(self) -> tuple[bytes, ...]:
        """Distinctive terms as bytes, for files of unknown make."""
        terms = [term for term in self.ids | self.words if is_distinctive(term)]
        return tuple(sorted({form for term in terms for form in (term.encode(), term.encode("utf-16-le"))}))

    def is_named(self, cells: pd.Series, *, with_events: bool = False) -> pd.Series:
        """Which cells are one of the people, or one of their events, and nothing else."""
        exact = self.ids | self.events if with_events else self.ids
        found = cells.isin(exact)
        if self._folded:
            found |= cells.str.lower().isin(self._folded)
            if (addresses := cells.str.contains("in/", regex=False, na=False).to_numpy(bool)).any():
                found[addresses] |= cells[addresses].map(_bare).isin(self._folded)
        return found.fillna(False).astype(bool)

    def is_one(self, cell: str) -> bool:
        """Whether a cell is one of the people, and nothing else."""
        if cell in self.ids or cell.lower() in self._folded:
            return True
        return "in/" in cell and _bare(cell) in self._folded

    def redact(self, text: str) -> str:
        """The text without the people."""
        return text if self.pattern is None else self.pattern.sub(FORGOTTEN, text)

    def is_in(self, text: str) -> bool:
        """Whether a text names one of them."""
        return self.pattern is not None and self.pattern.search(text) is not None


def is_distinctive(term: str) -> bool:
    """Whether a term can hardly mean anything else: letters and digits, an address, or several words."""
    parts = [part for part in re.split(r"[\W_]+", term) if part]
    mixed = any(c.isdigit() for c in term) and any(c.isalpha() for c in term)
    return (mixed and len(term) >= 4) or "@" in term or (len(parts) > 1 and len(term) >= 5)


def _bare(cell: object) -> str:
    """A cell as it is compared: slugs of addresses, lower case."""
    return slug_of(str(cell)).lower()


def _pattern(terms: Iterable[str]) -> re.Pattern[str] | None:
    forms = {form.lower() for term in terms for form in _forms(term)}
    addresses = {form for form in forms if "@" in form}
    parts = [f"{_BEFORE_ADDRESS}{_trie(addresses)}{_AFTER_ADDRESS}"] if addresses else []
    parts += [_trie(forms - addresses)] if forms - addresses else []
    return re.compile(f"{_BEFORE}(?:{'|'.join(parts)}){_AFTER}", re.IGNORECASE) if parts else None


def _trie(forms: Iterable[str]) -> str:
    """A pattern for any of many words that branches by letters: as quick for thousands as for one."""
    root: dict[str, dict] = {}
    for form in forms:
        place = root
        for letter in form:
            place = place.setdefault(letter, {})
        place[""] = {}
    return _branches(root)


def _branches(place: dict[str, dict]) -> str:
    run = ""
    while len(place) == 1 and "" not in place:  # no branch: no group, so that long words nest no deeper
        letter, place = next(iter(place.items()))
        run += _letter(letter)
    # The longest first; between first and last name, file names have an underscore.
    options = [
        f"{_letter(letter)}{_branches(place[letter])}" for letter in sorted(place, reverse=True) if letter
    ]
    if not options:
        return run
    return f"{run}(?:{'|'.join(options)})" + ("?" if "" in place else "")


def _letter(letter: str) -> str:
    return r"[\s_]+" if letter == " " else re.escape(letter)


def _forms(term: str) -> set[str]:
    """A term as it is written plainly, in HTML, in JSON and in an address."""
    return {term, html.escape(term), json.dumps(term)[1:-1], urllib.parse.quote(term, safe="@:+")}

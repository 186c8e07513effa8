"""Errors that a user can act on.  Anything else that is raised is a bug of ours."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class InfluenceError(Exception):
    """Something the user can mend: the message says what is wrong, where, and the remedy."""


class DataError(InfluenceError):
    """The records cannot be used as they are."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join((message, *(f"  - {problem}" for problem in problems))))


class ConfigError(InfluenceError):
    """A configuration, or an argument, names something that does not exist or is out of range."""


class CheckpointError(InfluenceError):
    """A stored model cannot be loaded, or does not fit the data at hand."""


_MANY, _TOO_MANY = 40, 10_000
"""More names than the first are not listed; among more than the second, close ones are not looked for."""


CLOSE = "Did you mean"
"""How a hint begins that names close words."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the closest known words, or lists them all where none is close.

    >>> nearest("recieved", ["received", "sent"])
    "Did you mean 'received'?"
    """
    known = sorted(known)
    close = difflib.get_close_matches(str(name), known, n=3, cutoff=0.6) if len(known) <= _TOO_MANY else []
    if close:
        return f"{CLOSE} {' or '.join(repr(word) for word in close)}?"
    if len(known) > _MANY:
        return f"{len(known):,} are known, such as {', '.join(known[:3])}."
    if len(known) > 50:
        return f"None of the {len(known):,} known is close to it."
    return "Known: " + ", ".join(known) + "." if known else "None is defined."


def first_line(error: BaseException | str) -> str:
    """What a library's error says, for a sentence of ours: one line, cut where it is long, no full stop."""
    said = str(error).strip().partition("\n")[0].strip()[:200].rstrip(". ")
    return said or type(error).__name__


def columns_named(names: Sequence[str]) -> str:
    """Columns in a sentence.

    >>> columns_named(["sender_id", "recipient_id"])
    'columns sender_id and recipient_id'
    """
    *before, last = names
    return f"columns {', '.join(before)} and {last}" if before else f"column {last}"


def counted(n: int, what: str) -> str:
    """How many there are of something that has a plain plural.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def few(names: Sequence[str], most: int = 5) -> str:
    """The first of several names, and how many more there are.

    >>> few(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")

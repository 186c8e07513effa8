"""What an XML file begins with, and the refusal of files that could attack the parser.

GEXF and GraphML need no document type.  Without one there are no entities: nothing to expand a billionfold
("billion laughs"), no file and no address to be fetched (XXE).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from influence.errors import DataError
from influence.readers.graphs.packed import first_bytes

"""The root element begins within these."""


class _FoundError(Exception):
    """Enough is known: the rest is not looked at."""


@dataclass(frozen=True)
class Head:
    """The root element without its namespace ("": not seen), and whether a document type stands before it."""

    root: str
    has_doctype: bool


def head_of(path: Path) -> Head:
    """How an XML file begins, by the parser that will read it; an empty head for what is no XML."""
    root, has_doctype = "", False
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, _: object) -> None:
        nonlocal root
        root = name.split(" ")[-1].lower()
        raise _FoundError

    def doctype(*_: object) -> None:
        nonlocal has_doctype
        has_doctype = True
        raise _FoundError

    parser.StartElementHandler, parser.StartDoctypeDeclHandler = start, doctype
    with suppress(_FoundError, expat.ExpatError, ValueError, LookupError):
        parser.Parse(first_bytes(path), False)
    return Head(root, has_doctype)


def refuse_doctype(path: Path) -> None:
    """See that no document type is declared.

    Raises
    ------
    DataError
        If one is: it could define entities.
    """
    if head_of(path).has_doctype:
        raise DataError(
            f"{path.name} declares a document type (<!DOCTYPE ...>), which could define entities that expand "
            "without end or fetch other files. Graphs need none: remove it, or export the file again."
        )

"""Text of any kind: reports and exported graphs lose the rows, nodes and edges that name a person.

All else is blanked in place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from influence.exporting.xml import WRITTEN_HERE
from influence.privacy.keepers.keeper import Hits, Keeper
from influence.privacy.sought import Sought

ROW = re.compile(r"<tr\b[^>]*>(?:(?!</tr>).)*</tr>", re.DOTALL | re.IGNORECASE)
OF_A_GRAPH = re.compile(r"^<(?:node|edge) .*\n", re.MULTILINE)
SAMPLE_BYTES = 1 << 16


def clean(source: Path, target: Path | None, sought: Sought) -> Hits:
    """Look through a text; with a target, write it without the people."""
    text = source.read_bytes().decode("utf-8", "surrogateescape")
    rows, pattern = 0, _rows_of(source, text)
    if pattern is not None:
        kept = []
        for is_row, part in _parts(text, pattern):
            is_theirs = is_row and sought.is_in(part)
            rows += is_theirs
            kept.append("" if is_theirs else part)
        text = "".join(kept)
    n = 0 if sought.pattern is None else len(sought.pattern.findall(text))
    if target is not None:
        target.write_bytes(sought.redact(text).encode("utf-8", "surrogateescape"))
    return Hits(rows, n)


def _parts(text: str, row: re.Pattern[str]) -> Iterator[tuple[bool, str]]:
    """The text cut into rows (True) and what stands between them (False)."""
    end = 0
    for found in row.finditer(text):
        yield False, text[end : found.start()]
        yield True, found.group()
        end = found.end()
    yield False, text[end:]


def _rows_of(path: Path, text: str) -> re.Pattern[str] | None:
    """What a row of such a text is; None where it has none."""
    if WRITTEN_HERE in text[:SAMPLE_BYTES]:
        return OF_A_GRAPH
    start = text[:200].lstrip().lower()
    return ROW if path.suffix.lower() in (".html", ".htm") or start.startswith("<!doctype html") else None


def _recognises(path: Path, start: bytes) -> bool:
    """Whether the beginning is UTF-8 without control characters."""
    del path
    try:
        text = start.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(start) - 4:  # else a character cut in two
            return False
        text = start[: error.start].decode("utf-8")
    return "\0" not in text


TEXT = Keeper("text", _recognises, clean)

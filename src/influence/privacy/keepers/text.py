"""Text of any kind: HTML reports lose the rows of tables that name a person, all else is blanked in place."""

from __future__ import annotations

import re
from pathlib import Path

from influence.privacy.keepers.keeper import Hits, Keeper
from influence.privacy.sought import Sought

ROW = re.compile(r"<tr\b[^>]*>(?:(?!</tr>).)*</tr>", re.DOTALL | re.IGNORECASE)
SAMPLE_BYTES = 1 << 16


def clean(source: Path, target: Path | None, sought: Sought) -> Hits:
    """Look through a text; with a target, write it without the people."""
    text = source.read_bytes().decode("utf-8", "surrogateescape")
    rows = 0
    if _is_html(source, text):
        kept = []
        for part in _parts(text):
            is_theirs = part.startswith("<tr") and sought.is_in(part)
            rows += is_theirs
            kept.append("" if is_theirs else part)
        text = "".join(kept)
    n = 0 if sought.pattern is None else len(sought.pattern.findall(text))
    if target is not None:
        target.write_bytes(sought.redact(text).encode("utf-8", "surrogateescape"))
    return Hits(rows, n)


def _parts(text: str) -> list[str]:
    """The page cut into rows of tables and what stands between."""
    parts, end = [], 0
    for found in ROW.finditer(text):
        parts += [text[end : found.start()], found.group()]
        end = found.end()
    return [*parts, text[end:]]


def _is_html(path: Path, text: str) -> bool:
    return path.suffix.lower() in (".html", ".htm") or text[:200].lstrip().lower().startswith(
        "<!doctype html"
    )


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

"""Files of unknown make: only searched."""

from __future__ import annotations

from pathlib import Path

from influence.privacy.keepers.keeper import Hits, Keeper
from influence.privacy.sought import Sought

BLOCK_BYTES = 1 << 22
OVERLAP = 1 << 10


def clean(source: Path, target: Path | None, sought: Sought) -> Hits:
    """Search the bytes; nothing is ever written."""
    assert target is None, "files of unknown make are not rewritten"
    with source.open("rb") as content:
        before = b""
        while block := content.read(BLOCK_BYTES):
            if any(needle in before + block for needle in sought.needles):
                return Hits(left="It names them where this cannot rewrite it: remove it, or make it anew.")
            before = block[-OVERLAP:]
    return Hits()


BINARY = Keeper("unknown", lambda path, start: True, clean)

"""safetensors: tensors named after a person removed, metadata blanked; the bytes of all others stay."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any, BinaryIO

from influence.privacy.keepers.json_file import cleaned
from influence.privacy.keepers.keeper import Hits, Keeper
from influence.privacy.sought import Sought

METADATA, OFFSETS = "__metadata__", "data_offsets"
BLOCK_BYTES = 1 << 22
LONGEST_HEADER = 100_000_000
"""Bytes; the format's own limit."""


def clean(source: Path, target: Path | None, sought: Sought) -> Hits:
    """Look through the header; with a target, write the tensors that are left."""
    with source.open("rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header: dict[str, Any] = json.loads(file.read(size))
        told, n = cleaned(header.pop(METADATA, {}), sought)
        kept = {name: one for name, one in header.items() if not (name in sought.ids or sought.is_in(name))}
        if target is not None:
            with target.open("wb") as out:
                _write(file, 8 + size, out, kept, told)
    return Hits(len(header) - len(kept), n)


def _write(file: BinaryIO, start: int, out: BinaryIO, kept: dict[str, Any], told: dict[str, str]) -> None:
    """Header and tensors without gaps, in the order in which they lie."""
    order = sorted(kept, key=lambda name: kept[name][OFFSETS][0])
    header: dict[str, Any] = {METADATA: told} if told else {}
    place = 0
    for name in order:
        first, end = kept[name][OFFSETS]
        header[name] = {**kept[name], OFFSETS: [place, place + end - first]}
        place += end - first
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    out.write(struct.pack("<Q", len(text)) + text)
    for name in order:
        first, end = kept[name][OFFSETS]
        file.seek(start + first)
        left = end - first
        while left:
            block = file.read(min(left, BLOCK_BYTES))
            if not block:
                raise ValueError("the file ends before its tensors do")
            out.write(block)
            left -= len(block)


def _recognises(path: Path, start: bytes) -> bool:
    if len(start) < 9 or start[8:9] != b"{":
        return False
    return 2 <= struct.unpack("<Q", start[:8])[0] <= min(LONGEST_HEADER, path.stat().st_size)


TENSORS = Keeper("safetensors", _recognises, clean)

"""JSON: entries of lists that are a person's removed, other texts blanked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from influence.privacy.keepers.keeper import Hits, Keeper
from influence.privacy.rows import BESIDE, is_id
from influence.privacy.sought import FORGOTTEN, Sought


def clean(source: Path, target: Path | None, sought: Sought) -> Hits:
    """Look through a document, or through one a line; with a target, write what is left."""
    text = source.read_text(encoding="utf-8")
    try:
        documents, per_line = [json.loads(text)], False
    except ValueError:
        documents, per_line = [json.loads(line) for line in text.splitlines() if line.strip()], True
    left, n = cleaned(documents, sought)
    if target is not None:
        indent = None if per_line or "\n" not in text.strip() else _indent(text)
        written = [json.dumps(one, indent=indent, ensure_ascii=False) for one in left]
        end = "\n" if text.endswith("\n") else ""
        target.write_text("\n".join(written) + end, encoding="utf-8")
    return Hits(cells=n)


def cleaned(value: Any, sought: Sought) -> tuple[Any, int]:
    """A value without the people, and how many places that took."""
    if isinstance(value, str):
        redacted = sought.redact(value)
        return redacted, int(redacted != value)
    if isinstance(value, list):
        kept = [one for one in value if not _is_theirs(one, sought)]
        parts = [cleaned(one, sought) for one in kept]
        return [one for one, _ in parts], len(value) - len(kept) + sum(n for _, n in parts)
    if isinstance(value, dict):
        return _cleaned_mapping(value, sought)
    return value, 0


def _cleaned_mapping(value: dict[Any, Any], sought: Sought) -> tuple[dict[Any, Any], int]:
    found, total = {}, 0
    for key, inner in value.items():
        name = str(key)
        if name in sought.ids and name not in sought.weak:
            total += 1
            continue
        kept, n = cleaned(inner, sought)
        if isinstance(inner, str) and (is_id(name) or name in BESIDE) and sought.is_one(inner):
            kept, n = FORGOTTEN, 1
        renamed = sought.redact(name) if isinstance(key, str) else key
        found[renamed], total = kept, total + n + int(renamed != key)
    return found, total


def _is_theirs(entry: Any, sought: Sought) -> bool:
    """Whether an entry of a list is a row of theirs, or one of them."""
    if isinstance(entry, str):
        return entry not in sought.weak and sought.is_one(entry)
    return isinstance(entry, dict) and any(
        isinstance(inner, str) and is_id(str(name)) and (sought.is_one(inner) or inner in sought.events)
        for name, inner in entry.items()
    )


def _indent(text: str) -> int:
    second = text.strip().splitlines()[1]
    return len(second) - len(second.lstrip()) or 1


def _recognises(path: Path, start: bytes) -> bool:
    return path.suffix.lower() in (".json", ".jsonl", ".ndjson", ".ipynb") and start.lstrip()[:1] in (
        b"{",
        b"[",
    )


JSON = Keeper("JSON", _recognises, clean)

"""The words of the map: those of the one table under `map.`."""

from __future__ import annotations

from influence.texts import text


def word(name: str, /, **values: object) -> str:
    """A word or sentence on the map, in the language of the context, its figures filled in."""
    return text(f"map.{name}", **values)

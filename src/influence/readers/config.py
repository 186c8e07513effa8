"""What is asked of reading, besides the place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import PositiveInt

from influence.settings import Settings


class ArchiveLimits(Settings):
    """What a zip may hold; more is refused, for a small file can unpack to more than any disk holds."""

    entries: PositiveInt = 20_000
    """Entries of one zip, read or not."""
    entry_bytes: PositiveInt = 2**30
    """Bytes that one entry may unpack to."""
    total_bytes: PositiveInt = 4 * 2**30
    """Bytes that the entries read of one zip may unpack to."""
    ratio: PositiveInt = 200
    """Bytes unpacked for one packed, for entries of more than 1 MiB; tables of text stay below 50."""


class ReadingConfig(Settings):
    """How sources are read; every key works as `influence.read(place, key=...)` too."""

    key_file: Path | None = None
    """The key that turns the ids of people into pseudonyms; made where it is missing.  By default, sources
    that name people (archives, CRM exports) take the one that INFLUENCE_KEY_FILE names, or else one in the
    user's own settings folder, and all others keep their ids."""
    legal_basis: str | None = None
    """On which legal basis these records are held; noted in the table `sources`."""
    retain_until: date | None = None
    """Until when they may be kept; noted in the table `sources`."""
    archives: ArchiveLimits = ArchiveLimits()
    """What a zip of records may hold."""
    headers: Path | None = None
    """A YAML file for archives in another language: `{Connections.csv: {their header: our header}, months:
    {their month: 1 to 12}}`, where our headers are LinkedIn's English ones."""

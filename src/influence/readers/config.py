"""What is asked of reading, besides the place."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from influence.settings import Settings


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
    at: datetime | None = None
    """The moment of reading, UTC: sources whose `retain_until` has passed by then are not read.  The command
    line takes the clock's; without it, everything is read."""

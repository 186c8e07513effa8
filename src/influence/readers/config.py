"""What is asked of reading, besides the place."""

from __future__ import annotations

from datetime import date
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
    owner: str | None = None
    """Whose records a source is that does not tell: an e-mail address, a profile or a name.  An address book
    gives ties only with it, and a campaign log without a column for the sender has this one."""
    day_first: bool = False
    """Read 3/4/2026 as 3 April, where no date of a file tells the order of day and month."""
    titles: bool = True
    """Learn seniority and function from job titles of CRM exports; false where titles were filled in only for
    those who answered."""
    mapping: Path | None = None
    """A file that tells how columns of other exports are to be read, as `influence map` writes it."""

"""What is asked of reading, besides the place."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from influence.settings import Settings


class JoiningConfig(Settings):
    """When records of several sources are taken as one person's."""

    by: tuple[Literal["profile", "email", "name"], ...] = ("profile", "email", "name")
    """What records are joined by, besides their ids: profiles, e-mail addresses, names with employers."""
    upper: float = Field(default=0.98, gt=0.5, le=1)
    """Records with like names and one company are merged from this chance on that they are one person."""
    lower: float = Field(default=0.2, gt=0, le=1)
    """From this chance on, what is not merged is listed as ambiguous; below it, records just stay apart."""
    ambiguous: Path | None = None
    """The file that receives the ambiguous pairs (CSV), with an empty column `decision`."""
    decisions: Path | None = None
    """Such a file with `same` or `apart` filled in: these pairs are merged, or never merged."""

    @model_validator(mode="after")
    def _in_order(self) -> JoiningConfig:
        if self.lower > self.upper:
            raise ValueError(f"lower ({self.lower:g}) is above upper ({self.upper:g})")
        return self


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
    joining: JoiningConfig = JoiningConfig()
    """When records of several sources are taken as one person's."""

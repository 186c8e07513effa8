"""What is asked of reading, besides the place."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

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
    edges_are: Literal["auto", "connections", "interactions", "requests"] = "auto"
    """What dated edges of graph files and lists stand for.  By default a file in which pairs repeat holds
    interactions, any other one connections; `requests` takes the first edge of a pair as a request and the
    first one back as its acceptance.  Undated edges are connections."""
    edge_kind: Literal[
        "message", "like", "comment", "share", "view", "mention",
        "meeting", "call", "email", "endorse", "recommend", "follow",
    ] = "message"  # fmt: skip
    """What kind of interaction an edge is that does not say."""

"""Leadership: who leads opinion, on which topic, and over whom."""

from __future__ import annotations

from influence.contagion.nominations import Scope
from influence.settings import Settings

NAME = "leadership"
QUESTION = "Who leads opinion, on which topic, and over whom?"


class LeadershipConfig(Settings):
    """How leadership is learnt and judged."""

    protocol: str | None = None
    """How it is judged; recognised from the records where it is not given."""
    compared_with: Scope = "community"
    """Among whom the tenth named most are the leaders, where nominations tell."""

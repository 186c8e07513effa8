"""The one place where the interactive map of the network goes into the report."""

from __future__ import annotations

from influence.reporting.asked import Asked


def map_section(asked: Asked) -> str:
    """The map as HTML, its script with it; nothing as long as there is no map to draw."""
    return ""

"""The one place where the interactive map of the network goes into the report."""

from __future__ import annotations

from influence import visualization
from influence.reporting.asked import Asked
from influence.reporting.blocks import Part, trace
from influence.reporting.page import paragraph
from influence.texts import language_now, text


def map_part(asked: Asked) -> Part:
    """The chapter with the map, its script with it."""
    network = asked.model.network
    shown = visualization.network_map(
        network, model=asked.model, at=asked.moment, language=language_now(), names=True
    )
    made_by = f"influence.visualization.network_map(network, model=model, at={asked.at!r})"
    body = [paragraph(text("map.caption")), shown, trace(made_by), visualization.plotly_script()]
    return Part("map", text("map"), body)

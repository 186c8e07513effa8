"""From a network's tables to a temporal graph: neighbours, histories and pair features strictly before t."""

from influence.graph.temporal import TemporalGraph

__all__ = ["TemporalGraph"]

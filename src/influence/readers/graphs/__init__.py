"""Graphs as others keep them: GEXF and GraphML files, and lists of edges."""

from influence.readers.graphs.edge_list import EDGE_LIST
from influence.readers.graphs.graph_file import GRAPH_FILE

__all__ = ["EDGE_LIST", "GRAPH_FILE"]

"""Contacts, their ties and the answers about them as files for others: Gephi, spreadsheets, databases."""

from influence.exporting.files import FORMATS, check_output, export
from influence.exporting.graph import Graph, graph_of

__all__ = ["FORMATS", "Graph", "check_output", "export", "graph_of"]

"""Validated tables, the network they form, and splits in time."""

from influence.data.network import Network, empty_table, to_utc

__all__ = ["Network", "empty_table", "to_utc"]

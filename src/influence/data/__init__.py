"""Validated tables, the network they form, and splits in time."""

from influence.data.network import Network, empty_table, moment_of, to_utc

__all__ = ["Network", "empty_table", "moment_of", "to_utc"]

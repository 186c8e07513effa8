"""Exports of systems in which a team keeps its customers: one file per system, recognised by headers."""

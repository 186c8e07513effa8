"""The command line, one module per group of commands; a new one is imported here."""

from influence.cli import (
    ambassadors,
    answers,
    champions,
    comparing,
    drifting,
    exporting,
    inviting,
    looking,
    mapping,
    markets,
    matches,
    people,
    privacy,
    reading,
    sweeps,
    training,
    worlds,
)
from influence.cli.app import app, main

__all__ = [
    "ambassadors",
    "answers",
    "app",
    "champions",
    "comparing",
    "drifting",
    "exporting",
    "inviting",
    "looking",
    "main",
    "mapping",
    "markets",
    "matches",
    "people",
    "privacy",
    "reading",
    "sweeps",
    "training",
    "worlds",
]

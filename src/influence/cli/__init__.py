"""The command line, one module per group of commands; a new one is imported here."""

from influence.cli import (
    ambassadors,
    answers,
    champions,
    comparing,
    drifting,
    inviting,
    looking,
    markets,
    people,
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
    "inviting",
    "looking",
    "main",
    "markets",
    "people",
    "reading",
    "sweeps",
    "training",
    "worlds",
]

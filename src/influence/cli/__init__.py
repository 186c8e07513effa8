"""The command line, one module per group of commands; a new one is imported here."""

from influence.cli import answers, champions, comparing, drifting, looking, training, worlds
from influence.cli.app import app, main

__all__ = ["answers", "app", "champions", "comparing", "drifting", "looking", "main", "training", "worlds"]

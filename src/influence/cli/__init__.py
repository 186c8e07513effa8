"""The command line, one module per group of commands; a new one is imported here."""

from influence.cli import answers, champions, comparing, looking, training, worlds
from influence.cli.app import app, main

__all__ = ["answers", "app", "champions", "comparing", "looking", "main", "training", "worlds"]

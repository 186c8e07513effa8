"""The command line, one module per group of commands; a new one is imported here."""

from influence.cli import answers, looking, sweeps, training, worlds
from influence.cli.app import app, main

__all__ = ["answers", "app", "looking", "main", "sweeps", "training", "worlds"]

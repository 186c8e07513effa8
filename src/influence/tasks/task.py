"""What is asked: what every module of this package, and any other task, says of its question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from influence.schema import Column


class Task(Protocol):
    """A question; a module, or a class, that holds these constants."""

    NAME: str
    """How configurations and commands ask for it."""
    PURPOSE: str
    """What a model of it is for, completing a line of its card."""
    METHOD: str
    """What it is learnt by, completing a line of the card."""
    LIMITS: str
    """What a model of it cannot do, in sentences."""
    ID_COLUMNS: tuple[str, ...]
    """What every row asked about must hold."""
    OPTIONAL_COLUMNS: tuple[Column, ...]
    """What rows may hold besides."""
    EXAMPLE: Mapping[str, Sequence[str]]
    """Made-up rows: an example must not show anybody's."""

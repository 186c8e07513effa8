"""The language of the context."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from influence.errors import ConfigError, nearest

LANGUAGES = ("en", "fr")
"""In which every text is written; the first is spoken unless another is asked for."""

_NOW: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])


def language_now() -> str:
    """The language that texts are given in here and now."""
    return _NOW.get()


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Give texts in a language inside the block, in this thread or task alone.

    Raises
    ------
    ConfigError
        If nothing is written in it.
    """
    if language not in LANGUAGES:
        raise ConfigError(f"There are no texts in {language!r}. {nearest(language, LANGUAGES)}")
    before = _NOW.set(language)
    try:
        yield
    finally:
        _NOW.reset(before)

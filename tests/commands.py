"""Commands as a user runs them, in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from influence import cli


def ran(*words: object) -> int:
    """The exit status of `influence` with these words behind it."""
    with pytest.raises(SystemExit) as left:
        cli.main([str(word) for word in words])
    assert isinstance(left.value.code, int | None)
    return left.value.code or 0


@dataclass(frozen=True)
class Ran:
    """What a command left."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


def runner(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command, and gives what it has said."""

    def run(*words: object) -> Ran:
        capsys.readouterr()
        return Ran(ran(*words), *capsys.readouterr())

    return run

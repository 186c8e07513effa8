"""Mutated files for every reader: a network or an `InfluenceError`, in bounded time, nothing written."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from tests.fuzz.attempts import attempt
from tests.fuzz.mutants import Files, mutant, zipped
from tests.readers.folders import SOURCES

QUICK, FULL = 40, 10_000


def arguments(name: str, seed: int) -> tuple[Files, bytes | None, str | None, bool]:
    """The files, their zip for one seed of ten, the reader's name for every second, whether to set aside."""
    files = mutant(SOURCES[name], seed)
    packed = zipped(files, seed) if seed % 10 == 9 else None
    return files, packed, name if seed % 2 else None, seed % 4 < 2


def _try(name: str, seeds: range) -> Counter[str]:
    outcomes = Counter[str]()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as root:
            try:
                outcomes[attempt(Path(root), *arguments(name, seed))] += 1
            except Exception as error:
                raise AssertionError(f"python -m tests.fuzz {name} --seed {seed} --count 1") from error
    return outcomes


@pytest.mark.parametrize("name", SOURCES)
def test_read__mutated_files__network_or_error(name: str) -> None:
    outcomes = _try(name, range(QUICK))
    assert outcomes["Network"] and outcomes["DataError"], "mutants must reach both ends"


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_read__ten_thousand_mutated_files__network_or_error(name: str) -> None:
    _try(name, range(FULL))


def test_mutants__same_seed__same_files() -> None:
    files = SOURCES["airbnb"]
    assert mutant(files, 7) == mutant(files, 7)
    assert zipped(mutant(files, 7), 8) == zipped(mutant(files, 7), 8)
    assert len({str(mutant(files, seed)) for seed in range(50)}) > 45

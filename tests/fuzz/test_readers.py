"""Mutated files for every reader: a network or an `InfluenceError`, in bounded time, nothing written."""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from tests.data.frames import sound_tables
from tests.fuzz.attempts import attempt
from tests.fuzz.mutants import Files, flipped, mutant, zipped
from tests.readers.folders import SOURCES

from influence.data import Network

QUICK, FULL = 8, 10_000


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


def _parquet() -> Files:
    network = Network.from_tables(sound_tables())
    return {f"{name}.parquet": _bytes(network.table(name)) for name in ("contacts", "invitations")}


def _bytes(rows: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    rows.to_parquet(file, index=False)
    return file.getvalue()


def _try_parquet(seeds: range) -> Counter[str]:
    files, outcomes = _parquet(), Counter[str]()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as root:
            outcomes[attempt(Path(root), flipped(files, seed), None, "tables", seed % 2 == 0)] += 1
    return outcomes


def test_read__mutated_parquet__network_or_error() -> None:
    outcomes = _try_parquet(range(4 * QUICK))
    assert outcomes["Network"] and outcomes["DataError"]


@pytest.mark.slow
def test_read__ten_thousand_mutated_parquet_files__network_or_error() -> None:
    _try_parquet(range(FULL))


def test_mutants__same_seed__same_files() -> None:
    files = SOURCES["airbnb"]
    assert mutant(files, 7) == mutant(files, 7)
    assert zipped(mutant(files, 7), 8) == zipped(mutant(files, 7), 8)
    assert len({str(mutant(files, seed)) for seed in range(50)}) > 45

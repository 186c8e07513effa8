"""Real kills at random moments, a few of those of `python -m benchmarks.kills`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.kill_subjects import SUBJECTS, Given, prepare
from benchmarks.kills import Outcome, attempt, reader, survive

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Given:
    return prepare(tmp_path_factory.mktemp("kills") / "given", 300, 2_000, attempt)


@pytest.mark.parametrize(("subject", "n_kills"), [("scoring", 6), ("training", 3)])
def test_command__killed_at_random__ends_as_undisturbed_and_no_reader_met_half_a_file(
    given: Given, tmp_path: Path, subject: str, n_kills: int
) -> None:
    outcome = survive(SUBJECTS[subject](given), tmp_path, n_kills, np.random.default_rng(1))
    assert outcome.kills == n_kills
    assert outcome.runs > 0
    assert outcome.looks > 0


def test_reader__part_cut_short__met(given: Given, tmp_path: Path) -> None:
    scoring = SUBJECTS["scoring"](given)
    assert attempt(scoring.words(tmp_path / "out"), None)
    expected = scoring.result(tmp_path / "out")
    scoring.look(tmp_path / "out", expected)
    part = tmp_path / "out" / "part-00003.parquet"
    part.write_bytes(part.read_bytes()[:-9])
    with (
        pytest.raises(AssertionError, match="a reader met"),
        reader(scoring, tmp_path / "out", expected, Outcome()),
    ):
        attempt(["list"], None)
    assert json.loads((tmp_path / "out" / "_manifest.json").read_text())["rows"] == 2_000


def test_attempt__command_that_fails__shown(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="There is no file"):
        attempt(["score", str(tmp_path), str(tmp_path / "a.csv"), str(tmp_path / "out")], None)

"""The rehearsal of memory: what it chooses, what it may look at, and when there is nothing to rehearse."""

from __future__ import annotations

import numpy as np
import pytest

from influence.data.splits import SplitConfig
from influence.evaluation.protocol import Study
from influence.model.calibration import CalibrationConfig
from influence.model.hazard import ACCEPT, NONE, Outcomes
from influence.model.trees import TreesConfig
from influence.synthesis import synthesize
from influence.training.memory import rehearsed_losses, with_rehearsed_memory
from influence.training.mixture import Stage

TREES = TreesConfig(max_rounds=20)
CONFIG = CalibrationConfig(half_lives_days=(1000.0, 7.0))


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.of(synthesize(800, seed=1))


def stage_of(study: Study) -> Stage:
    split = study.split(SplitConfig())
    return study.stage(split.train, split.validation, split.validation_from, split.test_from)


def turning(study: Study, every: int) -> Study:
    """The same requests, whose acceptance turns round every so many requests."""
    n = len(study.outcomes)
    rng = np.random.default_rng(0)
    accepted = rng.random(n) < np.where(np.arange(n) // every % 2, 0.9, 0.1)
    outcomes = Outcomes(np.where(accepted, 1, 5), np.where(accepted, ACCEPT, NONE))
    return Study(study.invitations, study.queries, outcomes)


def test_with_rehearsed_memory__acceptance_turns_round_again_and_again__forgets_soon(study: Study) -> None:
    stage = stage_of(turning(study, 150))
    assert with_rehearsed_memory(CONFIG, stage, TREES).half_lives_days == (7.0,)


def test_with_rehearsed_memory__acceptance_steady__remembers_long(study: Study) -> None:
    n = len(study.outcomes)
    accepted = np.random.default_rng(0).random(n) < 0.3
    steady = Study(study.invitations, study.queries, Outcomes(np.where(accepted, 1, 5), accepted * ACCEPT))
    assert with_rehearsed_memory(CONFIG, stage_of(steady), TREES).half_lives_days == (1000.0,)


def test_rehearsed_losses__outcomes_at_or_after_the_boundary_altered__the_same(study: Study) -> None:
    split = study.split(SplitConfig())
    at, until = study.queries.queries.at, int(study.queries.queries.at[split.test[0]])
    known = study.outcomes.censored(at, until)
    went_on = study.outcomes.n_at_risk > known.n_at_risk
    assert went_on.sum() > 50
    altered = Outcomes(known.n_at_risk + went_on, np.where(went_on, ACCEPT, study.outcomes.event))
    found, other = (
        rehearsed_losses(CONFIG, stage_of(Study(study.invitations, study.queries, outcomes)), TREES)
        for outcomes in (study.outcomes, altered)
    )
    assert found == other


def test_with_rehearsed_memory__few_acceptances__the_first(study: Study) -> None:
    few = Outcomes(np.full(len(study.outcomes), 5), np.zeros(len(study.outcomes), np.int64))
    few.event[::40], few.n_at_risk[::40] = ACCEPT, 1
    stage = stage_of(Study(study.invitations, study.queries, few))
    assert rehearsed_losses(CONFIG, stage, TREES) == []
    assert with_rehearsed_memory(CONFIG, stage, TREES).half_lives_days == (1000.0,)


def test_rehearsed_losses__one_half_life__nothing_to_choose(study: Study) -> None:
    assert rehearsed_losses(CalibrationConfig(half_lives_days=(7.0,)), stage_of(study), TREES) == []

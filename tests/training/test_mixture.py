"""Mixing methods, and what a development may see."""

from __future__ import annotations

import numpy as np
import pytest

from influence.evaluation.protocol import Study
from influence.model.calibration import History, Prequential
from influence.model.hazard import ACCEPT, N_BINS, N_LOGITS, NONE, Outcomes
from influence.training.mixture import Combination, Stage, choose_weights, mix

CENTRE = np.full(N_LOGITS, -1.0)


class Constant:
    """A forecaster that always says the same."""

    def __init__(self, value: float) -> None:
        self.value, self.n_asked = value, 0

    def logits(self, queries: object) -> np.ndarray:
        self.n_asked += 1
        return np.full((2, N_LOGITS), self.value)


def informed(n: int = 300) -> tuple[np.ndarray, np.ndarray, Outcomes]:
    """Logits that know the outcome fairly well, logits that know nothing, and the outcome."""
    rng = np.random.default_rng(0)
    accepted = rng.random(n) < 0.4
    good = np.where(accepted, 1.0, -3.0)[:, None] + rng.normal(0, 1.0, (n, N_LOGITS))
    bad = rng.normal(-1, 1.5, (n, N_LOGITS))
    good[:, N_BINS] = bad[:, N_BINS] = -5.0
    n_at_risk = np.where(accepted, rng.integers(1, 3, n), N_BINS)
    return good, bad, Outcomes(n_at_risk, np.where(accepted, ACCEPT, NONE))


def test_mix__by_hand__weighted_mean_of_logits() -> None:
    parts = {"a": np.array([[1.0, 2.0]]), "b": np.array([[5.0, -2.0]]), "c": np.array([[np.nan, np.nan]])}
    np.testing.assert_array_equal(mix(parts, {"a": 0.25, "b": 0.75, "c": 0.0}), [[4.0, -1.0]])


def test_choose_weights__one_knows_the_other_does_not__the_one_that_knows() -> None:
    good, bad, outcomes = informed()
    found = choose_weights({"bad": bad, "good": good}, outcomes, CENTRE)
    assert found["good"] >= 0.75
    assert sum(found.values()) == 1


def test_choose_weights__nothing_between_them__equal() -> None:
    good, _, outcomes = informed()
    nearly = good + np.random.default_rng(1).normal(0, 0.01, good.shape)
    assert choose_weights({"a": good, "b": nearly}, outcomes, CENTRE) == {"a": 0.5, "b": 0.5}


@pytest.mark.parametrize(("n", "weight"), [(1, 1.0), (3, 1 / 3)])
def test_choose_weights__the_same_part_n_times__equal(n: int, weight: float) -> None:
    good, _, outcomes = informed(60)
    found = choose_weights({str(i): good for i in range(n)}, outcomes, CENTRE)
    assert found == {str(i): weight for i in range(n)}


def test_combination__part_without_weight__not_even_asked() -> None:
    empty = History(np.empty((0, N_LOGITS)), np.empty(0, np.int64), Outcomes(*np.empty((2, 0), np.int64)))
    used, idle = Constant(2.0), Constant(9.0)
    both = Combination({"used": used, "idle": idle}, {"used": 1.0, "idle": 0.0}, Prequential(empty, CENTRE))
    assert (both.logits(None) == 2.0).all()
    assert (used.n_asked, idle.n_asked) == (1, 0)


def test_stage__cut_in_time__each_part_knows_what_was_known(study: Study, stage: Stage) -> None:
    at, outcomes = study.queries.queries.at, study.outcomes
    train, validation = stage.train.queries.at, stage.validation.queries.at
    assert train.max() < validation.min()
    assert stage.everything.queries.at.max() <= at[np.searchsorted(at, validation.max())]
    boundary = int(validation.min())
    expected = outcomes[: len(train)].censored(at[: len(train)], boundary)
    np.testing.assert_array_equal(stage.train_outcomes.n_at_risk, expected.n_at_risk)
    open_then = stage.train_outcomes.n_at_risk < outcomes.n_at_risk[: len(train)]
    assert open_then.any()
    assert (stage.train_outcomes.event[open_then] == NONE).all()
    assert len(stage.everything) >= len(stage.train) + len(stage.validation)

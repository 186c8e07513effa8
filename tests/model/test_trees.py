"""Boosted trees on the hazard: they learn, they stay within their budget, they come back from disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from influence.errors import CheckpointError
from influence.model.hazard import (
    ACCEPT,
    DECLINE,
    N_BINS,
    NONE,
    Outcomes,
    base_logits,
    hazard_loss,
)
from influence.model.trees import NO_DECLINES, HazardTrees, TreesConfig

QUICK = TreesConfig(min_data_in_leaf=10, learning_rate=0.1, max_rounds=40, feature_fraction=1.0)


def simulated(seed: int, n: int = 400, declines: bool = True) -> tuple[np.ndarray, Outcomes]:
    """Three columns of which the second decides, the first misses in places; acceptance early or never."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    accepted = rng.random(n) < 1 / (1 + np.exp(-3 * x[:, 1]))
    declined = ~accepted & (rng.random(n) < 0.4) & declines
    x[rng.random(n) < 0.2, 0] = np.nan
    n_at_risk = np.where(accepted, rng.integers(1, 3, n), N_BINS)
    return x, Outcomes(n_at_risk, np.select((accepted, declined), (ACCEPT, DECLINE), default=NONE))


def loss(logits: np.ndarray, outcomes: Outcomes) -> float:
    parts = (torch.from_numpy(a) for a in (logits, outcomes.n_at_risk, outcomes.event))
    return float(hazard_loss(*parts))


def test_trees__signal__beat_the_marginal_hazards_on_new_rows() -> None:
    x, outcomes = simulated(0)
    new_x, new_outcomes = simulated(1)
    trees = HazardTrees(QUICK, 0).fit(x, outcomes, 40)
    marginal = np.tile(base_logits(outcomes), (len(new_x), 1))
    assert loss(trees.logits(new_x), new_outcomes) < loss(marginal, new_outcomes) - 0.1


def test_trees__more_signal__less_loss() -> None:
    x, outcomes = simulated(0)
    new_x, new_outcomes = simulated(1)
    blunt = np.random.default_rng(2).permutation(x)
    found = [
        loss(HazardTrees(QUICK, 0).fit(columns, outcomes, 40).logits(new_x), new_outcomes)
        for columns in (x, blunt)
    ]
    assert found[0] < found[1]


def test_trees__no_declines__none_is_forecast() -> None:
    x, outcomes = simulated(0, declines=False)
    trees = HazardTrees(QUICK, 0).fit(x, outcomes, 5)
    assert (trees.logits(x)[:, N_BINS] == NO_DECLINES).all()


def test_trees__too_few_rows_to_split__marginal_hazards() -> None:
    x, outcomes = simulated(0, n=12)
    trees = HazardTrees(TreesConfig(), 0).fit(x, outcomes, 20)
    np.testing.assert_allclose(trees.logits(x), np.tile(base_logits(outcomes), (12, 1)))


def test_trees__a_single_row__marginal_hazards() -> None:
    one = Outcomes(np.array([N_BINS]), np.array([DECLINE]))
    trees = HazardTrees(TreesConfig(bagging_fraction=0.1), 0).fit(np.zeros((1, 3), np.float32), one, 3)
    np.testing.assert_allclose(trees.logits(np.zeros((1, 3), np.float32))[0], base_logits(one))


def test_trees__no_rows_asked__none_answered() -> None:
    x, outcomes = simulated(0)
    assert HazardTrees(QUICK, 0).fit(x, outcomes, 5).logits(x[:0]).shape == (0, N_BINS + 1)


def test_trees__one_row_or_many__the_very_same_numbers() -> None:
    x, outcomes = simulated(0)
    trees = HazardTrees(QUICK, 0).fit(x, outcomes, 10)
    np.testing.assert_array_equal(trees.logits(x)[7], trees.logits(x[7:8])[0])


def test_trees__seeds__same_alike_others_not() -> None:
    x, outcomes = simulated(0)
    same, again, other = (HazardTrees(QUICK, seed).fit(x, outcomes, 10).logits(x) for seed in (0, 0, 1))
    np.testing.assert_array_equal(same, again)
    assert np.abs(same - other).max() > 1e-3


def test_trees__first_rounds__as_if_boosted_no_further() -> None:
    x, outcomes = simulated(0)
    long, short = (HazardTrees(QUICK, 0).fit(x, outcomes, n) for n in (30, 10))
    np.testing.assert_allclose(long.logits(x, n_rounds=10), short.logits(x), atol=1e-12)


@pytest.mark.parametrize("declines", [True, False])
def test_trees__saved_and_loaded__identical_logits(tmp_path: Path, declines: bool) -> None:
    x, outcomes = simulated(0, declines=declines)
    trees = HazardTrees(QUICK, 3).fit(x, outcomes, 25)
    trees.save(tmp_path / "trees")
    loaded = HazardTrees.load(tmp_path / "trees", QUICK, 3)
    np.testing.assert_array_equal(loaded.logits(x), trees.logits(x))
    np.testing.assert_array_equal(loaded.logits(x, n_rounds=10), trees.logits(x, n_rounds=10))


@pytest.mark.parametrize("name", ["base.txt", "accept.txt"])
@pytest.mark.parametrize("left", [None, "", "half of a file"])
def test_trees__file_missing_or_damaged__refused_by_name(tmp_path: Path, name: str, left: str | None) -> None:
    x, outcomes = simulated(0)
    HazardTrees(QUICK, 3).fit(x, outcomes, 5).save(tmp_path)
    (tmp_path / name).unlink()
    if left is not None:
        (tmp_path / name).write_text(left)
    with pytest.raises(CheckpointError, match=name.split(".")[0]):
        HazardTrees.load(tmp_path, QUICK, 3)


def test_rounds_to_keep__losses_rise_after_forty__forty() -> None:
    x, outcomes = simulated(0)
    trees = HazardTrees(QUICK, 0).fit(x, outcomes, 100)
    asked: list[int] = []

    def losses(_: np.ndarray) -> np.ndarray:
        asked.append(20 * (len(asked) + 1))
        return np.full(5, abs(asked[-1] - 40.0)) + np.arange(5)

    assert trees.rounds_to_keep(x[:9], losses) == 40
    assert asked == [20, 40, 60, 80, 100]


@pytest.mark.parametrize(("n_rounds", "expected"), [(7, 7), (30, 30), (40, 40)])
def test_rounds_to_keep__ever_better__never_more_than_were_boosted(n_rounds: int, expected: int) -> None:
    x, outcomes = simulated(0)
    trees = HazardTrees(QUICK, 0).fit(x, outcomes, n_rounds)
    falling = iter(range(100, 0, -1))
    assert trees.rounds_to_keep(x[:9], lambda _: np.full(5, float(next(falling)))) == expected

"""Trees laid out for many rows: LightGBM's own sums, to the last bit, whatever the rows hold."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest

from influence.model import trees
from influence.model.forest import MOST_LEAVES, Forest
from influence.model.hazard import ACCEPT, DECLINE, N_BINS, NONE, Outcomes
from influence.model.trees import HazardTrees, TreesConfig


def rows(n: int, columns: int, seed: int = 0) -> np.ndarray:
    """Numbers, zeros, repeated values and gaps; the first column has no gap."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, columns)).round(1).astype(np.float32)
    x[rng.random(x.shape) < 0.2] = 0
    x[:, 1:][rng.random((n, columns - 1)) < 0.3] = np.nan
    return x


def boosted(x: np.ndarray, num_leaves: int = 7, n_rounds: int = 30) -> lgb.Booster:
    y = (np.nan_to_num(x).sum(1) > 0) | np.isnan(x[:, 1])
    given = {"objective": "binary", "num_leaves": num_leaves, "verbose": -1, "min_data_in_leaf": 5, "seed": 1}
    return lgb.train(given, lgb.Dataset(x, y.astype(np.float32)), n_rounds)


@pytest.mark.parametrize("num_leaves", [2, 3, 7, MOST_LEAVES])
@pytest.mark.parametrize("n", [1, 63, 64, 129, 1000])
def test_forest__rows_of_every_kind__bits_of_lightgbm(num_leaves: int, n: int) -> None:
    booster, x = boosted(rows(800, 6), num_leaves), rows(n, 6, seed=2)
    x[0] = np.nan, np.inf, -np.inf, 0, -0.0, 1e-30  # NaN where training knew of none, too
    forest = Forest.of(booster, None)
    assert forest is not None
    np.testing.assert_array_equal(forest(x)[:, 0], booster.predict(x, raw_score=True))


def test_forest__first_rounds_only__bits_of_lightgbm() -> None:
    booster, x = boosted(rows(800, 6)), rows(100, 6, seed=3)
    forest = Forest.of(booster, 7)
    assert forest is not None
    np.testing.assert_array_equal(forest(x)[:, 0], booster.predict(x, raw_score=True, num_iteration=7))


def test_forest__value_on_a_threshold__goes_left_as_in_lightgbm() -> None:
    booster = boosted(rows(800, 6))
    limits = booster.trees_to_dataframe()["threshold"].dropna().to_numpy()
    near = np.concatenate([limits.astype(np.float32), np.nextafter(limits.astype(np.float32), np.float32(9))])
    x = np.repeat(near[:, None], 6, axis=1)
    forest = Forest.of(booster, None)
    assert forest is not None
    np.testing.assert_array_equal(forest(x)[:, 0], booster.predict(x, raw_score=True))


def test_forest__columns_in_parts__same_bits() -> None:
    x = rows(200, 6, seed=4)
    forest = Forest.of(boosted(rows(800, 6)), None)
    assert forest is not None
    assert len(forest.columns) == 6
    frozen = x[:, 2:3].copy()
    frozen.flags.writeable = False
    np.testing.assert_array_equal(forest(x[:, :2], frozen, x[:, 3:]), forest(x))
    np.testing.assert_array_equal(forest(x[:, :0], x), forest(x))


def test_forest__periods__bits_of_one_prediction_each() -> None:
    x = rows(900, 5)
    period = np.arange(900) % 4
    told = np.column_stack((x, period)).astype(np.float32)
    y = ((np.nan_to_num(x[:, 0]) + period) > 1.5).astype(np.float32)
    booster = lgb.train({"objective": "binary", "num_leaves": 7, "verbose": -1}, lgb.Dataset(told, y), 25)
    forest = Forest.of(booster, None, n_periods=4)
    assert forest is not None
    found = forest(x)
    for each in range(4):
        asked = np.column_stack((x, np.full(900, each))).astype(np.float32)
        np.testing.assert_array_equal(found[:, each], booster.predict(asked, raw_score=True))
    assert len(np.unique(found[0])) > 1


def test_forest__more_leaves_than_bits__left_to_lightgbm() -> None:
    assert Forest.of(boosted(rows(3000, 6), MOST_LEAVES + 1), None) is None


def test_forest__no_split_at_all__one_leaf() -> None:
    booster = lgb.train({"objective": "binary", "verbose": -1}, lgb.Dataset(rows(9, 3), np.arange(9) % 2), 2)
    forest = Forest.of(booster, None)
    assert forest is not None
    np.testing.assert_array_equal(forest(rows(70, 3))[:, 0], booster.predict(rows(70, 3), raw_score=True))


@pytest.mark.parametrize("declines", [False, True])
def test_hazard_trees__many_rows_or_few__same_bits(monkeypatch: pytest.MonkeyPatch, declines: bool) -> None:
    x, rng = rows(900, 6), np.random.default_rng(4)
    event = rng.choice([NONE, ACCEPT, DECLINE] if declines else [NONE, ACCEPT], 900)
    n_at_risk = np.where(event == ACCEPT, rng.integers(1, N_BINS + 1, 900), N_BINS)
    fitted = HazardTrees(TreesConfig(min_data_in_leaf=5), 0).fit(x, Outcomes(n_at_risk, event), 12)
    few = {n_rounds: fitted.logits(x, n_rounds=n_rounds) for n_rounds in (12, 5, None)}
    monkeypatch.setattr(trees, "MANY_ROWS", 1)
    for n_rounds in (12, 5, None, 12):
        np.testing.assert_array_equal(fitted.logits(x, n_rounds=n_rounds), few[n_rounds])
    assert not np.array_equal(few[5], few[12])

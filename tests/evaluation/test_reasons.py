"""The measures of reasons, on cases worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from influence.evaluation.reasons import mean_with_interval, order_agreement, rankings, sign_agreement
from influence.explanation.groups import NAMES


def told(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_sign_agreement__by_hand__only_clear_effects_count() -> None:
    # Means of the worth: 1.0 and 0. Clear: all but the third row of "mutual", none of "note".
    worth = told(mutual=[0.0, 2.0, 1.1, 0.9, 1.0], note=[0.1, -0.1, 0.1, -0.1, 0.0])
    worth.loc[3, "mutual"], worth.loc[4, "mutual"] = 0.4, 1.5
    found = sign_agreement(told(mutual=[-1.0, 3.0, -9.0, 1.0, 2.0], note=[1.0] * 5, time=[0.1] * 5), worth)
    assert found.loc["mutual", "n_clear"] == 4
    assert found.loc["mutual", "right_sign"] == 0.75
    assert found.loc["note", "n_clear"] == found.loc["time", "n_clear"] == 0
    assert found.loc["time", "planted_sd"] == 0
    assert np.isnan(found.loc["time", "right_sign"])
    assert found.loc["mutual", "told_sd"] == pytest.approx(np.std([-1, 3, -9, 1, 2]))


def test_order_agreement__same_and_turned_round__one_and_minus_one() -> None:
    worth = told(a=[1.0, -1.0], b=[5.0, 5.0], c=[-2.0, 2.0])
    # From their means the worths are (1, 0, -2) and (-1, 0, 2).
    found = order_agreement(told(a=[0.3, 0.3], b=[0.2, 0.2], c=[0.1, 0.1]), worth)
    np.testing.assert_allclose(found, [1.0, -1.0])


def test_rankings__named__by_size_whatever_the_sign() -> None:
    contributions = np.zeros((2, len(NAMES)))
    contributions[0, :2], contributions[1, :2] = (-3.0, 1.0), (0.5, 2.0)
    ways = rankings(contributions, np.random.default_rng(0))
    assert ways["named"].argmax(1).tolist() == [0, 1]
    assert ways["same_for_all"].argmax(1).tolist() == [0, 0]
    assert len(np.unique(ways["random"])) == 2 * len(NAMES)


def test_mean_with_interval__known_spread__two_standard_errors() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(3.0, 2.0, 400)
    mean, low, high = mean_with_interval(values, rng)
    assert mean == pytest.approx(values.mean())
    assert high - low == pytest.approx(2 * 1.96 * 2.0 / 20, rel=0.15)

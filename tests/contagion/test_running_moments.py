"""Means and intervals of draws, against numpy and against the law that they are drawn from."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from influence.contagion.running_moments import of_positive, of_shares


def test_running_moments__positive_draws__mean_and_ends_as_numpy_finds_them() -> None:
    draws = np.random.default_rng(2).lognormal(0.3, 0.8, (37, 2, 3))
    moments = of_positive()
    for draw in draws:
        moments.add(draw)
    log = np.log(draws)
    np.testing.assert_allclose(moments.mean, draws.mean(0))
    low, high = moments.interval()
    reach = 2.028094 * log.std(0, ddof=1) * np.sqrt(38 / 37)  # of Student's t, 36 degrees of freedom
    np.testing.assert_allclose((low, high), (np.exp(log.mean(0) - reach), np.exp(log.mean(0) + reach)))


def test_running_moments__forty_draws_of_shares__their_interval_holds_95_percent() -> None:
    """Quantiles of as few hold 90."""
    rng = np.random.default_rng(7)
    centre, deviation = rng.normal(0, 2, 20_000), rng.uniform(0.1, 2, 20_000)
    moments = of_shares()
    draws = expit(centre + deviation * rng.normal(size=(40, len(centre))))
    for draw in draws:
        moments.add(draw)
    truth = expit(centre + deviation * rng.normal(size=len(centre)))
    low, high = moments.interval()
    assert abs(((low <= truth) & (truth <= high)).mean() - 0.95) < 0.01
    low, high = np.quantile(draws, (0.025, 0.975), axis=0)
    assert ((low <= truth) & (truth <= high)).mean() < 0.92


def test_running_moments__shares_of_nothing_and_of_everything__stay_where_they_are() -> None:
    moments = of_shares()
    for _ in range(3):
        moments.add(np.array([0.0, 1.0]))
    np.testing.assert_allclose(moments.interval(), [[0, 1], [0, 1]], atol=1e-9)
    np.testing.assert_array_equal(moments.mean, [0, 1])

"""How much factors differ: against another implementation, planted strengths, and keys that are alike."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom

from influence.contagion.factors import STRENGTHS, draw_strength, log_marginals


def test_log_marginals__against_the_negative_binomial_of_scipy__differs_by_a_constant() -> None:
    success, expected = np.array([0.0, 3.0, 1.0, 0.0, 7.0]), np.array([0.4, 1.0, 2.0, 0.0, 3.0])
    told = expected > 0
    foreign = [
        nbinom.logpmf(success[told], strength, strength / (strength + expected[told])).sum()
        for strength in STRENGTHS
    ]
    np.testing.assert_allclose(np.diff(log_marginals(success, expected)), np.diff(foreign), atol=1e-9)


def test_log_marginals__one_key_for_several_alike__as_if_each_were_told() -> None:
    success, expected = np.array([2.0, 0.0]), np.array([1.5, 0.7])
    each = log_marginals(np.array([2.0, 0.0, 0.0, 0.0]), np.array([1.5, 0.7, 0.7, 0.7]))
    np.testing.assert_allclose(log_marginals(success, expected, np.array([1.0, 3.0])), each)


@pytest.mark.parametrize("strength", [0.7, 8.0])
def test_draw_strength__many_keys_that_differ_so__near_it(strength: float) -> None:
    rng = np.random.default_rng(3)
    expected = rng.uniform(0.5, 20, 4_000)
    success = rng.poisson(expected * rng.gamma(strength, 1 / strength, 4_000)).astype(float)
    drawn = [draw_strength(success, expected, rng) for _ in range(50)]
    assert abs(np.log(np.median(drawn) / strength)) < np.log(STRENGTHS[1] / STRENGTHS[0])


def test_draw_strength__nothing_to_go_by__all_strengths_possible() -> None:
    rng, nothing = np.random.default_rng(1), np.zeros(3)
    drawn = {draw_strength(nothing, nothing, rng) for _ in range(400)}
    assert min(drawn) < 0.2 and max(drawn) > 3

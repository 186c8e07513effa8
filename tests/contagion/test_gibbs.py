"""The sampler: each step against hand-worked or foreign answers, all of it against its own prior."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom

from influence.contagion.gibbs import (
    STRENGTHS,
    Chain,
    LogMoments,
    causes,
    draw_strength,
    log_marginals,
)


def test_causes__shares_of_three_take_ups__drawn_as_often() -> None:
    """The second has no candidate, the others 2 and 3; what is left over is the outside's."""
    share, ptr = np.array([0.5, 0.2, 0.1, 0.0, 0.6]), np.array([0, 2, 2, 5])
    rng = np.random.default_rng(0)
    drawn = np.mean([causes(share, ptr, rng) for _ in range(20_000)], axis=0)
    np.testing.assert_allclose(drawn, share, atol=0.012)
    assert max(causes(share, ptr, rng)[:2].sum() for _ in range(100)) <= 1


def test_log_marginals__against_the_negative_binomial_of_scipy__differs_by_a_constant() -> None:
    success, expected = np.array([0.0, 3.0, 1.0, 0.0, 7.0]), np.array([0.4, 1.0, 2.0, 0.0, 3.0])
    told = expected > 0
    foreign = [
        nbinom.logpmf(success[told], strength, strength / (strength + expected[told])).sum()
        for strength in STRENGTHS
    ]
    np.testing.assert_allclose(np.diff(log_marginals(success, expected)), np.diff(foreign), atol=1e-9)


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


def test_log_moments__draws__mean_and_ends_as_numpy_finds_them() -> None:
    draws = np.random.default_rng(2).lognormal(0.3, 0.8, (37, 2, 3))
    moments = LogMoments()
    for draw in draws:
        moments.add(draw)
    log = np.log(draws)
    np.testing.assert_allclose(moments.mean, draws.mean(0))
    low, high = moments.interval()
    reach = 1.96 * log.std(0, ddof=1)
    np.testing.assert_allclose((low, high), (np.exp(log.mean(0) - reach), np.exp(log.mean(0) + reach)))


def test_chain__worlds_drawn_from_its_own_law__intervals_hold_the_truth() -> None:
    """90 senders of one kind of factor, each exposing others 60 times; 20 worlds, nothing from outside."""
    n, held, rng = 90, [], np.random.default_rng(5)
    for _ in range(20):
        true = rng.gamma(2.0, 0.5, n)
        success = rng.poisson(0.05 * 60 * true)
        pairs, risk = np.repeat(np.arange(n), success), np.repeat(np.arange(n), 60)
        chain = Chain([pairs], [risk], [n], np.arange(len(pairs) + 1), 0.9)
        chain.under(np.ones(len(pairs)), np.full(len(pairs), 1e-9), np.ones(len(risk))).start()
        moments = LogMoments()
        for sweep in range(120):
            chain.sweep(rng)
            if sweep >= 30:
                moments.add(chain.factors[0] * chain.base)
        low, high = moments.interval()
        held.append(((low <= 0.05 * true) & (0.05 * true <= high)).mean())
    assert 0.92 < np.mean(held) < 0.98

"""Rates of links are recovered, and a source's past counts."""

from __future__ import annotations

import numpy as np
import pytest

from influence.model.pace import Pace, RateCorrection


def test_fit__planted_gamma_rates__recovered() -> None:
    rng = np.random.default_rng(0)
    rate = rng.gamma(3.0, 0.5, 30_000)
    past, after = rng.poisson(4 * rate).astype(float), rng.poisson(rate).astype(float)
    found = Pace.fit(past, 4.0, after, 90.0)
    # A gamma of shape 3 and scale 0.5 has the mean 1.5 and counts as 2 horizons.
    assert found.mean == pytest.approx(1.5, rel=0.03)
    assert found.strength == pytest.approx(2.0, rel=0.15)


def test_expected__worked_by_hand__between_the_mean_and_ones_own_past() -> None:
    pace = Pace(mean=1.5, strength=2.0, horizon_days=90.0)
    np.testing.assert_allclose(pace.expected(np.array([0.0, 12.0]), 4.0), [3 / 6, 15 / 6])
    assert Pace(**pace.told) == pace


def test_fit__nobody_ever_linked__no_rate_but_no_error() -> None:
    found = Pace.fit(np.zeros(50), 3.0, np.zeros(50), 30.0)
    assert found.expected(np.zeros(1), 3.0)[0] < 1e-3


def test_correction__planted_distortion__undone() -> None:
    rng = np.random.default_rng(1)
    truth = np.exp(rng.normal(-5, 1, 400_000))
    happened = (rng.random(len(truth)) < 1 - np.exp(-truth)).astype(float)
    told = (truth / 1.7) ** (1 / 1.3)
    found = RateCorrection.fit(told, happened)
    assert found.slope == pytest.approx(1.3, rel=0.05)
    assert found(told).sum() == pytest.approx(happened.sum(), rel=0.02)
    assert RateCorrection(**found.told) == found


def test_correction__three_links__hardly_corrects() -> None:
    rate = np.full(1_000, 1e-3)
    found = RateCorrection.fit(rate, (np.arange(1_000) < 3).astype(float))
    # Three links where one was expected: the prior, worth more than that, holds most of it back.
    assert 1.0 < found(rate).sum() < 2.5

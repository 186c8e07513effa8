"""Rosenbaum's bounds: his own table, a hand-worked case, exact tails, and worlds with a hidden cause."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from tests.contagion.logs import parts_of
from tests.contagion.test_evidence import matching_log, rng

from influence.contagion.evidence import matched_estimate
from influence.contagion.evidence.sensitivity import gamma_of, p_value_at


def pairs(n: int) -> tuple[np.ndarray, np.ndarray]:
    """One exposed and one unexposed person each."""
    return np.ones(n), np.ones(n)


@pytest.mark.parametrize(("gamma", "published"), [(4, 0.0036), (5, 0.03), (6, 0.1)])
def test_p_value_at__smoking_and_lung_cancer__table_4_1_of_rosenbaum(gamma: float, published: float) -> None:
    """Hammond (1964): of 122 pairs in which one died of lung cancer, in 110 it was the heavy smoker."""
    assert p_value_at(gamma, 110, *pairs(122)) == pytest.approx(published, rel=0.06)
    assert p_value_at(3, 110, *pairs(122)) < 0.0001


def test_gamma_of__smoking_and_lung_cancer__near_that_of_the_exact_binomial() -> None:
    found = gamma_of(110, *pairs(122))
    assert found == pytest.approx(5.4, abs=0.1)
    assert binom.sf(109, 122, found / (1 + found)) == pytest.approx(0.05, abs=0.01)
    assert p_value_at(found, 110, *pairs(122)) == pytest.approx(0.05)


def test_p_value_at__sets_of_unequal_size__by_hand() -> None:
    # Gamma 2: chances 2 * 2 / (2 * 2 + 3) = 4/7 and 2 * 1 / (2 * 1 + 3) = 2/5, five sets of each; 9 of 10.
    exposed, unexposed = np.array([2.0] * 5 + [1.0] * 5), np.full(10, 3.0)
    z = (9 - 0.5 - 5 * (4 / 7 + 2 / 5)) / np.sqrt(5 * (4 / 7 * 3 / 7 + 2 / 5 * 3 / 5))
    assert z == pytest.approx(2.340, abs=0.001)
    assert p_value_at(2.0, 9, exposed, unexposed) == pytest.approx(0.00965, abs=0.00003)  # of a normal table


def test_gamma_of__no_significance_or_no_sets__one() -> None:
    assert gamma_of(61, *pairs(122)) == 1.0
    assert gamma_of(12, *pairs(122)) == 1.0  # the other way round
    assert gamma_of(0, *pairs(0)) == 1.0
    assert 1 < gamma_of(30, *pairs(30)) < np.inf  # all of them exposed


def test_p_value_at__hidden_cause_of_that_strength__rejects_no_more_than_the_level() -> None:
    """In every set the one who took up was three times as likely exposed: gamma 3 holds its level, 1 not."""
    chance = np.random.default_rng(4)
    exposed, unexposed = chance.integers(1, 6, 400) * 1.0, chance.integers(1, 9, 400) * 1.0
    p = 3 * exposed / (3 * exposed + unexposed)
    cases = (chance.random((600, 400)) < p).sum(axis=1)
    rejected = {
        gamma: np.mean([p_value_at(gamma, int(n), exposed, unexposed) <= 0.05 for n in cases])
        for gamma in (1.0, 3.0)
    }
    assert rejected[1.0] == 1.0
    assert 0.02 < rejected[3.0] <= 0.075


def test_matched_estimate__one_stratum__gamma_of_its_risk_sets() -> None:
    # Twelve times b (one of 2 exposed, beside 3) and twelve times c (one of 3 unexposed, beside 1 exposed).
    take_ups, ties, _ = parts_of(matching_log(12))
    found = matched_estimate(take_ups, ties, np.zeros(6, np.int64), rng(), window_days=10)
    sets = np.repeat([2.0, 1.0], 12), np.full(24, 3.0)
    assert p_value_at(1.0, 12, *sets) == pytest.approx(0.0512, abs=0.0002)
    assert found.gamma == gamma_of(12, *sets) == 1.0
    many, ties, _ = parts_of(matching_log(30))
    found = matched_estimate(many, ties, np.zeros(6, np.int64), rng(), window_days=10)
    assert found.gamma == pytest.approx(gamma_of(30, np.repeat([2.0, 1.0], 30), np.full(60, 3.0)))
    assert found.gamma > 1.1
    assert f"differed {found.gamma:.1f} times in their odds" in found.sentence

"""The best forecast of links: what it expects is what the world draws."""

from __future__ import annotations

import numpy as np
import pytest

from influence.synthesis import WorldConfig
from influence.synthesis.linking import LinkLaw
from influence.synthesis.partners import _candidates, make_affinity, make_links
from influence.synthesis.people import make_firms
from influence.synthesis.sampling import Adjacency

SMALL = WorldConfig(n_contacts=480, seed=3)
N_DRAWN = 400


def pairs(n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.triu_indices(n, 1)


@pytest.mark.parametrize("effect", [True, False])
def test_considered__all_pairs_drawn_many_times__come_up_as_often_as_expected(effect: bool) -> None:
    config = SMALL.model_copy(update={"effect": effect})
    firms = make_firms(config)[0]
    links, n = make_links(config, firms, make_affinity(config)), config.companies
    old = links.linked & (links.at < 0)
    lists = Adjacency.of(links.source[old], links.target[old], n)
    rng = np.random.default_rng(0)
    drawn = np.zeros((n, n))
    for _ in range(N_DRAWN):
        a, b = _candidates(config, firms, rng, lists)
        drawn[np.minimum(a, b), np.maximum(a, b)] += 1
    a, b = pairs(n)
    chance = 1 - np.exp(-LinkLaw.of(config).considered(a, b))  # once at least
    by_chance = np.argsort(chance)
    for some in np.array_split(by_chance, 8):
        assert drawn[a[some], b[some]].mean() / N_DRAWN == pytest.approx(chance[some].mean(), rel=0.06)


def test_expected__pairs_that_linked_up__stand_higher_than_others() -> None:
    config, law = SMALL, LinkLaw.of(SMALL)
    links = make_links(config, law.firms, make_affinity(config))
    new = links.at >= 0
    a, b, linked = links.source[new], links.target[new], links.linked[new]
    told = law.expected(a, b, np.zeros(len(a))) / law.considered(a, b)
    assert told[linked].mean() > told[~linked].mean() + 0.05
    more = law.expected(a, b, np.full(len(a), 10.0)) / law.considered(a, b)
    assert (more > told).all()

"""The truth of introductions: dealings counted by hand, chances that move as they should, the past alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from influence.synthesis import WorldConfig, simulate
from influence.synthesis.introducing import Courtesy, Introducing
from influence.synthesis.making import Making
from influence.synthesis.unsent import true_chances

N = 600
AT = pd.Timestamp("2025-01-10", tz="UTC")


@pytest.fixture(scope="module")
def making() -> Making:
    return simulate(WorldConfig(n_contacts=N, seed=5)).making


@pytest.fixture(scope="module")
def truth(making: Making) -> Introducing:
    return Introducing(making, AT)


def everybody() -> tuple[np.ndarray, np.ndarray]:
    return np.repeat(np.arange(20), N - 20), np.tile(np.arange(20, N), 20)


def test_dealings__pair_by_pair__decayed_sum_of_what_came_before(making: Making, truth: Introducing) -> None:
    actions, start = making.actions, making.config.started_at
    age = (AT - start).total_seconds() - actions.at
    busiest = np.argsort(-np.bincount(actions.actor, minlength=N))[:3]
    for one in busiest:
        other = actions.target[actions.actor == one][0]
        both = ((actions.actor == one) & (actions.target == other)) | (
            (actions.actor == other) & (actions.target == one)
        )
        expected = np.exp(-age[both & (age > 0)] / 86_400 / 45).sum()
        assert truth.dealings(np.array([other]), np.array([one]))[0] == pytest.approx(expected)
    assert truth.dealings(np.array([0]), np.array([0]))[0] == 0


def test_passes_on__warmth__likelier_the_more_they_dealt(truth: Introducing) -> None:
    asker, asked = everybody()
    without = Introducing(truth.making, AT, Courtesy(warmth=0.0))
    more, warm = truth.passes_on(asker, asked) - without.passes_on(asker, asked), truth.dealings(asker, asked)
    assert (more[warm == 0] == 0).all()
    assert (more[warm > 0] > 0).all() and (warm > 0).any()
    assert 0.1 < truth.passes_on(asker, asked).mean() < 0.6


def test_accepts__no_word__that_of_an_invitation_and_more_with_it(making: Making, truth: Introducing) -> None:
    asker, asked = everybody()
    sender, target, endorser = asker[:40], asked[:40], np.full(40, 19)
    ids = np.array([f"p{i:03d}" for i in range(N)])
    pairs = pd.DataFrame({"sender_id": ids[sender], "recipient_id": ids[target]})
    alone = true_chances(making, pairs.assign(sent_at=AT, has_note=True))
    silent = Introducing(making, AT, Courtesy(word=0.0, trust=0.0))
    np.testing.assert_allclose(silent.accepts(sender, endorser, target), alone)
    assert (truth.accepts(sender, endorser, target) > alone).all()


def test_succeeds__two_and_three_hops__product_of_the_steps(truth: Introducing) -> None:
    a, b, c, d = (np.array([i, i]) for i in (1, 30, 60, 90))
    second = np.array([60, -1])
    found = truth.succeeds(a, b, second, d)
    first = truth.passes_on(a, b)
    three = first * truth.passes_on(b, c) * truth.accepts(a, c, d)
    assert found == pytest.approx([three[0], (first * truth.accepts(a, b, d))[1]])

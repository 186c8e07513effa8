"""The sampler: each step against hand-worked or foreign answers, all of it against its own prior."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from influence.contagion.gibbs import Chain, causes
from influence.contagion.likelihood import CandidateHazard
from influence.contagion.outside import Outside
from influence.contagion.running_moments import of_positive
from influence.contagion.takeups import TakeUps


def test_causes__shares_of_three_take_ups__drawn_as_often() -> None:
    """The second has no candidate, the others 2 and 3; what is left over is the outside's."""
    share, ptr = np.array([0.5, 0.2, 0.1, 0.0, 0.6]), np.array([0, 2, 2, 5])
    rng = np.random.default_rng(0)
    drawn = np.mean([causes(share, ptr, rng) for _ in range(20_000)], axis=0)
    np.testing.assert_allclose(drawn, share, atol=0.012)
    assert max(causes(share, ptr, rng)[:2].sum() for _ in range(100)) <= 1


def next_to_nothing(n: int) -> Outside:
    """An outside that n take-ups have nothing to expect from."""
    who, zero = np.arange(n), np.zeros(n, np.int64)
    ids = pd.Index(who.astype(str))
    outside = Outside(TakeUps(ids, pd.Index(["x"]), pd.Index([]), who, zero, zero, zero - 1), until=0)
    hazard = CandidateHazard(1, 0, 0)
    torch.nn.init.constant_(hazard.outside, float(np.log(1e-9)))
    outside.under(hazard)
    return outside


def test_chain__worlds_drawn_from_its_own_law__intervals_hold_the_truth() -> None:
    """90 senders of one kind of factor, each exposing others 60 times; 20 worlds, nothing from outside."""
    n, held, rng = 90, [], np.random.default_rng(5)
    for _ in range(20):
        true = rng.gamma(2.0, 0.5, n)
        success = rng.poisson(0.05 * 60 * true)
        pairs, risk = np.repeat(np.arange(n), success), np.repeat(np.arange(n), 60)
        chain = Chain([pairs], [risk], [n], np.arange(len(pairs) + 1), 0.9, next_to_nothing(len(pairs)))
        chain.under(np.ones(len(pairs)), np.ones(len(risk))).start()
        moments = of_positive()
        for sweep in range(120):
            chain.sweep(rng)
            if sweep >= 30:
                moments.add(chain.factors[0] * chain.base)
        low, high = moments.interval()
        held.append(((low <= 0.05 * true) & (0.05 * true <= high)).mean())
    assert 0.92 < np.mean(held) < 0.98

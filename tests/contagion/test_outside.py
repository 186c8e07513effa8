"""The rate from outside: time counted by hand, factors of worlds drawn from their own law."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from influence.contagion.likelihood import CandidateHazard
from influence.contagion.outside import Outside, seconds_open
from influence.contagion.running_moments import of_positive
from influence.contagion.takeups import TakeUps

HOUR = 3600


def log_of(rows: list[tuple[int, int, float]], n_contacts: int, n_items: int) -> TakeUps:
    """Take-ups (contact, item, seconds) without topic."""
    rows = sorted(rows, key=lambda row: (row[1], row[2]))
    contact, item, at = (np.array(column) for column in zip(*rows, strict=True))
    names = pd.Index([str(each) for each in range(max(n_contacts, n_items))])
    return TakeUps(
        names[:n_contacts], names[:n_items], pd.Index([]), contact, item,
        (at * 1e6).astype(np.int64), np.full(len(rows), -1),
    )  # fmt: skip


def even(rate: float) -> CandidateHazard:
    """One rate from outside at any age, per second."""
    hazard = CandidateHazard(1, 0, 0)
    torch.nn.init.constant_(hazard.outside, float(np.log(rate)))
    return hazard


def test_seconds_open__two_take_ups_of_five_hours__as_counted_by_hand() -> None:
    """An age ends after an hour, the next after four."""
    take_ups = log_of([(0, 0, 0), (1, 0, 2 * HOUR)], 3, 1)
    of_item, left = seconds_open(take_ups, until=5 * HOUR * 1_000_000)
    np.testing.assert_allclose(of_item[:, :4] / HOUR, [[1, 3, 1, 0]])
    np.testing.assert_allclose(left[:, :4] / HOUR, [[1, 3, 1, 0], [0, 2, 1, 0]])


def test_outside__three_people_one_item__expected_as_worked_out_by_hand() -> None:
    """Whom an item begins with had no time for it; the third stands for all who never took it up."""
    outside = Outside(log_of([(0, 0, 0), (1, 0, 2 * HOUR)], 3, 1), until=5 * HOUR * 1_000_000)
    outside.under(even(0.1 / HOUR))
    np.testing.assert_allclose(outside.expected, [0.0, 0.2, 0.5], rtol=1e-6)
    np.testing.assert_allclose(outside.rate, 0.1 / HOUR, rtol=1e-6)


@pytest.mark.parametrize("strength", [0.5, 5.0])
def test_outside__people_who_differ__factors_hold_the_truth(strength: float) -> None:
    """800 people, 60 items that somebody else begins with; nobody moves anybody."""
    n, n_items, rate, rng = 800, 60, 0.05, np.random.default_rng(4)
    true = rng.gamma(strength, 1 / strength, n)
    wait = rng.exponential(1 / (rate * true), (n_items, n))
    rows = [(int(who), int(item), wait[item, who]) for item, who in np.argwhere(wait < 1)]
    rows += [(n, item, 0.0) for item in range(n_items)]
    take_ups = log_of(rows, n + 1, n_items)
    outside = Outside(take_ups, until=1_000_000)
    outside.under(even(rate))
    moments = of_positive()
    for _ in range(60):
        outside.draw(np.ones(len(take_ups)), rng)
        moments.add(outside.rate / rate)
    low, high = moments.interval()
    whose = take_ups.contact
    seen = np.unique(whose[whose < n], return_index=True)
    # Who never took up anything shares one factor, and that is no one's own: only the others are asked about.
    held = (low[whose < n] <= true[whose[whose < n]]) & (true[whose[whose < n]] <= high[whose < n])
    assert 0.9 < held[seen[1]].mean() < 0.99
    assert np.corrcoef(moments.mean[whose < n][seen[1]], true[seen[0]])[0, 1] > 0.3

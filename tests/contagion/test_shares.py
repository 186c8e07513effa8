"""Rules of thumb against hand-worked shares."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from influence.contagion.shares import (
    RULES,
    Shares,
    equal_split,
    first_contact,
    last_contact,
    time_decay,
)
from influence.contagion.takeups import Exposures, TakeUps
from influence.errors import ConfigError

DAY = 86_400_000_000


def one_item(days: list[float]) -> TakeUps:
    """An item taken up by one contact after another."""
    n = len(days)
    return TakeUps(
        pd.Index([f"p{i}" for i in range(n)]),
        pd.Index(["x"]),
        pd.Index([], dtype=str),
        np.arange(n),
        np.zeros(n, np.int64),
        (np.array(days) * DAY).astype(np.int64),
        np.full(n, -1),
    )


def of_last(shares: Shares) -> list[float]:
    """The shares of the last take-up, outside at the end."""
    a, b = shares.exposures.ptr[-2:]
    return [*shares.share[a:b].round(6).tolist(), round(float(shares.outside[-1]), 6)]


def test_rules__three_before__hand_worked() -> None:
    take_ups = one_item([0, 1, 3, 4])
    before = Exposures.to_all_before(take_ups)
    assert of_last(first_contact(take_ups, before)) == [1, 0, 0, 0]
    assert of_last(last_contact(take_ups, before)) == [0, 0, 1, 0]
    assert of_last(equal_split(take_ups, before)) == [0.333333, 0.333333, 0.333333, 0]
    # Delays of 4, 3 and 1 days at a half-life of one: 1/16, 1/8 and 1/2 of a whole of 11/16.
    assert of_last(time_decay(take_ups, before, 1.0)) == [0.090909, 0.181818, 0.727273, 0]
    assert of_last(first_contact(take_ups, before).smoothed(0.3)) == [0.8, 0.1, 0.1, 0]


def test_rules__at_the_same_moment__share_it() -> None:
    take_ups = one_item([0, 0, 2])
    assert of_last(first_contact(take_ups, Exposures.to_all_before(take_ups))) == [0.5, 0.5, 0]


def test_rules__any_log__sum_to_one_and_nobody_before_is_outside() -> None:
    rng = np.random.default_rng(0)
    take_ups = one_item(sorted(rng.integers(0, 9, 30).astype(float)))
    before = Exposures.to_all_before(take_ups)
    for rule in (rule for rules in RULES.values() for rule in rules):
        shares = rule(take_ups, before).smoothed(0.1)
        total = np.bincount(before.take_up, shares.share, len(take_ups)) + shares.outside
        np.testing.assert_allclose(total, 1)
        assert (shares.outside[before.n_candidates == 0] == 1).all()
        assert (shares.outside[before.n_candidates > 0] == 0).all()


def test_time_decay__long_delays_short_half_life__still_finite() -> None:
    take_ups = one_item([0, 1, 4_000])
    assert of_last(time_decay(take_ups, Exposures.to_all_before(take_ups), 1 / 1440)) == [0, 1, 0]


def test_rules__numbers_out_of_range__error() -> None:
    take_ups = one_item([0, 1])
    shares = equal_split(take_ups, Exposures.to_all_before(take_ups))
    for wrong in (1.5, -1.0):
        with pytest.raises(ConfigError, match="between 0 and 1"):
            shares.smoothed(wrong)
    with pytest.raises(ConfigError, match="above zero"):
        time_decay(take_ups, shares.exposures, 0.0)


def test_exposures__of_some__the_same_as_of_all() -> None:
    take_ups = one_item([0, 1, 1, 3, 5])
    everything, some = Exposures.to_all_before(take_ups), Exposures.to_all_before(take_ups, np.array([4, 1]))
    for place, row in enumerate((4, 1)):
        a, b = everything.ptr[row : row + 2]
        c, d = some.ptr[place : place + 2]
        assert everything.row[a:b].tolist() == some.row[c:d].tolist()
    assert set(some.take_up) == {4, 1}

"""Shares of credit for every take-up, and the rules of thumb that give them.

First and last contact, equal split and time decay are the usual rules of multi-touch attribution (Shao & Li
2011, "Data-driven multi-touch attribution models").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from influence.contagion.running_moments import RunningMoments
from influence.contagion.takeups import Exposures, TakeUps
from influence.errors import ConfigError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shares:
    """For every take-up, shares over its candidates and for what came from outside, which sum to 1.

    Attributes
    ----------
    exposures : the candidates
    share, low, high : float64 [n_pairs], and the ends of the 95 % interval; without one both are the share
    outside, outside_low, outside_high : float64 [n_take_ups]
    """

    exposures: Exposures
    share: Floats
    outside: Floats
    low: Floats = field(default_factory=lambda: np.empty(0))
    high: Floats = field(default_factory=lambda: np.empty(0))
    outside_low: Floats = field(default_factory=lambda: np.empty(0))
    outside_high: Floats = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        for ends, of in ((("low", "high"), self.share), (("outside_low", "outside_high"), self.outside)):
            for end in ends:
                if len(getattr(self, end)) != len(of):
                    object.__setattr__(self, end, of)

    def smoothed(self, epsilon: float) -> Shares:
        """The shares among the candidates mixed with an equal split, which has the weight epsilon.

        Raises
        ------
        ConfigError
            If epsilon is outside [0, 1].
        """
        _check("epsilon", epsilon)
        inside = (1 - self.outside)[self.exposures.position]
        equal = inside / self.exposures.n_candidates[self.exposures.position]
        return Shares(self.exposures, (1 - epsilon) * self.share + epsilon * equal, self.outside)

    def within(self, share: RunningMoments, outside: RunningMoments) -> Shares:
        """The shares with 95 % intervals from draws of them, [n_pairs] and [n_take_ups]."""
        low, high = _around(self.share, share)
        outside_low, outside_high = _around(self.outside, outside)
        return replace(self, low=low, high=high, outside_low=outside_low, outside_high=outside_high)


def first_contact(take_ups: TakeUps, exposures: Exposures) -> Shares:
    """Everything to the earliest candidate; candidates at the same moment share it."""
    return _all_to(take_ups, exposures, np.minimum)


def last_contact(take_ups: TakeUps, exposures: Exposures) -> Shares:
    """Everything to the latest candidate; candidates at the same moment share it."""
    return _all_to(take_ups, exposures, np.maximum)


def equal_split(take_ups: TakeUps, exposures: Exposures) -> Shares:
    """The same to every candidate."""
    return _normalised(exposures, np.ones(len(exposures)))


def time_decay(take_ups: TakeUps, exposures: Exposures, half_life_days: float) -> Shares:
    """Half as much to a candidate for every half-life between the two take-ups.

    Raises
    ------
    ConfigError
        If the half-life is not above zero.
    """
    if not half_life_days > 0:
        raise ConfigError(f"half_life_days is {half_life_days}. Give a number of days above zero.")
    days = delays(take_ups, exposures) / 86_400
    # Counted from the latest candidate, so that long delays do not vanish all at once.
    nearest = _each(np.minimum, days, exposures)[exposures.position]
    return _normalised(exposures, 0.5 ** ((days - nearest) / half_life_days))


def delays(take_ups: TakeUps, exposures: Exposures) -> Floats:
    """float64 [n_pairs], seconds from the candidate's take-up to the one that is attributed."""
    return (take_ups.at[exposures.take_up] - take_ups.at[exposures.row]) / 1e6


HALF_LIVES_DAYS = (1 / 1440, 1 / 144, 1 / 24, 0.25, 1.0, 4.0, 16.0, 64.0)
"""From a minute to two months: what time decay chooses from."""

RULES: Mapping[str, tuple[Callable[[TakeUps, Exposures], Shares], ...]] = {
    "first_contact": (first_contact,),
    "last_contact": (last_contact,),
    "equal_split": (equal_split,),
    "time_decay": tuple(partial(time_decay, half_life_days=days) for days in HALF_LIVES_DAYS),
}
"""Name -> the rules of that name to choose from on validation."""


def _all_to(take_ups: TakeUps, exposures: Exposures, which: np.ufunc) -> Shares:
    at = take_ups.at[exposures.row].astype(np.float64)
    return _normalised(exposures, (at == _each(which, at, exposures)[exposures.position]).astype(np.float64))


def _normalised(exposures: Exposures, weight: Floats) -> Shares:
    total = _each(np.add, weight, exposures)
    return Shares(
        exposures, weight / total[exposures.position], (exposures.n_candidates == 0).astype(np.float64)
    )


def _each(what: np.ufunc, values: Floats, exposures: Exposures) -> Floats:
    """float64 [n_take_ups], a reduction over each take-up's candidates; 0 where there are none."""
    found = np.zeros(len(exposures.ptr) - 1)
    some = exposures.n_candidates > 0
    if some.any():
        found[some] = what.reduceat(values, exposures.ptr[:-1][some])
    return found


def _around(share: Floats, drawn: RunningMoments) -> tuple[Floats, Floats]:
    low, high = drawn.interval()
    return np.minimum(low, share), np.maximum(high, share)


def _check(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ConfigError(f"{name} is {value}. Give a share between 0 and 1.")

"""Take-ups from outside: how long they could have come, and who brings more of them than others."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from influence.contagion.factors import draw_factors
from influence.contagion.likelihood import AGES_SECONDS, CandidateHazard
from influence.contagion.takeups import TakeUps

Floats = NDArray[np.float64]


def ages(take_ups: TakeUps) -> NDArray[np.float32]:
    """float32 [n_take_ups], seconds since the item was first taken up."""
    return ((take_ups.at - take_ups.at[take_ups.ptr[take_ups.item]]) / 1e6).astype(np.float32)


def seconds_open(take_ups: TakeUps, until: int) -> tuple[Floats, Floats]:
    """Seconds at each age of an item, from when it was first taken up to the end of the records.

    Returns
    -------
    of_item : float64 [n_items, n_ages], all of them
    left : float64 [n_take_ups, n_ages], those after the take-up, when its contact could not take it up again
    """
    first = take_ups.at[take_ups.ptr[:-1]]
    end = np.maximum((until - first) / 1e6, 0.0)
    since = (take_ups.at - first[take_ups.item]) / 1e6
    of_item = _in_ages(np.zeros(len(end)), end)
    return of_item, _in_ages(since, np.maximum(end[take_ups.item], since))


class Outside:
    """The rate from outside, which differs by person and topic.

    The fitted hazard has one rate for everybody, per topic and age of the item.  Whoever takes up a topic's
    items by themselves more often than that would else be counted as moved by whoever went before.

    Parameters
    ----------
    take_ups : the log
    until : the end of the records, microseconds since 1970
    """

    def __init__(self, take_ups: TakeUps, until: int) -> None:
        n_topics = len(take_ups.topics) + 1
        self._topic, self._topic_of_item = take_ups.topic + 1, take_ups.topic[take_ups.ptr[:-1]] + 1
        self._age = ages(take_ups)
        self._of_item, self._left = seconds_open(take_ups, until)
        keys, self._key = np.unique(take_ups.contact * n_topics + self._topic, return_inverse=True)
        self._topic_of_key = np.concatenate((keys % n_topics, np.arange(n_topics)))
        # All who never took up anything of a topic are alike, and one key.
        others = take_ups.n_contacts - np.bincount(keys % n_topics, minlength=n_topics)
        self._times = np.concatenate((np.ones(len(keys)), others)).astype(np.float64)
        self.factor = np.ones(len(self._times))
        """The present draw: of each person and topic on record, and one per topic for everybody else."""

    def under(self, hazard: CandidateHazard) -> None:
        """Go on under other rates; `expected` [keys] is then what each key brings while its factor is 1."""
        with torch.inference_mode():
            age = torch.from_numpy(self._age)
            rate = hazard.log_outside(torch.from_numpy(self._topic - 1), age).double().exp().numpy()
            by_age = (hazard.outside + hazard.age).double().exp().numpy()
        of_topic = np.bincount(
            self._topic_of_item, (by_age[self._topic_of_item] * self._of_item).sum(1), len(by_age)
        )
        left = np.bincount(self._key, (by_age[self._topic] * self._left).sum(1), len(self._times))
        self._rate, self.expected = rate, np.maximum(of_topic[self._topic_of_key] - left, 0.0)

    @property
    def rate(self) -> Floats:
        """float64 [n_take_ups], per second."""
        return self._rate * self.factor[self._key]

    def draw(self, came: Floats, rng: np.random.Generator) -> None:
        """Draw the factors, where `came` [n_take_ups] is 1 of a take-up that came from outside, else 0."""
        # What an item begins with is not counted: time is counted from there.
        success = np.bincount(self._key, came * (self._age > 0), len(self._times))
        self.factor, _ = draw_factors(success, self.expected, rng, self._times)


def _in_ages(start: Floats, end: Floats) -> Floats:
    """[n, n_ages] how much of each span lies in each age."""
    low, high = np.array((0.0, *AGES_SECONDS)), np.array((*AGES_SECONDS, np.inf))
    return np.maximum(np.minimum(end[:, None], high) - np.maximum(start[:, None], low), 0.0)

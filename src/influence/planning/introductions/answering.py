"""P(somebody answers an acquaintance's request), from what became of earlier requests and messages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from influence.contagion.shrinkage import BetaBinomial
from influence.graph.pairs import PairFeatures, PairTimeline
from influence.graph.timeline import HISTORY_COLUMNS, Timeline
from influence.planning.introductions.asks import Asks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST = 50
"""With fewer asks than these, or hardly any of one kind of answer, everybody gets the common rate."""
FEWEST_OF_A_KIND = 5
RECENT = HISTORY_COLUMNS.index("log_decayed_30d")
COUNT, MEAN = HISTORY_COLUMNS.index("log_count"), HISTORY_COLUMNS.index("mean_value")


class Histories:
    """What is known, strictly before any moment, of how people answered and of who deals with whom.

    Parameters
    ----------
    features
        Of the same records as the asks.
    """

    def __init__(self, features: PairFeatures, asks: Asks) -> None:
        self.features, self.asks = features, asks
        n = features.graph.n_contacts
        messages, requests = asks[asks.is_message].edges(), asks[~asks.is_message].edges()
        self._replies_of_pair = PairTimeline(messages, n)
        self._replies = Timeline.build(messages.target, messages.at, n, messages.value)
        self._acceptances = Timeline.build(requests.target, requests.at, n, requests.value)

    def replies_between(self, asker: Ints, asked: Ints, at: Ints) -> tuple[Floats, Floats]:
        """(Answered, asked): turns that the asker opened with the asked, [n] each."""
        return _counts(self._replies_of_pair.history(asker, asked, at))

    def replies(self, asked: Ints, at: Ints) -> tuple[Floats, Floats]:
        """(Answered, asked): turns that anybody opened with the asked."""
        return _counts(self._replies.history(asked, at))

    def acceptances(self, asked: Ints, at: Ints) -> tuple[Floats, Floats]:
        """(Accepted, received): invitations to the asked."""
        return _counts(self._acceptances.history(asked, at))

    def dealings(self, one: Ints, other: Ints, at: Ints) -> tuple[Floats, Floats]:
        """log1p of the interactions of each two, either way: all of them, and with a half-life of 30 days."""
        timeline = self.features.pair_timelines["interactions"]
        both = [
            np.expm1(timeline.history(*ends, at).astype(np.float64)) for ends in ((one, other), (other, one))
        ]
        return np.log1p(both[0][:, COUNT] + both[1][:, COUNT]), np.log1p(
            both[0][:, RECENT] + both[1][:, RECENT]
        )


def _counts(history: NDArray[np.float32]) -> tuple[Floats, Floats]:
    n = np.expm1(history[:, COUNT].astype(np.float64)).round()
    return (n * np.nan_to_num(history[:, MEAN].astype(np.float64))).round(), n


@dataclass(frozen=True)
class Rates:
    """Empirical-Bayes rates: replies of a pair, drawn to the asked's, these to everybody's; acceptances."""

    replies: BetaBinomial
    replies_of_pair: BetaBinomial
    acceptances: BetaBinomial

    @classmethod
    def fit(cls, asks: Asks) -> Rates:
        """Spread of the rates over people and over pairs."""
        messages, requests = asks[asks.is_message], asks[~asks.is_message]
        by_pair = np.column_stack((messages.asker, messages.asked))
        return cls(
            BetaBinomial.fit(*_tally(messages.asked, messages.answered)),
            BetaBinomial.fit(*_tally(by_pair, messages.answered)),
            BetaBinomial.fit(*_tally(requests.asked, requests.answered)),
        )

    def __call__(self, histories: Histories, asker: Ints, asked: Ints, at: Ints) -> tuple[Floats, Floats]:
        """Rates of reply and of acceptance [n] each, from what was known strictly before each moment."""
        own, _, _ = self.replies.posterior(*histories.replies(asked, at))
        k, n = histories.replies_between(asker, asked, at)
        weight = self.replies_of_pair.strength
        accepting, _, _ = self.acceptances.posterior(*histories.acceptances(asked, at))
        return (k + weight * own) / (n + weight), accepting


def _tally(who: NDArray[np.int64], answered: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    _, code = np.unique(who, axis=0, return_inverse=True)
    code = code.ravel()
    n, asked = code.max(initial=-1) + 1, np.bincount(code).astype(np.float64)
    return np.bincount(code[answered], minlength=n).astype(np.float64), asked


@dataclass(frozen=True)
class Answering:
    """The chance that somebody answers what an acquaintance asks, within three weeks.

    A logistic regression over earlier asks: the empirical-Bayes rates of the one asked, and how much the two
    have dealt with each other, all strictly before each ask.  A request to introduce somebody is on no
    record; invitations stand for its level, messages help to tell people apart.
    """

    histories: Histories
    rates: Rates
    model: Pipeline | None
    """None: too few asks, and everybody gets the common rate."""
    common_rate: float
    n_asks: int

    @classmethod
    def fit(cls, histories: Histories, moment: int) -> Answering:
        """Fit on the asks that were judged strictly before a moment (microseconds)."""
        asks = histories.asks[histories.asks.judged_at < moment]
        rates, n, k = Rates.fit(asks), len(asks), int(asks.answered.sum())
        model = None
        if n >= FEWEST and min(k, n - k) >= FEWEST_OF_A_KIND:
            columns = _columns(histories, rates, asks.asker, asks.asked, asks.at, asks.is_message)
            model = make_pipeline(StandardScaler(), LogisticRegression()).fit(columns, asks.answered)
        return cls(histories, rates, model, (k + 0.5) / (n + 1), n)

    def __call__(self, asker: Ints, asked: Ints, at: int) -> Floats:
        """[n] chances that each one asked answers the asker, as known strictly before the moment."""
        if self.model is None or not len(asker):
            return np.full(len(asker), self.common_rate)
        as_request = np.zeros(len(asker), np.bool_)
        columns = _columns(self.histories, self.rates, asker, asked, np.full(len(asker), at), as_request)
        return np.asarray(self.model.predict_proba(columns)[:, 1])


def _columns(
    histories: Histories, rates: Rates, asker: Ints, asked: Ints, at: Ints, is_message: NDArray[np.bool_]
) -> Floats:
    replying, accepting = rates(histories, asker, asked, at)
    dealings = histories.dealings(asker, asked, at)
    return np.column_stack((logit(replying), logit(accepting), *dealings, is_message))

"""Recalibration as outcomes come in: every request is judged by the answers visible before it.

Acceptance drifts.  A map fitted once, on the latest window, can make things worse; this one is fitted
anew at the start of every block of time, on outcomes known strictly before, the recent ones weighing
more, and shrunk towards leaving the forecasts alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveFloat
from scipy.special import expit

from influence.graph.timeline import MICROSECONDS_PER_DAY
from influence.model.hazard import (
    ACCEPT,
    BIN_ENDS_DAYS,
    DECLINE,
    N_BINS,
    N_LOGITS,
    Forecast,
    Outcomes,
    log_likelihood_at_horizons,
    person_periods,
)
from influence.settings import Settings

Logits = NDArray[np.float64]


class CalibrationConfig(Settings):
    """How forecasts are corrected by the outcomes that became known before each of them."""

    half_lives_days: tuple[PositiveFloat, ...] = Field(default=(30.0, 7.0, 120.0), min_length=1)
    """Ages at which an outcome counts half, to choose from by rehearsal (`training/memory.py`); the first one
    serves where there is too little to rehearse."""
    strength: PositiveFloat = 100.0
    """Ridge penalty towards leaving the forecasts alone, in outcomes."""
    every_days: PositiveFloat = 1.0
    """Length of a block: forecasts within it share one map."""


@dataclass(frozen=True)
class Recalibration:
    """A line through the logits of all bins, with a shift per bin.

    Attributes
    ----------
    centre : float64 [N_LOGITS], the logits that the slope turns about
    slope : float;  shift : float64 [N_LOGITS]
    """

    centre: Logits
    slope: float
    shift: Logits

    @classmethod
    def identity(cls, centre: Logits) -> Recalibration:
        """The line that changes nothing."""
        return cls(centre, 1.0, np.zeros(N_LOGITS))

    def __call__(self, logits: Logits) -> Logits:
        """Recalibrated logits [n, N_LOGITS]; a decline logit is only shifted."""
        slope = np.append(np.full(N_BINS, self.slope), 1.0)
        return self.centre + slope * (logits - self.centre) + self.shift


@dataclass(frozen=True)
class History:
    """Held-out forecasts and what became of them.

    Attributes
    ----------
    logits : float64 [n, N_LOGITS], made by models that had not seen the outcomes
    sent_at : int64 [n], microseconds
    outcomes : Outcomes, as far as they are known; each use censors them at its own moment
    """

    logits: Logits
    sent_at: NDArray[np.int64]
    outcomes: Outcomes

    def extended(self, logits: Logits, sent_at: NDArray[np.int64], outcomes: Outcomes) -> History:
        """The same with more forecasts behind it."""
        return History(
            np.concatenate((self.logits, logits)),
            np.concatenate((self.sent_at, sent_at)),
            Outcomes(
                np.concatenate((self.outcomes.n_at_risk, outcomes.n_at_risk)),
                np.concatenate((self.outcomes.event, outcomes.event)),
            ),
        )


@dataclass(frozen=True)
class Prequential:
    """Recalibrates forecasts block by block, from the outcomes known strictly before each block."""

    history: History
    centre: Logits
    half_life_days: float = np.inf
    strength: float = np.inf
    every_days: float = 1.0

    def __call__(self, logits: Logits, at: NDArray[np.int64]) -> Logits:
        """Recalibrated logits of queries at given moments; each depends on its own moment alone."""
        if not np.isfinite(self.strength) or not len(logits):
            return logits.copy()
        block = int(self.every_days * MICROSECONDS_PER_DAY)
        starts, member = np.unique(at // block * block, return_inverse=True)
        out = np.empty_like(logits)
        for i, start in enumerate(starts):
            out[member == i] = self._line(int(start))(logits[member == i])
        return out

    def _line(self, start: int) -> Recalibration:
        """What was known strictly before a block; the latest one asked for is kept."""
        if start not in self._kept:
            self._kept.clear()
            self._kept[start] = self._periods.fit(start, self.centre, self.half_life_days, self.strength)
        return self._kept[start]

    @cached_property
    def _kept(self) -> dict[int, Recalibration]:
        return {}

    @cached_property
    def _periods(self) -> _Periods:
        return _Periods.of(self.history)

    @classmethod
    def of(cls, history: History, centre: Logits, config: CalibrationConfig) -> Prequential:
        """The recalibration that a configuration asks for, with the first of its half-lives."""
        return cls(history, centre, config.half_lives_days[0], config.strength, config.every_days)

    def extended(self, logits: Logits, sent_at: NDArray[np.int64], outcomes: Outcomes) -> Prequential:
        """The same with more held-out forecasts to learn from."""
        return replace(self, history=self.history.extended(logits, sent_at, outcomes))


def recalibrated_losses(logits: Logits, outcomes: Outcomes, centre: Logits) -> Logits:
    """Losses [n] at the reported horizons after a recalibration on these very rows, lower is better.

    The criterion by which models are chosen on validation: what ships is recalibrated as it goes, so a
    model must not be preferred for its level, which drift moves anyhow.
    """
    history = History(logits, np.zeros(len(logits), dtype=np.int64), outcomes)
    end = int(2 * BIN_ENDS_DAYS[-1] * MICROSECONDS_PER_DAY)
    line = _Periods.of(history).fit(end, centre, np.inf, 1.0)
    return -log_likelihood_at_horizons(Forecast.from_logits(line(logits)), outcomes)


def clearly_better(losses: Logits, kept: Logits | None) -> bool:
    """Whether losses undercut those kept so far by more than the standard error of their paired difference.

    Of two models that validation cannot tell apart, the one that came first, the simpler one, is kept
    (the one-standard-error rule of Breiman et al. 1984).
    """
    if kept is None:
        return True
    gain = kept - losses
    return bool(gain.mean() > gain.std() / np.sqrt(max(len(gain), 1)))


@dataclass(frozen=True)
class _Periods:
    """A history taken apart into invitation-bins, in the order in which they became known."""

    known_at: NDArray[np.int64]
    period: NDArray[np.int64]
    logit: Logits
    happened: Logits

    @classmethod
    def of(cls, history: History) -> _Periods:
        row, period = person_periods(history.outcomes)
        ends = (np.array(BIN_ENDS_DAYS) * MICROSECONDS_PER_DAY).astype(np.int64)
        is_last = period == history.outcomes.n_at_risk[row] - 1
        event = np.where(is_last, history.outcomes.event[row], 0)
        known_at = history.sent_at[row] + ends[period]
        # Against staying open, accepting and declining are two logistic regressions, each without the
        # rows that the other one ended (Begg & Gray 1984).
        accept, decline = event != DECLINE, (period == N_BINS - 1) & (event != ACCEPT)
        logits = history.logits
        parts = (
            np.concatenate((known_at[accept], known_at[decline])),
            np.concatenate((period[accept], np.full(decline.sum(), N_BINS))),
            np.concatenate((logits[row[accept], period[accept]], logits[row[decline], N_BINS])),
            np.concatenate((event[accept] == ACCEPT, event[decline] == DECLINE)).astype(np.float64),
        )
        order = np.argsort(parts[0], kind="stable")
        return cls(*(part[order] for part in parts))

    def fit(self, moment: int, centre: Logits, half_life_days: float, strength: float) -> Recalibration:
        """The penalised maximum-likelihood line through what was known strictly before a moment."""
        n = int(np.searchsorted(self.known_at, moment))
        age = (moment - self.known_at[:n]) / MICROSECONDS_PER_DAY
        weight = 0.5 ** (age / half_life_days)
        first = int(np.searchsorted(weight, 1e-3))
        if first == n:
            return Recalibration.identity(centre)
        rows = slice(first, n)
        period, weight = self.period[rows], weight[rows]
        turned = np.where(period < N_BINS, self.logit[rows] - centre[period], 0.0)
        penalty = strength * np.append((0.25, 0.05), np.full(N_LOGITS, 0.25))
        theta = _newton(turned, period, self.logit[rows], self.happened[rows], weight, penalty)
        return Recalibration(centre, float(1.0 + theta[0]), theta[1] * _ACCEPTS + theta[2:])


_ACCEPTS = np.append(np.ones(N_BINS), 0.0)
"""The common level shifts the accept logits, not the decline logit."""


def _newton(
    turned: Logits, period: NDArray[np.int64], offset: Logits, y: Logits, weight: Logits, penalty: Logits
) -> Logits:
    """Ridge logistic regression on (slope, common level, shift per bin) with an offset, by Newton."""
    design = np.column_stack((turned, _ACCEPTS[period], np.eye(N_LOGITS)[period]))
    theta = np.zeros(len(penalty))
    for _ in range(25):
        p = expit(offset + design @ theta)
        gradient = design.T @ (weight * (y - p)) - penalty * theta
        curvature = (design * (weight * p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        theta = theta + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-6:
            break
    return theta

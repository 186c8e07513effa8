"""Discrete-time survival with competing risks and censoring: labels, likelihood and forecasts.

In each time bin an open invitation is accepted, declined or left open.  A decline counts only once the
horizon is over, so its risk exists in the last bin alone.  "Whether" and "when" come from one
distribution and always agree.  Source: Tutz & Schmid (2016), "Modeling Discrete Time-to-Event Data".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from influence.data.splits import HORIZON_DAYS
from influence.graph.timeline import MICROSECONDS_PER_DAY

BIN_ENDS_DAYS = (1 / 24, 1.0, 3.0, 7.0, HORIZON_DAYS)
"""Ends of the time bins: an hour, a day, three days, a week, three weeks; ends included."""

AT_ONCE_BINS = 2
"""Bins that make up "at once": within a day."""

N_BINS = len(BIN_ENDS_DAYS)
N_LOGITS = N_BINS + 1
"""Accept logits of every bin, then the decline logit of the last bin; staying open has logit 0."""

_LARGEST_LOGIT = 700.0
"""Its odds, and sums of a few, are numbers still; what is likelier is as certain."""

NONE, ACCEPT, DECLINE = 0, 1, 2
"""How the watching of an invitation ended."""


@dataclass(frozen=True)
class Outcomes:
    """What is known of invitations, as survival labels.

    Attributes
    ----------
    n_at_risk : int64 [n], bins watched to their end, up to and with the event's own
    event : int64 [n], what happened in the last of them: NONE, ACCEPT or DECLINE

    Only bins watched to their end count, for those who answered as for those who did not: else, close
    to a boundary, early answers would be seen and the silence of the others not.
    """

    n_at_risk: NDArray[np.int64]
    event: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.event)

    def __getitem__(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Outcomes:
        return Outcomes(self.n_at_risk[rows], self.event[rows])

    def censored(self, sent_at: NDArray[np.int64], boundary: int) -> Outcomes:
        """What was known strictly before a boundary; all times in microseconds."""
        ends = np.array(BIN_ENDS_DAYS) * MICROSECONDS_PER_DAY
        watched = (sent_at[:, None] + ends < boundary).sum(1)
        still = self.n_at_risk <= watched
        return Outcomes(np.minimum(self.n_at_risk, watched), np.where(still, self.event, NONE))

    @property
    def classes(self) -> NDArray[np.int64]:
        """0 neither, 1 within a day, 2 within 1-21 days, 3 declined (counts as neither).

        Right only for invitations that were watched over the whole horizon.
        """
        accepted = np.where(self.n_at_risk <= AT_ONCE_BINS, 1, 2)
        return np.select((self.event == ACCEPT, self.event == DECLINE), (accepted, 3), default=0)


def person_periods(outcomes: Outcomes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One entry per invitation and bin watched: (row of the invitation, bin)."""
    row = np.repeat(np.arange(len(outcomes)), outcomes.n_at_risk)
    first = np.repeat(np.cumsum(outcomes.n_at_risk) - outcomes.n_at_risk, outcomes.n_at_risk)
    return row, np.arange(len(row)) - first


def hazard_loss(logits: Tensor, n_at_risk: Tensor, event: Tensor) -> Tensor:
    """Mean negative log-likelihood per invitation; rows not watched through a single bin add nothing.

    Parameters
    ----------
    logits : float [n, N_LOGITS];  n_at_risk, event : int64 [n], as in `Outcomes`
    """
    stay, accept, decline = log_hazards(logits)
    bins = torch.arange(N_BINS, device=logits.device)
    ended = event != 0
    passed = bins < (n_at_risk - ended.long()).unsqueeze(1)
    total = (stay * passed).sum(1)
    last = (n_at_risk - 1).clamp(min=0).unsqueeze(1)
    total = total + torch.where(event == ACCEPT, accept.gather(1, last).squeeze(1), 0.0)
    total = total + torch.where(event == DECLINE, decline, 0.0)
    return -total.sum() / max(len(logits), 1)


def log_hazards(logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Log-probabilities of staying open [n, bins], accepting [n, bins] and declining in the last bin [n]."""
    accept, decline = logits[:, :N_BINS], logits[:, N_BINS]
    open_ = torch.zeros_like(accept)
    others = torch.full_like(accept, -torch.inf)
    others = torch.cat((others[:, :-1], decline.unsqueeze(1)), 1)
    total = torch.logsumexp(torch.stack((open_, accept, others)), 0)
    return -total, accept - total, decline - total[:, -1]


@dataclass(frozen=True)
class Forecast:
    """Probabilities of each invitation's outcome.

    Attributes
    ----------
    p_accepted_by : float64 [n, bins], cumulative over the bins' ends
    p_declined : float64 [n]
    """

    p_accepted_by: NDArray[np.float64]
    p_declined: NDArray[np.float64]

    @property
    def p_at_once(self) -> NDArray[np.float64]:
        """Accepted within a day, [n]."""
        return self.p_accepted_by[:, AT_ONCE_BINS - 1]

    @property
    def p_within_3_weeks(self) -> NDArray[np.float64]:
        """Accepted within three weeks, [n]; contains those at once."""
        return self.p_accepted_by[:, -1]

    @classmethod
    def from_logits(cls, logits: NDArray[np.float64]) -> Forecast:
        """Turn hazard logits [n, N_LOGITS] into probabilities."""
        odds = np.exp(np.minimum(logits, _LARGEST_LOGIT))  # against staying open
        accept, decline = odds[:, :N_BINS], odds[:, N_BINS]
        total = 1.0 + accept
        total[:, -1] += decline
        open_before = np.ones_like(total)
        np.cumprod(1.0 / total[:, :-1], 1, out=open_before[:, 1:])
        accepted = np.minimum(np.cumsum(open_before * accept / total, 1), 1.0)  # rounding may pass 1
        return cls(accepted, open_before[:, -1] * decline / total[:, -1])


def base_logits(outcomes: Outcomes) -> NDArray[np.float64]:
    """The logits [N_LOGITS] of the marginal hazards, half an event added to each so that none is infinite."""
    bins = np.arange(N_BINS)
    at_risk = (outcomes.n_at_risk[:, None] > bins).sum(0) + 1.5
    accepted = np.bincount(outcomes.n_at_risk[outcomes.event == ACCEPT] - 1, minlength=N_BINS) + 0.5
    declined = np.zeros(N_BINS)
    declined[-1] = (outcomes.event == DECLINE).sum() + 0.5
    stay = at_risk - accepted - declined
    return np.append(np.log(accepted / stay), np.log(declined[-1] / stay[-1]))


def log_likelihood_at_horizons(forecast: Forecast, outcomes: Outcomes) -> NDArray[np.float64]:
    """Log-probability [n] of what is known about each invitation at the reported horizons.

    Accepted at once, accepted within three weeks, or not accepted while it was watched: the likelihood
    of the three classes that are reported, with censored rows contributing their survival.
    """
    by = forecast.p_accepted_by
    accepted, quick = outcomes.event == ACCEPT, outcomes.n_at_risk <= AT_ONCE_BINS
    watched = np.maximum(outcomes.n_at_risk - 1, 0)
    by_then = np.where(outcomes.n_at_risk > 0, by[np.arange(len(by)), watched], 0.0)
    later = forecast.p_within_3_weeks - forecast.p_at_once
    p = np.select((accepted & quick, accepted), (forecast.p_at_once, later), default=1 - by_then)
    return np.log(np.clip(p, 1e-12, 1.0))

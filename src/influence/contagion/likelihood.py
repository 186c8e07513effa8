"""The likelihood of take-ups: a hazard per candidate, and one from outside.

The hazard that v takes up item i at t is the sum over the active u tied to v of `strength(u, v, i)` times
a density of the delay, plus a rate from outside that depends on the topic and on the age of the item: a
multivariate Hawkes process (Hawkes 1971) whose every pair has its own branching ratio, or an independent
cascade
in continuous time (Gomez-Rodriguez, Balduzzi & Schölkopf 2011) while strengths are small.  The share of a
candidate is its part of the hazard at the moment of the take-up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from influence.vector_math import settle

settle()

SCALES_SECONDS = tuple(60.0 * 4.0**k for k in range(10))
"""Mean delays of the exponentials that the delay's density is mixed of: a minute to half a year."""
AGES_SECONDS = tuple(3600.0 * 4.0**k for k in range(7))
"""Where the rate from outside may change as an item ages: an hour to half a year."""


class CandidateHazard(nn.Module):
    """Log hazards of candidates and of the outside.

    Parameters
    ----------
    n_exposure : how many columns are known at the exposure; the strength is log-linear in them
    n_take_up : how many are known at the take-up only; 0 where the parents are unknown, since nothing that
        changes meanwhile may enter a strength that is integrated over time
    n_topics : topics with a rate of their own from outside
    hidden : widths of the layers through which both groups speak where the parents are known
    """

    mean: Tensor
    deviation: Tensor
    scale: Tensor
    ages: Tensor

    def __init__(
        self, n_exposure: int, n_take_up: int, n_topics: int, hidden: Sequence[int] = (64, 32)
    ) -> None:
        super().__init__()
        n_columns = n_exposure + n_take_up
        self.n_exposure = n_exposure
        self.register_buffer("mean", torch.zeros(n_columns))
        self.register_buffer("deviation", torch.ones(n_columns))
        self.strength = nn.Linear(n_exposure, 1)
        nn.init.zeros_(self.strength.weight)
        self.delay = nn.Parameter(torch.zeros(len(SCALES_SECONDS)))
        self.outside = nn.Parameter(torch.zeros(n_topics + 1, 1))
        self.age = nn.Parameter(torch.zeros(len(AGES_SECONDS) + 1))
        self.dynamics = _perceptron(n_columns, hidden) if n_take_up else None
        self.register_buffer("scale", torch.tensor(SCALES_SECONDS))
        self.register_buffer("ages", torch.tensor(AGES_SECONDS))

    def fit_scaler(self, columns: Tensor) -> None:
        """Take the columns' means and deviations from rows [n, n_columns]; NaN are left out."""
        known = ~columns.isnan()
        n = known.sum(0).clamp(min=1)
        self.mean.copy_(columns.nan_to_num().sum(0) / n)
        squared = torch.where(known, columns - self.mean, 0.0).square().sum(0) / n
        self.deviation.copy_(squared.sqrt().clamp(min=1e-3))

    def log_strength(self, columns: Tensor) -> Tensor:
        """[n] log expected take-ups that one exposure sets off, of columns [n, n_exposure or more]."""
        return self.strength(self._scaled(columns)[:, : self.n_exposure]).squeeze(-1)

    def log_hazard(self, columns: Tensor, seconds: Tensor) -> Tensor:
        """[n] log hazard of each candidate that many seconds after its own take-up."""
        hazard = self.log_strength(columns) + self.log_density(seconds)
        return hazard if self.dynamics is None else hazard + self.dynamics(self._scaled(columns)).squeeze(-1)

    def log_density(self, seconds: Tensor) -> Tensor:
        """[n] log density of the delay, per second."""
        per_scale = -seconds[:, None] / self.scale - self.scale.log() + self.delay.log_softmax(0)
        return per_scale.logsumexp(1)

    def elapsed(self, seconds: Tensor) -> Tensor:
        """[n] share of the delays that are shorter."""
        return -torch.expm1(-seconds[:, None] / self.scale) @ self.delay.softmax(0)

    def log_outside(self, topic: Tensor, age_seconds: Tensor) -> Tensor:
        """[n] log rate of take-ups from outside per contact and second; the topic -1 has one of its own."""
        return self.outside[topic + 1, 0] + self.age[torch.bucketize(age_seconds, self.ages)]

    def _scaled(self, columns: Tensor) -> Tensor:
        return ((columns - self.mean) / self.deviation).nan_to_num(nan=0.0).clamp(-6, 6)


def log_total(log_hazard: Tensor, take_up: Tensor, log_outside: Tensor) -> Tensor:
    """[n_take_ups] log of the summed hazards, the outside's among them; stable at any scale.

    `take_up` [n_pairs] is the position of each candidate's take-up.
    """
    highest = log_outside.scatter_reduce(0, take_up, log_hazard, "amax").detach()
    summed = (log_outside - highest).exp().scatter_add(0, take_up, (log_hazard - highest[take_up]).exp())
    return highest + summed.log()


def _perceptron(n_in: int, hidden: Sequence[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in hidden:
        layers += [nn.Linear(n_in, width), nn.SiLU()]
        n_in = width
    last = nn.Linear(n_in, 1)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(*layers, last)


NO_OUTSIDE = -math.inf
"""The log hazard of an outside that is ruled out."""

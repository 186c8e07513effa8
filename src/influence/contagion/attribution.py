"""Attribution where nobody says who moved whom: the likelihood of all take-ups and exposures.

Exposures without effect count too.  Intervals are those of draws from the Laplace approximation to the
posterior (MacKay 1992): with little data they are as wide as the prior.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt
from torch import Tensor, nn

from influence.contagion.covariates import AT_EXPOSURE, Covariates
from influence.contagion.likelihood import CandidateHazard, log_total
from influence.contagion.outside import ages, seconds_open
from influence.contagion.risk import AtRisk
from influence.contagion.running_moments import of_shares
from influence.contagion.shares import Shares, delays
from influence.contagion.takeups import Exposures, TakeUps
from influence.errors import DataError
from influence.settings import Settings


class AttributionConfig(Settings):
    """How shares of credit are fitted."""

    learning_rate: PositiveFloat = 0.05
    """Step size of Adam at the start; it falls to nothing along a cosine."""
    epochs: PositiveInt = 30
    """Passes over take-ups and exposures."""
    steps_per_epoch: PositiveInt = 8
    """Parts that a pass is made in."""
    prior_deviation: PositiveFloat = 1.0
    """How far, in standard deviations of a column, the log of a strength may be expected to move."""
    max_at_risk: PositiveInt = 1_000_000
    """Exposures without effect beyond this many are drawn, and weigh for the others."""
    n_draws: NonNegativeInt = 40
    """Draws that the intervals are taken from; 0 gives none."""
    seed: int = Field(default=0, ge=0)
    """Of the order of rows, and of the draws of exposures and of the posterior."""


@dataclass(frozen=True)
class Log:
    """Take-ups and exposures as the likelihood sees them.

    Attributes
    ----------
    columns, seconds, take_up : [m, c], [m], [m] of every candidate; `take_up` counts the rows of the log
    topic, age, item : [n] of every take-up
    counts : [n] 0 for the take-up that an item begins with, which nothing could have moved
    risk_columns, risk_seconds, risk_weight : of every exposure
    outside_seconds : [n_items, n_ages] contact-seconds in which a take-up from outside could have come
    topic_of_item : [n_items]
    to_anybody : whether those exposed are not known, so that nothing of a pair can count
    """

    columns: Tensor
    seconds: Tensor
    take_up: Tensor
    topic: Tensor
    age: Tensor
    item: Tensor
    counts: Tensor
    risk_columns: Tensor
    risk_seconds: Tensor
    risk_weight: Tensor
    outside_seconds: Tensor
    topic_of_item: Tensor
    to_anybody: bool

    @classmethod
    def of(
        cls,
        take_ups: TakeUps,
        exposures: Exposures,
        at_risk: AtRisk,
        covariates: Covariates,
        until: int,
        config: AttributionConfig,
    ) -> Log:
        """Put together what the likelihood needs, of whole items; `until` is the end of the records."""
        rng = np.random.default_rng([config.seed, 1])
        n, kept = len(at_risk), np.arange(len(at_risk))
        if n > config.max_at_risk:
            kept = np.sort(rng.choice(n, config.max_at_risk, replace=False))
        of, row = exposures.of, at_risk.row[kept]
        age, present = (
            ages(take_ups),
            np.bincount(take_ups.item[exposures.of], minlength=len(take_ups.items)) > 0,
        )
        outside = _outside_seconds(take_ups, until) * present[:, None]
        stands_for = np.full(len(kept), n / max(len(kept), 1), np.float32)
        tensor = torch.from_numpy
        return cls(
            columns=tensor(_columns(take_ups, exposures, covariates, at_risk.to_anybody)),
            seconds=tensor(delays(take_ups, exposures).astype(np.float32)),
            take_up=tensor(exposures.position),
            topic=tensor(take_ups.topic[of]),
            age=tensor(age[of]),
            item=tensor(take_ups.item[of]),
            counts=tensor((age[of] > 0).astype(np.float32)),
            risk_columns=tensor(covariates.at_exposure(row, at_risk.contact[kept])),
            risk_seconds=tensor(at_risk.seconds[kept].astype(np.float32)),
            risk_weight=tensor(stands_for),
            outside_seconds=tensor(outside.astype(np.float32)),
            topic_of_item=tensor(take_ups.topic[take_ups.ptr[:-1]]),
            to_anybody=at_risk.to_anybody,
        )


class Attribution:
    """Shares of credit under a fitted hazard.

    Parameters
    ----------
    config
        How to fit.
    n_topics
        Topics of the log.
    """

    def __init__(self, config: AttributionConfig, n_topics: int) -> None:
        self.config, self.n_topics = config, n_topics
        self.to_anybody = False
        self.hazard = self._new()
        self.draws = torch.empty(0, 0)

    @classmethod
    def fit(cls, log: Log, config: AttributionConfig, n_topics: int) -> Attribution:
        """Fit to a log by likelihood; the parents are not known.

        Raises
        ------
        DataError
            If no take-up has a candidate, so that there is nothing to attribute.
        """
        if not len(log.take_up):
            raise DataError(
                "adoptions: no take-up has anybody before it whom the contact is tied to. "
                "Give connections or interactions between those who take something up, or later records."
            )
        fitted = cls(config, n_topics)
        fitted.to_anybody = log.to_anybody
        columns = torch.cat((log.columns, log.risk_columns))
        fitted.hazard.fit_scaler(columns)
        _begin(fitted.hazard, log)
        start = {name: value.detach().clone() for name, value in fitted.hazard.named_parameters()}
        generator = torch.Generator().manual_seed(config.seed)
        _climb(fitted.hazard, log, start, config, generator)
        if config.n_draws:
            fitted.draws = _draws(fitted.hazard, log, start, config, generator)
        return fitted

    def shares(self, take_ups: TakeUps, exposures: Exposures, covariates: Covariates) -> Shares:
        """Shares of every take-up, with intervals where there are refits."""
        columns = torch.from_numpy(_columns(take_ups, exposures, covariates, self.to_anybody))
        seconds = torch.from_numpy(delays(take_ups, exposures).astype(np.float32))
        age = torch.from_numpy(ages(take_ups)[exposures.of])
        given = (
            columns,
            seconds,
            torch.from_numpy(exposures.position),
            torch.from_numpy(take_ups.topic[exposures.of]),
            age,
        )
        share, outside = _shares(self.hazard, *given)
        found = Shares(exposures, share, outside)
        if not len(self.draws):
            return found
        of_share, of_outside = of_shares(), of_shares()
        for drawn in self.drawn():
            share, outside = _shares(drawn, *given)
            of_share.add(share)
            of_outside.add(outside)
        return found.within(of_share, of_outside)

    def drawn(self) -> Iterator[CandidateHazard]:
        """The hazard under each draw of the posterior, one after another in the same place."""
        hazard = self._new()
        hazard.load_state_dict(self.hazard.state_dict())
        for draw in self.draws:
            nn.utils.vector_to_parameters(draw, hazard.parameters())
            yield hazard

    def _new(self) -> CandidateHazard:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.config.seed)
            return CandidateHazard(len(AT_EXPOSURE), 0, self.n_topics)


def negative_log_likelihood(
    hazard: CandidateHazard, log: Log, take_ups: Tensor, risk: Tensor, scale: float
) -> Tensor:
    """Of the take-ups and exposures at these positions, `scale` standing for how many are left out."""
    place = torch.full((len(log.item),), -1, dtype=torch.int64)
    place[take_ups] = torch.arange(len(take_ups))
    pairs = (place[log.take_up] >= 0).nonzero().squeeze(1)
    outside = hazard.log_outside(log.topic[take_ups], log.age[take_ups])
    each = hazard.log_hazard(log.columns[pairs], log.seconds[pairs])
    total = log_total(each, place[log.take_up[pairs]], outside)
    gained = (total * log.counts[take_ups]).sum()
    expected = hazard.log_strength(log.risk_columns[risk]).exp() * hazard.elapsed(log.risk_seconds[risk])
    lost = (expected * log.risk_weight[risk]).sum()
    rate = (hazard.outside[log.topic_of_item + 1] + hazard.age).exp()
    return scale * (lost - gained) + (rate * log.outside_seconds).sum()


def _penalty(hazard: CandidateHazard, start: dict[str, Tensor], config: AttributionConfig) -> Tensor:
    """Negative log of the prior, up to a constant."""
    each = [
        ((value - start[name]) / _deviation(name, config)).square().sum() / 2
        for name, value in hazard.named_parameters()
    ]
    return torch.stack(each).sum()


def _climb(
    hazard: CandidateHazard, log: Log, start: dict[str, Tensor], config: AttributionConfig,
    generator: torch.Generator,
) -> None:  # fmt: skip
    """Adam on the penalised likelihood, by parts of the take-ups and as large parts of the exposures."""
    parts = config.steps_per_epoch
    optimizer = torch.optim.Adam(hazard.parameters(), lr=config.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config.epochs * parts)
    for _ in range(config.epochs):
        take_ups = torch.randperm(len(log.item), generator=generator)
        risk = torch.randperm(len(log.risk_seconds), generator=generator)
        for part in range(parts):
            chosen = take_ups[part::parts], risk[part::parts]
            loss = negative_log_likelihood(hazard, log, *chosen, parts) + _penalty(hazard, start, config)
            optimizer.zero_grad()
            (loss / len(log.item)).backward()
            optimizer.step()
            schedule.step()


def _draws(
    hazard: CandidateHazard, log: Log, start: dict[str, Tensor], config: AttributionConfig,
    generator: torch.Generator,
) -> Tensor:  # fmt: skip
    """[n_draws, n_parameters] from the normal whose precision is the Hessian at the fit."""
    parameters = list(hazard.parameters())
    everything = torch.arange(len(log.item)), torch.arange(len(log.risk_seconds))
    loss = negative_log_likelihood(hazard, log, *everything, 1.0) + _penalty(hazard, start, config)
    slope = torch.cat([one.reshape(-1) for one in torch.autograd.grad(loss, parameters, create_graph=True)])
    rows = [
        torch.cat([one.reshape(-1) for one in torch.autograd.grad(each, parameters, retain_graph=True)])
        for each in slope
    ]
    precision, axes = torch.linalg.eigh(torch.stack(rows).double())
    # Where the likelihood curves the other way it says nothing: the prior's precision stands.
    precision = precision.clamp(min=_widest(config) ** -2)
    fit = nn.utils.parameters_to_vector(parameters).detach()
    noise = torch.randn(config.n_draws, len(fit), generator=generator, dtype=torch.float64)
    return fit + ((noise / precision.sqrt()) @ axes.T).float()


def _begin(hazard: CandidateHazard, log: Log) -> None:
    """Rates at which half of the take-ups that could come from either come from outside."""
    n, with_candidates = float(log.counts.sum()), len(log.take_up.unique())
    with torch.no_grad():
        strength = 0.5 * with_candidates / max(float(log.risk_weight.sum()), 1.0)
        hazard.strength.bias.fill_(float(np.log(max(strength, 1e-6))))
        hazard.outside.fill_(float(np.log(max(0.5 * n, 0.5) / max(float(log.outside_seconds.sum()), 1.0))))


def _deviation(name: str, config: AttributionConfig) -> float:
    """The prior's standard deviation of a parameter: rates may be far from where they began."""
    return _widest(config) if name in ("strength.bias", "outside") else config.prior_deviation


def _widest(config: AttributionConfig) -> float:
    return 2 * config.prior_deviation


def _columns(
    take_ups: TakeUps, exposures: Exposures, covariates: Covariates, to_anybody: bool
) -> NDArray[np.float32]:
    contact = take_ups.contact[exposures.take_up]
    return covariates.at_exposure(exposures.row, np.full(len(exposures), -1) if to_anybody else contact)


def _outside_seconds(take_ups: TakeUps, until: int) -> NDArray[np.float32]:
    """Contact-seconds per item and age in which somebody who had not taken it up could have."""
    of_item, left = seconds_open(take_ups, until)
    everyone = take_ups.n_contacts * of_item
    np.subtract.at(everyone, take_ups.item, left)
    return np.maximum(everyone, 0.0).astype(np.float32)


def _shares(
    hazard: CandidateHazard, columns: Tensor, seconds: Tensor, take_up: Tensor, topic: Tensor, age: Tensor
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    with torch.inference_mode():
        each, outside = hazard.log_hazard(columns, seconds), hazard.log_outside(topic, age)
        total = log_total(each, take_up, outside)
        share, rest = (each - total[take_up]).double().exp(), (outside - total).double().exp()
        summed = rest.scatter_add(0, take_up, share)
        return (share / summed[take_up]).numpy(), (rest / summed).numpy()

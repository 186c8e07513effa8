"""The chance that one person's take-up leads to another's: influence x susceptibility x tie, per topic.

Expected successes (shares of credit) are set against exposures, as in Goyal, Bonchi & Lakshmanan (2010), with
one difference: every factor is shrunk towards 1 by as much as factors of its kind turn out to differ
(gamma-Poisson
empirical Bayes), so that one lucky exposure makes nobody a leader.  Shares and factors are fitted in turn
(expectation-maximisation, as in Saito, Nakano & Kimura 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from pydantic import Field, PositiveInt
from scipy.special import gammaln, polygamma

from influence.contagion.attribution import Attribution, ages
from influence.contagion.covariates import Covariates
from influence.contagion.likelihood import CandidateHazard
from influence.contagion.risk import AtRisk
from influence.contagion.shares import Shares, delays
from influence.contagion.takeups import Exposures, TakeUps
from influence.errors import ConfigError, nearest
from influence.graph.ties import Ties
from influence.settings import Settings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRENGTHS = np.array([0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1_000.0])
"""How much a kind of factor is shrunk, in take-ups: the likeliest of these is taken."""
REACTIONS = (1, 3, 10)
"""Ties differ by how often the two had reacted to each other: never, or from each of these numbers on."""
SMALLEST = 1e-12


class TransmissionConfig(Settings):
    """How chances are fitted."""

    rounds: PositiveInt = 20
    """Times that shares and factors are fitted in turn."""
    cap: float = Field(default=0.9, gt=0, le=1)
    """The highest chance that one person moves another."""


@dataclass(frozen=True)
class Factor:
    """What multiplies the chance for each of several keys: a person, a person on a topic, a kind of tie.

    Attributes
    ----------
    value : float64 [n_keys], posterior mean
    log_variance : float64 [n_keys], posterior variance of its log
    """

    value: Floats
    log_variance: Floats

    @classmethod
    def fit(cls, success: Floats, expected: Floats) -> Factor:
        """From successes and what was expected of each key without the factor; shrunk towards 1."""
        evidence = [_marginal(success, expected, strength) for strength in STRENGTHS]
        strength = STRENGTHS[int(np.argmax(evidence))]
        return cls((strength + success) / (strength + expected), polygamma(1, strength + success))


@dataclass(frozen=True)
class Transmission:
    """Fitted chances.

    Attributes
    ----------
    contact_ids, topics : names of rows, and of the columns from 1 on; column 0 stands for take-ups without
    topic
    base : the chance where every factor is 1
    influence, susceptibility : float64 [n_contacts, n_topics + 1], 1 is average
    influence_low, influence_high, susceptibility_low, susceptibility_high : ends of the 95 % intervals
    tie : float64 [len(REACTIONS) + 1]
    cap : the highest chance
    shares : shares of credit under these chances; their intervals know of delays, outside and factors alike
    """

    contact_ids: pd.Index
    topics: pd.Index
    base: float
    influence: Floats
    influence_low: Floats
    influence_high: Floats
    susceptibility: Floats
    susceptibility_low: Floats
    susceptibility_high: Floats
    tie: Floats
    cap: float
    shares: Shares

    @classmethod
    def fit(
        cls, take_ups: TakeUps, exposures: Exposures, at_risk: AtRisk, covariates: Covariates,
        attribution: Attribution, config: TransmissionConfig,
    ) -> Transmission:  # fmt: skip
        """Fit chances; delays and the rate from outside are those of the attribution."""
        rng = np.random.default_rng([attribution.config.seed, 3])
        n, k = take_ups.n_contacts, len(take_ups.topics) + 1
        pairs = _keys(take_ups, covariates, exposures.row, take_ups.contact[exposures.take_up], k)
        risk = _keys(take_ups, covariates, at_risk.row, at_risk.contact, k)
        density, outside = _rates(take_ups, exposures, attribution.hazard)
        elapsed = _elapsed(at_risk, attribution.hazard)
        sizes = (n, n * k, n, n * k, len(REACTIONS) + 1)
        factors = [Factor(np.ones(size), np.zeros(size)) for size in sizes]
        base = 0.5 * len(exposures) / max(elapsed.sum(), 1.0)
        for _ in range(config.rounds):
            chance = np.minimum(base * _product(factors, pairs), config.cap)
            share, _ = _split(chance * density, outside, exposures)
            expected = base * _product(factors, risk) * elapsed
            scale = share.sum() / max(expected.sum(), SMALLEST)
            base, expected = base * scale, expected * scale
            for which, size in enumerate(sizes):
                success = np.bincount(pairs[which], share, size).astype(np.float64)
                before = np.bincount(risk[which], expected, size) / factors[which].value
                new = Factor.fit(success, before)
                expected = expected * (new.value / factors[which].value)[risk[which]]
                factors[which] = new
        chance = np.minimum(base * _product(factors, pairs), config.cap)
        shares = Shares(exposures, *_split(chance * density, outside, exposures))
        draws = [
            _split(
                np.minimum(base * _product(_drawn(factors, rng), pairs), config.cap) * dense, rest, exposures
            )
            for dense, rest in (_rates(take_ups, exposures, hazard) for hazard in attribution.drawn())
        ]
        if draws:
            shares = shares.within(np.stack([one for one, _ in draws]), np.stack([one for _, one in draws]))
        who, who_on, whom, whom_on, tie = factors
        return cls(
            take_ups.contact_ids, take_ups.topics, float(base), *_with_interval(who, who_on, k),
            *_with_interval(whom, whom_on, k), tie.value, config.cap, shares,
        )  # fmt: skip

    def column(self, topic: str | None) -> int:
        """The column of a topic; None asks for take-ups without one.

        Raises
        ------
        ConfigError
            If no take-up has that topic.
        """
        if topic is None:
            return 0
        if topic not in self.topics:
            raise ConfigError(f"No take-up has the topic {topic!r}. {nearest(topic, map(str, self.topics))}")
        return list(self.topics).index(topic) + 1

    def along(
        self, ties: Ties, covariates: Covariates, topic: str | None, at: int
    ) -> tuple[Ints, Ints, Floats]:
        """Chances along every tie that holds at a moment, both ways, as compressed rows over who moves.

        Returns
        -------
        ptr : int64 [n_contacts + 1]
        target : int64 [m], who may be moved
        p : float64 [m], between 0 and `cap`
        """
        column = self.column(topic)
        held = (ties.since < at) & (at <= ties.until)
        source = np.repeat(np.arange(len(ties.ptr) - 1), np.diff(ties.ptr))[held]
        target = ties.neighbour[held]
        ptr = np.searchsorted(source, np.arange(len(ties.ptr))).astype(np.int64)
        between = covariates.n_reactions(source, target) + covariates.n_reactions(target, source)
        factor = self.tie[np.searchsorted(REACTIONS, between, side="right")]
        p = self.base * self.influence[source, column] * self.susceptibility[target, column] * factor
        return ptr, target, np.minimum(p, self.cap)


def _marginal(success: Floats, expected: Floats, strength: float) -> float:
    """Log marginal likelihood of the successes, up to what does not depend on the strength."""
    each = gammaln(strength + success) - gammaln(strength) + strength * np.log(strength)
    return float((each - (strength + success) * np.log(strength + expected)).sum())


def _keys(take_ups: TakeUps, covariates: Covariates, row: Ints, contact: Ints, k: int) -> tuple[Ints, ...]:
    """Who, who on the topic, whom, whom on the topic, kind of tie."""
    who, topic = take_ups.contact[row], take_ups.topic[row] + 1
    between = covariates.n_reactions_before(row, contact)
    return (
        who,
        who * k + topic,
        contact,
        contact * k + topic,
        np.searchsorted(REACTIONS, between, side="right"),
    )


def _product(factors: list[Factor], keys: tuple[Ints, ...]) -> Floats:
    found = np.ones(len(keys[0]))
    for factor, key in zip(factors, keys, strict=True):
        found *= factor.value[key]
    return found


def _drawn(factors: list[Factor], rng: np.random.Generator) -> list[Factor]:
    """Factors drawn about their posterior means."""
    return [
        Factor(one.value * np.exp(rng.normal(0, np.sqrt(one.log_variance))), one.log_variance)
        for one in factors
    ]


def _split(hazard: Floats, outside: Floats, exposures: Exposures) -> tuple[Floats, Floats]:
    """Each candidate's part of the hazard, and the outside's."""
    total = np.bincount(exposures.position, hazard, len(outside)) + outside
    return hazard / total[exposures.position], outside / total


def _rates(take_ups: TakeUps, exposures: Exposures, hazard: CandidateHazard) -> tuple[Floats, Floats]:
    """Density of the delay of every pair, rate from outside of every take-up, per second."""
    of = exposures.of
    with torch.inference_mode():
        density = hazard.log_density(torch.from_numpy(delays(take_ups, exposures).astype(np.float32)))
        age = torch.from_numpy(ages(take_ups)[of])
        outside = hazard.log_outside(torch.from_numpy(take_ups.topic[of]), age)
        return density.double().exp().numpy(), outside.double().exp().numpy()


def _elapsed(at_risk: AtRisk, hazard: CandidateHazard) -> Floats:
    """Share of the delays that is over at the end of every exposure."""
    with torch.inference_mode():
        return hazard.elapsed(torch.from_numpy(at_risk.seconds.astype(np.float32))).double().numpy()


def _with_interval(person: Factor, on_topic: Factor, k: int) -> tuple[Floats, Floats, Floats]:
    value = person.value[:, None] * on_topic.value.reshape(-1, k)
    spread = 1.96 * np.sqrt(person.log_variance[:, None] + on_topic.log_variance.reshape(-1, k))
    return value, value * np.exp(-spread), value * np.exp(spread)

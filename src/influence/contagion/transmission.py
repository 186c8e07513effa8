"""The chance that one person's take-up leads to another's: topic x influence x susceptibility x tie.

Causes and factors are drawn from their posterior (`gibbs`), as in the models of Goyal, Bonchi & Lakshmanan
(2010) and Saito, Nakano & Kimura (2008) with one difference: every factor is shrunk towards 1 by as much as
factors of its kind turn out to differ, so that one lucky exposure makes nobody a leader.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from pydantic import Field, PositiveInt

from influence.contagion.attribution import Attribution
from influence.contagion.covariates import Covariates
from influence.contagion.gibbs import Chain
from influence.contagion.likelihood import CandidateHazard
from influence.contagion.outside import Outside
from influence.contagion.risk import AtRisk
from influence.contagion.running_moments import of_positive, of_shares
from influence.contagion.shares import Shares, delays
from influence.contagion.takeups import Exposures, TakeUps
from influence.errors import ConfigError, nearest
from influence.graph.ties import Ties
from influence.settings import Settings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REACTIONS = (1, 3, 10)
"""Ties differ by how often the two had reacted to each other: never, or from each of these numbers on."""


class TransmissionConfig(Settings):
    """How chances are fitted."""

    burn_in: PositiveInt = 20
    """Sweeps of the sampler before any counts."""
    sweeps: PositiveInt = 40
    """Sweeps that count."""
    cap: float = Field(default=0.9, gt=0, le=1)
    """The highest chance that one person moves another."""


@dataclass(frozen=True)
class Transmission:
    """Fitted chances.

    Attributes
    ----------
    contact_ids, topics : names of rows, and of the columns from 1 on; column 0 stands for take-ups without
    topic
    base : float64 [n_topics + 1, len(REACTIONS) + 1], the chance between average people, by topic and by tie
    watched : of what exposures are to set off, the share that comes within as long as they were watched
    influence, susceptibility : float64 [n_contacts, n_topics + 1], 1 is average
    influence_low, influence_high, susceptibility_low, susceptibility_high : ends of the 95 % intervals
    cap : the highest chance
    shares : shares of credit; they and their intervals know of delays, outside and factors alike
    """

    contact_ids: pd.Index
    topics: pd.Index
    base: Floats
    watched: float
    influence: Floats
    influence_low: Floats
    influence_high: Floats
    susceptibility: Floats
    susceptibility_low: Floats
    susceptibility_high: Floats
    cap: float
    shares: Shares

    @classmethod
    def fit(
        cls, take_ups: TakeUps, exposures: Exposures, at_risk: AtRisk, covariates: Covariates,
        attribution: Attribution, until: int, config: TransmissionConfig,
    ) -> Transmission:  # fmt: skip
        """Draw chances; delays and the rate from outside are those of the attribution.

        `until` is the end of the records, microseconds since 1970.
        """
        rng = np.random.default_rng([attribution.config.seed, 3])
        n, k = take_ups.n_contacts, len(take_ups.topics) + 1
        pairs = _keys(take_ups, covariates, exposures.row, take_ups.contact[exposures.take_up], k)
        risk = _keys(take_ups, covariates, at_risk.row, at_risk.contact, k)
        sizes, outside = (n, n * k, n, n * k, k, len(REACTIONS) + 1), Outside(take_ups, until)
        chain = Chain(pairs, risk, sizes, exposures.ptr, config.cap, outside)

        # Exposures keep the delays of the fit: of a million they would cost the most time.
        elapsed = _elapsed(at_risk, attribution.hazard)
        outside.under(attribution.hazard)
        chain.under(_density(take_ups, exposures, attribution.hazard), elapsed).start()
        for _ in range(config.burn_in):
            chain.sweep(rng)
        hazards = attribution.drawn() if len(attribution.draws) else iter([attribution.hazard])
        each = max(config.sweeps // max(len(attribution.draws), 1), 1)
        drawn = _Drawn(k)
        for hazard in hazards:
            outside.under(hazard)
            chain.under(_density(take_ups, exposures, hazard), elapsed)
            for _ in range(each):
                chain.sweep(rng)
                drawn.add(chain)
        return cls(
            take_ups.contact_ids, take_ups.topics, drawn.base.mean, float(drawn.watched.mean),
            drawn.influence.mean, *drawn.influence.interval(),
            drawn.susceptibility.mean, *drawn.susceptibility.interval(),
            config.cap, drawn.shares(exposures),
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

        They are of a move within as long as exposures were watched: what the records cannot have seen is not
        foretold, and the exposures of the past sum to the take-ups credited to them.

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
        base = self.base[column, np.searchsorted(REACTIONS, between, side="right")]
        p = base * self.influence[source, column] * self.susceptibility[target, column]
        return ptr, target, self.watched * np.minimum(p, self.cap)


class _Drawn:
    """What is kept of the draws; `k` columns of topics."""

    def __init__(self, k: int) -> None:
        self.k = k
        self.influence, self.susceptibility, self.base, self.watched = (of_positive() for _ in range(4))
        self.share, self.outside = of_shares(), of_shares()

    def add(self, chain: Chain) -> None:
        for of, person, on_topic in ((self.influence, 0, 1), (self.susceptibility, 2, 3)):
            draw, mean = (
                each[person][:, None] * each[on_topic].reshape(-1, self.k)
                for each in (chain.factors, chain.means)
            )
            of.add(draw, mean)
        *_, topic, tie = chain.factors
        self.base.add(chain.base * np.outer(topic, tie))
        self.watched.add(np.array(chain.watched))
        for moments, share in zip((self.share, self.outside), chain.shares(), strict=True):
            moments.add(share)

    def shares(self, exposures: Exposures) -> Shares:
        """Mean shares, which sum to 1 as each draw's do, with their intervals."""
        return Shares(exposures, self.share.mean, self.outside.mean).within(self.share, self.outside)


def _keys(take_ups: TakeUps, covariates: Covariates, row: Ints, contact: Ints, k: int) -> tuple[Ints, ...]:
    """Who, who on the topic, whom, whom on the topic, topic, kind of tie."""
    who, topic = take_ups.contact[row], take_ups.topic[row] + 1
    between = covariates.n_reactions_before(row, contact)
    return (
        who,
        who * k + topic,
        contact,
        contact * k + topic,
        topic,
        np.searchsorted(REACTIONS, between, side="right"),
    )


def _density(take_ups: TakeUps, exposures: Exposures, hazard: CandidateHazard) -> Floats:
    """Density of the delay of every pair, per second."""
    with torch.inference_mode():
        seconds = torch.from_numpy(delays(take_ups, exposures).astype(np.float32))
        return hazard.log_density(seconds).double().exp().numpy()


def _elapsed(at_risk: AtRisk, hazard: CandidateHazard) -> Floats:
    """Share of the delays that is over at the end of every exposure."""
    with torch.inference_mode():
        return hazard.elapsed(torch.from_numpy(at_risk.seconds.astype(np.float32))).double().numpy()

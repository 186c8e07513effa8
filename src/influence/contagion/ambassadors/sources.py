"""What ambassadors are chosen by: spread along a graph, or credit in a log.  One shape for both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.contagion.ambassadors.cascades import N_SIMULATIONS, draw_worlds, shapley, simulate
from influence.contagion.ambassadors.credit import AttributedLog, interval_over_items, shapley_credit
from influence.contagion.ambassadors.greedy import Choice, Ground, choose
from influence.contagion.ambassadors.imm import Precision, imm
from influence.contagion.ambassadors.spread_graph import Floats, Ints, SpreadGraph
from influence.texts import text

PROBED, FEWEST = 10, 100
"""Cascades by whose size others are counted, and how many there are at least."""
MOST_EDGES = 5e8
"""Edges that all cascades may visit, about: ten seconds on one core."""


@dataclass(frozen=True)
class Worth:
    """What chosen people bring, in the order chosen.

    Attributes
    ----------
    marginal : [k] what each adds to those before
    value, low, high : [k] of each and all before, with a 95 % interval
    parts : [k] each one's part of the take-ups of others; one that several would bring is split evenly
    n_simulations : simulated cascades behind the values; 0 where nothing is simulated
    """

    marginal: Floats
    value: Floats
    low: Floats
    high: Floats
    parts: Floats
    n_simulations: int = 0


class Source(Protocol):
    """Chooses people and says what they bring."""

    @property
    def contact_ids(self) -> pd.Index:
        """All contacts; positions refer to them."""
        ...

    @property
    def is_moving(self) -> NDArray[np.bool_]:
        """[n] whether each moves anybody."""
        ...

    def choose(self, ground: Ground, rng: np.random.Generator) -> Choice:
        """People with nearly the most worth within the limits."""
        ...

    def worth(self, chosen: Ints, rng: np.random.Generator) -> Worth:
        """What they bring, estimated apart from the choice where it is by simulation."""
        ...

    def told(self, worth: Worth) -> str:
        """What they bring, in a sentence."""
        ...

    def caution(self, worth: Worth) -> str:
        """Why that number is to be doubted, in a sentence; empty where nothing speaks against it."""
        ...


@dataclass(frozen=True)
class BySpread:
    """Take-ups to be expected when the chosen begin, along a graph of probabilities.

    Attributes
    ----------
    graph : who may move whom
    precision : of the choice
    n_simulations : cascades to simulate; fewer, but `FEWEST`, where they would visit more than `MOST_EDGES`
    largest : take-ups that the most successful item has had so far; None where no past is known
    """

    graph: SpreadGraph
    precision: Precision = field(default_factory=Precision)
    n_simulations: int = N_SIMULATIONS
    largest: int | None = None

    @property
    def contact_ids(self) -> pd.Index:
        """All contacts of the graph."""
        return self.graph.contact_ids

    @property
    def is_moving(self) -> NDArray[np.bool_]:
        """[n] whether an edge of probability above 0 leaves each."""
        return np.bincount(self.graph.source, self.graph.p, minlength=len(self.graph)) > 0

    def choose(self, ground: Ground, rng: np.random.Generator) -> Choice:
        """By reverse reachable sets."""
        return imm(self.graph, ground, rng, self.precision)

    def worth(self, chosen: Ints, rng: np.random.Generator) -> Worth:
        """By simulation, in worlds that the choice has not seen."""
        worlds = draw_worlds(rng)
        n = self._affordable(chosen, worlds)
        found = simulate(self.graph, chosen, worlds, n)
        parts = shapley(self.graph, chosen, worlds, n) - 1
        return Worth(found.marginal, found.value, found.low, found.high, parts, n)

    def _affordable(self, chosen: Ints, worlds: int) -> int:
        """How many cascades take seconds rather than hours, by the size of the first few."""
        if self.n_simulations <= FEWEST:
            return self.n_simulations
        size = simulate(self.graph, chosen, worlds, PROBED).value[-1]
        edges = max(size * self.graph.n_edges / len(self.graph), 1.0)
        return int(np.clip(MOST_EDGES / edges, FEWEST, self.n_simulations))

    def told(self, worth: Worth) -> str:
        """Expected take-ups, of themselves and of others."""
        own, n = len(worth.value), worth.n_simulations
        return text("ambassadors.spread", about=_interval(worth), own=own, n=n)

    def caution(self, worth: Worth) -> str:
        """That no item has ever had so many."""
        if self.largest is None or worth.value[-1] <= self.largest:
            return ""
        return text("ambassadors.beyond", most=self.largest)


@dataclass(frozen=True)
class ByCredit:
    """Take-ups in the records that are due to the chosen along chains of attribution."""

    log: AttributedLog

    @property
    def contact_ids(self) -> pd.Index:
        """All contacts of the records."""
        return self.log.take_ups.contact_ids

    @property
    def is_moving(self) -> NDArray[np.bool_]:
        """[n] whether each has a share in anybody's take-up."""
        return self.log.credit().gains() > 0

    def choose(self, ground: Ground, rng: np.random.Generator) -> Choice:
        """By lazy greedy; nothing is drawn."""
        return choose(self.log.credit, ground)

    def worth(self, chosen: Ints, rng: np.random.Generator) -> Worth:
        """Exact for these records; intervals as if their items were drawn from many."""
        credit, rows = self.log.credit(), []
        for contact in chosen.tolist():
            credit.take(contact)
            by_item = credit.by_item
            rows.append((float(by_item.sum()), *interval_over_items(by_item)))
        value, low, high = np.array(rows).reshape(-1, 3).T
        return Worth(np.diff(value, prepend=0.0), value, low, high, shapley_credit(self.log, chosen))

    def told(self, worth: Worth) -> str:
        """Take-ups that happened and are due to them."""
        n, items = len(self.log.take_ups), len(self.log.take_ups.items)
        key = "ambassadors.credit" if items > 1 else "ambassadors.credit_single"
        return text(key, n=n, about=_interval(worth), items=items)

    def caution(self, worth: Worth) -> str:
        """Nothing: what has happened has happened."""
        return ""


def _interval(worth: Worth) -> str:
    return text("ambassadors.about", value=worth.value[-1], low=worth.low[-1], high=worth.high[-1])


def source_of(given: SpreadGraph | AttributedLog | Source) -> Source:
    """The source that a graph or a log is; a source stays as it is."""
    if isinstance(given, SpreadGraph):
        return BySpread(given)
    return ByCredit(given) if isinstance(given, AttributedLog) else given

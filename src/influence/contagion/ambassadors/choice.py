"""Ambassadors: whom to win, what each adds, what they cost and are worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from influence.contagion.ambassadors.credit import AttributedLog
from influence.contagion.ambassadors.greedy import Choice
from influence.contagion.ambassadors.limits import COST, AmbassadorLimits, Screened, screen
from influence.contagion.ambassadors.sources import Source, Worth, source_of
from influence.contagion.ambassadors.spread_graph import SpreadGraph
from influence.errors import ConfigError
from influence.markup import face, plain
from influence.texts import first_few, number, text

COLUMNS = ("rank", "contact_id", "marginal", "expected", "low", "high", "cost", "part", "value")


@dataclass(frozen=True)
class Ambassadors:
    """People within the limits, and what they bring.

    Attributes
    ----------
    people
        One row each in the order chosen: rank, contact_id; `marginal`, take-ups that they add to those before
        them; `expected`, those of them and all before, with the 95 % interval `low` to `high`; cost (NA where
        none is given); `part`, their part of the take-ups of others; `value`, that part in money (NA without
        a unit value).
    share_of_best
        At least this share of what any choice within the limits could reach by the same objective; NaN where
        nobody is chosen.
    sentences
        All this in words, and what limits or records took away.
    caution
        The one of these that says why the number is to be doubted; empty where nothing speaks against it.
    """

    people: pd.DataFrame
    share_of_best: float
    sentences: tuple[str, ...]
    caution: str = ""

    def _repr_html_(self) -> str:
        return face("Ambassadors", self.sentences, self.people)

    def __repr__(self) -> str:
        return plain("Ambassadors", self.sentences, self.people)

    @property
    def expected(self) -> float:
        """Take-ups that all bring together."""
        return float(self.people["expected"].iloc[-1]) if len(self.people) else 0.0

    @property
    def cost(self) -> float:
        """What they cost together; NaN where no cost is given."""
        return float(self.people["cost"].sum(skipna=False)) if len(self.people) else 0.0

    @property
    def value(self) -> float:
        """What they are worth together; NaN without a unit value."""
        return float(self.people["value"].sum(skipna=False)) if len(self.people) else 0.0


def choose_ambassadors(
    given: SpreadGraph | AttributedLog | Source,
    candidates: pd.DataFrame,
    limits: AmbassadorLimits,
    rng: np.random.Generator,
    unit_value: float | None = None,
    currency: str = "",
) -> Ambassadors:
    """The people who bring most within the limits, as nearly as a greedy choice comes.

    Parameters
    ----------
    given
        What people are chosen by: a graph of probabilities (reverse reachable sets, then simulation), a log
        with attributed take-ups (lazy greedy on credit), or either with settings of its own.
    candidates
        As `limits.screen` reads them; their order does not matter.
    unit_value, currency
        What a take-up of somebody else is worth.

    Raises
    ------
    DataError
        If a candidate is not known, stands there twice, or costs nothing or less.
    ConfigError
        If limits ask for a column that is not there or contradict each other, or the unit value is not above
        0.
    """
    if unit_value is not None and not 0 < unit_value < np.inf:
        raise ConfigError(f"unit_value is {unit_value!r}. Give what a take-up is worth, above 0.")
    source = source_of(given)
    screened = screen(source.contact_ids, source.is_moving, candidates, limits)
    found = source.choose(screened.ground, rng)
    if not len(found.chosen):
        sentences = (text("ambassadors.nobody"), *_taken_away(screened, found))
        return Ambassadors(pd.DataFrame(columns=list(COLUMNS)), float("nan"), sentences)
    worth = source.worth(found.chosen, rng)
    priced = COST in candidates
    people = pd.DataFrame(
        {
            "rank": np.arange(1, len(found.chosen) + 1),
            "contact_id": source.contact_ids[found.chosen],
            "marginal": worth.marginal,
            "expected": worth.value,
            "low": worth.low,
            "high": worth.high,
            "cost": screened.ground.cost[found.chosen] if priced else np.nan,
            "part": worth.parts,
            "value": worth.parts * unit_value if unit_value is not None else np.nan,
        }
    )
    share = found.worth / bound if (bound := found.bound(screened.ground)) > 0 else float("nan")
    answer = Ambassadors(people, share, (), source.caution(worth))
    sentences = (*_told(answer, source, worth, limits, unit_value, currency), *_taken_away(screened, found))
    return replace(answer, sentences=sentences)


def _told(
    answer: Ambassadors,
    source: Source,
    worth: Worth,
    limits: AmbassadorLimits,
    unit_value: float | None,
    currency: str,
) -> Iterator[str]:
    n = len(answer.people)
    yield text("ambassadors.chosen", n=n, names=first_few(answer.people["contact_id"]))
    yield source.told(worth)
    if answer.caution:
        yield answer.caution
    yield text("ambassadors.reached", guarantee=limits.guarantee, share=min(answer.share_of_best, 1.0))
    if limits.budget is not None:
        yield text("ambassadors.cost", cost=answer.cost, budget=limits.budget)
    if unit_value is not None:
        unit = f" {currency}" if currency else ""
        yield text("ambassadors.value", unit=unit_value, currency=unit, value=answer.value)


def _taken_away(screened: Screened, found: Choice) -> Iterator[str]:
    """Why there are not more."""
    if screened.strangers:
        yield text("ambassadors.strangers", n=len(screened.strangers), names=first_few(screened.strangers))
    ground, n = screened.ground, len(found.chosen)
    if n >= ground.k:
        return
    if not screened.n_candidates:
        yield text("ambassadors.no_candidates")
        return
    told = (f"{number(count)} {text(f'ambassadors.out.{reason}')}" for reason, count in screened.out.items())
    reasons = text("separator").join(told) or text("ambassadors.none_out")
    yield text("ambassadors.of_candidates", n=screened.n_candidates, reasons=reasons)
    if len(ground.eligible) > n:
        yield text("ambassadors.more", n=len(ground.eligible) - n)

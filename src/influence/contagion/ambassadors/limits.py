"""What a choice of ambassadors must keep to, and who is left to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from influence.contagion.ambassadors.greedy import NO_GROUP, Ground
from influence.contagion.ambassadors.spread_graph import Floats, Ints
from influence.errors import ConfigError, DataError, nearest
from influence.settings import Settings
from influence.texts import first_few, text

ID, COMPANY, COST = "contact_id", "company_id", "cost"
FILTERS: Mapping[str, str] = {"countries": "country", "industries": "industry", "topics": "topic"}
"""Limit -> the column of candidates that it looks at."""


class AmbassadorLimits(Settings):
    """How many, for how much, and who not."""

    k: int = Field(10, ge=1)
    """At most so many people."""
    budget: float | None = Field(None, ge=0, allow_inf_nan=False)
    """What they may cost together, in the units of the candidates' `cost`; without it, any sum."""
    per_company: int | None = Field(None, ge=1)
    """At most so many people of one company; without it, any number."""
    countries: frozenset[str] = frozenset()
    """Only people of these countries; empty: of all."""
    industries: frozenset[str] = frozenset()
    """Only people of these industries; empty: of all."""
    topics: frozenset[str] = frozenset()
    """Only people of these topics; empty: of all."""
    exclude: frozenset[str] = frozenset()
    """Ids of contacts never to choose, such as those tied to competitors."""
    include: frozenset[str] = frozenset()
    """Ids of candidates to choose before all others, whatever their country, industry and topic."""

    @property
    def guarantee(self) -> str:
        """What is proven about the choice, in words."""
        if self.budget is not None and self.per_company is not None:
            return text("ambassadors.guarantee.none")
        if self.budget is not None:
            return text("ambassadors.guarantee.budget")
        if self.per_company is not None:
            return text("ambassadors.guarantee.company")
        return text("ambassadors.guarantee.number")


@dataclass(frozen=True)
class Screened:
    """Who is left.

    Attributes
    ----------
    ground : with positions among the contacts
    n_candidates : before screening
    out : reason -> number of candidates that it took away
    strangers : ids to exclude that are no candidates
    """

    ground: Ground
    n_candidates: int
    out: Mapping[str, int]
    strangers: tuple[str, ...]


def screen(
    contact_ids: pd.Index, is_moving: NDArray[np.bool_], candidates: pd.DataFrame, limits: AmbassadorLimits
) -> Screened:
    """Candidates that may be chosen, and why the others may not.

    Parameters
    ----------
    contact_ids
        [n] all contacts that the choice knows.
    is_moving
        [n] whether a contact moves anybody at all.
    candidates
        One row each: contact_id; cost where there is a budget; company_id, country, industry and topic where
        limits ask for them.

    Raises
    ------
    DataError
        If a candidate is not known, stands there twice, or costs nothing or less.
    ConfigError
        If limits ask for a column that is not there, or contradict each other.
    """
    at = _positions(contact_ids, candidates)
    cost = np.ones(len(contact_ids))
    cost[at] = _costs(candidates, limits)
    must = _included(candidates, limits)
    out, left = {}, np.ones(len(at), bool)
    for reason, wrong in _reasons(candidates, at, is_moving, cost, limits):
        out[reason] = int((left & wrong & ~must).sum())
        left &= ~wrong | must
    groups = () if limits.per_company is None else (_companies(candidates, at, len(contact_ids), limits),)
    budget = np.inf if limits.budget is None else limits.budget
    ground = Ground(np.sort(at[left]), limits.k, cost, budget, groups, np.sort(at[must]))
    _check_included(ground)
    strangers = sorted(limits.exclude - set(candidates[ID].astype(str)))
    return Screened(ground, len(at), {reason: n for reason, n in out.items() if n}, tuple(strangers))


def _positions(contact_ids: pd.Index, candidates: pd.DataFrame) -> Ints:
    _column(candidates, ID, "Candidates")
    ids = pd.Index(candidates[ID])
    if not ids.is_unique:
        raise DataError(f"Candidates stand there twice: {first_few(ids[ids.duplicated()].unique())}.")
    at = contact_ids.get_indexer(ids).astype(np.int64)
    if (at < 0).any():
        strangers = ids[at < 0]
        raise DataError(
            f"Candidates are not known: {first_few(strangers)}. "
            f"{nearest(str(strangers[0]), map(str, contact_ids))}"
        )
    return at


def _column(candidates: pd.DataFrame, name: str, asked_by: str) -> pd.Series:
    if name not in candidates:
        raise ConfigError(
            f"{asked_by} ask for a column {name!r} of the candidates. "
            f"{nearest(name, map(str, candidates.columns))}"
        )
    return candidates[name]


def _costs(candidates: pd.DataFrame, limits: AmbassadorLimits) -> Floats:
    if limits.budget is None and COST not in candidates:
        return np.ones(len(candidates))
    cost = _column(candidates, COST, "A budget").to_numpy(np.float64, na_value=np.nan)
    wrong = np.flatnonzero(~((cost > 0) & np.isfinite(cost)))
    if len(wrong):
        raise DataError(
            f"cost is missing, zero or less, or infinite for {len(wrong):,} candidates "
            f"({first_few(candidates[ID].iloc[wrong])}). Give each a cost above 0, or leave them out."
        )
    return cost


def _reasons(
    candidates: pd.DataFrame,
    at: Ints,
    is_moving: NDArray[np.bool_],
    cost: Floats,
    limits: AmbassadorLimits,
) -> list[tuple[str, NDArray[np.bool_]]]:
    """Reasons (`ambassadors.out.<reason>` in words), and the candidates whom each takes away."""
    found = [("excluded", candidates[ID].astype(str).isin(limits.exclude).to_numpy(bool))]
    for limit, column in FILTERS.items():
        if wanted := getattr(limits, limit):
            values = _column(candidates, column, limit.capitalize())
            found.append((limit, ~values.isin(wanted).to_numpy(bool)))
    found.append(("move_nobody", ~is_moving[at]))
    if limits.budget is not None:
        found.append(("too_dear", cost[at] > limits.budget))
    return found


def _companies(candidates: pd.DataFrame, at: Ints, n: int, limits: AmbassadorLimits) -> tuple[Ints, Ints]:
    code, names = pd.factorize(_column(candidates, COMPANY, "A cap per company"), sort=True)
    codes = np.full(n, NO_GROUP, np.int64)
    codes[at] = code
    return codes, np.full(len(names), limits.per_company, np.int64)


def _included(candidates: pd.DataFrame, limits: AmbassadorLimits) -> NDArray[np.bool_]:
    ids = candidates[ID].astype(str)
    if strangers := sorted(limits.include - set(ids)):
        raise ConfigError(
            f"{first_few(strangers)} must be chosen but are no candidates. {nearest(strangers[0], ids)}"
        )
    if both := sorted(limits.include & limits.exclude):
        raise ConfigError(
            f"{first_few(both)} must be chosen and are excluded. Take them from one of the lists."
        )
    return ids.isin(limits.include).to_numpy(bool)


def _check_included(ground: Ground) -> None:
    """Those who must be chosen have to fit together."""
    who = ground.include
    if len(who) > ground.k:
        raise ConfigError(f"{len(who):,} people must be chosen, but k is {ground.k:,}. Raise k.")
    if (total := float(ground.cost[who].sum())) > ground.budget:
        raise ConfigError(
            f"Those who must be chosen cost {total:,.2f}, more than the budget of {ground.budget:,.2f}."
        )
    for codes, caps in ground.groups:
        held = codes[who][codes[who] != NO_GROUP]
        if (np.bincount(held, minlength=len(caps)) > caps).any():
            raise ConfigError(
                "More people of one company must be chosen than its cap allows. Raise per_company."
            )

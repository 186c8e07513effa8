"""Leaders or seekers of information: what each mix of the two brings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from influence.contagion.ambassadors.credit import AttributedLog
from influence.contagion.ambassadors.limits import ID, AmbassadorLimits, screen
from influence.contagion.ambassadors.sources import Source, source_of
from influence.contagion.ambassadors.spread_graph import SpreadGraph
from influence.errors import ConfigError, DataError

LEADER, SEEKER = "leader", "seeker"
"""Columns of candidates: how much each moves others, and how much attention each gives to others."""
COLUMNS = (
    *("share_of_seekers", "n_leaders", "n_seekers", "expected", "low", "high"),
    *("leader", "seeker", "is_efficient", "contact_ids"),
)


def mix_frontier(
    given: SpreadGraph | AttributedLog | Source,
    candidates: pd.DataFrame,
    limits: AmbassadorLimits,
    rng: np.random.Generator,
    n_mixes: int = 11,
) -> pd.DataFrame:
    """The best choice for every share of information seekers, from none to all.

    A candidate counts as a seeker if they rank higher among the candidates by `seeker` than by `leader`.
    Every mix is chosen under the same limits, plus a cap for each of the two roles.

    Parameters
    ----------
    candidates
        As for `choose_ambassadors`, with the scores `leader` and `seeker`.
    n_mixes
        At most so many shares, evenly spread; no more than there are whole numbers of people.

    Returns
    -------
    One row for each mix: share_of_seekers as asked for; n_leaders and n_seekers found; expected take-ups with
    a 95 % interval; sums of the two scores; `is_efficient`, whether no other mix has as much of both expected
    take-ups and `seeker` score and more of one; contact_ids in the order chosen.

    Raises
    ------
    ConfigError
        If a score is missing.
    DataError
        If a score is no number.
    """
    source = source_of(given)
    scores = {name: _score(candidates, name) for name in (LEADER, SEEKER)}
    ground = screen(source.contact_ids, source.is_moving, candidates, limits).ground
    at = source.contact_ids.get_indexer(pd.Index(candidates[ID]))
    role = np.full(len(source.contact_ids), -1, np.int64)
    role[at] = scores[SEEKER].rank(pct=True) > scores[LEADER].rank(pct=True)
    by_position = {name: pd.Series(score.to_numpy(), index=at) for name, score in scores.items()}
    worlds = int(rng.integers(2**63))
    rows = []
    for n_seekers in np.unique(np.linspace(0, limits.k, n_mixes).round().astype(np.int64)).tolist():
        caps = np.maximum([limits.k - n_seekers, n_seekers], np.bincount(role[ground.include], minlength=2))
        mixed = replace(ground, groups=(*ground.groups, (role, caps)))
        # The same draws for every mix, so that chance sets none apart.
        chosen = source.choose(mixed, np.random.default_rng(worlds)).chosen
        row: dict[str, object] = {"share_of_seekers": n_seekers / limits.k}
        row |= {"n_leaders": int((role[chosen] == 0).sum()), "n_seekers": int((role[chosen] == 1).sum())}
        row |= dict.fromkeys(("expected", "low", "high"), 0.0)
        if len(chosen):
            worth = source.worth(chosen, np.random.default_rng(worlds + 1))
            row |= {"expected": worth.value[-1], "low": worth.low[-1], "high": worth.high[-1]}
        row |= {name: float(score.reindex(chosen).sum()) for name, score in by_position.items()}
        rows.append(row | {"contact_ids": tuple(source.contact_ids[chosen])})
    table = pd.DataFrame(rows)
    table["is_efficient"] = _efficient(table)
    return table[list(COLUMNS)]


def _score(candidates: pd.DataFrame, name: str) -> pd.Series:
    if name not in candidates:
        raise ConfigError(f"A mix needs a column {name!r} of the candidates.")
    score = candidates[name].astype(np.float64)
    if not np.isfinite(score).all():
        raise DataError(f"{name} is no number for {int((~np.isfinite(score)).sum()):,} candidates.")
    return score


def _efficient(table: pd.DataFrame) -> pd.Series:
    """Mixes that no other beats in one of expected take-ups and seeker score without losing in the other."""
    expected, seeker = table["expected"].to_numpy(), table[SEEKER].to_numpy()
    beaten = [
        bool((((expected >= e) & (seeker >= s)) & ((expected > e) | (seeker > s))).any())
        for e, s in zip(expected, seeker, strict=True)
    ]
    return ~pd.Series(beaten, index=table.index)

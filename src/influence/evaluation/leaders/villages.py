"""Who was informed first in a village, and how many took part: report only, the village's size as a control.

Of a few dozen villages nothing can be decided; the intervals say so.  What is scored is no forecast but a
property of the village known beforehand: its rank correlation with the share of households that took the
item up, those informed first left out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from influence.contagion.nominations import home_of
from influence.contagion.prestige import MEASURES
from influence.data import Network
from influence.errors import DataError
from influence.evaluation.bootstrap import LEVEL, Judged, draw_counts
from influence.evaluation.ground_truth import GroundTruth, Scored, Tell
from influence.evaluation.kernels import Counts
from influence.evaluation.summary import Judge
from influence.metrics import kendall, spearman
from influence.metrics.checks import Floats
from influence.tasks.leadership import LeadershipConfig
from influence.training.parts import Recipe

LEADER = "leader"
"""The trait of those who were informed first."""
FEWEST = 3
"""Villages below which no correlation is stated."""
N_RESAMPLES = 1_000


def recognises(network: Network) -> bool:
    """Whether some were informed first, ties are known, and take-ups have no times."""
    informed = (network.table("traits")["name"] == LEADER).any()
    undated = network.table("adoptions")["at"].isna().any()
    return bool(informed and undated and len(network.table("connections")))


def compare(
    network: Network,
    config: LeadershipConfig,
    recipe: Callable[[int], Recipe],
    seeds: tuple[int, ...],
    tell: Tell,
) -> Scored:
    """Properties of villages against their take-up; nothing is trained."""
    villages = _villages(network)
    measured = [str(name) for name in villages if name != "take_up"]
    frames = [
        pd.DataFrame(
            {"query_id": villages.index, "candidate_id": villages.index, "label": villages["take_up"],
             "method": name, "seed": seeds[0], "score": villages[name]}
        )
        for name in measured
    ]  # fmt: skip
    given_size = {
        name: _given_size(villages, name, np.random.default_rng([seeds[0], 3]))
        for name in measured
        if name != "n_households"
    }
    return Scored(
        predictions=pd.concat(frames, ignore_index=True),
        counts={"n_train": 0, "n_validation": 0, "n_test": len(villages)},
        judge=JUDGE,
        by="query",
        told={
            "remark": f"{len(villages)} villages decide nothing: report only.",
            "spearman_given_n_households": given_size,
        },
    )


def _villages(network: Network) -> pd.DataFrame:
    """One row per village with both kinds of households: take-up of the uninformed, and properties."""
    home = home_of(network)
    traits = network.table("traits")
    leads = traits.loc[traits["name"] == LEADER].set_index("contact_id")["value"].reindex(home.index) == 1
    took = home.index.isin(network.table("adoptions")["contact_id"])
    group, names = pd.factorize(home, sort=True)
    community = group.astype(np.int64)
    ties = _ties(network, home.index, community)
    columns = {name: pd.Series(measure(ties, community)) for name, measure in MEASURES.items()}
    size = np.bincount(community)[community]
    # Of length 1 in each village, as it is usually given: the larger the village, the smaller the values.
    columns["eigenvector_centrality"] /= np.sqrt(size)
    of_leaders = pd.DataFrame(columns)[leads.to_numpy()].groupby(community[leads.to_numpy()]).mean()
    uninformed = pd.Series(took[~leads.to_numpy()]).groupby(community[~leads.to_numpy()]).mean()
    share = pd.Series(leads.to_numpy()).groupby(community).mean()
    rows = of_leaders.assign(
        n_households=np.bincount(community)[of_leaders.index], share_informed=share, take_up=uninformed
    ).dropna()
    if len(rows) < FEWEST:
        raise DataError(
            f"There are {len(rows)} villages with households informed first and others. "
            f"Give at least {FEWEST}."
        )
    return rows.astype(np.float64).set_index(pd.Index(names)[rows.index].astype(str))


def _ties(network: Network, people: pd.Index, community: NDArray[np.int64]) -> csr_matrix:
    """Ties within villages, both ways."""
    rows = network.table("connections")
    one, other = (people.get_indexer(pd.Index(rows[end])) for end in ("source_id", "target_id"))
    within = (one >= 0) & (other >= 0)
    within &= community[one] == community[other]
    ends = np.concatenate((one[within], other[within])), np.concatenate((other[within], one[within]))
    found = csr_matrix((np.ones(len(ends[0])), ends), shape=(len(people), len(people)))
    found.data[:] = 1.0
    return found


class Correlation:
    """Rank correlations of a property with the take-up, over villages."""

    def __init__(self, take_up: Floats, score: Floats) -> None:
        self.take_up, self.score = take_up, score
        self.values = {"spearman": spearman(take_up, score), "kendall": kendall(take_up, score)}
        """Metric -> its value on all villages."""

    def resampled(self, counts: Counts) -> dict[str, Floats]:
        """Metric -> (b,) its values on each of b resamples."""
        drawn = [np.repeat(np.arange(len(self.score)), count) for count in counts]
        return {
            name: np.array([measure(self.take_up[own], self.score[own]) for own in drawn])
            for name, measure in (("spearman", spearman), ("kendall", kendall))
        }


def _given_size(villages: pd.DataFrame, name: str, rng: np.random.Generator) -> dict[str, float]:
    """Spearman's partial correlation with the take-up at a given number of households, and its interval."""
    rows = villages[["take_up", name, "n_households"]].to_numpy(np.float64)
    found = [
        _partial(rows[np.repeat(np.arange(len(rows)), count)])
        for counts in draw_counts(np.arange(len(rows)), N_RESAMPLES, rng)
        for count in counts
    ]
    defined = np.array(found)[~np.isnan(found)]
    ends = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(defined, ends) if len(defined) else (np.nan, np.nan)
    return {"value": _partial(rows), "low": float(low), "high": float(high)}


def _partial(rows: Floats) -> float:
    """Of the first two columns given the third, by ranks; NaN where it is not defined."""
    one, two, three = (spearman(rows[:, a], rows[:, b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    rest = np.sqrt((1 - two**2) * (1 - three**2))
    return float((one - two * three) / rest) if rest > 0 else float("nan")


def _by_village(rows: pd.DataFrame, seed: int) -> Judged:
    return Correlation(rows["label"].to_numpy(np.float64), rows["score"].to_numpy(np.float64))


JUDGE = Judge(("score",), _by_village, lambda rows: {"n_villages": len(rows)})
"""Rank correlations over villages."""

VILLAGES = GroundTruth(
    "villages", "a trait `leader` (informed first), connections, and undated adoptions", recognises, compare
)

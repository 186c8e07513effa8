"""Are reasons right?  Against a planted truth, and by taking away what they name."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from influence.explanation import Explainer
from influence.explanation.groups import NAMES
from influence.graph.pairs import Queries

CLEAR = 0.2
"""A planted effect this far from the typical one, in log-odds, has a sign that a reason must not miss."""


def sign_agreement(told: pd.DataFrame, worth: pd.DataFrame) -> pd.DataFrame:
    """Contributions beside what was planted, group by group.

    Parameters
    ----------
    told
        Contributions, one row per request and one column per group.
    worth
        What the groups are worth in truth, rows as in `told`; groups without a column are worth nothing.

    Returns
    -------
    DataFrame
        Per group of `told`: `planted_sd` and `told_sd`, the standard deviations of worth and contribution
        over the requests; `spearman`, their rank correlation; `n_clear`, requests whose worth departs from
        its mean by `CLEAR` or more; `right_sign`, the share of these whose contribution has the same sign.
    """
    centred = _centred(told, worth)
    rows = {}
    for name in told:
        planted, found = centred[name].to_numpy(), told[name].to_numpy()
        clear = np.abs(planted) >= CLEAR
        agreed = np.sign(planted[clear]) == np.sign(found[clear])
        rows[name] = {
            "planted_sd": planted.std(),
            "told_sd": found.std(),
            "spearman": spearmanr(planted, found).statistic if planted.std() and found.std() else np.nan,
            "n_clear": int(clear.sum()),
            "right_sign": agreed.mean() if clear.any() else np.nan,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def order_agreement(told: pd.DataFrame, worth: pd.DataFrame) -> NDArray[np.float64]:
    """Rank correlation, within each request, of contributions and planted worth over the groups, [n].

    Worth is told from its mean, as contributions are told from typical requests.
    """
    centred = _centred(told, worth)
    return np.array(
        [spearmanr(a, b).statistic for a, b in zip(told.to_numpy(), centred.to_numpy(), strict=True)]
    )


def _centred(told: pd.DataFrame, worth: pd.DataFrame) -> pd.DataFrame:
    return (worth - worth.mean()).reindex(columns=told.columns, fill_value=0.0)


def deletion_effects(
    explainer: Explainer, queries: Queries, ranking: NDArray[np.float64], n_removed: int
) -> NDArray[np.float64]:
    """How far scores move, in log-odds [n], when the groups ranked highest are as in other requests.

    Parameters
    ----------
    explainer
        Replaces what is removed; another one than gave the ranking, so that its background is another, too.
    ranking : float64 [n, groups]
        The highest are removed.
    n_removed
        How many.
    """
    place = np.argsort(np.argsort(-ranking, axis=1, kind="stable"), axis=1)
    moved = explainer.without(queries, place < n_removed) - explainer.score(queries)
    return np.abs(moved)


def rankings(contributions: NDArray[np.float64], rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Ways to choose what to remove, each [n, groups].

    `named`: the request's own reasons.  `same_for_all`: the groups that contribute most on the whole.
    `random`: any.
    """
    size = np.abs(contributions)
    return {
        "named": size,
        "same_for_all": np.tile(size.mean(0), (len(size), 1)),
        "random": rng.random((len(size), len(NAMES))),
    }


def mean_with_interval(values: NDArray[np.float64], rng: np.random.Generator) -> tuple[float, float, float]:
    """Mean and its 95 % interval from 1,000 resamples of the values."""
    drawn = values[rng.integers(len(values), size=(1000, len(values)))].mean(1)
    low, high = np.quantile(drawn, (0.025, 0.975)).tolist()
    return float(values.mean()), low, high

"""Figures that come period by period: which pairs appear for the first time, and whom each could have met.

Economies, or others of which there are few hundred: every pair is looked at, and no candidate is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.graph.partners import Ints, PartnerGraph
from influence.graph.timeline import STATIC
from influence.tasks.partners import Asked, Lists, PartnersConfig
from influence.training.partner_windows import History, PartnerStage

LOOKED_BACK = 4
"""Periods at the beginning that are only looked back on: in them nearly every pair is new."""

Matrix = NDArray[np.bool_]


@dataclass(frozen=True)
class NewPairs:
    """A period's figures, asked of what was known just before they came out.

    Attributes
    ----------
    asked : for each who meets somebody new, all whom it could have met
    n_strange : new pairs that nobody could be asked about, an end having had no figure before
    """

    asked: Asked
    n_strange: int


def periods(history: History) -> Ints:
    """The moments at which figures came out, ascending, without those that are only looked back on."""
    return np.unique(history.links.at[history.links.at > STATIC])[LOOKED_BACK:]


def new_pairs(history: History, moment: int) -> NewPairs:
    """The pairs that a period's figures show for the first time, seen from both ends.

    Candidates are all in other countries with whom there was no figure yet, either way, and that had a figure
    with anybody: of those who have none yet it is not known that they ever will, and to list them would tell.
    """
    graph = history.graph(pd.Timestamp(moment, unit="us", tz="UTC"))
    tied = _square(graph, graph.links.source, graph.links.target)
    shown = history.links_between(graph, moment, moment + 1)
    new = _square(graph, shown.source, shown.target) & ~tied
    possible = _possible(graph) & ~tied
    n_strange = int((new & ~possible).sum()) // 2
    return NewPairs(_asked(graph, possible, new & possible), n_strange)


def standing_ties(
    history: History, moment: int, config: PartnersConfig, rng: np.random.Generator
) -> Iterator[Asked]:
    """All ties that stood before a moment, hidden a share at a time, asked of what is left.

    Candidates of a hidden tie are those with whom there is none.
    """
    graph = history.graph(pd.Timestamp(moment, unit="us", tz="UTC"))
    tied = _square(graph, graph.links.source, graph.links.target)
    first, second = np.array(np.nonzero(np.triu(tied)))
    n_folds = round(1 / config.hidden_share)
    fold = rng.permutation(len(first)) % n_folds
    for number in range(n_folds):
        hidden = _square(graph, first[fold == number], second[fold == number])
        seen = graph.without(np.asarray(hidden[graph.links.source, graph.links.target]))
        possible = _possible(seen)
        yield _asked(seen, possible & (~tied | hidden), hidden & possible)


def period_stage(history: History, config: PartnersConfig, since: int, until: int, seed: int) -> PartnerStage:
    """Periods before `since` teach, those from it on and before `until` choose.

    With `config.standing` the ties that stood before `since` teach too.
    """
    moments = periods(history)
    earlier, later = moments[moments < since], moments[(moments >= since) & (moments < until)]
    train = [new_pairs(history, int(moment)).asked for moment in earlier]
    if config.standing:
        train += standing_ties(history, since, config, np.random.default_rng([seed, 9]))
    return PartnerStage(train, [new_pairs(history, int(moment)).asked for moment in later])


def _square(graph: PartnerGraph, source: Ints, target: Ints) -> Matrix:
    """Bool [n, n], whether a pair stands among the given ones, either way."""
    found = np.zeros((len(graph), len(graph)), np.bool_)
    found[source, target] = found[target, source] = True
    return found


def _possible(graph: PartnerGraph) -> Matrix:
    """Bool [n, n], pairs of two countries whose ends have both been linked with somebody."""
    usable = (graph.degree > 0) & (graph.country >= 0)
    abroad = np.not_equal.outer(graph.country, graph.country)
    return np.asarray(abroad & np.logical_and.outer(usable, usable))


def _asked(graph: PartnerGraph, possible: Matrix, hit: Matrix) -> Asked:
    """One list for each row that holds a hit: all that is possible."""
    source, target = np.nonzero(possible & hit.any(axis=1, keepdims=True))
    query = np.unique(source, return_inverse=True)[1].astype(np.int64)
    lists = Lists(query, source, target, hit[source, target], np.zeros(len(query), np.float32))
    return Asked.of(graph, lists)

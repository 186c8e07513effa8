"""A shortlist of countries from the scores of pairs: in which of them a source finds its next partner."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.evaluation.partners.asking import Test, names_of
from influence.evaluation.partners.methods import Score
from influence.evaluation.ranks import rank_of
from influence.graph.partners import Ints, Links, PartnerGraph
from influence.tasks.partners import Asked, Lists

PER_COUNTRY = 50
"""Candidates of a country at most that stand for all of them."""
COUNTRIES = {
    "popularity": "gravity.log_links_from_abroad",
    "persistence": "direct.persistence",
}
"""Method -> the column that tells it of a country; the others' country is the sum over its candidates."""


def shortlist(test: Test, methods: Mapping[str, Score], seed: int) -> pd.DataFrame | None:
    """Where the true country stands among all abroad, for links by sources that had sought a partner before.

    A country's score is the log of the sum of exp(score) over its candidates, which are those of its entities
    that were linked with anybody by then: whoever appears later only is no hint.
    """
    rng = np.random.default_rng([seed, 9])
    frames = []
    earlier = test.history.ids[np.unique(test.history.links.source[test.history.links.at < test.since])]
    for graph, links in test.windows:
        sought = graph.ids.isin(earlier)
        own = links.where(graph.is_foreign(links.source, links.target) & sought[links.source])
        if len(own):
            asked = Asked.of(graph, _lists(graph, own, rng))
            frames += [_frame(asked, own, name, seed, score) for name, score in methods.items()]
    return pd.concat(frames, ignore_index=True) if frames else None


def _lists(graph: PartnerGraph, links: Links, rng: np.random.Generator) -> Lists:
    """Some entities of every country but the source's own, with the log of their chance to be drawn."""
    pools = [np.flatnonzero((graph.country == i) & (graph.degree > 0)) for i in range(len(graph.countries))]
    queries, targets, chances = [], list[Ints](), []
    for number, source in enumerate(links.source.tolist()):
        for country, pool in enumerate(pools):
            others = pool[pool != source]
            if country == graph.country[source] or not len(others):
                continue
            some = others if len(others) <= PER_COUNTRY else rng.choice(others, PER_COUNTRY, replace=False)
            queries.append(np.full(len(some), number))
            targets.append(some)
            chances.append(np.full(len(some), np.log(len(some) / len(others))))
    query, target = np.concatenate(queries), np.concatenate(targets)
    hit = np.zeros(len(query), np.bool_)
    return Lists(query, links.source[query], target, hit, np.concatenate(chances).astype(np.float32))


def _frame(asked: Asked, links: Links, method: str, seed: int, score: Score) -> pd.DataFrame:
    graph = asked.graph
    n, n_countries = len(links), len(graph.countries)
    if method in COUNTRIES:
        found = _of_country(asked, asked.columns.column(COUNTRIES[method]).astype(np.float64), n, np.fmax)
    else:
        found = _of_country(asked, score(asked) - asked.lists.log_q, n, np.logaddexp)
    abroad = np.arange(n_countries)[None, :] != graph.country[links.source][:, None]
    query, country = np.nonzero(abroad)
    hit = country == graph.country[links.target][query]
    rank = rank_of(found[query, country], hit, query)
    return pd.DataFrame(
        {
            "query_id": pd.Series(names_of(graph, links), dtype="str"),
            "candidate_id": pd.Series(graph.countries[country[hit]], dtype="str"),
            "method": method,
            "seed": seed,
            "label": 1,
            "score": found[query, country][hit],
            "rank": rank,
            "n_candidates": abroad.sum(1),
        }
    )


def _of_country(asked: Asked, score: NDArray[np.float64], n: int, joined: np.ufunc) -> NDArray[np.float64]:
    """[queries, countries] scores of countries; minus infinity where nobody is known."""
    found = np.full((n, len(asked.graph.countries)), -np.inf)
    joined.at(found, (asked.lists.query, asked.graph.country[asked.lists.target]), score)
    return found

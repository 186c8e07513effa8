"""Among whom a partner of the test is to be found: one function and one line per rule.

Rankings depend on the rule as much as on the method, so that every figure names its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from influence.graph.partners import Ints, Links, PartnerGraph
from influence.tasks.partners import Lists


@dataclass(frozen=True)
class Query:
    """One link of the test, and who could have stood in its target's place.

    Attributes
    ----------
    graph : what was known
    target : position of the partner that was found
    eligible : ascending positions of those of the partner's kind with whom the source never links up
    in_window : ascending positions of those who get a link in the whole test
    n : how many to draw
    rng : draws
    """

    graph: PartnerGraph
    target: int
    eligible: Ints
    in_window: Ints
    n: int
    rng: np.random.Generator

    def drawn(self, pool: Ints) -> Ints:
        """`n` of the pool without replacement, or all of a small one."""
        return pool if len(pool) <= self.n else self.rng.choice(pool, self.n, replace=False)


def _linked_in_window(query: Query) -> Ints:
    """Targets of the test's other links."""
    return query.drawn(np.intersect1d(query.eligible, query.in_window, assume_unique=True))


def _all(query: Query) -> Ints:
    return query.eligible


def _sampled(query: Query) -> Ints:
    return query.drawn(query.eligible)


def _same_country(query: Query) -> Ints:
    country = query.graph.country
    return query.drawn(query.eligible[country[query.eligible] == country[query.target]])


def _degree_matched(query: Query) -> Ints:
    """Those with the most nearly as many partners as the target has, by chance among equals."""
    pool = query.rng.permutation(query.eligible)
    degree = query.graph.degree
    return pool[np.argsort(np.abs(degree[pool] - degree[query.target]), kind="stable")[: query.n]]


RULES: Mapping[str, Callable[[Query], Ints]] = MappingProxyType(
    {
        "linked_in_window": _linked_in_window,
        "all": _all,
        "sampled": _sampled,
        "same_country": _same_country,
        "degree_matched": _degree_matched,
    }
)
"""Rule -> candidates beside the partner."""


def judged_lists(
    graph: PartnerGraph,
    links: Links,
    every_link: Links,
    rule: str,
    n: int,
    rng: np.random.Generator,
) -> Lists:
    """One list for each link: its target, and candidates by a rule, abroad as it is or at home as it is.

    Parameters
    ----------
    links
        Asked about: new at the graph's moment, between entities of known countries.
    every_link
        Of the whole test, to leave a source's other partners out, and to know who gets a link at all.
    """
    in_window = np.unique(every_link.target)
    known = np.flatnonzero(graph.country >= 0)
    rows: list[Ints] = []
    sources: list[int] = []
    for source, target in zip(links.source.tolist(), links.target.tolist(), strict=True):
        partners = graph.ties.indices[graph.ties.indptr[source] : graph.ties.indptr[source + 1]]
        later = every_link.target[every_link.source == source], every_link.source[every_link.target == source]
        is_abroad = graph.country[source] != graph.country[target]
        eligible = known[(graph.country[known] != graph.country[source]) == is_abroad]
        eligible = np.setdiff1d(eligible, np.concatenate(([source], partners, *later)))
        found = RULES[rule](Query(graph, target, eligible, in_window, n, rng))
        rows.append(np.concatenate(([target], found)).astype(np.int64))
        sources.append(source)
    sizes = [len(row) for row in rows]
    target = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    hit = np.zeros(len(target), np.bool_)
    hit[np.cumsum([0, *sizes[:-1]])[: len(sizes)]] = True
    return Lists(
        np.repeat(np.arange(len(rows)), sizes),
        np.repeat(np.array(sources, np.int64), sizes),
        target,
        hit,
        np.zeros(len(target), np.float32),
    )

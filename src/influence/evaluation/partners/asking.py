"""The queries of a test: which links are asked about, at what moment, and among whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.evaluation.partners.candidates import RULES, judged_lists
from influence.graph.partners import Links, PartnerGraph, moment_code
from influence.tasks.partners import Asked, PartnersConfig
from influence.training.partner_windows import History


@dataclass(frozen=True)
class Test:
    """The windows of a test.

    Attributes
    ----------
    windows : what was known at each window's start, and the links that were new in it
    history, since, until : to look up the links of the whole test
    """

    __test__ = False  # no test case, whatever pytest thinks
    windows: Sequence[tuple[PartnerGraph, Links]]
    history: History
    since: int
    until: int

    @classmethod
    def of(cls, history: History, config: PartnersConfig, since: pd.Timestamp, until: pd.Timestamp) -> Test:
        """Each pair once, by its first link in the test; whoever sought whom as in training."""
        windows = []
        for graph, links in history.openings(since, until, config.window_days):
            windows.append((graph, _once(graph, links)))
        return cls(windows, history, moment_code(since), moment_code(until))

    def links(self, graph: PartnerGraph) -> Links:
        """All links of the test, between positions of a graph."""
        return self.history.links_between(graph, self.since, self.until)


@dataclass(frozen=True)
class Judged:
    """Lists of one window, their queries named by the link that they ask about."""

    asked: Asked
    query_ids: NDArray[np.object_]

    @property
    def longest(self) -> int:
        """Candidates of the longest list."""
        return int(np.bincount(self.asked.lists.query).max())


def judged(
    test: Test, rule: str, n: int, seed: int, n_queries: int | None = None, *, abroad: bool = True
) -> list[Judged]:
    """Lists of the test's links by a rule.

    Parameters
    ----------
    n
        Candidates to draw.
    n_queries
        Queries at most, drawn at random; all where not given.
    abroad
        False: links within a country, their candidates at home too.
    """
    rng = np.random.default_rng([seed, 8, list(RULES).index(rule), int(abroad)])
    chosen = [(graph, links.where(_is_asked(graph, links, abroad))) for graph, links in test.windows]
    total = sum(len(links) for _, links in chosen)
    kept = np.ones(total, np.bool_)
    if n_queries is not None and total > n_queries:
        kept = np.isin(np.arange(total), rng.choice(total, n_queries, replace=False))
    first = np.cumsum([0, *(len(links) for _, links in chosen)])
    found = []
    for (graph, links), start in zip(chosen, first, strict=False):
        own = links.where(kept[start : start + len(links)])
        lists = judged_lists(graph, own, test.links(graph), rule, n, rng)
        if lists.n_queries:
            found.append(Judged(Asked.of(graph, lists), names_of(graph, own)))
    return found


def names_of(graph: PartnerGraph, links: Links) -> NDArray[np.object_]:
    """[links] "source > target @ day"."""
    days = pd.to_datetime(links.at, unit="us").strftime("%Y-%m-%d")
    ends = graph.ids[links.source], graph.ids[links.target]
    return np.array([f"{a} > {b} @ {day}" for a, b, day in zip(*ends, days, strict=True)], object)


def slices_of(lists: Sequence[Judged]) -> dict[str, pd.Series]:
    """Parts of the queries: who is new to whom, and how well linked the two are."""
    ids = np.concatenate([one.query_ids for one in lists])
    columns = ("direct.log_source_degree", "direct.log_target_degree", "indirect.adamic_adar")
    own, target, common = (
        np.concatenate([one.asked.columns.column(name)[one.asked.lists.hit] for one in lists])
        for name in columns
    )
    new = np.concatenate([_is_new_country(one.asked) for one in lists])
    many = own > np.median(own)
    found = {
        "source_with_many_partners": many,
        "source_with_few_partners": ~many,
        "new_country_of_linked_source": new & (own > 0),
        "no_common_neighbour": common == 0,
        "cold_source": own == 0,
        "cold_target": target == 0,
    }
    return {name: pd.Series(mask, index=ids) for name, mask in found.items()}


def _is_asked(graph: PartnerGraph, links: Links, abroad: bool) -> NDArray[np.bool_]:
    if abroad:
        return graph.is_foreign(links.source, links.target)
    return (graph.country[links.source] >= 0) & (graph.country[links.source] == graph.country[links.target])


def _once(graph: PartnerGraph, links: Links) -> Links:
    codes = links.source * len(graph) + links.target
    return links.where(np.sort(np.unique(codes, return_index=True)[1]))


def _is_new_country(asked: Asked) -> NDArray[np.bool_]:
    """[queries] whether the source had no partner in the country of the one that it found."""
    graph, lists = asked.graph, asked.lists
    found = []
    for source, target in zip(
        lists.source[lists.hit].tolist(), lists.target[lists.hit].tolist(), strict=True
    ):
        partners = graph.ties.indices[graph.ties.indptr[source] : graph.ties.indptr[source + 1]]
        found.append(graph.country[target] not in graph.country[partners])
    return np.array(found, np.bool_)

"""Moments to learn partners from: windows of dated links, or undated links hidden share by share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from influence.data import Network, to_utc
from influence.graph.partners import Entity, Ints, Links, PartnerGraph, links_of, moment_code
from influence.graph.timeline import MICROSECONDS_PER_DAY, STATIC
from influence.tasks.partners import Asked, PartnersConfig, draw_lists

VALIDATION_SHARE = 0.15
"""Of the dated links, the latest; or of the undated ones, as many folds as make it up."""


@dataclass(frozen=True)
class PartnerStage:
    """Lists of one development: what is learnt from, and what is chosen on."""

    train: Sequence[Asked]
    validation: Sequence[Asked]


@dataclass(frozen=True)
class History:
    """Every link of the records, to be looked up window by window."""

    network: Network
    of: Entity
    config: PartnersConfig
    links: Links
    """Between positions of the network's own ids."""
    ids: pd.Index

    @classmethod
    def of_network(cls, network: Network, of: Entity, config: PartnersConfig) -> History:
        """All links that the records show, whenever."""
        ids = network.company_ids if of == "companies" else network.contact_ids
        return cls(network, of, config, links_of(network, of, ids, config.kinds), ids)

    def graph(self, at: pd.Timestamp) -> PartnerGraph:
        """What was known strictly before a moment."""
        asked = self.config
        return PartnerGraph.of_network(self.network, self.of, at, asked.kinds, asked.geography)

    def links_between(self, graph: PartnerGraph, since: int, until: int) -> Links:
        """The links from `since` until before `until` (microseconds), between entities known to the graph."""
        own = self.links.where((self.links.at >= since) & (self.links.at < until))
        place = graph.ids.get_indexer(self.ids).astype(np.int64)
        found = Links(place[own.source], place[own.target], own.at, own.weight)
        return found.where((found.source >= 0) & (found.target >= 0))

    def windows(
        self, since: pd.Timestamp, until: pd.Timestamp, config: PartnersConfig, rng: np.random.Generator
    ) -> Iterator[Asked]:
        """Lists of each window's new links, asked at its start."""
        for graph, new in self.openings(since, until, config.window_days):
            lists = draw_lists(graph, new, config, rng, self._pool(graph, until, config))
            if lists.n_queries:
                yield Asked.of(graph, lists)

    def openings(
        self, since: pd.Timestamp, until: pd.Timestamp, days: int
    ) -> Iterator[tuple[PartnerGraph, Links]]:
        """What was known at each window's start, and the links that were new in it."""
        starts = pd.date_range(since, until, freq=f"{days}D", inclusive="left")
        for start, end in zip(starts, [*starts[1:], until], strict=True):
            graph = self.graph(start)
            new = self.links_between(graph, graph.at, moment_code(end))
            yield graph, new.where(~graph.are_linked(new.source, new.target))

    def _pool(self, graph: PartnerGraph, until: pd.Timestamp, config: PartnersConfig) -> Ints | None:
        """Who may be a candidate: everybody, or those who get a link soon, as far as that may be known."""
        if config.candidates == "all":
            return None
        end = graph.at + (config.pool_days or config.window_days) * MICROSECONDS_PER_DAY
        return self.links_between(graph, graph.at, min(end, moment_code(until))).target


def dated_stage(history: History, config: PartnersConfig, until: pd.Timestamp, seed: int) -> PartnerStage:
    """Windows before the moment from which on links validate, and those from it on.

    The earliest fifth of the links is not learnt from: it is what the first windows are asked of.
    """
    known = np.sort(history.links.at[(history.links.at > STATIC) & (history.links.at < moment_code(until))])
    first, later = (
        pd.Timestamp(int(np.quantile(known, q, method="nearest")), unit="us", tz="UTC")
        for q in (0.2, 1 - VALIDATION_SHARE)
    )
    if config.validation_from is not None:
        later = to_utc(config.validation_from)
    rng = np.random.default_rng([seed, 6])
    return PartnerStage(
        list(history.windows(first, later, config, rng)), list(history.windows(later, until, config, rng))
    )


def undated_stage(graph: PartnerGraph, config: PartnersConfig, seed: int) -> PartnerStage:
    """Undated links, each hidden once with a random share of the others, asked of what is left."""
    rng = np.random.default_rng([seed, 7])
    n_folds = round(1 / config.hidden_share)
    fold = rng.permutation(len(graph.links)) % n_folds
    asked = [hidden_fold(graph, fold == number, config, rng) for number in range(n_folds)]
    n_validation = max(1, round(VALIDATION_SHARE * n_folds))
    return PartnerStage(asked[n_validation:], asked[:n_validation])


def hidden_fold(
    graph: PartnerGraph, hidden: Ints | np.ndarray, config: PartnersConfig, rng: np.random.Generator
) -> Asked:
    """Lists of the hidden links, asked of the graph without them."""
    seen = graph.without(np.asarray(hidden, bool))
    return Asked.of(seen, draw_lists(seen, graph.links.where(np.asarray(hidden, bool)), config, rng))

"""The fitted partners: how well any two fit, and how many partners a source is expected to win."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.special import softmax

from influence.data import Network, to_utc
from influence.errors import DataError
from influence.graph.partner_columns import BY_GROUP, GROUPS, PairColumns
from influence.graph.partners import Entity, Ints, Links, PartnerGraph, moment_code
from influence.graph.timeline import MICROSECONDS_PER_DAY, STATIC
from influence.model.credit import checkpoint_error
from influence.model.encoder import EncoderConfig
from influence.model.pace import LEAST_RATE, Pace, RateCorrection
from influence.model.retrieval import Retrieval
from influence.model.trees import TreesConfig
from influence.tasks.partners import Asked, Lists, PartnersConfig, chosen_entity
from influence.training.loop import TrainingConfig
from influence.training.partner_windows import History, PartnerStage, dated_stage, undated_stage
from influence.training.partners import (
    MODEL,
    PARTS,
    PartnerMix,
    PartnerNet,
    develop,
    load_partner_forecaster,
)
from influence.training.parts import Recipe

Floats = NDArray[np.float64]
FILE = "partners.json"
N_CHECKED = 200
"""Sources whose rates are compared with what became of them."""
N_CHECKED_OF_EACH = 2_000
"""Candidates of each of those."""
FEWEST = 20
"""Links abroad, seen from their ends, that teaching takes at least."""


@dataclass(frozen=True)
class Partners:
    """Who fits whom abroad, and why.

    Attributes
    ----------
    config : how it was learnt
    of : whether the partners are companies or contacts
    mix : the score and its parts
    pace : links abroad to expect of a source; None where the records have no dates
    correction : of the rates of links of pairs, by what became of those of the validation's time
    until : the end of what it was learnt from
    """

    config: PartnersConfig
    of: Entity
    mix: PartnerMix
    pace: Pace | None
    correction: RateCorrection
    until: pd.Timestamp

    @classmethod
    def fit(
        cls, network: Network, config: PartnersConfig, recipe: Recipe, until: str | pd.Timestamp
    ) -> Partners:
        """Learn from what was visible strictly before `until`.

        Raises
        ------
        DataError
            If there are too few links between countries to learn from.
        """
        end = to_utc(until)
        known = network.as_of(end)
        of = chosen_entity(config, len(known.table("company_links")))
        history = History.of_network(known, of, config)
        stage = _stage(history, config, end, recipe.seeds[0])
        parts = {name: develop(PARTS[name](recipe), stage.train, stage.validation) for name in MODEL}
        mix, pace = PartnerMix.of(parts, stage.validation), _pace(history, config, end)
        found = cls(config, of, mix, pace, RateCorrection(), end)
        if pace is None:
            return found
        # As it stood before it saw the links that validate: what it says of these can be compared with them.
        before = PartnerMix({name: part.before for name, part in parts.items()}, mix.weights)
        rate, happened = _rates_to_check(replace(found, mix=before), history, stage.validation[0].graph)
        return replace(found, correction=RateCorrection.fit(rate, happened)) if happened.any() else found

    def graph(self, network: Network, at: str | pd.Timestamp) -> PartnerGraph:
        """What is known strictly before a moment."""
        asked = self.config
        return PartnerGraph.of_network(network, self.of, to_utc(at), asked.kinds, asked.geography)

    def score(self, graph: PartnerGraph, source: Ints, target: Ints) -> Floats:
        """[pairs] the score of each pair."""
        return self.mix.score(_pairs(graph, source, target))

    def parts(self, graph: PartnerGraph, source: Ints, target: Ints) -> Floats:
        """[pairs, len(GROUPS)] parts that sum to each pair's score; they take many times as long."""
        return self.mix.parts(_pairs(graph, source, target))

    def best(self, graph: PartnerGraph, source: Ints, target: Ints, k: int) -> tuple[Ints, Floats]:
        """The `k` pairs of each source with the highest score, best first, and their parts.

        Parts take several times as long as the scores alone: only the pairs that are kept have theirs told.

        Returns
        -------
        int64 [kept], positions in the pairs, source by source; float64 [kept, len(GROUPS)]
        """
        asked = _pairs(graph, source, target)
        order = np.lexsort((target, -self.mix.score(asked), source))
        place = np.arange(len(order)) - np.searchsorted(source[order], source[order])
        kept = order[place < k]
        columns = PairColumns(asked.columns.names, asked.columns.values[kept])
        return kept, self.mix.parts(Asked(graph, _lists(source[kept], target[kept]), columns))

    def expected_links(self, graph: PartnerGraph, source: Ints) -> Floats:
        """[sources] links abroad expected in the coming horizon; NaN where the records have no dates."""
        if self.pace is None:
            return np.full(len(source), np.nan)
        dated = graph.links.at[graph.links.at > STATIC]
        days = (graph.at - dated.min()) / MICROSECONDS_PER_DAY if len(dated) else 0.0
        counts = links_abroad(graph, graph.links, self.config)
        return self.pace.expected(counts[source], float(days) / self.pace.horizon_days)

    def retrieval(self, graph: PartnerGraph) -> Retrieval:
        """The network's score as one that can be searched: embeddings, countries, targets' standing."""
        network = self.mix.forecasters["gnn"]
        assert isinstance(network, PartnerNet)
        z_source, z_target = network.embeddings(graph)
        n = len(graph.countries)
        some = graph.representatives
        apart = self._alone("gravity", graph, np.repeat(some, n), np.tile(some, n)).reshape(n, n)
        np.fill_diagonal(apart, -np.inf)
        between = np.full((n + 1, n + 1), -np.inf)
        between[:n, :n] = apart
        typical = np.full(len(graph), int(np.argsort(graph.degree)[len(graph) // 2]))
        standing = self._alone("direct", graph, typical, np.arange(len(graph)))
        return Retrieval(
            z_source,
            z_target,
            np.where(graph.country >= 0, graph.country, n),
            torch.from_numpy(between.astype(np.float32)),
            torch.from_numpy(standing.astype(np.float32)),
        )

    def _alone(self, group: str, graph: PartnerGraph, source: Ints, target: Ints) -> Floats:
        """The network's part of one group of pairs, [pairs], from that group's columns alone."""
        network = self.mix.forecasters["gnn"]
        assert isinstance(network, PartnerNet)
        own = {f"{group}.{name}": values for name, values in BY_GROUP[group](graph, source, target).items()}
        nothing = np.full(len(source), np.nan)
        values = np.column_stack([own.get(name, nothing) for name in network.columns]).astype(np.float32)
        asked = Asked(graph, _lists(source, target), PairColumns(network.columns, values))
        return network.parts(asked)[:, GROUPS.index(group)]

    def save(self, folder: Path) -> None:
        """Write everything into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        told = {
            "config": self.config.model_dump(mode="json"),
            "of": self.of,
            "until": self.until.isoformat(),
            "pace": None if self.pace is None else self.pace.told,
            "correction": self.correction.told,
            "weights": dict(self.mix.weights),
            "parts": {name: part.save(folder / name) for name, part in self.mix.forecasters.items()},
        }
        (folder / FILE).write_text(json.dumps(told, indent=1))

    @classmethod
    def load(
        cls, folder: Path, encoder: EncoderConfig, trees: TreesConfig, training: TrainingConfig
    ) -> Partners:
        """Read what `save` wrote.

        Raises
        ------
        CheckpointError
            If a file is missing or damaged.
        """
        try:
            told: Mapping[str, Any] = json.loads((folder / FILE).read_text())
            parts = {
                name: load_partner_forecaster(folder / name, of, encoder, trees, training)
                for name, of in told["parts"].items()
            }
            mix = PartnerMix(parts, told["weights"])
            pace = None if told["pace"] is None else Pace(**told["pace"])
            config = PartnersConfig.model_validate(told["config"])
            correction = RateCorrection(**told["correction"])
            return cls(config, told["of"], mix, pace, correction, to_utc(told["until"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise checkpoint_error(folder, error) from error


def links_abroad(graph: PartnerGraph, links: Links, config: PartnersConfig) -> Floats:
    """[n] links across a border that each entity made: as their source, or at either end."""
    abroad = links.where(graph.is_foreign(links.source, links.target))
    counts = np.bincount(abroad.source, minlength=len(graph))
    if config.seeks == "either":
        counts = counts + np.bincount(abroad.target, minlength=len(graph))
    return counts.astype(np.float64)


def _stage(history: History, config: PartnersConfig, until: pd.Timestamp, seed: int) -> PartnerStage:
    is_dated = (history.links.at > STATIC).any()
    if is_dated:
        stage = dated_stage(history, config, until, seed)
    else:
        stage = undated_stage(history.graph(until), config, seed)
    n = [sum(one.lists.n_queries for one in some) for some in (stage.train, stage.validation)]
    if min(n) < FEWEST:
        table = "company_links" if history.of == "companies" else "connections"
        raise DataError(
            f"{table}: {n[0]} links to learn partners from and {n[1]} later ones to choose by are too few; "
            f"it takes {FEWEST} of each, between {history.of} whose countries are known. Give more links, "
            "or the countries."
        )
    return stage


def _pace(history: History, config: PartnersConfig, until: pd.Timestamp) -> Pace | None:
    """Rates from the last horizon of the records, given what was before it."""
    at = history.links.at[history.links.at > STATIC]
    if not len(at):
        return None
    known_days = (moment_code(until) - at.min()) / MICROSECONDS_PER_DAY
    horizon = float(min(config.horizon_days, known_days / 4))
    cut = until - pd.Timedelta(days=horizon)
    graph = history.graph(cut)
    after = history.links_between(graph, moment_code(cut), moment_code(until))
    past = links_abroad(graph, graph.links, config)
    return Pace.fit(past, (known_days - horizon) / horizon, links_abroad(graph, after, config), horizon)


def _rates_to_check(partners: Partners, history: History, graph: PartnerGraph) -> tuple[Floats, Floats]:
    """Rates of links of some pairs from a graph's moment to the end, and which of them happened."""
    until = moment_code(partners.until)
    new = history.links_between(graph, graph.at, until)
    happened = replace(graph, links=new)
    assert partners.pace is not None
    span = (until - graph.at) / MICROSECONDS_PER_DAY / partners.pace.horizon_days
    rng, known = np.random.default_rng(0), np.flatnonzero(graph.country >= 0)
    chosen, drawn, weights = rng.choice(known, min(N_CHECKED, len(known)), replace=False), list[Ints](), []
    for one in chosen.tolist():
        target = graph.abroad(one, linked=False)
        is_short = len(target) <= N_CHECKED_OF_EACH
        drawn.append(target if is_short else rng.choice(target, N_CHECKED_OF_EACH, replace=False))
        weights.append(len(drawn[-1]) / max(len(target), 1))
    n = [len(some) for some in drawn]
    source, target = np.repeat(chosen, n), np.concatenate(drawn)
    # All at once: what is looked up of the whole graph is looked up once.
    score = np.split(partners.mix.score(_pairs(graph, source, target)), np.cumsum(n)[:-1])
    share = np.concatenate(
        [softmax(own) * weight for own, weight in zip(score, weights, strict=True) if len(own)]
    )
    rate = np.repeat(partners.expected_links(graph, chosen), n) * span * share
    # A link that either may have sought counts for both.
    hit = happened.are_linked(source, target)
    if partners.config.seeks == "target":
        hit = np.asarray(happened.given[source, target]).ravel() > 0
    return np.maximum(rate, LEAST_RATE), hit.astype(np.float64)


def _pairs(graph: PartnerGraph, source: Ints, target: Ints) -> Asked:
    return Asked.of(graph, _lists(source, target))


def _lists(source: Ints, target: Ints) -> Lists:
    """Pairs that are asked about, nobody knowing whether they will link."""
    n = len(source)
    return Lists(np.arange(n), source, target, np.zeros(n, np.bool_), np.zeros(n, np.float32))

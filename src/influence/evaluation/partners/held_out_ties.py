"""Held-out ties: with whom abroad somebody is tied, asked of the other ties; for ties without dates.

A tenth of the ties is hidden at a time.  Everything is learnt from the others, of which some are hidden in
turn, so that no column of a tie that is learnt from shows the tie itself.  Then each end of each hidden tie
abroad has everybody abroad ranked that it is not tied with in what is left: complete lists, nobody drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data import Network, moment_of
from influence.errors import ConfigError, DataError
from influence.evaluation.partners.learning import Trained
from influence.evaluation.partners.methods import untrained
from influence.evaluation.partners.protocol import PartnersProtocol, Scored, Tell, ranked
from influence.evaluation.ranks import RANKED_HITS, RankedHits
from influence.graph.partners import Ints, Links, PartnerGraph
from influence.tasks.partners import Asked, Lists, PartnersConfig, chosen_entity, either_end
from influence.training.partner_windows import PartnerStage, undated_stage
from influence.training.partners import BASELINES, Builder, PartnerLinear
from influence.training.parts import Recipe

Floats = NDArray[np.float64]
ROWS_AT_A_TIME = 500_000
"""Candidates whose columns are held at once."""
FEW_TIES = 1
"""A target with no more ties left than this is cold."""


METHODS: Mapping[str, Builder] = {
    **BASELINES,
    "log_linear_without_indirect": lambda recipe: PartnerLinear(("fit.", "gravity.", "direct.")),
}
"""Baselines, and what is left without the columns that the whole graph gives: it has no dates, and may hold
ties that were made later than the hidden ones."""


@dataclass(frozen=True)
class Split:
    """One share of the ties held out.

    Attributes
    ----------
    seen : the graph without them
    hits : the hidden ties abroad, from each end that may have sought the other
    home_hits : the same of those at home
    stage : lists to learn from and to choose by, of the ties that are left
    """

    number: int
    seen: PartnerGraph
    hits: Links
    home_hits: Links
    stage: PartnerStage

    @classmethod
    def of(cls, graph: PartnerGraph, number: int, hidden: NDArray[np.bool_], config: PartnersConfig) -> Split:
        """Hide some links, whichever way they run, and draw lists from what is left."""
        seen = graph.without(hidden)
        links = graph.links.where(hidden)
        hits = links if config.seeks == "target" else either_end(links)
        hits = hits.where(np.unique(hits.source * len(graph) + hits.target, return_index=True)[1])
        abroad = graph.is_foreign(hits.source, hits.target)
        known = (graph.country[hits.source] >= 0) & (graph.country[hits.target] >= 0)
        stage = undated_stage(seen, config, config.split_seed)
        return cls(number, seen, hits.where(abroad), hits.where(known & ~abroad), stage)

    def lists(self, hits: Links, *, abroad: bool = True) -> Iterator[Lists]:
        """Everybody abroad, or at home, but those tied in what is left, for some sources at a time."""
        sources, first = np.unique(hits.source, return_index=True)
        wanted = np.split(hits.target, first[1:])
        size = max(1, ROWS_AT_A_TIME // max(len(self.seen), 1))
        for start in range(0, len(sources), size):
            some = range(start, min(start + size, len(sources)))
            targets = [_possible(self.seen, int(sources[i]), abroad) for i in some]
            hit = [np.isin(own, wanted[i]) for i, own in zip(some, targets, strict=True)]
            n = [len(own) for own in targets]
            yield Lists(
                np.repeat(np.arange(len(n)), n), np.repeat(sources[some], n), np.concatenate(targets),
                np.concatenate(hit), np.zeros(int(np.sum(n)), np.float32),
            )  # fmt: skip


def _possible(graph: PartnerGraph, source: int, abroad: bool) -> Ints:
    """Those of a known country, another one or the source's own, that it is neither itself nor tied with."""
    fits = (graph.country >= 0) & ((graph.country != graph.country[source]) == abroad)
    fits[source] = False
    fits[graph.neighbours(source)] = False
    return np.flatnonzero(fits)


def _recognises(network: Network) -> bool:
    ties = network.table("connections")
    return len(ties) > 0 and not ties["connected_at"].notna().any()


def compare(
    network: Network,
    config: PartnersConfig,
    recipe: Callable[[int], Recipe],
    seeds: tuple[int, ...],
    tell: Tell,
) -> Scored:
    """Per split: choose on hidden ties of what is left, fit on all of it, rank complete lists once."""
    of = chosen_entity(config, len(network.table("company_links")))
    graph = PartnerGraph.of_network(network, of, moment_of(network), config.kinds, config.geography)
    folds = tie_folds(graph, config)
    frames: list[pd.DataFrame] = []
    home: list[pd.DataFrame] = []
    counts = {"n_train": 0, "n_validation": 0, "n_test": 0}
    seconds: list[pd.DataFrame] = []
    slices: list[pd.DataFrame] = []
    total = config.n_splits * (len(seeds) + 1)
    for number in range(config.n_splits):
        tell(f"split {number}", number * (len(seeds) + 1), total)
        split = Split.of(graph, number, folds == number, config)
        trained = {}
        for done, seed in enumerate(seeds):
            tell(f"split {number}, seed {seed}", number * (len(seeds) + 1) + 1 + done, total)
            trained[seed] = Trained.of(split.stage, _of_split(recipe(seed), number), METHODS)
        frames += _ranks(split, trained)
        if not number:
            home = _ranks(split, trained, abroad=False)
        seconds.append(pd.DataFrame({seed: own.seconds for seed, own in trained.items()}))
        slices.append(_slices(split))
        counts["n_train"] += sum(one.lists.n_queries for one in split.stage.train)
        counts["n_validation"] += sum(one.lists.n_queries for one in split.stage.validation)
        counts["n_test"] += len(split.hits)
    about = pd.concat(slices)
    return Scored(
        pd.concat(frames, ignore_index=True), counts, RANKED_HITS, "sender",
        slices={str(name): about[name] for name in about}, costs=_costs(sum(seconds[1:], seconds[0])),
        told={"n_splits": config.n_splits, "n_ties": int(graph.ties.nnz // 2), "domestic": _at_home(home)},
    )  # fmt: skip


def _of_split(recipe: Recipe, number: int) -> Recipe:
    """The recipe with snapshots apart: a training is never taken up from another split, whose ties it saw."""
    folder = recipe.folder / f"split-{number}" if recipe.folder is not None else None
    return replace(recipe, folder=folder)


def _costs(seconds: pd.DataFrame) -> dict[str, dict[str, list[float]]]:
    """Seconds of each seed by method; `seconds` [methods, seeds]."""
    return {str(name): {"seconds": own.tolist()} for name, own in seconds.iterrows()}


def _at_home(frames: Sequence[pd.DataFrame]) -> dict[str, Any]:
    """How the first split's hidden ties at home are ranked among those at home, for comparison."""
    if not frames:
        return {"n_test": 0, "methods": {}}
    rows = pd.concat(frames, ignore_index=True)
    methods = {
        str(name): RankedHits(own["rank"].to_numpy(np.float64)).values for name, own in rows.groupby("method")
    }
    return {"n_test": rows["query_id"].nunique(), "methods": methods}


def tie_folds(graph: PartnerGraph, config: PartnersConfig) -> Ints:
    """int64 [links] the fold of each link's tie, of 1 / `hidden_share`; links of the same two share one.

    Raises
    ------
    ConfigError
        If there are fewer folds than splits.
    DataError
        If there are fewer ties than folds.
    """
    n_folds = round(1 / config.hidden_share)
    if config.n_splits > n_folds:
        raise ConfigError(
            f"partners.n_splits is {config.n_splits}, but a hidden_share of {config.hidden_share:g} makes "
            f"{n_folds} shares. Ask for {n_folds} splits at most."
        )
    low, high = (end(graph.links.source, graph.links.target) for end in (np.minimum, np.maximum))
    ties, place = np.unique(low * len(graph) + high, return_inverse=True)
    if len(ties) < n_folds:
        raise DataError(f"connections: {len(ties)} ties cannot be held out in {n_folds} shares. Give more.")
    rng = np.random.default_rng([config.split_seed, 9])
    return np.asarray((rng.permutation(len(ties)) % n_folds)[place])


def _ranks(split: Split, trained: Mapping[int, Trained], *, abroad: bool = True) -> list[pd.DataFrame]:
    """Every method's ranks of the hidden ties; the columns of some lists at a time."""
    found = []
    first = next(iter(trained))
    for lists in split.lists(split.hits if abroad else split.home_hits, abroad=abroad):
        asked = Asked.of(split.seen, lists)
        for method, score in untrained(first):
            found.append(_frame(split, asked, method, first, score(asked)))
        for seed, own in trained.items():
            for method, scores in own.scores(asked):
                found.append(_frame(split, asked, method, seed, scores))
    return found


def _frame(split: Split, asked: Asked, method: str, seed: int, score: Floats) -> pd.DataFrame:
    """One row for each hidden tie and end: a query of its own, grouped by whose it is."""
    rows = ranked(
        asked, np.arange(asked.lists.n_queries).astype(object), method, seed, score, beside_hits=True
    )
    lists = asked.lists
    source = asked.graph.ids[lists.source[lists.hit]]
    rows["query_id"] = _names(split, source, asked.graph.ids[lists.target[lists.hit]])
    rows["group"] = np.asarray(source)
    return rows


def _names(split: Split, source: Sequence[str] | pd.Index, target: Sequence[str] | pd.Index) -> list[str]:
    return [f"{split.number}-{u}-{v}" for u, v in zip(source, target, strict=True)]


def _slices(split: Split) -> pd.DataFrame:
    """Kinds of hidden ties by what is left of the graph, indexed by query."""
    seen, source, target = split.seen, split.hits.source, split.hits.target
    common = np.asarray(seen.ties[source].multiply(seen.ties[target]).sum(1)).ravel()
    n = len(seen.countries)
    a, b = seen.country[seen.links.source], seen.country[seen.links.target]
    tied = np.unique(np.concatenate((a * n + b, b * n + a)))
    return pd.DataFrame(
        {
            "common_neighbour": common > 0,
            "no_common_neighbour": common == 0,
            "cold_target": seen.degree[target] <= FEW_TIES,
            "cold_source": seen.degree[source] <= FEW_TIES,
            "unseen_country_pair": ~np.isin(seen.country[source] * n + seen.country[target], tied),
        },
        index=pd.Index(_names(split, seen.ids[source], seen.ids[target]), name="query_id"),
    )


HELD_OUT_TIES = PartnersProtocol("held_out_ties", "connections without dates", _recognises, compare)

"""Windows to learn credit from, the parts of every method, and their mix on the log scale."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from influence.data import Network
from influence.errors import DataError
from influence.graph.timeline import MICROSECONDS_PER_DAY
from influence.model.expectation import Expectation
from influence.tasks.leadership import GROUPS, Candidates, History, LeadershipConfig, candidates_at
from influence.training.credit import (
    CreditForecaster,
    Floats,
    LineOfCredit,
    NetworkOfCredit,
    Rows,
    TreesOfCredit,
    rank_quality,
)
from influence.training.parts import Recipe

WEIGHT_STEP = 0.25
"""The grid of mixing weights; a finer one would fit the validation rows' noise."""
N_RESAMPLES = 50
"""Resamples of the validation rows by which two mixes are told apart."""

Window = tuple[Candidates, Floats, Floats]
"""Candidates, credit given, credit received; each [n]."""
Labelled = tuple[Rows, Floats, Floats]
"""The same of several windows, one after another."""


@dataclass(frozen=True)
class CreditStage:
    """Windows of one development: what is chosen on, and what is fitted at last.

    Each is (rows, credit given, credit received); `everything` has the windows of both and those between.
    """

    train: Labelled
    validation: Labelled
    everything: Labelled
    latest: Candidates
    """The candidates of the validation rows."""
    window_take_ups: int
    window_days: float

    @classmethod
    def of(cls, known: Network, config: LeadershipConfig) -> CreditStage:
        """Cut what is known into overlapping windows, half a window apart; the latest one validates.

        Raises
        ------
        DataError
            If nothing was taken up, or nobody was ever seen to follow a neighbour.
        """
        history = History.of(known)
        n_adopters = len(np.unique(history.take_ups.contact))
        if n_adopters < 2:
            raise DataError("adoptions: only one contact ever took anything up. Nobody can be said to lead.")
        last = 1 - config.window
        found = _windows(known, history, config)
        earlier = [window for share, window in found.items() if share <= last - config.window + 1e-9]
        latest = found.get(last)
        if latest is None or not earlier or not (latest[1].any() and _pooled(earlier)[1].any()):
            raise DataError(
                f"adoptions: of {len(history.take_ups):,} take-ups too few follow a tied contact's earlier "
                "one to learn who leads. Give more take-ups, or the ties (connections, interactions)."
            )
        since, at = latest[0].at, history.take_ups.at
        days = float((at.max() - since) / MICROSECONDS_PER_DAY)
        pooled = _pooled(earlier), _pooled([latest]), _pooled(list(found.values()))
        return cls(*pooled, latest[0], int((at >= since).sum()), days)


def _windows(known: Network, history: History, config: LeadershipConfig) -> dict[float, Window]:
    """Share of what is known -> the candidates then, and what the window after it brought them."""
    starts = np.arange(1 - config.window, config.window - 1e-9, -config.window / 2)[::-1]
    found: dict[float, Window] = {}
    for share in starts.tolist():
        at, end = history.moment(share), share + config.window
        if at <= history.take_ups.at.min():
            continue
        candidates = candidates_at(known, pd.Timestamp(at, unit="us", tz="UTC"), config)
        until = history.moment(end) if end < 1 - 1e-9 else None
        found[share] = (candidates, *history.labels(candidates, until))
    columns = found[max(found)][0].columns if found else ()
    # Before the first topic was named, the columns were others.
    return {share: window for share, window in found.items() if window[0].columns == columns}


def _pooled(windows: Sequence[Window]) -> Labelled:
    candidates, given, received = zip(*windows, strict=True)
    return Rows.of(candidates), np.concatenate(given), np.concatenate(received)


def _own_trees(recipe: Recipe, columns: Sequence[str]) -> CreditForecaster:
    return TreesOfCredit("own", recipe.trees, recipe.seeds)


def _trees_with_neighbours(recipe: Recipe, columns: Sequence[str]) -> CreditForecaster:
    return TreesOfCredit("own_and_around", recipe.trees, recipe.seeds)


def _trees_without_graph(recipe: Recipe, columns: Sequence[str]) -> CreditForecaster:
    kept = [place for place, name in enumerate(columns) if not name.startswith(GROUPS[2])]
    return TreesOfCredit("own", recipe.trees, recipe.seeds, kept)


def _gnn(recipe: Recipe, columns: Sequence[str]) -> CreditForecaster:
    known = recipe.network("gnn", recipe.encoder)
    return NetworkOfCredit(recipe.encoder, recipe.training, recipe.seeds, known.folder, known.callbacks)


def _log_linear(recipe: Recipe, columns: Sequence[str]) -> CreditForecaster:
    return LineOfCredit()


Builder = Callable[[Recipe, Sequence[str]], CreditForecaster]

PARTS: Mapping[str, Builder] = {
    "gnn": _gnn,
    "trees_with_neighbours": _trees_with_neighbours,
    "boosted_trees": _own_trees,
    "log_linear": _log_linear,
    "boosted_trees_without_graph": _trees_without_graph,
}
"""The parts of all methods, made of a recipe and the names of the columns."""

MODEL = ("gnn", "trees_with_neighbours", "boosted_trees", "log_linear")
"""What ships: the network, trees that see the same blocks, and trees and a straight line on own columns."""
COMBINATIONS: Mapping[str, tuple[str, ...]] = {
    "model": MODEL,
    "gnn": ("gnn",),
    "model_without_gnn": ("boosted_trees", "log_linear"),
    "boosted_trees": ("boosted_trees",),
    "log_linear": ("log_linear",),
    "boosted_trees_without_graph": ("boosted_trees_without_graph",),
}
"""Method -> the parts it mixes."""


@dataclass(frozen=True)
class CreditPart:
    """A forecaster fitted on everything, and its members' scores [members, n] of the validation rows."""

    forecaster: CreditForecaster
    held_out: Floats


def develop(part: CreditForecaster, stage: CreditStage, received: bool = False) -> CreditPart:
    """Choose on validation, then fit on all windows; for credit given, or received."""
    label = 2 if received else 1
    part.select(stage.train[0], stage.train[label], stage.validation[0], stage.validation[label])
    held_out = part.members(stage.validation[0])
    return CreditPart(part.refit(stage.everything[0], stage.everything[label]), held_out)


def choose_weights(parts: Mapping[str, Floats], y: Floats, rng: np.random.Generator) -> dict[str, float]:
    """Weights that sum to 1: equal ones, unless others rank the validation rows clearly better.

    Clearly: by more than the standard error of the difference over resamples of the rows.

    Parameters
    ----------
    parts : name -> scores [n]
    """
    names, levels = list(parts), round(1 / WEIGHT_STEP)
    equal = {name: 1 / len(names) for name in names}
    candidates = [
        dict(zip(names, (np.array(counts) / levels).tolist(), strict=True))
        for counts in itertools.product(range(levels + 1), repeat=len(names))
        if sum(counts) == levels
    ]
    best = max(candidates, key=lambda weights: rank_quality(y, mix(parts, weights)))
    ours, theirs = mix(parts, best), mix(parts, equal)
    draws = [rng.integers(0, len(y), len(y)) for _ in range(N_RESAMPLES)]
    gain = np.array([rank_quality(y[d], ours[d]) - rank_quality(y[d], theirs[d]) for d in draws])
    return best if gain.mean() > gain.std() else equal


def mix(parts: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """The weighted mean of scores; a part with one member counts as the same in each of the others'."""
    return np.asarray(sum(weights[name] * parts[name] for name in weights if weights[name] > 0))


@dataclass(frozen=True)
class CreditMix:
    """Parts mixed on the log scale, and what their mix means as an expected credit."""

    forecasters: Mapping[str, CreditForecaster]
    weights: Mapping[str, float]
    expectation: Expectation

    @classmethod
    def of(
        cls, parts: Mapping[str, CreditPart], stage: CreditStage, seed: int, received: bool = False
    ) -> CreditMix:
        """Choose weights and fit the expectation by held-out scores; for credit given, or received.

        The level is then that of the parts as fitted on everything: held out, they had yet to see the drift
        up to the latest window, and would be corrected for it twice.
        """
        rng = np.random.default_rng([seed, 4])
        rows, y = stage.validation[0], stage.validation[2 if received else 1]
        held_out = {name: part.held_out.mean(0) for name, part in parts.items()}
        weights = choose_weights(held_out, y, rng)
        expectation = Expectation.fit(mix(held_out, weights), y, stage.latest.n_observations, rng)
        mixed = cls({name: part.forecaster for name, part in parts.items()}, weights, expectation)
        return replace(mixed, expectation=expectation.anchored(mixed.members(rows).mean(0), y))

    def members(self, rows: Rows) -> Floats:
        """Scores [members, n]: each of the mix of one member per part."""
        used = [name for name, weight in self.weights.items() if weight > 0]
        return mix({name: self.forecasters[name].members(rows) for name in used}, self.weights)

    def log_mean(self, rows: Rows) -> Floats:
        """The log of the expected credit [n]."""
        return self.expectation.log_mean(self.members(rows).mean(0))

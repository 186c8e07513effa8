"""Methods that tell true parents: rules of thumb, the likelihood without parents, network and trees."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from influence.contagion.attribution import Attribution, AttributionConfig, Log
from influence.contagion.covariates import Covariates
from influence.contagion.excitation import Excitation
from influence.contagion.parents import Choices, ParentNetwork, normalised
from influence.contagion.risk import AtRisk
from influence.contagion.shares import RULES
from influence.contagion.takeups import Exposures, TakeUps
from influence.data import Network
from influence.evaluation.leaders.trees import ParentLog
from influence.metrics.acceptance import clip
from influence.metrics.checks import Floats
from influence.model.choice import ChoiceTrees
from influence.progress import Tell
from influence.training.parts import Recipe

N_TRAINING, N_CANDIDATES = 30_000, 40
"""Take-ups that networks and trees learn from, and candidates of each; see `ParentLog.training`."""
N_CHOOSING = 4_000
"""Validation take-ups on which everything is chosen, with all their candidates."""
PAIRS_AT_A_TIME = 2_000_000
"""Pairs scored at once: about 1 GiB with everything made of them."""
UNKNOWN_PAIRS = 500_000
"""Pairs that the likelihood without parents is fitted on, of items drawn at random."""
EPSILONS = (0.001, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
MIXES = tuple(np.linspace(0, 1, 11).round(1))

Scorer = Callable[["Batch"], Floats]
"""Shares of every pair of a batch."""


@dataclass(frozen=True)
class Batch:
    """Some take-ups with all of their candidates."""

    take_ups: TakeUps
    exposures: Exposures
    choices: Choices

    @cached_property
    def others(self) -> Batch:
        """Take-ups whose parent did not come first, without the first among their candidates."""
        first = self.take_ups.ptr[self.take_ups.item[self.exposures.take_up]] == self.exposures.row
        asked = ~first[self.choices.chosen]
        pairs = asked[self.exposures.position] & ~first
        counts = np.bincount(self.exposures.position[pairs], minlength=len(asked))[asked]
        ptr = np.concatenate(([0], counts.cumsum())).astype(np.int64)
        place = np.cumsum(pairs) - 1
        choices = Choices(
            self.choices.columns[:0], ptr, self.choices.offset[:0], place[self.choices.chosen[asked]]
        )
        return Batch(
            self.take_ups, Exposures(ptr, self.exposures.row[pairs], self.exposures.of[asked]), choices
        )

    def given_not_first(self, share: Floats) -> Floats:
        """Shares of the pairs of `others`, out of these of all."""
        position = self.exposures.position
        first = self.take_ups.ptr[self.take_ups.item[self.exposures.take_up]] == self.exposures.row
        kept = share[(~first[self.choices.chosen])[position] & ~first]
        counts = np.diff(self.others.choices.ptr)
        total = np.add.reduceat(kept, self.others.choices.ptr[:-1]) if len(kept) else kept
        return kept / np.maximum(np.repeat(total, counts), 1e-300)


@dataclass(frozen=True)
class Method:
    """Shares of every pair of a batch, and of those without the first where the parent was another."""

    of: Scorer
    others: Scorer | None = None
    """A rule of thumb is asked anew; by default the shares of all are taken, which then sum to 1 again."""

    def of_others(self, batch: Batch, share: Floats) -> Floats:
        """Shares of the pairs of `batch.others`, where `share` are those of all of its pairs."""
        return batch.given_not_first(share) if self.others is None else self.others(batch.others)


def methods_of(
    log: ParentLog,
    validation_from: int,
    test_from: int,
    recipe: Callable[[int], Recipe],
    seeds: tuple[int, ...],
    tell: Tell,
) -> tuple[dict[tuple[str, int], Method], dict[str, object], dict[str, list[float]]]:
    """(Name, seed) -> method, chosen on validation and refitted on both; what was chosen; seconds."""
    rng = np.random.default_rng([seeds[0], 0])
    asked = log.queries(validation_from, test_from)
    asked = asked if len(asked) <= N_CHOOSING else np.sort(rng.choice(asked, N_CHOOSING, replace=False))
    choosing = batch_of(log, log.covariates(validation_from), log.excitation(validation_from), asked)
    methods: dict[tuple[str, int], Method] = {}
    told: dict[str, object] = {}
    seconds: dict[str, list[float]] = defaultdict(list)
    for name in RULES:
        started = time.perf_counter()
        (method, told[name]), (others, told[f"{name}.not_the_first"]) = (
            _rule(name, of) for of in (choosing, choosing.others)
        )
        methods[name, seeds[0]] = Method(method, others)
        seconds[name].append(time.perf_counter() - started)
    tell("fitting without parents", 0, len(seeds) + 1)
    started = time.perf_counter()
    without, told["model_without_parents"] = _without_parents(
        log, choosing, validation_from, test_from, seeds[0]
    )
    methods["model_without_parents", seeds[0]] = Method(without)
    seconds["model_without_parents"].append(time.perf_counter() - started)
    for done, seed in enumerate(seeds):
        tell(f"seed {seed}: fitting with parents", done + 1, len(seeds) + 1)
        for name, (method, chosen, spent) in _learned(
            log, choosing, validation_from, test_from, recipe(seed)
        ).items():
            methods[name, seed] = Method(method)
            told[f"{name}.{seed}"] = chosen
            seconds[name].append(spent)
    return methods, {"chosen": told}, seconds


def _loss(share: Floats, choices: Choices) -> float:
    return float(np.mean(-np.log(clip(share[choices.chosen]))))


def _rule(name: str, choosing: Batch) -> tuple[Scorer, dict[str, float]]:
    """A rule of thumb, its half-life and epsilon chosen on validation."""
    losses = {}
    for which, rule in enumerate(RULES[name]):
        shares = rule(choosing.take_ups, choosing.exposures)
        for epsilon in EPSILONS:
            losses[which, epsilon] = _loss(shares.smoothed(epsilon).share, choosing.choices)
    which, epsilon = min(losses, key=lambda key: losses[key])
    rule = RULES[name][which]

    def method(batch: Batch) -> Floats:
        return rule(batch.take_ups, batch.exposures).smoothed(epsilon).share

    keywords = getattr(rule, "keywords", {})
    return method, {"epsilon": epsilon, **keywords, "validation_log_loss": losses[which, epsilon]}


def _learned(
    log: ParentLog, choosing: Batch, validation_from: int, test_from: int, recipe: Recipe
) -> dict[str, tuple[Scorer, dict[str, float], float]]:
    """The network, the trees and their mix: (method, what was chosen, seconds) of each."""
    rng = np.random.default_rng([recipe.seeds[0], 1])
    early = log.training(validation_from, N_TRAINING, N_CANDIDATES, rng)
    full = log.training(test_from, N_TRAINING, N_CANDIDATES, rng)
    started = time.perf_counter()
    n_epochs, by_network = _choose_epochs(early, choosing.choices, recipe)
    network = ParentNetwork(recipe.seeds[0]).fit(full, n_epochs)
    between = time.perf_counter()
    n_rounds, by_trees = _choose_rounds(early, choosing.choices, recipe)
    trees = ChoiceTrees(recipe.trees, recipe.seeds[0]).fit(full, n_rounds)
    ended = time.perf_counter()
    mixed = {mix: _loss(mix * by_network + (1 - mix) * by_trees, choosing.choices) for mix in MIXES}
    mix = min(mixed, key=lambda key: mixed[key])

    def gnn(batch: Batch) -> Floats:
        return normalised(network.score(batch.choices.columns), batch.choices.ptr)

    def boosted(batch: Batch) -> Floats:
        return normalised(trees.score(batch.choices.columns), batch.choices.ptr)

    def model(batch: Batch) -> Floats:
        return mix * gnn(batch) + (1 - mix) * boosted(batch)

    loss = "validation_log_loss"
    return {
        "model": (model, {"mix_of_network": float(mix), loss: mixed[mix]}, ended - started),
        "gnn": (gnn, {"epochs": n_epochs, loss: mixed[1.0]}, between - started),
        "boosted_trees": (boosted, {"rounds": n_rounds, loss: mixed[0.0]}, ended - between),
    }


def _choose_epochs(early: Choices, later: Choices, recipe: Recipe) -> tuple[int, Floats]:
    """The number of epochs with the lowest loss on validation, and the shares then."""
    network, losses, shares = ParentNetwork(recipe.seeds[0]), [], []

    def after(epoch: int) -> bool:
        shares.append(normalised(network.score(later.columns), later.ptr))
        losses.append(_loss(shares[-1], later))
        return epoch - int(np.argmin(losses)) > 3

    network.fit(early, network.max_epochs, after)
    best = int(np.argmin(losses))
    return best + 1, shares[best]


def _choose_rounds(early: Choices, later: Choices, recipe: Recipe) -> tuple[int, Floats]:
    """The number of trees with the lowest loss on validation, and the shares then."""
    config = recipe.trees
    trees = ChoiceTrees(config, recipe.seeds[0]).fit(early, config.max_rounds)
    looks = range(config.check_every, config.max_rounds + 1, config.check_every)
    shares = {n: normalised(trees.score(later.columns, n), later.ptr) for n in looks}
    best = min(shares, key=lambda n: _loss(shares[n], later))
    return best, shares[best]


def _without_parents(
    log: ParentLog, choosing: Batch, validation_from: int, test_from: int, seed: int
) -> tuple[Scorer, dict[str, float]]:
    """Attribution by the likelihood of the times alone, epsilon chosen on validation."""
    unknown = Network({name: rows for name, rows in log.network.tables.items() if name != "interactions"})
    covariates = Covariates.of(unknown, log.take_ups)
    early = _fit_without_parents(log, covariates, validation_from, seed)
    shares = _inside(early, choosing, covariates)
    losses = {e: _loss((1 - e) * shares + e * _equal(choosing), choosing.choices) for e in EPSILONS}
    epsilon = min(losses, key=lambda e: losses[e])
    fitted = _fit_without_parents(log, covariates, test_from, seed)

    def method(batch: Batch) -> Floats:
        return (1 - epsilon) * _inside(fitted, batch, covariates) + epsilon * _equal(batch)

    return method, {"epsilon": epsilon, "validation_log_loss": losses[epsilon]}


def _fit_without_parents(log: ParentLog, covariates: Covariates, until: int, seed: int) -> Attribution:
    taken = log.take_ups
    items = np.random.default_rng([seed, 2]).permutation(np.flatnonzero(log.order < until))
    n_pairs = np.bincount(taken.item, taken.n_before, minlength=log.n_items)[items]
    kept = np.zeros(log.n_items, np.bool_)
    kept[items[np.cumsum(n_pairs) <= max(UNKNOWN_PAIRS, n_pairs[0])]] = True
    rows = np.flatnonzero(kept[taken.item])
    end = int(taken.at[rows].max())
    config = AttributionConfig(n_draws=0, seed=seed)
    known = Log.of(
        taken, Exposures.to_all_before(taken, rows), AtRisk.anybody(taken, rows, end), covariates, end, config
    )
    return Attribution.fit(known, config, len(taken.topics))


def _inside(attribution: Attribution, batch: Batch, covariates: Covariates) -> Floats:
    """Shares among the candidates alone: here nothing comes from outside."""
    shares = attribution.shares(batch.take_ups, batch.exposures, covariates)
    return shares.share / np.maximum(1 - shares.outside, 1e-12)[batch.exposures.position]


def _equal(batch: Batch) -> Floats:
    return 1 / batch.exposures.n_candidates[batch.exposures.position]


def batches_of(
    log: ParentLog, covariates: Covariates, excitation: Excitation, queries: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], Batch]]:
    """All queries with all candidates, a bounded number of pairs at a time."""
    upto = np.cumsum(log.take_ups.n_before[queries])
    part = upto // PAIRS_AT_A_TIME
    for number in np.unique(part):
        place = np.flatnonzero(part == number)
        yield place, batch_of(log, covariates, excitation, queries[place])


def batch_of(log: ParentLog, covariates: Covariates, excitation: Excitation, of: NDArray[np.int64]) -> Batch:
    """Queries with all of their candidates."""
    exposures = Exposures.to_all_before(log.take_ups, of)
    return Batch(log.take_ups, exposures, log.choices(covariates, excitation, of))

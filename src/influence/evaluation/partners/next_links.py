"""Next links: with whom, of the candidates abroad, a source linked up in the window that follows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from influence.data import Network
from influence.evaluation.partners.methods import UNTRAINED
from influence.evaluation.partners.protocol import PartnersProtocol, Scored, Tell, ranked
from influence.evaluation.ranks import RANKED_HITS
from influence.graph.timeline import STATIC
from influence.tasks.partners import Asked, PartnersConfig, chosen_entity
from influence.training.partner_windows import History, PartnerStage, dated_stage
from influence.training.partners import COMBINATIONS, PARTS, PartnerMix, PartnerPart, develop
from influence.training.parts import Recipe

TEST_SHARE = 0.15


def _recognises(network: Network) -> bool:
    return bool(network.table("company_links")["at"].notna().any())


def compare(
    network: Network,
    config: PartnersConfig,
    recipe: Callable[[int], Recipe],
    seeds: tuple[int, ...],
    tell: Tell,
) -> Scored:
    """Choose on the windows that validate, fit on all before the test, rank each later link's candidates."""
    of = chosen_entity(config, len(network.table("company_links")))
    history = History.of_network(network, of, config.kinds)
    cut, end = _test_window(history, config)
    tell("looking up", 0, len(seeds) + 1)
    stage = dated_stage(history, config, cut, seeds[0])
    test = list(history.windows(cut, end, config.model_copy(update={"domestic": False}), _rng(seeds[0])))
    frames: list[pd.DataFrame] = []
    costs: dict[str, list[float]] = {}
    for done, seed in enumerate(seeds):
        tell(f"seed {seed}", done + 1, len(seeds) + 1)
        for name, mixed, seconds in _methods(stage, recipe(seed)):
            frames.append(_frame(test, name, seed, mixed.score))
            costs.setdefault(name, []).append(seconds)
    for name, score in UNTRAINED.items():
        frames.append(_frame(test, name, seeds[0], score))
    counts = {
        "n_train": sum(one.lists.n_queries for one in stage.train),
        "n_validation": sum(one.lists.n_queries for one in stage.validation),
        "n_test": sum(one.lists.n_queries for one in test),
    }
    found = pd.concat(frames, ignore_index=True)
    told = {"test_from": cut.isoformat(), "test_until": end.isoformat()}
    return Scored(
        found, counts, RANKED_HITS, "query",
        costs={name: {"seconds": seconds} for name, seconds in costs.items()}, told=told, until=cut,
    )  # fmt: skip


def _test_window(history: History, config: PartnersConfig) -> tuple[pd.Timestamp, pd.Timestamp]:
    known = np.sort(history.links.at[history.links.at > STATIC])
    cut = pd.Timestamp(int(np.quantile(known, 1 - TEST_SHARE, method="nearest")), unit="us", tz="UTC")
    end = pd.Timestamp(int(known[-1]) + 1, unit="us", tz="UTC")
    if config.test_from is not None:
        cut = pd.Timestamp(config.test_from, tz="UTC")
    if config.test_until is not None:
        end = pd.Timestamp(config.test_until, tz="UTC")
    return cut, end


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, 8])


def _methods(stage: PartnerStage, recipe: Recipe) -> Iterator[tuple[str, PartnerMix, float]]:
    """Every trained method with the seconds that its parts took."""
    parts: dict[str, PartnerPart] = {}
    seconds: dict[str, float] = {}
    for name, build in PARTS.items():
        started = time.perf_counter()
        parts[name] = develop(build(recipe), stage.train, stage.validation)
        seconds[name] = time.perf_counter() - started
    for method, used in COMBINATIONS.items():
        mixed = PartnerMix.of({name: parts[name] for name in used}, stage.validation)
        yield method, mixed, sum(seconds[name] for name in used)


def _frame(
    test: Sequence[Asked], method: str, seed: int, score: Callable[[Asked], np.ndarray]
) -> pd.DataFrame:
    found = []
    for number, asked in enumerate(test):
        names = np.array([f"{number}-{query}" for query in range(asked.lists.n_queries)], object)
        found.append(ranked(asked, names, method, seed, score(asked)))
    return pd.concat(found, ignore_index=True)


NEXT_LINKS = PartnersProtocol("next_links", "dated company_links", _recognises, compare)

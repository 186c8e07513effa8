"""New pairs: with whom an economy's collaboration is published for the first time, period by period.

A query is an economy and a period; its candidates are all economies with which none of its figures were
published before, either way, and that had figures of their own (`training.partner_periods`).  Figures below
a threshold are never published (about 100 in the collaborations on GitHub), so a new pair is one that crossed
it, and one that stood just below looks like one that stands at nothing.  Persistence therefore has no pair's
own past to go by: it is the past of the candidate, the partners that it won in the year before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from influence.data import Network, to_utc
from influence.errors import DataError
from influence.evaluation.partners.learning import Trained
from influence.evaluation.partners.methods import Score
from influence.evaluation.partners.protocol import PartnersProtocol, Scored, Tell, ranked
from influence.evaluation.ranks import RANKED_HITS
from influence.graph.partners import Ints, moment_code
from influence.tasks.partners import PartnersConfig
from influence.training.partner_periods import NewPairs, new_pairs, period_stage, periods
from influence.training.partner_windows import History, PartnerStage
from influence.training.partners import BASELINES, Builder, PartnerLinear
from influence.training.parts import Recipe

FEWEST_PERIODS = 3
"""One that teaches, one that chooses, one that tests."""
LAST = 0.15
"""Share of the periods that test, and as many before them that choose, where no moments are given."""

POPULARITY = "direct.log_target_degree"
PERSISTENCE = "direct.log_target_gained"
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "popularity": POPULARITY,
        "persistence": PERSISTENCE,
        "adamic_adar": "indirect.adamic_adar",
        "personalised_pagerank": "indirect.log_pagerank",
    }
)
"""Method -> the column that it is."""
LINEAR: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "gravity": ("gravity.", POPULARITY),
        "logistic_regression": ("gravity.", POPULARITY, PERSISTENCE),
    }
)
"""Method -> columns that it weighs; gravity is the candidate's mass, its partners, and what parts the two."""


def _linear(columns: tuple[str, ...]) -> Builder:
    return lambda recipe: PartnerLinear(columns)


ALONE: Mapping[str, Builder] = {**BASELINES, **{name: _linear(own) for name, own in LINEAR.items()}}
"""Methods of one part; the linear ones have a mass here."""


def _recognises(network: Network) -> bool:
    """Whether companies are economies, each its country, with dated links."""
    companies = network.table("companies")
    are_economies = len(companies) > 0 and bool((companies["company_id"] == companies["country"]).all())
    return are_economies and bool(network.table("company_links")["at"].notna().any())


def compare(
    network: Network,
    config: PartnersConfig,
    recipe: Callable[[int], Recipe],
    seeds: tuple[int, ...],
    tell: Tell,
) -> Scored:
    """Choose on the periods that validate, fit on all before the test, rank the candidates of each later."""
    history = History.of_network(network, "companies", config)
    moments, since, cut, end = _cuts(history, config)
    tell("looking up", 0, len(seeds) + 1)
    stage = period_stage(history, config, since, cut, seeds[0])
    test = [new_pairs(history, int(moment)) for moment in moments[(moments >= cut) & (moments < end)]]
    frames: list[pd.DataFrame] = []
    costs: dict[str, list[float]] = {}
    for done, seed in enumerate(seeds):
        tell(f"seed {seed}", done + 1, len(seeds) + 1)
        trained = Trained.of(stage, recipe(seed), ALONE)
        for name, mix in trained.mixes.items():
            frames.append(_frame(test, name, seed, mix.score))
            costs.setdefault(name, []).append(trained.seconds[name])
    for name, score in _untrained(seeds[0]):
        frames.append(_frame(test, name, seeds[0], score))
    return Scored(
        pd.concat(frames, ignore_index=True),
        _counts(stage, test),
        RANKED_HITS,
        "sender",
        costs={name: {"seconds": seconds} for name, seconds in costs.items()},
        told={
            "test_from": pd.Timestamp(cut, unit="us", tz="UTC").isoformat(),
            "n_new_pairs": sum(int(one.asked.lists.hit.sum()) for one in test) // 2,
            "n_new_pairs_of_unknown_ends": sum(one.n_strange for one in test),
        },
        until=pd.Timestamp(cut, unit="us", tz="UTC"),
    )


def _cuts(history: History, config: PartnersConfig) -> tuple[Ints, int, int, int]:
    """The periods, and from which moments on they choose, test, and test no more."""
    moments = periods(history)
    if len(moments) < FEWEST_PERIODS:
        raise DataError(
            f"company_links: {len(moments)} periods after those that are only looked back on are too few; "
            f"it takes {FEWEST_PERIODS}. Give more periods."
        )
    n = max(1, round(LAST * len(moments)))
    since, cut, end = int(moments[-2 * n]), int(moments[-n]), int(moments[-1]) + 1
    given = (config.validation_from, config.test_from, config.test_until)
    since, cut, end = (
        default if moment is None else moment_code(to_utc(moment))
        for default, moment in zip((since, cut, end), given, strict=True)
    )
    return moments, since, cut, end


def _counts(stage: PartnerStage, test: Sequence[NewPairs]) -> dict[str, int]:
    return {
        "n_train": sum(one.lists.n_queries for one in stage.train),
        "n_validation": sum(one.lists.n_queries for one in stage.validation),
        "n_test": sum(one.asked.lists.n_queries for one in test),
    }


def _untrained(seed: int) -> Iterator[tuple[str, Score]]:
    """Single columns, and chance."""
    rng = np.random.default_rng([seed, 10])
    yield "random", lambda asked: rng.random(len(asked.lists))
    for method, column in COLUMNS.items():
        yield method, _column(column)


def _column(name: str) -> Score:
    return lambda asked: asked.columns.column(name).astype(np.float64)


def _frame(test: Sequence[NewPairs], method: str, seed: int, score: Score) -> pd.DataFrame:
    """Rows of all periods; those of one economy are drawn together, its periods being no separate cases."""
    found = []
    for asked in (one.asked for one in test):
        day = pd.Timestamp(asked.graph.at, unit="us", tz="UTC").date().isoformat()
        first = np.unique(asked.lists.query, return_index=True)[1]
        economies = asked.graph.ids[asked.lists.source[first]]
        names = np.array([f"{economy}@{day}" for economy in economies], object)
        rows = ranked(asked, names, method, seed, score(asked))
        found.append(rows.assign(group=rows["query_id"].str.split("@").str[0]))
    return pd.concat(found, ignore_index=True)


NEW_PAIRS = PartnersProtocol(
    "new_pairs", "dated company_links among companies whose id is their country", _recognises, compare
)

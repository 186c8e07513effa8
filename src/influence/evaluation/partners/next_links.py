"""Next links: with whom, of the candidates abroad, a source linked up in the window that follows.

Everything is known as of the start of a short window (`PartnersConfig.window_days`), so that no feature of a
link holds anything from its own moment on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from influence.data import Network, to_utc
from influence.evaluation.partners.asking import Judged, Test, judged, slices_of
from influence.evaluation.partners.learning import Trained
from influence.evaluation.partners.methods import Score, untrained
from influence.evaluation.partners.protocol import PartnersProtocol, Scored, Tell, listed, ranked
from influence.evaluation.partners.shortlist import shortlist
from influence.evaluation.ranks import RANKED_HITS
from influence.evaluation.summary import summarise
from influence.graph.timeline import STATIC
from influence.tasks.partners import PartnersConfig, chosen_entity
from influence.training.partner_windows import History, dated_stage
from influence.training.parts import Recipe

TEST_SHARE = 0.15
LONGEST_WRITTEN = 300
"""Candidates per query up to which all of them are written out beside the partner."""
BESIDE = 300
"""Queries at most that further rules are judged by."""


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
    history = History.of_network(network, of, config)
    cut, end = test_window(history, config)
    tell("looking up", 0, len(seeds) + 2)
    stage = dated_stage(history, config, cut, seeds[0])
    test = Test.of(history, config, cut, end)
    main = judged(test, config.judged_among, config.n_judged, seeds[0])
    methods: dict[str, dict[int, Score]] = {name: {seeds[0]: score} for name, score in untrained(seeds[0])}
    costs: dict[str, list[float]] = {}
    for done, seed in enumerate(seeds):
        tell(f"seed {seed}", done + 1, len(seeds) + 2)
        trained = Trained.of(stage, recipe(seed))
        for name, mix in trained.mixes.items():
            methods.setdefault(name, {})[seed] = mix.score
            costs.setdefault(name, []).append(trained.seconds[name])
    tell("judging", len(seeds) + 1, len(seeds) + 2)
    rows, others = _frames(main, methods)
    first = {name: next(iter(own.values())) for name, own in methods.items()}
    return Scored(
        rows,
        {
            "n_train": sum(one.lists.n_queries for one in stage.train),
            "n_validation": sum(one.lists.n_queries for one in stage.validation),
            "n_test": sum(one.asked.lists.n_queries for one in main),
        },
        RANKED_HITS,
        "query",
        slices=slices_of(main),
        costs={name: {"seconds": seconds} for name, seconds in costs.items()},
        told={
            "test_from": cut.isoformat(),
            "test_until": end.isoformat(),
            "judged_among": config.judged_among,
            "negatives": dict(_beside(test, config, first, seeds[0])),
            "country_shortlist": _figures(shortlist(test, first, seeds[0])),
        },
        until=cut,
        candidates=others,
    )


def test_window(history: History, config: PartnersConfig) -> tuple[pd.Timestamp, pd.Timestamp]:
    """From which moment the test begins, and ends: as configured, or the latest share of the links."""
    known = np.sort(history.links.at[history.links.at > STATIC])
    cut = pd.Timestamp(int(np.quantile(known, 1 - TEST_SHARE, method="nearest")), unit="us", tz="UTC")
    end = pd.Timestamp(int(known[-1]) + 1, unit="us", tz="UTC")
    if config.test_from is not None:
        cut = to_utc(config.test_from)
    if config.test_until is not None:
        end = to_utc(config.test_until)
    return cut, end


def _frames(
    lists: Sequence[Judged], methods: Mapping[str, Mapping[int, Score]]
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """The partners' rows of every method, and those of the other candidates where these are few."""
    rows, others = [], []
    is_short = max(one.longest for one in lists) <= LONGEST_WRITTEN
    for name, own in methods.items():
        for seed, score in own.items():
            for one in lists:
                found = score(one.asked)
                rows.append(ranked(one.asked, one.query_ids, name, seed, found))
                if is_short:
                    others.append(listed(one.asked, one.query_ids, name, seed, found))
    return pd.concat(rows, ignore_index=True), pd.concat(others, ignore_index=True) if others else None


def _beside(
    test: Test, config: PartnersConfig, methods: Mapping[str, Score], seed: int
) -> Iterator[tuple[str, Any]]:
    """The figures under the other rules, and at home, of one seed and some of the queries."""
    for rule in config.judged_also_among:
        yield rule, _figures(_ranked_among(judged(test, rule, config.n_judged, seed, BESIDE), methods, seed))
    if config.domestic:
        home = judged(test, config.judged_among, config.n_judged, seed, BESIDE, abroad=False)
        yield "domestic", _figures(_ranked_among(home, methods, seed))


def _ranked_among(lists: Sequence[Judged], methods: Mapping[str, Score], seed: int) -> pd.DataFrame | None:
    frames = [
        ranked(one.asked, one.query_ids, name, seed, score(one.asked))
        for one in lists
        for name, score in methods.items()
    ]
    return pd.concat(frames, ignore_index=True) if frames else None


def _figures(rows: pd.DataFrame | None) -> dict[str, Any]:
    """Figures and differences of a sub-study; only how few it is where nobody was asked about."""
    if rows is None:
        return {"n_test": 0}
    n = rows["query_id"].nunique()
    counts = {"n_train": 0, "n_validation": 0, "n_test": n}
    found = summarise(rows, task="partners", dataset="", counts=counts, judge=RANKED_HITS)
    return {"n_test": n, "methods": found["methods"], "differences": found["differences"]}


NEXT_LINKS = PartnersProtocol("next_links", "dated company_links", _recognises, compare)

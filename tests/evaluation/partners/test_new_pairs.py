"""New pairs of economies, judged: the protocol from records to rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from influence.data import Network
from influence.errors import DataError
from influence.evaluation.ground_truth import Scored
from influence.evaluation.partners import protocol_for
from influence.evaluation.partners.new_pairs import ALONE, COLUMNS, NEW_PAIRS
from influence.evaluation.summary import summarise
from influence.model.encoder import EncoderConfig
from influence.model.trees import TreesConfig
from influence.tasks.partners import PartnersConfig
from influence.training.loop import TrainingConfig
from influence.training.partners import COMBINATIONS
from influence.training.parts import Recipe

N_PERIODS = 10
CODES = [
    "AT",
    "BE",
    "BG",
    "CH",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GB",
    "GR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LV",
    "NL",
]


def _network(n_periods: int = N_PERIODS) -> Network:
    """Pairs appear period by period, the sooner, the larger the two economies; then they stay."""
    rng = np.random.default_rng(4)
    size = np.linspace(2.0, 0.1, len(CODES))
    first, second = np.triu_indices(len(CODES), 1)
    since = rng.geometric(np.clip(size[first] * size[second] / 8, 0.01, 0.9)) - 1
    rows = [
        {"source_id": CODES[a], "target_id": CODES[b], "kind": "partner",
         "at": pd.Timestamp("2020-04-01", tz="UTC") + pd.DateOffset(months=3 * period)}
        for a, b, start in zip(first, second, since, strict=True)
        for period in range(start, n_periods)
    ]  # fmt: skip
    companies = pd.DataFrame({"company_id": CODES, "country": CODES})
    return Network.from_tables({"companies": companies, "company_links": pd.DataFrame(rows)})


def _recipe(seed: int) -> Recipe:
    return Recipe(
        EncoderConfig(width=4),
        TreesConfig(max_rounds=20, check_every=10, min_data_in_leaf=5),
        TrainingConfig(max_epochs=2),
        (seed,),
        None,
        (),
    )


@pytest.fixture(scope="module")
def scored() -> Scored:
    return NEW_PAIRS.compare(_network(), PartnersConfig(), _recipe, (0,), lambda what, done, total: None)


def test_protocol_for__companies_that_are_their_countries__new_pairs() -> None:
    network = _network()
    assert protocol_for(network).name == "new_pairs"
    firms = network.table("companies").assign(country="AT")
    assert protocol_for(network.with_tables(companies=firms)).name == "next_links"


def test_compare__methods__are_all_on_the_same_rows(scored: Scored) -> None:
    rows = scored.predictions
    assert set(rows["method"]) == {"random", *COLUMNS, *COMBINATIONS, *ALONE}
    keys = rows.groupby("method")[["query_id", "candidate_id"]].apply(
        lambda own: frozenset(own.apply(tuple, axis=1))
    )
    assert keys.nunique() == 1
    assert scored.told["n_new_pairs"] * 2 == len(keys.iloc[0])


def test_compare__rows__are_drawn_by_economy(scored: Scored) -> None:
    rows = scored.predictions
    assert scored.by == "sender"
    assert (rows["query_id"].str.split("@").str[0] == rows["group"]).all()
    assert set(rows["query_id"].str.split("@").str[1]) == {"2022-07-01"}
    summary = summarise(
        rows,
        task="partners",
        dataset="made",
        counts=scored.counts,
        by=scored.by,
        judge=scored.judge,
        n_resamples=20,
    )
    assert set(summary["methods"]) == set(rows["method"])


def test_compare__sizes_matter__popularity_stands_above_chance(scored: Scored) -> None:
    mrr = (1 / scored.predictions["rank"]).groupby(scored.predictions["method"]).mean()
    assert mrr["popularity"] > mrr["random"]


def test_compare__too_few_periods__error_says_how_many_it_takes() -> None:
    with pytest.raises(DataError, match="1 periods after those that are only looked back on are too few"):
        NEW_PAIRS.compare(_network(5), PartnersConfig(), _recipe, (0,), lambda what, done, total: None)

"""Rankers of partners in training: chosen abroad, mixed by what helps, stored whole, blind to the future."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.prediction.partner_worlds import market, quick_partners

from influence.experiment import recipe_of
from influence.graph.partner_columns import GROUPS
from influence.tasks.partners import Asked, PartnersConfig
from influence.training.partner_linear import PartnerLinear
from influence.training.partner_lists import losses_abroad
from influence.training.partner_windows import History, PartnerStage, dated_stage
from influence.training.partners import (
    BASELINES,
    PARTS,
    PartnerPart,
    choose_weights,
    develop,
    load_partner_forecaster,
)
from influence.training.parts import Recipe

CUT = pd.Timestamp("2025-08-01", tz="UTC")
CONFIG = PartnersConfig(window_days=60, n_negatives=20)
NAMES = [*PARTS, *BASELINES]


@cache
def stage() -> PartnerStage:
    return dated_stage(History.of_network(market(), "companies", CONFIG), CONFIG, CUT, 0)


def recipe() -> Recipe:
    return recipe_of(quick_partners(), 0, None)


@cache
def developed(name: str) -> PartnerPart:
    return develop({**PARTS, **BASELINES}[name](recipe()), stage().train, stage().validation)


def last() -> Asked:
    return stage().validation[-1]


@pytest.mark.parametrize("name", NAMES)
def test_every_ranker__parts__sum_to_the_score(name: str) -> None:
    forecaster = developed(name).forecaster
    parts, score = forecaster.parts(last()), forecaster.score(last())
    assert parts.shape == (len(last().lists), len(GROUPS))
    assert np.isfinite(score).all()
    np.testing.assert_allclose(parts.sum(1), score, atol=1e-5)


@pytest.mark.parametrize("name", list(PARTS))
def test_every_part__saved_and_read__the_same_numbers(name: str, tmp_path: Path) -> None:
    forecaster, config = developed(name).forecaster, quick_partners()
    told = forecaster.save(tmp_path)
    again = load_partner_forecaster(tmp_path, told, config.encoder, config.trees, config.training)
    np.testing.assert_allclose(again.score(last()), forecaster.score(last()), rtol=1e-6)


@pytest.mark.parametrize("name", ["boosted_trees", "log_linear"])
def test_planted_fit__learnt__better_than_knowing_nothing(name: str) -> None:
    held_out = losses_abroad(developed(name).held_out, stage().validation).mean()
    nothing = losses_abroad(
        [np.zeros(len(one.lists)) for one in stage().validation], stage().validation
    ).mean()
    assert held_out < 0.95 * nothing


def test_weights__one_score_that_knows_and_one_of_noise__recovered() -> None:
    rng = np.random.default_rng(0)
    hit = np.concatenate([one.lists.hit for one in stage().validation])
    knows, noise = 2.0 * hit + rng.normal(size=len(hit)), rng.normal(size=len(hit))
    weights = choose_weights({"knows": knows, "noise": noise}, stage().validation)
    assert weights["knows"] > 1
    assert weights["noise"] < 0.25


def test_losses_abroad__lists_at_home_too__left_out() -> None:
    one = last()
    abroad = one.graph.is_foreign(one.lists.source, one.lists.target)[one.lists.hit]
    assert 0 < abroad.sum() < len(abroad)
    assert len(losses_abroad([np.zeros(len(one.lists))], [one])) == abroad.sum()


def test_linear__lists_in_another_order__the_same_weights() -> None:
    train = stage().train
    there, back = (PartnerLinear(penalty=1e-2).refit(some) for some in (train, train[::-1]))
    np.testing.assert_allclose(there.weights, back.weights, atol=1e-4)


def test_stage__links_after_the_cut_altered__lists_and_columns_do_not_move() -> None:
    network = market()
    rows = network.table("company_links")
    late = rows["at"] >= CUT
    swapped = rows[late].assign(source_id=rows["target_id"], target_id=rows["source_id"])
    altered = network.with_tables(
        company_links=pd.concat([rows[~late], swapped.iloc[::2]], ignore_index=True)
    )
    again = dated_stage(History.of_network(altered, "companies", CONFIG), CONFIG, CUT, 0)
    for a, b in zip([*again.train, *again.validation], [*stage().train, *stage().validation], strict=True):
        np.testing.assert_array_equal(a.lists.target, b.lists.target)
        np.testing.assert_array_equal(a.columns.values, b.columns.values)


def test_pool__beyond_the_cut__is_not_looked_into() -> None:
    config = CONFIG.model_copy(update={"candidates": "linked", "pool_days": 400})
    network = market()
    rows = network.table("company_links")
    short = network.with_tables(company_links=rows[rows["at"] < CUT].reset_index(drop=True))
    full, cut = (
        dated_stage(History.of_network(some, "companies", config), config, CUT, 0)
        for some in (network, short)
    )
    for a, b in zip(full.validation, cut.validation, strict=True):
        assert set(a.graph.ids[a.lists.target]) == set(b.graph.ids[b.lists.target])

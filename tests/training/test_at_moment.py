"""Networks over many queries of one moment: the answers that they give query by query."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from tests.graph.worlds import at, random_network

from influence.graph.loading import QuerySet
from influence.graph.moment import Moment
from influence.graph.pairs import PairFeatures, Queries
from influence.graph.temporal import microseconds
from influence.model.at_moment import MomentEncoder
from influence.model.encoder import EncoderConfig, TemporalEncoder
from influence.model.hazard import Forecast
from influence.training import networks
from influence.training.loop import TrainingConfig
from influence.training.networks import HazardNetwork, NetworkForecaster


def everybody(features: PairFeatures, days: float) -> Queries:
    everyone = np.arange(-1, features.graph.n_contacts)
    u, v = (ends.ravel() for ends in np.meshgrid(everyone, everyone, indexing="ij"))
    moment = microseconds(pd.Series([at(days)]))[0]
    return Queries(u, v, np.full(len(u), moment), np.resize(np.array([0, 1, np.nan], np.float32), len(u)))


def forecaster(queries: QuerySet, seed: int, **settings: object) -> NetworkForecaster:
    """Random weights, of a size that makes forecasts differ; statistics of the columns as in training."""
    config = EncoderConfig.model_validate({"width": 12, "heads": 3} | settings)
    made = NetworkForecaster(config, TrainingConfig(), (seed,))
    network = made._network(seed)
    assert isinstance(network.encoder, TemporalEncoder)
    network.encoder.fit_scalers(next(iter(made._batches(queries, size=len(queries)))))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weights in network.parameters():
            weights.add_(0.3 * torch.randn(weights.shape, generator=generator))
    made.members = [network.eval()]
    return made


@pytest.mark.parametrize("fan_out", [1, 7, 20])
def test_logits__one_moment__as_query_by_query(fan_out: int) -> None:
    features = PairFeatures(random_network(1))
    queries = everybody(features, 60)
    each, moment = QuerySet(features, queries), Moment(features, int(queries.at[0]))
    asked = forecaster(each, seed=fan_out, fan_out=(fan_out,))
    expected, found = asked.logits(each), asked.logits(QuerySet(features, queries, moment))
    assert MomentEncoder.serves(asked.members[0].encoder)
    assert expected.std(0).min() > 0.05
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5)
    chances = [Forecast.from_logits(logits).p_accepted_by for logits in (found, expected)]
    np.testing.assert_allclose(*chances, rtol=0, atol=1e-6)


def test_logits__parts_of_any_size_in_any_order__the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    features = PairFeatures(random_network(2))
    queries = everybody(features, 60)
    whole = QuerySet(features, queries, Moment(features, int(queries.at[0])))
    asked = forecaster(QuerySet(features, queries), seed=0)
    expected = asked.logits(whole)
    order = np.random.default_rng(0).permutation(len(queries))
    monkeypatch.setattr(networks, "BATCH", 50)
    np.testing.assert_allclose(asked.logits(whole[order]), expected[order], rtol=0, atol=2e-5)


@pytest.mark.parametrize("first", [1, 3, 17, 300])
def test_logits__whoever_was_asked_about_first__the_same_to_the_last_bit(first: int) -> None:
    """Or a run that goes on after a kill would not end with the bytes of one that nobody disturbed."""
    features = PairFeatures(random_network(2))
    queries = everybody(features, 60)
    asked = forecaster(QuerySet(features, queries), seed=0, width=32, heads=4)
    at_moment = [QuerySet(features, queries, Moment(features, int(queries.at[0]))) for _ in range(2)]
    asked.logits(at_moment[1][np.arange(len(queries))[-first:]])
    np.testing.assert_array_equal(*(asked.logits(each) for each in at_moment))


def test_logits__another_moment__nothing_of_the_first_is_told() -> None:
    features = PairFeatures(random_network(3))
    early, late = everybody(features, 30), everybody(features, 80)
    asked = forecaster(QuerySet(features, early), seed=0)
    for queries in (early, late, early):
        found = asked.logits(QuerySet(features, queries, Moment(features, int(queries.at[0]))))
        np.testing.assert_allclose(found, asked.logits(QuerySet(features, queries)), rtol=0, atol=2e-5)
    differ = asked.logits(QuerySet(features, early)) - asked.logits(QuerySet(features, late))
    assert np.abs(differ).max() > 0.01


def test_logits__two_moments_in_turn__what_is_kept_of_each_serves_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As of two models that answer from records of their own with the same networks."""
    features = PairFeatures(random_network(3))
    moments = [everybody(features, days) for days in (30, 80)]
    asked = [QuerySet(features, queries, Moment(features, int(queries.at[0]))) for queries in moments]
    shared = forecaster(QuerySet(features, asked[0].queries), seed=0)
    first = [shared.logits(queries) for queries in asked]

    def again(*_: object) -> None:
        raise AssertionError("computed a second time")

    for table in ("_as_end", "_as_neighbour", "_own_columns"):
        monkeypatch.setattr(MomentEncoder, table, again)
    monkeypatch.setattr(MomentEncoder, "__init__", again)
    for queries, before in zip(asked, first, strict=True):
        np.testing.assert_array_equal(shared.logits(queries), before)


@pytest.mark.parametrize("settings", [{"fan_out": (5, 3)}, {"fan_out": (21,)}, {"snapshot_days": 7.0}])
def test_serves__what_cannot_be_taken_apart__query_by_query(settings: dict[str, object]) -> None:
    features = PairFeatures(random_network(4))
    queries = everybody(features, 60)
    asked = forecaster(QuerySet(features, queries), seed=0, **settings)
    assert not MomentEncoder.serves(asked.members[0].encoder)
    few = np.arange(40)
    moment = Moment(features, int(queries.at[0]))
    found = asked.logits(QuerySet(features, queries, moment)[few])
    np.testing.assert_allclose(found, asked.logits(QuerySet(features, queries)[few]), rtol=0, atol=2e-5)


def test_serves__an_encoder_of_another_class__query_by_query() -> None:
    class Other(TemporalEncoder):
        def forward(self, batch: object) -> torch.Tensor:
            raise NotImplementedError

    assert not MomentEncoder.serves(Other(EncoderConfig()))
    assert not MomentEncoder.serves(torch.nn.Linear(2, 2))
    assert isinstance(HazardNetwork(TemporalEncoder(EncoderConfig()), 48), torch.nn.Module)

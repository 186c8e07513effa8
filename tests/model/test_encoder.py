"""The encoder: an embedding depends on its own query alone, and it can learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.graph.worlds import random_network
from torch_geometric.data import Data

from influence.errors import ConfigError
from influence.graph.loading import QuerySet, batches
from influence.graph.pairs import PairFeatures
from influence.model.encoder import EncoderConfig, TemporalEncoder
from influence.model.hazard import ACCEPT, NONE, hazard_loss
from influence.tasks.acceptance import queries_of
from influence.training.networks import HazardNetwork

FAN_OUTS = [(), (4,), (4, 3)]


@pytest.fixture(scope="module")
def queries() -> QuerySet:
    network = random_network(5)
    features = PairFeatures(network)
    return QuerySet(features, queries_of(network.table("invitations"), features.graph))


def config_of(fan_out: tuple[int, ...]) -> EncoderConfig:
    return EncoderConfig(width=8, heads=2, fan_out=fan_out, dropout=0.0, input_dropout=0.0)


def batch_of(queries: QuerySet, fan_out: tuple[int, ...]) -> Data:
    return next(iter(batches(queries, fan_out, max(len(queries), 1))))


def encoder_of(queries: QuerySet, fan_out: tuple[int, ...]) -> TemporalEncoder:
    torch.manual_seed(0)
    encoder = TemporalEncoder(config_of(fan_out)).eval()
    encoder.fit_scalers(batch_of(queries, fan_out))
    return encoder


@pytest.mark.parametrize("fan_out", FAN_OUTS)
@torch.inference_mode()
def test_encoder__any_depth__one_finite_embedding_per_query(
    queries: QuerySet, fan_out: tuple[int, ...]
) -> None:
    found = encoder_of(queries, fan_out)(batch_of(queries, fan_out))
    assert found.shape == (len(queries), 8)
    assert found.isfinite().all()
    assert (found.std(0) > 0).any()


@pytest.mark.parametrize("fan_out", FAN_OUTS)
@torch.inference_mode()
def test_encoder__alone_or_among_others__the_same_embedding(
    queries: QuerySet, fan_out: tuple[int, ...]
) -> None:
    encoder = encoder_of(queries, fan_out)
    together = encoder(batch_of(queries, fan_out))
    for i in (0, 17, 60, len(queries) - 1):
        alone = encoder(batch_of(queries[i : i + 1], fan_out))
        torch.testing.assert_close(alone[0], together[i], atol=1e-5, rtol=0)


@pytest.mark.parametrize("fan_out", FAN_OUTS)
@torch.inference_mode()
def test_encoder__queries_permuted__embeddings_permuted(queries: QuerySet, fan_out: tuple[int, ...]) -> None:
    encoder, order = encoder_of(queries, fan_out), np.random.default_rng(0).permutation(len(queries))
    found = encoder(batch_of(queries[order], fan_out))
    torch.testing.assert_close(found, encoder(batch_of(queries, fan_out))[order], atol=1e-5, rtol=0)


@torch.inference_mode()
def test_encoder__two_hops__the_outer_ring_is_read(queries: QuerySet) -> None:
    encoder, batch = encoder_of(queries, (4, 3)), batch_of(queries, (4, 3))
    before = encoder(batch)
    batch.x[sum(batch.num_sampled_nodes[:2]) :] += 1.0
    assert (encoder(batch) - before).abs().max() > 1e-3


@torch.inference_mode()
def test_encoder__relations_exchanged__another_embedding(queries: QuerySet) -> None:
    encoder, batch = encoder_of(queries, (4,)), batch_of(queries, (4,))
    before = encoder(batch)
    batch.relation = batch.relation.flip(0)
    assert (encoder(batch) - before).abs().max() > 1e-4


@pytest.mark.parametrize("fan_out", [(), (4,)])
def test_encoder__tiny_set__learnt_by_heart(queries: QuerySet, fan_out: tuple[int, ...]) -> None:
    few = queries[np.arange(60, 72)]
    batch = batch_of(few, fan_out)
    network = HazardNetwork(encoder_of(few, fan_out), 8)
    event = torch.tensor([ACCEPT, NONE, NONE] * 4)
    n_at_risk = torch.where(event == ACCEPT, 1 + torch.arange(12) % 5, 5)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.03)
    for _ in range(150):
        optimizer.zero_grad()
        loss = hazard_loss(network(batch), n_at_risk, event)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 10, "heads": 4},
        {"heads": 0},
        {"width": 0},
        {"fan_out": (0,)},
        {"dropout": 1.0},
        {"input_dropout": -0.1},
    ],
)
def test_encoder_config__impossible_shape__refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        EncoderConfig(**wrong)

"""The snapshot view in the encoder: read per end, weighed over blocks, absent unless asked for."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.graph.worlds import random_network
from torch_geometric.data import Data

from influence.graph.loading import QuerySet, batches
from influence.graph.pairs import PairFeatures
from influence.graph.snapshots import snapshot_columns
from influence.graph.state import STATE_COLUMNS
from influence.model.encoder import EncoderConfig, TemporalEncoder
from influence.model.snapshot import SnapshotMix
from influence.tasks.acceptance import queries_of

CONFIG = EncoderConfig(
    width=8, heads=2, fan_out=(4,), dropout=0.0, input_dropout=0.0, snapshot_days=7.0, snapshot_hops=2
)


@pytest.fixture(scope="module")
def queries() -> QuerySet:
    network = random_network(5)
    features = PairFeatures(network)
    return QuerySet(features, queries_of(network.table("invitations"), features.graph))


def batch_of(queries: QuerySet) -> Data:
    return next(iter(batches(queries, CONFIG.fan_out, len(queries), snapshot=CONFIG.snapshot)))


def encoder_of(queries: QuerySet, config: EncoderConfig = CONFIG) -> TemporalEncoder:
    torch.manual_seed(0)
    encoder = TemporalEncoder(config).eval()
    encoder.fit_scalers(batch_of(queries))
    return encoder


def test_batch__shuffled__senders_then_recipients_of_the_same_queries(queries: QuerySet) -> None:
    known = queries.snapshot(7.0, 2)
    assert known.shape == (len(queries), 2, len(snapshot_columns(2)))
    for batch in batches(queries, (4,), 16, torch.Generator().manual_seed(0), snapshot=(7.0, 2)):
        rows = batch.query.numpy()
        np.testing.assert_array_equal(batch.snapshots, np.concatenate((known[rows, 0], known[rows, 1])))


def test_batch__view_not_asked_for__not_carried(queries: QuerySet) -> None:
    assert "snapshots" not in next(iter(batches(queries, (4,), 16)))


@torch.inference_mode()
def test_encoder__alone_or_among_others__the_same_embedding(queries: QuerySet) -> None:
    encoder = encoder_of(queries)
    together = encoder(batch_of(queries))
    for i in (0, 60, len(queries) - 1):
        torch.testing.assert_close(encoder(batch_of(queries[i : i + 1]))[0], together[i], atol=1e-5, rtol=0)


@torch.inference_mode()
def test_encoder__one_recipients_snapshot_changed__that_query_alone_moves(queries: QuerySet) -> None:
    encoder, batch, n = encoder_of(queries), batch_of(queries), len(queries)
    before = encoder(batch)
    batch.snapshots[n + 60] += 1.0
    moved = (encoder(batch) - before).abs().amax(1) > 1e-5
    assert moved.nonzero().flatten().tolist() == [60]


def test_encoder__view_left_out__the_other_weights_begin_the_same(queries: QuerySet) -> None:
    without = encoder_of(queries, CONFIG.model_copy(update={"snapshot_days": None})).state_dict()
    with_view = encoder_of(queries).state_dict()
    assert {name for name in with_view if name not in without} == {
        name for name in with_view if name.startswith("snapshot.")
    }
    for name, values in without.items():
        torch.testing.assert_close(values, with_view[name])


def test_mix__one_block_weighs_all__its_own_linear_map_by_hand() -> None:
    torch.manual_seed(0)
    mix, n_states = SnapshotMix(2, 3, 0.0), len(STATE_COLUMNS)
    mix.scaler.scale.fill_(1.0)
    snapshot = torch.randn(4, len(snapshot_columns(2))).clamp(-4, 4)
    snapshot[0, n_states] = torch.nan  # the first column of the first relation's second hop
    with torch.no_grad():
        mix.weight[1] = 50.0
        block = snapshot[:, n_states : 2 * n_states]
        expected = mix.read[1](torch.cat((block.nan_to_num(0.0), block.isnan().float()), 1))
        torch.testing.assert_close(mix(snapshot), expected)

"""Rankers of partners: the loss by hand, gradients, parts that add up, what is never seen."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from torch_geometric.data import Data

from influence.graph.partner_columns import GROUPS, PairColumns
from influence.model.encoder import EncoderConfig
from influence.model.partners import PartnerNetwork, PartnerTrees, choice_loss, list_losses
from influence.model.trees import TreesConfig

COLUMNS = ("fit.a", "fit.b", "gravity.c", "direct.d", "indirect.e")
QUICK = TreesConfig(
    learning_rate=0.3,
    num_leaves=4,
    min_data_in_leaf=5,
    feature_fraction=1.0,
    bagging_fraction=1.0,
    lambda_l2=0.1,
)


def lists(seed: int = 0, n_queries: int = 40, n_each: int = 7) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pair columns, hits and queries; the hit of each list is the row with the largest second column."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_queries * n_each, len(COLUMNS))).astype(np.float32)
    query = np.repeat(np.arange(n_queries), n_each)
    best = x[:, 1].reshape(n_queries, n_each).argmax(1) + np.arange(n_queries) * n_each
    hit = np.zeros(len(x), bool)
    hit[best] = True
    x[rng.random(x.shape) < 0.05] = np.nan
    x[best, 1] = np.nan_to_num(x[best, 1], nan=2.0)
    return x, hit, query


def batch_of(x: np.ndarray, words: csr_matrix, ends: np.ndarray) -> Data:
    return Data(
        x=torch.from_numpy(x),
        ends=torch.from_numpy(ends),
        words_0=torch.from_numpy(words.indices.astype(np.int64)),
        starts_0=torch.from_numpy(words.indptr[:-1].astype(np.int64)),
        weights_0=torch.from_numpy(words.data.astype(np.float32)),
    )


def test_list_losses__two_lists__softmax_by_hand() -> None:
    score = np.log([1.0, 3.0, 2.0, 2.0, 5.0])
    hit = np.array([True, False, False, True, False])
    query = np.array([0, 0, 1, 1, 1])
    np.testing.assert_allclose(list_losses(score, hit, query), -np.log([1 / 4, 2 / 9]))


def test_list_losses__two_hits_on_a_list__compete_with_the_others_only() -> None:
    score = np.log([1.0, 4.0, 3.0])
    found = list_losses(score, np.array([True, True, False]), np.zeros(3, np.int64))
    np.testing.assert_allclose(found, -np.log([1 / 4, 4 / 7]))


def test_choice_loss__random_scores__mean_of_list_losses_and_its_slope() -> None:
    rng = np.random.default_rng(3)
    score, query = rng.normal(size=9), np.array([0, 0, 0, 1, 1, 2, 2, 2, 2])
    hit = np.array([1, 0, 0, 0, 1, 0, 1, 0, 0], bool)
    given = torch.tensor(score, requires_grad=True)
    loss = choice_loss(given, torch.from_numpy(hit), torch.from_numpy(query))
    loss.backward()
    assert loss.item() == pytest.approx(list_losses(score, hit, query).mean())
    for row in range(len(score)):
        up, down = (np.where(np.arange(9) == row, score + d, score) for d in (1e-5, -1e-5))
        slope = (list_losses(up, hit, query).mean() - list_losses(down, hit, query).mean()) / 2e-5
        assert given.grad is not None
        assert given.grad[row].item() == pytest.approx(slope, abs=1e-7)


def test_trees__first_leaf__newton_step_of_the_list_losses() -> None:
    """One stump on a flag: its leaves move by minus gradient over curvature, by finite differences."""
    flag = np.tile([1.0, 0.0, 0.0, 1.0], 25)
    hit = np.tile([True, False, False, False], 25)
    query = np.repeat(np.arange(25), 4)
    config = QUICK.model_copy(update={"num_leaves": 2, "learning_rate": 1.0, "lambda_l2": 0.0})
    tree = PartnerTrees(config, 0).fit(
        flag[:, None].astype(np.float32), hit, query, np.zeros(100, np.float32), 1
    )

    def loss(score: np.ndarray) -> float:
        return float(list_losses(score, hit, query).sum())

    moved = np.array([tree.score(np.array([[value]], np.float32))[0] for value in (1.0, 0.0)])
    for value, found in zip((1.0, 0.0), moved, strict=True):
        rows = flag == value
        gradient = (loss(1e-5 * rows) - loss(-1e-5 * rows)) / 2e-5
        # The diagonal of the curvature, which is what boosting sees: each row alone.
        share = np.full(100, 1 / 4)
        curvature = (share * (1 - share))[rows].sum()
        assert found == pytest.approx(-gradient / curvature, rel=1e-4)


def test_trees__lists_decided_by_a_column__overfit_and_parts_sum_to_the_score() -> None:
    x, hit, query = lists()
    tree = PartnerTrees(QUICK, 0).fit(x, hit, query, np.zeros(len(x), np.float32), 60)
    score = tree.score(x)
    assert list_losses(score, hit, query).mean() < 0.1
    parts = tree.parts(PairColumns(COLUMNS, x))
    assert parts.shape == (len(x), len(GROUPS))
    gap = score - parts.sum(1)
    np.testing.assert_allclose(gap, gap[0], atol=1e-6)
    assert parts[:, 0].std() > 5 * parts[:, 2].std()


def test_trees__chance_of_being_drawn__is_taken_out_of_the_score() -> None:
    """Where hits are as likely as their drawing makes them look, nothing is left to learn."""
    rng = np.random.default_rng(1)
    n, kind = 400, np.tile([0.0, 0.0, 1.0, 1.0, 1.0], 400)
    log_q = np.where(kind == 1, np.log(0.2), 0.0).astype(np.float32)
    # a row of kind 1 stands for five
    weight = np.where(kind == 1, 5.0, 1.0).reshape(n, 5)
    chosen = [rng.choice(5, p=row / row.sum()) for row in weight]
    hit = np.zeros(n * 5, bool)
    hit[np.arange(n) * 5 + chosen] = True
    query = np.repeat(np.arange(n), 5)
    tree = PartnerTrees(QUICK, 0).fit(kind[:, None].astype(np.float32), hit, query, log_q, 20)
    naive = PartnerTrees(QUICK, 0).fit(kind[:, None].astype(np.float32), hit, query, 0 * log_q, 20)
    ends = np.array([[0.0], [1.0]], np.float32)
    assert abs(np.diff(tree.score(ends))[0]) < 0.4
    assert np.diff(naive.score(ends))[0] > 1.2


def test_network__lists_decided_by_a_column__overfits_and_parts_sum() -> None:
    x, hit, query = lists(n_queries=20)
    words = csr_matrix(np.random.default_rng(0).integers(0, 2, (11, 6)).astype(np.float32))
    ends = np.random.default_rng(1).integers(0, 11, (2, len(x)))
    torch.manual_seed(0)
    network = PartnerNetwork(COLUMNS, 6, 1, EncoderConfig(width=16, dropout=0.0, input_dropout=0.0))
    network.fit_statistics(torch.from_numpy(x))
    batch = batch_of(x, words, ends)
    steps = torch.optim.Adam(network.parameters(), lr=0.03)
    for _ in range(150):
        loss = choice_loss(network(batch).sum(1), torch.from_numpy(hit), torch.from_numpy(query))
        steps.zero_grad()
        loss.backward()
        steps.step()
    parts = network(batch)
    assert parts.shape == (len(x), len(GROUPS))
    assert loss.item() < 0.1


def test_network__entity_without_known_words__finite_score() -> None:
    x = np.full((3, len(COLUMNS)), np.nan, np.float32)
    nothing = csr_matrix((4, 6), dtype=np.float32)
    network = PartnerNetwork(COLUMNS, 6, 1, EncoderConfig(width=8))
    network.fit_statistics(torch.from_numpy(lists()[0]))
    found = network.eval()(batch_of(x, nothing, np.array([[0, 1, 2], [3, 3, 0]])))
    assert torch.isfinite(found).all()
    np.testing.assert_allclose(network.similarity(batch_of(x, nothing, np.array([[0], [1]]))).detach(), 0.0)

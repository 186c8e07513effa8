"""Propagation over compressed rows: the dense product and its gradients, whatever the graph's shape."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from influence.graph.propagation import SparseAdjacency, propagate

N_SOURCES, N_TARGETS = 5, 4


def random_edges(seed: int, n_edges: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    source, target = rng.integers(N_SOURCES, size=n_edges), rng.integers(N_TARGETS, size=n_edges)
    return source, target, rng.uniform(0.1, 2.0, n_edges)


def dense(source: np.ndarray, target: np.ndarray, weight: np.ndarray) -> torch.Tensor:
    matrix = np.zeros((N_TARGETS, N_SOURCES))
    np.add.at(matrix, (target, source), weight)
    return torch.from_numpy(matrix)


def columns(n: int = 3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(N_SOURCES, n, dtype=torch.float64, generator=generator).requires_grad_()


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), n_edges=st.integers(0, 30))
def test_propagate__any_edges__equals_dense_product_and_gradient(seed: int, n_edges: int) -> None:
    edges = random_edges(seed, n_edges)
    adjacency, matrix, x = SparseAdjacency.build(*edges, N_SOURCES, N_TARGETS), dense(*edges), columns()
    y = propagate(adjacency, x)
    torch.testing.assert_close(y, matrix @ x)
    told = torch.arange(12, dtype=torch.float64).view(N_TARGETS, 3)
    (gradient,) = torch.autograd.grad(y, x, told)
    torch.testing.assert_close(gradient, matrix.T @ told)


@pytest.mark.parametrize("n_edges", [0, 9])
def test_propagate__in_double_precision__gradients_of_both_orders_check(n_edges: int) -> None:
    adjacency = SparseAdjacency.build(*random_edges(1, n_edges), N_SOURCES, N_TARGETS)
    assert torch.autograd.gradcheck(lambda x: propagate(adjacency, x), (columns(),))
    assert torch.autograd.gradgradcheck(lambda x: propagate(adjacency, x) ** 2, (columns(),))


def test_propagate__gradient_spread_without_memory__as_the_dense_one() -> None:
    edges = random_edges(2, 9)
    x = columns()
    propagate(SparseAdjacency.build(*edges, N_SOURCES, N_TARGETS), x).sum().backward()
    torch.testing.assert_close(x.grad, dense(*edges).sum(0)[:, None].expand(-1, 3).clone())


def test_propagate__isolated_targets__zeros_for_them_alone() -> None:
    adjacency = SparseAdjacency.build(np.array([4]), np.array([2]), np.array([0.5]), N_SOURCES, N_TARGETS)
    y = propagate(adjacency, columns())
    torch.testing.assert_close(y[2], 0.5 * columns()[4])
    assert (y[[0, 1, 3]] == 0).all()


def test_propagate__no_contacts_at_all__nothing() -> None:
    none = np.empty(0, np.int64)
    adjacency = SparseAdjacency.build(none, none, np.empty(0, np.float32), 0, 0)
    assert propagate(adjacency, torch.empty(0, 3)).shape == (0, 3)


def test_row_normalised__two_edges_of_weight_1_and_3__weighted_mean_by_hand() -> None:
    source, target = np.array([0, 1, 1]), np.array([3, 3, 3])
    adjacency = SparseAdjacency.build(source, target, np.array([1.0, 1.0, 2.0]), N_SOURCES, N_TARGETS, True)
    x = columns()
    torch.testing.assert_close(propagate(adjacency, x)[3], 0.25 * x[0] + 0.75 * x[1])
    torch.testing.assert_close(adjacency.transposed.matrix.to_dense(), adjacency.matrix.to_dense().T)


def test_build__weights_of_any_kind__float32_unless_double() -> None:
    source, target, weight = random_edges(3, 6)
    for given_type, kept in (
        (np.float32, torch.float32),
        (np.int64, torch.float32),
        (np.float64, torch.float64),
    ):
        adjacency = SparseAdjacency.build(source, target, weight.astype(given_type), N_SOURCES, N_TARGETS)
        assert adjacency.matrix.dtype == kept

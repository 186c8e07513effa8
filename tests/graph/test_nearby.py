"""What is looked up nearby is what a product over the whole graph, or another library, gives."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from scipy.sparse import csr_matrix

from influence.graph.partner_columns.nearby import (
    COMMON,
    PATHS,
    PATHS_BY_DEGREES,
    RARE,
    SHARED,
    SHARED_AT_HOME,
    WALK_TO_GROUP,
    WALKS,
    nearby,
)

N = 37
GROUP = np.random.default_rng(5).integers(-1, 3, N)
RESTARTS = (0.15, 0.5)
WALK, NEAR = WALKS, WALKS + 1


def ties(n_links: int = 70, seed: int = 0) -> csr_matrix:
    a, b = np.random.default_rng(seed).integers(0, N, (2, n_links))
    both = csr_matrix((np.ones(2 * n_links, np.float32), (np.r_[a, b], np.r_[b, a])), (N, N))
    both.setdiag(0)
    both.eliminate_zeros()
    both.data[:] = 1
    return both


@pytest.mark.parametrize("seed", [0, 1])
def test_nearby__every_pair__equals_dense_products(seed: int) -> None:
    known = ties(seed=seed)
    a = known.toarray().astype(float)
    degree = np.maximum(a.sum(0), 1)
    source, target = np.repeat(np.arange(N), N), np.tile(np.arange(N), N)
    found = nearby(known, source, target, GROUP, RESTARTS).reshape(N, N, -1)
    np.testing.assert_allclose(found[..., COMMON], a @ a)
    np.testing.assert_allclose(found[..., RARE], a @ np.diag(1 / np.log1p(degree)) @ a)
    np.testing.assert_allclose(found[..., SHARED], a @ np.diag(1 / degree) @ a)
    at_home = GROUP[:, None] == GROUP[None, :]
    np.testing.assert_allclose(found[..., SHARED_AT_HOME], (a * at_home) @ np.diag(1 / degree) @ a)
    np.testing.assert_allclose(found[..., PATHS], a @ a @ a)
    np.testing.assert_allclose(
        found[..., PATHS_BY_DEGREES], a @ (a / degree[:, None]) @ (a / degree[:, None])
    )


@pytest.mark.parametrize(("column", "alpha"), [(WALK, 0.85), (NEAR, 0.5)])
def test_nearby__pagerank__equals_networkx(column: int, alpha: float) -> None:
    known = ties()
    source = int(np.argmax(known.sum(0)))
    exact = nx.pagerank(
        nx.from_scipy_sparse_array(known), alpha, {source: 1}, max_iter=1_000, tol=1e-12, weight=None
    )
    found = nearby(known, np.full(N, source), np.arange(N), GROUP, RESTARTS, 1e-12)[:, column]
    np.testing.assert_allclose(found, [exact[i] for i in range(N)], atol=1e-9)


def test_nearby__tolerance__bounds_the_error_by_degree() -> None:
    known = ties()
    source, target = np.repeat(np.arange(N), N), np.tile(np.arange(N), N)
    exact, near = (
        nearby(known, source, target, GROUP, RESTARTS, tolerance)[:, WALK] for tolerance in (1e-12, 1e-3)
    )
    short = exact - near
    degree = np.maximum(np.asarray(known.sum(0)).ravel(), 1)[target]
    assert short.max() > 1e-5
    assert (short >= -1e-12).all()
    assert (short <= 1e-3 * degree).all()


def test_nearby__order_of_pairs__does_not_matter() -> None:
    rng = np.random.default_rng(3)
    source, target = rng.integers(0, N, (2, 90))
    shuffled = rng.permutation(90)
    found = nearby(ties(), source, target, GROUP, RESTARTS)
    np.testing.assert_array_equal(
        nearby(ties(), source[shuffled], target[shuffled], GROUP, RESTARTS), found[shuffled]
    )
    np.testing.assert_array_equal(nearby(ties(), source[:1], target[:1], GROUP, RESTARTS), found[:1])


def test_nearby__nobody_linked__nothing_between_and_all_walks_stay() -> None:
    empty = csr_matrix((N, N), dtype=np.float32)
    found = nearby(empty, np.array([2, 2]), np.array([2, 5]), GROUP, RESTARTS)
    np.testing.assert_array_equal(found[:, WALK], [1, 0])
    np.testing.assert_array_equal(found[:, :WALK_TO_GROUP], 0)


def test_nearby__groups__sum_their_walks_and_nobodys_is_apart() -> None:
    source, target = np.full(N, 4), np.arange(N)
    found = nearby(ties(), source, target, GROUP, RESTARTS)
    for code in (-1, 0, 1, 2):
        own = code == GROUP
        np.testing.assert_allclose(found[own, WALK_TO_GROUP], found[own, WALK].sum())

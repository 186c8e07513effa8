"""The search gives exactly what scoring every pair gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from influence.model import retrieval as module
from influence.model.retrieval import Retrieval


def some(n: int = 83, width: int = 5) -> Retrieval:
    draw = torch.Generator().manual_seed(3)
    between = torch.randn((4, 4), generator=draw)
    between.fill_diagonal_(-torch.inf)
    between[3] = between[:, 3] = -torch.inf
    country = np.random.default_rng(4).integers(0, 4, n)
    z = torch.randn((2, n, width), generator=draw)
    return Retrieval(z[0], z[1], country, between, torch.randn(n, generator=draw))


@pytest.mark.parametrize("cells", [10, 300, 10_000])
def test_best__any_block_size__equals_brute_force(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CELLS_AT_A_TIME", cells)
    found, n = some(), 83
    source = np.array([2, 7, 11, 40])
    left_out = csr_matrix((np.ones(3), ([2, 7, 7], [5, 8, 9])), shape=(n, n))
    place, score = found.best(source, 6, left_out)
    for row, one in enumerate(source):
        every = found.score(np.full(n, one), np.arange(n)).copy()
        every[left_out[one].indices] = -np.inf
        best = np.argsort(-every, kind="stable")[:6]
        finite = np.isfinite(every[best])
        np.testing.assert_allclose(score[row][finite], every[best][finite], rtol=1e-5)
        assert place[row][finite].tolist() == best[finite].tolist()
        assert (place[row][~finite] == -1).all()


def test_best__fewer_candidates_than_asked__padded() -> None:
    place, score = some(n=5).best(np.array([0]), 9, csr_matrix((5, 5)))
    assert place.shape == score.shape == (1, 9)
    assert (place[0][np.isneginf(score[0])] == -1).all()

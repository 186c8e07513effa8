"""Propagation along the edges of one relation, forward and backward over compressed rows kept once.

The gradient of `A @ x` is `A^T @ g`.  Left to itself, torch transposes the adjacency anew at every
backward pass; here the transpose is kept beside it (`python -m benchmarks.propagation` compares).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor


@dataclass(frozen=True)
class SparseAdjacency:
    """Weighted edges from sources to targets.

    Attributes
    ----------
    matrix : sparse CSR [n_targets, n_sources], the weight of each edge; parallel edges add up
    transpose : sparse CSR [n_sources, n_targets]
    """

    matrix: Tensor
    transpose: Tensor

    @classmethod
    def build(
        cls,
        source: NDArray[np.int64],
        target: NDArray[np.int64],
        weight: NDArray[np.floating[Any]],
        n_sources: int,
        n_targets: int,
        row_normalised: bool = False,
    ) -> Self:
        """Compress edges; float64 weights stay so, all others become float32.

        Parameters
        ----------
        source, target : int64 [n_edges], below `n_sources` and `n_targets`
        weight : float [n_edges]
        row_normalised
            Divide by each target's total weight, so that propagating takes means instead of sums.
        """
        kept = weight if weight.dtype == np.float64 else weight.astype(np.float32)
        rows = csr_matrix((kept, (target, source)), shape=(n_targets, n_sources))
        if row_normalised:
            total = np.asarray(rows.sum(1), dtype=kept.dtype).ravel()
            rows.data /= np.where(total == 0, 1, total)[np.repeat(np.arange(n_targets), np.diff(rows.indptr))]
        return cls(_to_torch(rows), _to_torch(rows.T.tocsr()))

    @property
    def transposed(self) -> SparseAdjacency:
        """The edges turned round; nothing is copied."""
        return SparseAdjacency(self.transpose, self.matrix)


def propagate(adjacency: SparseAdjacency, x: Tensor) -> Tensor:
    """What each target gathers from its sources, differentiable in `x` to any order.

    Parameters
    ----------
    x : float [n_sources, columns], of the adjacency's type

    Returns
    -------
    float [n_targets, columns]; zeros where a target has no edge
    """
    gathered: Tensor = _Propagation.apply(x, adjacency)  # type: ignore[no-untyped-call]
    return gathered


class _Propagation(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, adjacency: SparseAdjacency) -> Tensor:
        ctx.adjacency = adjacency
        return adjacency.matrix @ x

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return propagate(ctx.adjacency.transposed, gradients[0]), None


def _to_torch(rows: csr_matrix) -> Tensor:
    with warnings.catch_warnings():
        # Torch warns once that the layout is young; what is used of it here is tested against dense products.
        warnings.filterwarnings("ignore", message="Sparse (CSR|invariant)", category=UserWarning)
        return torch.sparse_csr_tensor(
            torch.from_numpy(rows.indptr), torch.from_numpy(rows.indices), torch.from_numpy(rows.data),
            size=rows.shape, check_invariants=False,
        )  # fmt: skip

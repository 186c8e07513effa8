"""The best candidates by a score that is a dot product and a few sums: exact, and no pair is kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor

Ints = NDArray[np.int64]
CELLS_AT_A_TIME = 20_000_000
"""Scores that are held at once (80 MB)."""


@dataclass(frozen=True)
class Retrieval:
    """A score of pairs that can be searched: z_source . z_target + between(countries) + standing(target).

    Attributes
    ----------
    z_source, z_target : float32 [n, width]
    country : int64 [n], positions in `between`; the last one stands for the unknown
    between : float32 [countries, countries]; minus infinity where nobody is sought
    standing : float32 [n]
    """

    z_source: Tensor
    z_target: Tensor
    country: Ints
    between: Tensor
    standing: Tensor

    def score(self, source: Ints, target: Ints) -> NDArray[np.float32]:
        """The score of pairs, each int64 [pairs]."""
        same = (self.z_source[source] * self.z_target[target]).sum(1)
        between = self.between[self.country[source], self.country[target]]
        return np.asarray(same + between + self.standing[target])

    def best(self, source: Ints, k: int, left_out: csr_matrix) -> tuple[Ints, NDArray[np.float32]]:
        """The `k` targets with the highest score for each source, best first.

        Parameters
        ----------
        source : int64 [q]
        left_out : CSR [n, n], pairs that are not sought

        Returns
        -------
        target : int64 [q, k], -1 where there are not so many
        score : float32 [q, k], minus infinity there
        """
        n = len(self.standing)
        best = torch.full((len(source), k), -torch.inf)
        place = torch.full((len(source), k), -1, dtype=torch.int64)
        z, between = self.z_source[source], self.between[self.country[source]]
        without = left_out[source].tocsc()
        width = max(1, CELLS_AT_A_TIME // max(len(source), 1))
        for first in range(0, n, width):
            last = min(first + width, n)
            score = z @ self.z_target[first:last].T
            score += between[:, self.country[first:last]]
            score += self.standing[first:last]
            hidden = without[:, first:last].tocoo()
            score[hidden.row, hidden.col] = -torch.inf
            top = torch.topk(score, min(k, last - first), dim=1)
            both = torch.cat((best, top.values), 1), torch.cat((place, top.indices + first), 1)
            best, order = torch.topk(both[0], k, dim=1)
            place = both[1].gather(1, order)
        place[best == -torch.inf] = -1
        return place.numpy(), best.numpy()

"""Several processes that train one network together: each takes its share of every batch.

All of them run the same program on the same records.  Gradients are averaged by torch's
`DistributedDataParallel` (Li et al. 2020, "PyTorch Distributed: experiences on accelerating data parallel
training"), weighed by the rows of each share, so that a step is that of one process on the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

T = TypeVar("T")


@dataclass(frozen=True)
class Workers:
    """The process among those that train one network; by default the only one.

    With more than one, torch's process group has been initialised by whoever launched them; CPU tensors go
    through gloo.

    Attributes
    ----------
    rank : which one it is, from 0; the first one validates, keeps snapshots and tells the others
    n : how many there are
    """

    rank: int = 0
    n: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it is the one that validates and writes."""
        return self.rank == 0

    @property
    def share(self) -> tuple[int, int]:
        """(k, n): of every batch the k-th of n shares."""
        return self.rank, self.n

    def parallel(self, module: nn.Module) -> nn.Module:
        """The module such that the gradients of a backward pass are averaged over all workers."""
        if self.n == 1:
            return module
        # A static graph allows for weights that no output depends on, as in a network without neighbours.
        return DistributedDataParallel(module, forward_sync_buffers=False, static_graph=True)

    def weighted(self, loss: Tensor, n_rows: int) -> Tensor:
        """The mean loss of a share of `n_rows`, weighed.

        The plain average of its gradients over all workers is the gradient of the whole batch's mean loss.
        """
        if self.n == 1:
            return loss
        (rows_of_all,) = self.sum(n_rows)
        return loss * (n_rows * self.n / rows_of_all)

    def sum(self, *values: float) -> tuple[float, ...]:
        """Each value summed over all workers."""
        if self.n == 1:
            return values
        total = torch.tensor(values, dtype=torch.float64)
        distributed.all_reduce(total)
        return tuple(total.tolist())

    def told(self, find: Callable[[], T]) -> T:
        """What the first worker finds, told to all; the others do not look."""
        if self.n == 1:
            return find()
        found = [find() if self.is_first else None]
        distributed.broadcast_object_list(found, device=torch.device("cpu"))
        return found[0]  # type: ignore[return-value]


ALONE = Workers()
"""A process that trains by itself."""

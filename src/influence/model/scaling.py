"""Columns to tensors: statistics fitted on training rows, stored with the model."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Standardizer(nn.Module):
    """Columns to mean 0 and standard deviation 1, clipped; missing values become 0 beside a flag.

    The statistics are buffers, so that they are stored with the weights.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, n_columns: int, clip: float = 5.0) -> None:
        super().__init__()
        self.clip = clip
        self.register_buffer("mean", torch.zeros(n_columns))
        self.register_buffer("scale", torch.zeros(n_columns))

    def fit(self, rows: Tensor) -> None:
        """Take the statistics of `rows` [n, n_columns]; a column that never varies is silenced."""
        known = ~rows.isnan()
        n = known.sum(0).clamp(min=1)
        filled = rows.nan_to_num(0.0).double()
        mean = filled.sum(0) / n
        variance = (((filled - mean) * known) ** 2).sum(0) / n
        self.mean.copy_(mean)
        self.scale.copy_(torch.where(variance > 1e-12, variance.clamp(min=1e-12).rsqrt(), 0.0))

    @property
    def n_outputs(self) -> int:
        """Columns that come out: values, then flags of what was missing."""
        return 2 * len(self.mean)

    def forward(self, rows: Tensor) -> Tensor:
        """[n, n_columns] -> [n, 2 n_columns]."""
        missing = rows.isnan()
        scaled = ((rows - self.mean) * self.scale).clamp(-self.clip, self.clip).nan_to_num(0.0)
        return torch.cat((scaled, missing.to(scaled.dtype)), dim=1)

"""The snapshot view in the encoder: blocks of propagated states, one per relation and hop, mixed."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from influence.graph.snapshots import SNAPSHOT_RELATIONS
from influence.graph.state import STATE_COLUMNS
from influence.model.scaling import Standardizer


class SnapshotMix(nn.Module):
    """Each block is read by a linear map of its own; a softmax over all blocks weighs what was read."""

    def __init__(self, hops: int, width: int, dropout: float) -> None:
        super().__init__()
        n_blocks = len(SNAPSHOT_RELATIONS) * hops
        self.scaler = Standardizer(n_blocks * len(STATE_COLUMNS))
        self.dropout = nn.Dropout(dropout)
        self.read = nn.ModuleList(nn.Linear(2 * len(STATE_COLUMNS), width) for _ in range(n_blocks))
        self.weight = nn.Parameter(torch.zeros(n_blocks))

    def forward(self, snapshot: Tensor) -> Tensor:
        """[contacts, snapshot columns] -> [contacts, width]."""
        scaled = self.dropout(self.scaler(snapshot))
        values, missing = scaled.unflatten(1, (2, len(self.read), len(STATE_COLUMNS))).unbind(1)
        blocks = torch.cat((values, missing), 2).unbind(1)
        told = torch.stack([read(block) for read, block in zip(self.read, blocks, strict=True)], 2)
        return told @ self.weight.softmax(0)

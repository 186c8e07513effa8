"""The relation-aware temporal encoder: both ends of a query, read through their latest events.

Attention over time-stamped edges follows TGAT (Xu et al. 2020, "Inductive representation learning on
temporal graphs"); that the two ends are read together follows DyGFormer (Yu et al. 2023).  There are no
embeddings of ids: whatever is learned carries over to newcomers.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Annotated, Self

import torch
from pydantic import Field, PositiveFloat, PositiveInt, model_validator
from torch import Tensor, nn
from torch_geometric.data import Data
from torch_geometric.nn import MessagePassing
from torch_geometric.utils import softmax

from influence.graph.loading import EDGE_COLUMNS
from influence.graph.pairs import PairFeatures
from influence.graph.state import STATE_COLUMNS
from influence.graph.surroundings import SURROUNDING_COLUMNS
from influence.graph.temporal import CODES
from influence.model.scaling import Standardizer
from influence.model.snapshot import SnapshotMix
from influence.settings import Settings

Share = Annotated[float, Field(ge=0, lt=1)]


class EncoderConfig(Settings):
    """Shape of the encoder."""

    width: PositiveInt = 48
    """Dimensions of every embedding."""
    heads: PositiveInt = 4
    """Attention heads; must divide `width`."""
    fan_out: tuple[PositiveInt, ...] = (20,)
    """Latest events to follow per contact, one number per hop."""
    dropout: Share = 0.3
    """Share of hidden units dropped in training."""
    input_dropout: Share = 0.2
    """Share of input columns dropped in training."""
    snapshot_days: PositiveFloat | None = None
    """Length of the windows of the snapshot view, in days; without one there is no such view."""
    snapshot_hops: PositiveInt = 2
    """How often the snapshot view propagates along each relation."""

    @property
    def snapshot(self) -> tuple[float, int] | None:
        """(days, hops) of the snapshot view, if there is one."""
        return (self.snapshot_days, self.snapshot_hops) if self.snapshot_days is not None else None

    @model_validator(mode="after")
    def _heads_divide_width(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is no multiple of heads {self.heads}")
        return self


class TemporalAttention(MessagePassing):
    """Attention of each contact over its sampled edges, aware of relation, direction and age.

    The question is asked by the parent in the light of the query's other end; keys and values are made of
    the neighbour's state and of the edge.
    """

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__(aggr="sum", node_dim=0)
        self.heads = heads
        self.query = nn.Linear(2 * width, width)
        self.key = nn.Linear(2 * width, width)
        self.value = nn.Linear(2 * width, width)
        self.merge = nn.Sequential(
            nn.Linear(2 * width, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, width)
        )
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, child: Tensor, parent: Tensor, other: Tensor, edge_index: Tensor, edge: Tensor
    ) -> Tensor:
        """Embeddings [parents, width] after one hop.

        Parameters
        ----------
        child : float [children, width];  parent, other : float [parents, width]
        edge_index : int64 [2, edges], from child to parent;  edge : float [edges, width]
        """
        query = self.query(torch.cat((parent, other), 1))
        seen = self.propagate(edge_index, x=(child, query), edge=edge, size=(len(child), len(parent)))
        return self.norm(parent + self.merge(torch.cat((parent, seen), 1)))

    def message(self, x_j: Tensor, x_i: Tensor, edge: Tensor, index: Tensor, size_i: int) -> Tensor:
        """What each edge tells its parent, weighed by attention."""
        heads = (-1, self.heads, x_i.size(1) // self.heads)
        told = torch.cat((x_j, edge), 1)
        match = (x_i.view(heads) * self.key(told).view(heads)).sum(-1) / heads[-1] ** 0.5
        weight = self.dropout(softmax(match, index, num_nodes=size_i))
        return (weight.unsqueeze(-1) * self.value(told).view(heads)).flatten(1)


class TemporalEncoder(nn.Module):
    """Queries with sampled neighbourhoods -> one embedding per query."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        width, self.fan_out = config.width, config.fan_out
        self.state_scaler = Standardizer(len(STATE_COLUMNS))
        self.pair_scaler = Standardizer(len(PairFeatures.columns))
        self.edge_scaler = Standardizer(len(EDGE_COLUMNS))
        self.surroundings_scaler = Standardizer(2 * len(SURROUNDING_COLUMNS)) if config.fan_out else None
        self.input_dropout = nn.Dropout(config.input_dropout)
        self.state = nn.Sequential(nn.Linear(self.state_scaler.n_outputs, width), nn.ReLU())
        self.pair = nn.Sequential(nn.Linear(self._n_pair_inputs, width), nn.ReLU())
        self.relation = nn.Embedding(len(CODES), width)
        self.edge = nn.Linear(self.edge_scaler.n_outputs, width)
        self.hops = nn.ModuleList(
            TemporalAttention(width, config.heads, config.dropout) for _ in config.fan_out
        )
        self.join = nn.Sequential(
            nn.Linear(4 * width, width), nn.LayerNorm(width), nn.ReLU(), nn.Dropout(config.dropout)
        )  # fmt: skip
        # Last, so that the other weights begin the same with and without it.
        self.snapshot = (
            SnapshotMix(config.snapshot_hops, width, config.input_dropout) if config.snapshot else None
        )

    @property
    def _n_pair_inputs(self) -> int:
        scalers = (self.pair_scaler, self.surroundings_scaler)
        return sum(scaler.n_outputs for scaler in scalers if scaler is not None)

    @property
    def width(self) -> int:
        """Dimensions of every embedding."""
        return self.relation.embedding_dim

    def fit_scalers(self, batch: Data) -> None:
        """Take the column statistics of a batch of training queries."""
        self.state_scaler.fit(batch.x)
        self.pair_scaler.fit(batch.pair)
        self.edge_scaler.fit(batch.edge_attr)
        if self.surroundings_scaler is not None:
            self.surroundings_scaler.fit(batch.surroundings)
        if self.snapshot is not None:
            self.snapshot.scaler.fit(batch.snapshots)

    def forward(self, batch: Data) -> Tensor:
        """[queries, width]."""
        sender, recipient = self.ends(batch)
        told = self.pair_scaler(batch.pair)
        if self.surroundings_scaler is not None:
            told = torch.cat((told, self.surroundings_scaler(batch.surroundings)), 1)
        pair = self.pair(self.input_dropout(told))
        return self.join(torch.cat((sender, recipient, sender * recipient, pair), 1))

    def ends(self, batch: Data) -> tuple[Tensor, Tensor]:
        """Embeddings of senders and recipients, each [queries, width], after all hops."""
        h = self.state(self.input_dropout(self.state_scaler(batch.x)))
        if self.snapshot is not None:
            n_ends = batch.num_sampled_nodes[0]
            h = torch.cat((h[:n_ends] + self.snapshot(batch.snapshots), h[n_ends:]))
        edge = self.edge(self.edge_scaler(batch.edge_attr)) + self.relation(batch.relation)
        n_queries = batch.num_sampled_nodes[0] // 2
        other = h[torch.where(batch.batch < n_queries, batch.batch + n_queries, batch.batch - n_queries)]
        node_end = [0, *accumulate(batch.num_sampled_nodes)]
        edge_end = [0, *accumulate(batch.num_sampled_edges)]
        below = h[node_end[-2] :]
        for hop in reversed(range(len(self.hops))):
            rows, edges = slice(node_end[hop], node_end[hop + 1]), slice(edge_end[hop], edge_end[hop + 1])
            offset = torch.tensor([[node_end[hop + 1]], [node_end[hop]]], device=h.device)
            below = self.hops[hop](
                below, h[rows], other[rows], batch.edge_index[:, edges] - offset, edge[edges]
            )
        return below[:n_queries], below[n_queries:]

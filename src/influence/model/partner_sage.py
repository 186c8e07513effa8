"""Plain GraphSAGE as a ranker of partners: what the field would try first.

Hamilton, Ying & Leskovec 2017, "Inductive representation learning on large graphs", with the mean aggregator
over the links known at the moment; the score of a pair is the dot product of the two ends' embeddings.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag
from torch_geometric.data import Data
from torch_geometric.nn import SAGEConv

from influence.graph.partner_columns import GROUPS
from influence.model.encoder import EncoderConfig
from influence.model.partners import FIT


class PartnerSage(nn.Module):
    """Two layers over the words of all entities of a graph.

    Parameters
    ----------
    n_words
        Of the entities.
    """

    def __init__(self, n_words: int, config: EncoderConfig) -> None:
        super().__init__()
        self.words = nn.Parameter(torch.randn(n_words, config.width) * 0.1)
        self.layers = nn.ModuleList(SAGEConv(config.width, config.width) for _ in range(2))
        self.dropout = nn.Dropout(config.dropout)

    def fit_statistics(self, x: Tensor) -> None:
        """No pair columns, nothing to standardise."""

    def forward(self, batch: Data) -> Tensor:
        """Parts [rows, len(GROUPS)], all but the fit 0.

        The batch holds the bag of all entities, `edge_index` [2, edges] and `ends` [2, rows].
        """
        z = embedding_bag(
            batch.words_0, self.words, batch.starts_0, mode="sum", per_sample_weights=batch.weights_0
        )
        for layer in self.layers:
            z = layer(self.dropout(z.relu()), batch.edge_index)
        parts = z.new_zeros(batch.ends.shape[1], len(GROUPS))
        parts[:, FIT] = (z[batch.ends[0]] * z[batch.ends[1]]).sum(1)
        return parts

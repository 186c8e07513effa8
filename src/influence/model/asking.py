"""Whether one person asks another on a topic: the messages of a relation-aware graph network.

Summed over who may ask, they are the nominations that a person is expected to receive.  They are functions of
everything seen along the edge and of both of its ends (Gilmer et al. 2017, "Neural message passing for
quantum chemistry"), learned on the nominations themselves.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from influence.model.scaling import Standardizer


class AskingNetwork(nn.Module):
    """Logits of asking: a hidden layer shared by all topics and a linear part, with a head for each topic.

    Parameters
    ----------
    n_columns, n_topics
        Columns of a pair, and heads.
    width, dropout, input_dropout
        Hidden units, and the shares of hidden units and input columns dropped in training.
    """

    def __init__(
        self, n_columns: int, n_topics: int, width: int, dropout: float, input_dropout: float
    ) -> None:
        super().__init__()
        self.scaler = Standardizer(n_columns, clip=3.0)
        self.input_dropout = nn.Dropout(input_dropout)
        self.hidden = nn.Linear(self.scaler.n_outputs, width)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.Linear(width, n_topics)
        self.linear = nn.Linear(self.scaler.n_outputs, n_topics)
        for layer in (self.heads, self.linear):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def fit_scaler(self, columns: Tensor, share_asking: float) -> None:
        """Take the statistics of the training pairs [n_pairs, n_columns]; start from how many of them ask."""
        self.scaler.fit(columns)
        share = torch.tensor(share_asking).clamp(1e-4, 1 - 1e-4)
        nn.init.constant_(self.linear.bias, float(share.logit()))

    def forward(self, batch: Data) -> Tensor:
        """[pairs] logits from `batch.x` [pairs, n_columns] and `batch.topic` int64 [pairs]."""
        x = self.input_dropout(self.scaler(batch.x))
        h = self.dropout(self.hidden(x).relu())
        return torch.gather(self.heads(h) + self.linear(x), 1, batch.topic[:, None]).squeeze(1)

"""How much a person is named on a topic, from who they are, how they stand, and who is around them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from influence.model.scaling import Standardizer


class NomineeNetwork(nn.Module):
    """A shared hidden layer with a head for each topic, beside a linear part shared by all topics.

    Parameters
    ----------
    n_columns, n_topics
        Columns of the input, and heads.
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
        self.linear = nn.Linear(self.scaler.n_outputs, 1)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.heads.weight)

    def fit_scaler(self, rows: Tensor, level: float) -> None:
        """Take the columns' statistics of the training rows [n, n_columns], and start from the mean wanted."""
        self.scaler.fit(rows)
        nn.init.constant_(self.linear.bias, level)
        nn.init.zeros_(self.heads.bias)

    def forward(self, batch: Data) -> Tensor:
        """[rows] from `batch.x` [rows, n_columns] and `batch.topic` int64 [rows]."""
        x = self.input_dropout(self.scaler(batch.x))
        h = self.dropout(self.hidden(x).relu())
        own = torch.gather(self.heads(h), 1, batch.topic[:, None])
        return (own + self.linear(x)).squeeze(1)

"""Baselines of acceptance: each a forecaster like the model, on the same rows, features and validation."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch_geometric.data import Data
from torch_geometric.nn import SAGEConv

from influence.graph.loading import QuerySet
from influence.graph.pairs import PairFeatures
from influence.graph.state import STATE_COLUMNS
from influence.model.calibration import recalibrated_losses
from influence.model.encoder import EncoderConfig
from influence.model.hazard import ACCEPT, N_BINS, Outcomes, base_logits, person_periods
from influence.model.scaling import Standardizer
from influence.training.forecaster import Forecaster, Logits
from influence.training.parts import PARTS, Builder, Recipe


class Prior:
    """Everyone alike: the marginal hazards of the training rows."""

    base: Logits

    def select(self, train: QuerySet, known: Outcomes, validation: QuerySet, later: Outcomes) -> None:
        self.base = base_logits(known)

    def refit(self, train: QuerySet, known: Outcomes) -> Prior:
        new = Prior()
        new.base = base_logits(known)
        return new

    def logits(self, queries: QuerySet) -> Logits:
        return np.tile(self.base, (len(queries), 1))


class LogisticHazard:
    """Logistic regression of the accept hazard on columns of the pair features, a level per bin.

    Parameters
    ----------
    columns
        Names of pair features; all of them by default.
    penalties
        Inverse ridge strengths to choose from on validation.
    """

    def __init__(
        self, columns: tuple[str, ...] | None = None, penalties: tuple[float, ...] = (0.001, 0.01, 0.1)
    ) -> None:
        wanted = PairFeatures.columns if columns is None else columns
        self.columns, self.penalties = columns, penalties
        self.positions = [PairFeatures.columns.index(name) for name in wanted]
        self.scaler = Standardizer(len(wanted))
        self.base = np.zeros(N_BINS + 1)
        self.weights = np.zeros(2 * len(wanted))
        self.levels = np.zeros(N_BINS)

    def select(self, train: QuerySet, known: Outcomes, validation: QuerySet, later: Outcomes) -> None:
        fits = [self._new((c,))._fit(train, known) for c in self.penalties]
        best = min(fits, key=lambda fit: recalibrated_losses(fit.logits(validation), later, fit.base).mean())
        self.__dict__ |= best.__dict__

    def refit(self, train: QuerySet, known: Outcomes) -> LogisticHazard:
        return self._new(self.penalties)._fit(train, known)

    def logits(self, queries: QuerySet) -> Logits:
        out = np.tile(self.base, (len(queries), 1))
        out[:, :N_BINS] = (self._design(queries) @ self.weights)[:, None] + self.levels
        return out

    def _new(self, penalties: tuple[float, ...]) -> LogisticHazard:
        return LogisticHazard(self.columns, penalties)

    def _fit(self, train: QuerySet, known: Outcomes) -> LogisticHazard:
        self.base = base_logits(known)
        self.scaler.fit(torch.from_numpy(train.pair[:, self.positions]))
        row, period = person_periods(known)
        is_last = period == known.n_at_risk[row] - 1
        accepted = is_last & (known.event[row] == ACCEPT)
        # The levels per bin are scaled up so that the ridge penalty hardly touches them.
        x = np.hstack((self._design(train)[row], 10.0 * np.eye(N_BINS)[period]), dtype=np.float32)
        regression = LogisticRegression(C=self.penalties[0], max_iter=100, tol=1e-3, fit_intercept=False)
        with warnings.catch_warnings():
            # A hundred steps are close enough: the penalty and the rows' noise outweigh what is left.
            warnings.simplefilter("ignore", ConvergenceWarning)
            coefficients = regression.fit(x, accepted).coef_[0].astype(np.float64)
        self.weights, self.levels = coefficients[:-N_BINS], 10.0 * coefficients[-N_BINS:]
        return self

    def _design(self, queries: QuerySet) -> Logits:
        return self.scaler(torch.from_numpy(queries.pair[:, self.positions])).numpy().astype(np.float64)


class GraphSage(nn.Module):
    """Plain GraphSAGE (Hamilton et al. 2017) on the same sampled neighbourhoods, states and pair features."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        width = config.width
        self.state_scaler = Standardizer(len(STATE_COLUMNS))
        self.pair_scaler = Standardizer(len(PairFeatures.columns))
        self.state = nn.Linear(self.state_scaler.n_outputs, width)
        self.pair = nn.Linear(self.pair_scaler.n_outputs, width)
        self.convolutions = nn.ModuleList(SAGEConv(width, width) for _ in config.fan_out)
        self.join = nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(config.dropout)

    def fit_scalers(self, batch: Data) -> None:
        """Take the column statistics of a batch of training queries."""
        self.state_scaler.fit(batch.x)
        self.pair_scaler.fit(batch.pair)

    def forward(self, batch: Data) -> Tensor:
        """[queries, width]."""
        h = self.state(self.state_scaler(batch.x)).relu()
        for convolution in self.convolutions:
            h = self.dropout(convolution(h, batch.edge_index).relu())
        n = batch.num_sampled_nodes[0] // 2
        sender, recipient = h[:n], h[n : 2 * n]
        pair = self.pair(self.pair_scaler(batch.pair)).relu()
        return self.dropout(self.join(torch.cat((sender, recipient, sender * recipient, pair), 1)).relu())


def prior(recipe: Recipe) -> Forecaster:
    """The marginal hazards."""
    return Prior()


def mutual_connections(recipe: Recipe) -> Forecaster:
    """The number of mutual connections."""
    return LogisticHazard(("connection.mutual",))


def adamic_adar(recipe: Recipe) -> Forecaster:
    """Mutual contacts, each weighing less the more contacts it has (Adamic & Adar 2003)."""
    return LogisticHazard(("contact.adamic_adar",))


def recipient_rate(recipe: Recipe) -> Forecaster:
    """The recipient's smoothed acceptance rate so far."""
    return LogisticHazard(("recipient.rate_accepting",))


def logistic_regression(recipe: Recipe) -> Forecaster:
    """All causal pair features, linearly."""
    return LogisticHazard()


def graphsage(recipe: Recipe) -> Forecaster:
    """Plain PyG GraphSAGE."""
    return recipe.network("graphsage", recipe.encoder, build=GraphSage)


BASELINES: Mapping[str, Builder] = {
    "prior": prior,
    "mutual_connections": mutual_connections,
    "adamic_adar": adamic_adar,
    "recipient_rate": recipient_rate,
    "logistic_regression": logistic_regression,
    "boosted_trees": PARTS["boosted_trees"],  # all causal pair features on the censored hazard
    "graphsage": graphsage,
}
"""Every baseline of acceptance; add one here."""

DETERMINISTIC = frozenset(
    {"prior", "mutual_connections", "adamic_adar", "recipient_rate", "logistic_regression"}
)
"""Baselines that no seed changes: fitted once, standing for all seeds."""

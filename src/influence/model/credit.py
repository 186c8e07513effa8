"""Forecasters of credit on a log scale: a line, boosted trees and a network, by the Tweedie deviance.

Credit is nothing for many and much for few: of a Tweedie distribution with power between 1 and 2, a Poisson
number of gamma amounts (Jørgensen 1987, "Exponential dispersion models"), the log mean is fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import lightgbm as lgb
import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import TweedieRegressor
from torch import Tensor, nn
from torch_geometric.data import Data

from influence.errors import CheckpointError
from influence.model.encoder import EncoderConfig
from influence.model.scaling import Standardizer
from influence.model.trees import OneBooster

POWER = 1.5
"""Of the Tweedie distribution: LightGBM's own."""
NO_SPREAD = 1e-6
"""Columns that vary less say nothing."""
FARTHEST = 8.0
"""A column counts no farther from its mean than so many standard deviations."""
LEAST = 1e-6
"""The lowest mean credit that a logarithm is taken of."""


def tweedie_deviance(log_mean: Tensor, y: Tensor) -> Tensor:
    """The deviance of each row, up to what depends on y alone; both float [n]."""
    return torch.exp((2 - POWER) * log_mean) / (2 - POWER) - y * torch.exp((1 - POWER) * log_mean) / (
        1 - POWER
    )


class CreditTrees(OneBooster):
    """Log mean credit as boosted trees."""

    def fit(self, x: NDArray[np.float32], y: NDArray[np.float64], n_rounds: int) -> Self:
        """Boost `n_rounds` trees on columns [n, columns] and credit [n]."""
        given = self.config.boosting(len(x), self.seed, objective="tweedie", tweedie_variance_power=POWER)
        # Without any credit the log mean would be minus infinity.
        label = y if y.any() else np.full(len(y), LEAST)
        self.booster = lgb.train(given, lgb.Dataset(x, label), num_boost_round=n_rounds)
        return self

    def __call__(self, x: NDArray[np.float32], n_rounds: int | None = None) -> NDArray[np.float64]:
        """Log mean credit [n], of the first `n_rounds` trees or of all."""
        return np.asarray(self.trees.predict(x, raw_score=True, num_iteration=n_rounds))

    def best_rounds(
        self, x: NDArray[np.float32], quality: Callable[[NDArray[np.float64]], float]
    ) -> tuple[int, float]:
        """The number of trees at which the quality on these rows is highest, and that quality."""
        step = self.config.check_every
        return max(
            ((n, quality(self(x, n))) for n in range(step, self.config.max_rounds + 1, step)),
            key=lambda found: found[1],
        )


class CreditLine:
    """Log mean credit as a straight line in standardised columns: a ridge-penalised Tweedie regression."""

    def __init__(self) -> None:
        self.mean = self.scale = self.weight = np.zeros(0)
        self.intercept = 0.0

    def fit(self, x: NDArray[np.float32], y: NDArray[np.float64], penalty: float) -> CreditLine:
        """Fit columns [n, columns] to credit [n]; a missing value stands at its column's mean."""
        known = np.isfinite(x)
        n = np.maximum(known.sum(0), 1)
        filled = np.where(known, x, 0.0).astype(np.float64)
        self.mean = filled.sum(0) / n
        spread = np.sqrt((known * (filled - self.mean) ** 2).sum(0) / n)
        self.scale = np.where(spread > NO_SPREAD, 1 / np.maximum(spread, NO_SPREAD), 0.0)
        line = TweedieRegressor(power=POWER, alpha=penalty, link="log", max_iter=1_000)
        line.fit(self._scaled(x), np.maximum(y, 0.0) if y.any() else np.full(len(y), LEAST))
        self.weight, self.intercept = np.asarray(line.coef_, np.float64), float(line.intercept_)
        return self

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log mean credit [n]."""
        return self._scaled(x) @ self.weight + self.intercept

    def _scaled(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.clip(np.nan_to_num((x - self.mean) * self.scale, nan=0.0), -FARTHEST, FARTHEST)

    @property
    def tensors(self) -> dict[str, NDArray[np.float64]]:
        """What `of` makes the same line of again."""
        found = {"mean": self.mean, "scale": self.scale, "weight": self.weight}
        return found | {"intercept": np.array([self.intercept])}

    @classmethod
    def of(cls, tensors: Mapping[str, NDArray[np.float64]]) -> CreditLine:
        """What `tensors` told."""
        line = cls()
        line.mean, line.scale, line.weight = tensors["mean"], tensors["scale"], tensors["weight"]
        line.intercept = float(tensors["intercept"][0])
        return line


class CreditNetwork(nn.Module):
    """A contact's own columns beside those propagated along each relation and hop, softly mixed.

    The blocks are propagated ahead of training (Frasca et al. 2020, "SIGN: scalable inception graph neural
    networks"); each is read by a map of its own, and a gate on the contact itself weighs what was read.  A
    straight line from the own columns beside it lets the few greatest go beyond all that was seen.

    Parameters
    ----------
    n_columns, n_blocks
        Columns of a contact, and how many blocks of as many columns come from around it.
    """

    base: Tensor

    def __init__(self, n_columns: int, n_blocks: int, config: EncoderConfig) -> None:
        super().__init__()
        width = config.width
        self.n_blocks = n_blocks
        self.scaler = Standardizer(n_columns * (1 + n_blocks))
        self.input_dropout = nn.Dropout(config.input_dropout)
        self.own = nn.Linear(2 * n_columns, width)
        self.read = nn.ModuleList(nn.Linear(2 * n_columns, width) for _ in range(n_blocks))
        self.gate = nn.Linear(width, n_blocks)
        self.merge = nn.Sequential(
            nn.Linear(2 * width, width),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(width, width),
            nn.ReLU(),
        )
        self.head = nn.Linear(width, 1)
        self.straight = nn.Linear(2 * n_columns, 1)
        self.register_buffer("base", torch.zeros(()))
        for layer in (self.head, self.straight):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def fit_statistics(self, x: Tensor, y: Tensor) -> None:
        """Take the statistics of columns [n, (1 + n_blocks) x n_columns] and of credit [n]."""
        self.scaler.fit(x)
        self.base.copy_(y.mean().clamp(min=LEAST).log())

    def forward(self, batch: Data) -> Tensor:
        """Log mean credit [n] of a batch whose `x` is [n, (1 + n_blocks) x n_columns]."""
        scaled = self.input_dropout(self.scaler(batch.x))
        values, missing = scaled.unflatten(1, (2, 1 + self.n_blocks, -1)).unbind(1)
        own, *blocks = torch.cat((values, missing), 2).unbind(1)
        h = self.own(own).relu()
        told = torch.stack([read(block) for read, block in zip(self.read, blocks, strict=True)], 1)
        around = (self.gate(h).softmax(1).unsqueeze(2) * told).sum(1).relu()
        bent = self.head(self.merge(torch.cat((h, around), 1)))
        return (bent + self.straight(own)).squeeze(1) + self.base


def checkpoint_error(path: Path, reason: object) -> CheckpointError:
    """What to raise where a stored forecaster cannot be read."""
    return CheckpointError(f"{path}: the stored model is incomplete or damaged ({reason}). Train it anew.")

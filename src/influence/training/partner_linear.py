"""A linear score of pairs as a ranker of partners: the conditional logit (McFadden 1974)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from influence.graph.partner_columns import GROUPS
from influence.model.calibration import clearly_better
from influence.model.partners import choice_loss
from influence.model.scaling import Standardizer
from influence.tasks.partners import Asked
from influence.training.partner_lists import Stacked, losses_abroad

Floats = NDArray[np.float64]
PENALTIES = (1e-1, 1e-2, 1e-3, 1e-4)
"""Ridge penalties to choose among, the simplest model first."""
STEPS = 100


class PartnerLinear:
    """A weighted sum of standardised pair columns and of flags for the missing ones.

    Parameters
    ----------
    columns
        Names, or beginnings of names, of the columns it may use; all by default.
    penalty
        Of the squares of the weights; chosen by `select` where not given.
    """

    def __init__(self, columns: Sequence[str] = ("",), penalty: float | None = None) -> None:
        self.columns, self.penalty = tuple(columns), penalty
        self.names: tuple[str, ...] = ()
        self.scaler = Standardizer(0)
        self.weights = torch.zeros(0, dtype=torch.float64)

    def select(self, train: Sequence[Asked], validation: Sequence[Asked]) -> None:
        kept = None
        for penalty in PENALTIES:
            tried = PartnerLinear(self.columns, penalty).refit(train)
            found = losses_abroad([tried.score(one) for one in validation], validation)
            if clearly_better(found, kept):
                self.penalty, kept = penalty, found
                self.names, self.scaler, self.weights = tried.names, tried.scaler, tried.weights

    def refit(self, asked: Sequence[Asked]) -> PartnerLinear:
        assert self.penalty is not None, "select first"
        new = PartnerLinear(self.columns, self.penalty)
        new.names = tuple(name for name in asked[0].columns.names if name.startswith(self.columns))
        rows = Stacked.of(asked)
        given = torch.from_numpy(rows.x[:, new._places(asked[0])])
        new.scaler = Standardizer(len(new.names))
        new.scaler.fit(given)
        x = new.scaler(given).double()
        hit, query, log_q = (torch.from_numpy(each) for each in (rows.hit, rows.query, rows.log_q))
        weights = torch.zeros(x.shape[1], dtype=torch.float64, requires_grad=True)
        steps = torch.optim.LBFGS([weights], max_iter=STEPS, line_search_fn="strong_wolfe")

        def closure() -> torch.Tensor:
            steps.zero_grad()
            loss = choice_loss(x @ weights - log_q, hit, query) + self.penalty * weights.square().sum()
            loss.backward()
            return loss

        steps.step(closure)
        new.weights = weights.detach()
        return new

    def parts(self, asked: Asked) -> Floats:
        terms = self._scaled(asked) * self.weights
        half = len(self.names)
        both = (terms[:, :half] + terms[:, half:]).numpy()
        own = [[i for i, name in enumerate(self.names) if name.startswith(f"{group}.")] for group in GROUPS]
        return np.column_stack([both[:, places].sum(1) for places in own])

    def score(self, asked: Asked) -> Floats:
        return np.asarray((self._scaled(asked) @ self.weights).numpy())

    def _places(self, asked: Asked) -> list[int]:
        return [asked.columns.names.index(name) for name in self.names]

    def _scaled(self, asked: Asked) -> torch.Tensor:
        given = torch.from_numpy(np.array(asked.columns.values[:, self._places(asked)]))
        return self.scaler(given).double()

    def save(self, folder: Path) -> dict[str, Any]:
        return {
            "kind": "linear",
            "columns": list(self.columns),
            "penalty": self.penalty,
            "names": list(self.names),
            "mean": self.scaler.mean.tolist(),
            "scale": self.scaler.scale.tolist(),
            "weights": self.weights.tolist(),
        }

    @classmethod
    def load(cls, told: Mapping[str, Any]) -> PartnerLinear:
        """Read what `save` told."""
        new = cls(told["columns"], told["penalty"])
        new.names = tuple(told["names"])
        new.scaler = Standardizer(len(new.names))
        new.scaler.mean.copy_(torch.tensor(told["mean"]))
        new.scaler.scale.copy_(torch.tensor(told["scale"]))
        new.weights = torch.tensor(told["weights"], dtype=torch.float64)
        return new

"""Logits of few columns: what gravity, popularity and persistence tell together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from influence.model.partners import list_losses
from influence.tasks.partners import Asked
from influence.training.partner_windows import PartnerStage

Floats = NDArray[np.float64]
STRENGTHS = (0.001, 0.01, 0.1, 1.0, 10.0)
"""Inverse strengths of the penalty that validation chooses from."""


class ColumnLogit:
    """A logistic regression of "was it this candidate" on some columns of every row.

    Missing cells have the column's mean and a flag of their own.

    Parameters
    ----------
    columns
        Names, or beginnings of names that end with a dot: all columns of a group.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self.fitted: Pipeline | None = None

    def fit(self, stage: PartnerStage) -> ColumnLogit:
        """Choose the penalty on the lists that validate, then fit on all."""
        losses = []
        for strength in STRENGTHS:
            self._fit(stage.train, strength)
            losses.append(np.concatenate([self._losses(asked) for asked in stage.validation]).mean())
        self._fit([*stage.train, *stage.validation], STRENGTHS[int(np.argmin(losses))])
        return self

    def score(self, asked: Asked) -> Floats:
        """[rows] log odds."""
        assert self.fitted is not None, "fit first"
        return np.asarray(self.fitted.decision_function(self._cells(asked)), np.float64)

    def _fit(self, some: Sequence[Asked], strength: float) -> None:
        imputer = SimpleImputer(add_indicator=True, keep_empty_features=True)
        logit = LogisticRegression(C=strength, max_iter=1_000)
        x = np.concatenate([self._cells(asked) for asked in some])
        self.fitted = make_pipeline(imputer, StandardScaler(), logit)
        self.fitted.fit(x, np.concatenate([asked.lists.hit for asked in some]))

    def _losses(self, asked: Asked) -> Floats:
        return list_losses(self.score(asked), asked.lists.hit, asked.lists.query)

    def _cells(self, asked: Asked) -> NDArray[np.float32]:
        names = asked.columns.names
        own = [
            i
            for i, name in enumerate(names)
            if name in self.columns or name.split(".")[0] + "." in self.columns
        ]
        return asked.columns.values[:, own]

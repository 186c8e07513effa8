"""What every ranker of partners is: learnt from lists, chosen by lists, its parts adding up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from influence.model.partners import list_losses
from influence.tasks.partners import Asked

Floats = NDArray[np.float64]


class PartnerForecaster(Protocol):
    """A method that scores candidates, group by group."""

    def select(self, train: Sequence[Asked], validation: Sequence[Asked]) -> None:
        """Fit on the training lists; choose by the validation lists."""

    def refit(self, asked: Sequence[Asked]) -> Self:
        """A new one with the choices made, fitted on these lists."""

    def parts(self, asked: Asked) -> Floats:
        """[rows, len(GROUPS)] parts of every row's score, the mean over members."""

    def score(self, asked: Asked) -> Floats:
        """[rows] scores: the sums of the parts, which may take many times as long."""

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the weights into a folder; returns what else is needed to read them, as JSON."""


@dataclass(frozen=True)
class Stacked:
    """The rows of several lists of lists, queries numbered through."""

    x: NDArray[np.float32]
    hit: NDArray[np.bool_]
    query: NDArray[np.int64]
    log_q: NDArray[np.float32]

    @classmethod
    def of(cls, asked: Sequence[Asked]) -> Stacked:
        """One after another."""
        x, hit, log_q = (
            np.concatenate(each)
            for each in zip(
                *((one.columns.values, one.lists.hit, one.lists.log_q) for one in asked), strict=True
            )
        )
        first = np.cumsum([0, *(one.lists.n_queries for one in asked[:-1])])
        query = np.concatenate([one.lists.query + start for one, start in zip(asked, first, strict=True)])
        return cls(x, hit, query, log_q)


def losses_abroad(scores: Sequence[Floats], asked: Sequence[Asked]) -> Floats:
    """Minus the log of the chance of each partner abroad, by scores [rows] of each lists; of all if none is.

    Links at home teach, but what is chosen is to serve abroad.
    """
    found = [
        list_losses(score - one.lists.log_q, one.lists.hit, one.lists.query)
        for score, one in zip(scores, asked, strict=True)
    ]
    abroad = [one.graph.is_foreign(one.lists.source, one.lists.target)[one.lists.hit] for one in asked]
    every, chosen = np.concatenate(found), np.concatenate(abroad)
    return every[chosen] if chosen.any() else every

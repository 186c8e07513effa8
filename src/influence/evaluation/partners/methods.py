"""Methods beside the model that learn nothing: chance, and single columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from influence.tasks.partners import Asked

Score = Callable[[Asked], NDArray[np.float64]]
"""Scores [rows] of lists; the higher, the better."""

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "popularity": "direct.log_target_in_degree",
        "persistence": "direct.persistence",
        "category_similarity": "fit.similarity",
        "personalised_pagerank": "indirect.log_pagerank",
    }
)
"""Method -> the column that it is."""


def untrained(seed: int) -> Iterator[tuple[str, Score]]:
    """Each method's name and scores; chance draws the same for the same lists."""
    yield (
        "random",
        lambda asked: np.random.default_rng([seed, asked.graph.at % 2**32]).random(len(asked.lists)),
    )
    for name, column in COLUMNS.items():
        yield name, _column(column)
    yield "adamic_adar", _adamic_adar


def _column(name: str) -> Score:
    def score(asked: Asked) -> NDArray[np.float64]:
        values = asked.columns.column(name).astype(np.float64)
        return np.nan_to_num(values, nan=np.nanmin(values) if np.isfinite(values).any() else 0.0)

    return score


def _adamic_adar(asked: Asked) -> NDArray[np.float64]:
    """Adamic-Adar, ties broken by the degree, which is what is left where nobody stands between."""
    return _column("indirect.adamic_adar")(asked) + 1e-3 * _column("direct.log_target_degree")(asked)

"""Methods beside the model: single columns, and what is learnt from the same lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from influence.tasks.partners import Asked

Floats = NDArray[np.float64]


def _column(name: str) -> Callable[[Asked], Floats]:
    def score(asked: Asked) -> Floats:
        values = asked.columns.column(name).astype(np.float64)
        return np.nan_to_num(values, nan=np.nanmin(values) if np.isfinite(values).any() else 0.0)

    return score


def _adamic_adar(asked: Asked) -> Floats:
    """Adamic-Adar, ties broken by the degree, which is what is left where nobody stands between."""
    return _column("indirect.adamic_adar")(asked) + 1e-3 * _column("direct.log_target_degree")(asked)


UNTRAINED: Mapping[str, Callable[[Asked], Floats]] = MappingProxyType(
    {
        "popularity": _column("direct.log_target_in_degree"),
        "gravity": _column("gravity.country_lift"),
        "category_similarity": _column("fit.similarity"),
        "adamic_adar": _adamic_adar,
        "personalised_pagerank": _column("indirect.log_pagerank"),
    }
)
"""Method -> scores [rows] of the lists, nothing learnt."""

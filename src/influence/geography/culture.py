"""Cultural distance, from files that users bring: Hofstede's dimensions, the map of Inglehart and Welzel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.errors import few
from influence.geography.reading import PairFacts, read_columns, resolved

_AXES = ("tradagg", "survsagg")
"""Traditional against secular-rational values, survival against self-expression."""


def kogut_singh(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cultural distance between countries by their scores.

    The mean over the dimensions of the squared difference divided by the dimension's variance among the
    countries (with n - 1).  Source: Kogut and Singh (1988), The effect of national culture on the choice of
    entry mode, Journal of International Business Studies 19.

    Parameters
    ----------
    scores : [n, n_dimensions], no NaN

    Returns
    -------
    [n, n]
    """
    # A dimension on which all agree sets nobody apart.
    scores = scores[:, np.ptp(scores, axis=0) > 0] if len(scores) else scores
    if not scores.size:
        return np.zeros((len(scores), len(scores)))
    differences = scores[:, None, :] - scores[None, :, :]
    return (differences**2 / scores.var(axis=0, ddof=1)).mean(axis=-1)


def hofstede(path: Path, dimensions: Sequence[str]) -> PairFacts:
    """Kogut-Singh distances from a file with `iso3` and one column per dimension.

    Countries that lack one of the dimensions are left out and named in the notes.
    """
    table = read_columns(path, ["iso3"], dimensions)
    scores, notes = _by_country(table, path)
    complete = scores.dropna()
    lacking = sorted(set(scores.index) - set(complete.index))
    if lacking:
        notes = (*notes, f"{path.name}: {len(lacking):,} countries lack a dimension ({few(lacking)}).")
    distances = kogut_singh(complete.to_numpy(np.float64))
    return PairFacts(_as_pairs(complete.index, distances), notes)


def inglehart_welzel(path: Path) -> PairFacts:
    """Euclidean distances on the cultural map, from a file with `iso3`, `year`, `tradagg` and `survsagg`.

    Each country stands where its latest wave put it.
    """
    table = read_columns(path, ["iso3"], ["year", *_AXES]).dropna(subset=list(_AXES))
    latest = table.sort_values("year", ascending=False, kind="stable", na_position="last")
    places, notes = _by_country(latest[["iso3", *_AXES]], path, several="earlier waves")
    at = places.to_numpy(np.float64)
    return PairFacts(_as_pairs(places.index, np.linalg.norm(at[:, None] - at[None, :], axis=-1)), notes)


def _by_country(
    table: pd.DataFrame, path: Path, several: str = "further rows"
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The columns beside `iso3` by code, the first row of each country, and what was left out."""
    codes, notes = resolved(table["iso3"], path)
    rows = table.drop(columns="iso3").set_axis(pd.Index(codes, name="country"))[codes.notna().to_numpy()]
    repeated = rows.index.duplicated()
    if repeated.any():
        notes = (*notes, f"{path.name}: {repeated.sum():,} {several} of a country were left out.")
    return rows[~repeated], notes


def _as_pairs(codes: pd.Index, distances: NDArray[np.float64]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source_country": np.repeat(codes.to_numpy(), len(codes)),
            "target_country": np.tile(codes.to_numpy(), len(codes)),
            "cultural_distance": distances.ravel(),
        }
    )

"""What metrics may be given: checked once, with errors that say which rows are wrong."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from influence.errors import DataError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ROUNDING = 1e-6
"""By how much two probabilities may contradict each other before it is an error (float32 storage)."""


class Outcome(IntEnum):
    """What had become of an invitation after 21 days: the `label` of acceptance predictions."""

    NEITHER = 0
    """No answer, or an answer after the 21 days."""
    AT_ONCE = 1
    """Accepted within 1 day."""
    LATER = 2
    """Accepted after 1 day, within 21 days."""
    DECLINED = 3
    """Declined; counts as neither wherever three classes are scored."""


def pair(happened: ArrayLike, score: ArrayLike, probabilities: bool = False) -> tuple[Bools, Floats]:
    """Outcomes as bool and scores as float, (n,) each; DataError where they do not fit."""
    raw = np.asarray(happened)
    s = finite(score, "probability" if probabilities else "score", probabilities)
    if raw.shape != s.shape:
        raise DataError(
            f"There are {raw.size} outcomes but {s.size} scores. Give one score for each outcome."
        )
    if raw.dtype != np.bool_ and not np.isin(raw, (0, 1)).all():
        raise DataError("Outcomes must be True and False, or 1 and 0.")
    return raw.astype(np.bool_), s


def finite(values: ArrayLike, name: str, probabilities: bool = False) -> Floats:
    """(n,) floats; DataError on NaN, infinities and, for probabilities, values outside [0, 1]."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise DataError(f"{name} must have one dimension, got {array.ndim}.")
    bad = ~np.isfinite(array)
    if bad.any():
        raise DataError(
            f"{name} is NaN or infinite in {int(bad.sum())} rows, first in row {int(bad.argmax())}."
        )
    if probabilities:
        outside = (array < -ROUNDING) | (array > 1 + ROUNDING)
        if outside.any():
            where = f"{int(outside.sum())} rows, first in row {int(outside.argmax())}"
            raise DataError(f"{name} is outside [0, 1] in {where}.")
        array = np.clip(array, 0.0, 1.0)
    return array


def cumulative(
    outcome: ArrayLike, p_at_once: ArrayLike, p_within_3_weeks: ArrayLike
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """(n,) codes of `Outcome` and the two cumulative probabilities; DataError where they contradict."""
    y = np.asarray(outcome)
    p_1d = finite(p_at_once, "p_at_once", probabilities=True)
    p_21d = finite(p_within_3_weeks, "p_within_3_weeks", probabilities=True)
    if not y.shape == p_1d.shape == p_21d.shape:
        raise DataError(
            f"There are {y.size} labels, {p_1d.size} p_at_once and {p_21d.size} p_within_3_weeks."
        )
    if not np.isin(y, list(Outcome)).all():
        known = ", ".join(f"{int(o)} = {o.name.lower()}" for o in Outcome)
        raise DataError(f"A label is none of {known}. Leave out rows whose outcome is not known.")
    below = p_21d < p_1d - ROUNDING
    if below.any():
        where = f"{int(below.sum())} rows, first in row {int(below.argmax())}"
        raise DataError(
            f"p_within_3_weeks is below p_at_once in {where}. It is cumulative: it contains p_at_once."
        )
    return y.astype(np.int64), p_1d, p_21d


def mean(values: Floats) -> float:
    """The mean; NaN, without a warning, of nothing."""
    return float(values.mean()) if len(values) else float("nan")

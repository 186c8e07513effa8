"""Who is given how much credit for the take-ups of others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from influence.contagion.shares import equal_split
from influence.contagion.takeups import Exposures, TakeUps
from influence.errors import DataError
from influence.graph.timeline import MICROSECONDS_PER_DAY

Floats = NDArray[np.float64]


def checked_shares(shares: Floats, exposures: Exposures) -> Floats:
    """Shares given from outside, of every candidate of every take-up.

    Raises
    ------
    DataError
        If there is not one finite share from 0 to 1 per pair, or those of a take-up sum to more than 1.
    """
    values = np.asarray(shares, np.float64)
    if values.shape != (len(exposures),):
        raise DataError(f"shares: {values.shape} given, ({len(exposures)},) needed: one per candidate.")
    sums = np.bincount(exposures.take_up, values, minlength=len(exposures.ptr) - 1)
    if not (np.isfinite(values).all() and (values >= 0).all() and (sums <= 1 + 1e-6).all()):
        raise DataError("shares: each must be from 0 to 1, and those of one take-up sum to at most 1.")
    return values


def in_window(
    take_ups: TakeUps, exposures: Exposures, shares: Floats | None, window_days: float | None
) -> tuple[Exposures, Floats]:
    """The candidates who went before within a window, and their shares, given or an equal split.

    Raises
    ------
    DataError
        As `checked_shares`.
    """
    given = None if shares is None else checked_shares(shares, exposures)
    if window_days is not None:
        pair = exposures.take_up
        lag = take_ups.at[pair] - take_ups.at[exposures.row]
        recent = lag <= window_days * MICROSECONDS_PER_DAY
        counts = np.bincount(pair[recent], minlength=len(exposures.ptr) - 1)
        exposures = Exposures(np.append(0, counts.cumsum()).astype(np.int64), exposures.row[recent])
        given = None if given is None else given[recent]
    return exposures, equal_split(take_ups, exposures).share if given is None else given


def credit_of(
    take_ups: TakeUps, exposures: Exposures, shares: Floats, pairs: NDArray[np.bool_] | None = None
) -> Floats:
    """float64 [n_contacts]: the shares given to each contact, in all pairs or those of a mask."""
    giver = take_ups.contact[exposures.row]
    if pairs is not None:
        giver, shares = giver[pairs], shares[pairs]
    return np.bincount(giver, shares, minlength=take_ups.n_contacts)

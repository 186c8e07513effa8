"""Splits in time: train, validation, test, and the boundaries at which open invitations are censored."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, PositiveInt

from influence.errors import DataError
from influence.settings import Settings

HORIZON_DAYS = 21.0
"""An invitation has so many days to be answered."""


class SplitConfig(Settings):
    """How the queries are divided by time."""

    validation: float = Field(default=0.15, gt=0, lt=1)
    """Share of the queries, by time, on which everything is chosen."""
    test: float = Field(default=0.15, ge=0, lt=1)
    """Share of the queries, the latest, on which the result is reported once; 0 when nothing is reported."""
    max_rows: PositiveInt | None = None
    """Queries before the test to learn from at most, evenly spread over time; by default all.  For records
    so large that the rest would take long and teach little.  The test keeps all of its own."""


@dataclass(frozen=True)
class Split:
    """Rows of each part and the moments that divide them.

    Attributes
    ----------
    train, validation, test : int64, row numbers of the queries, each in the order of time; queries
        that were not watched for the whole horizon train the model, censored, but never judge it
    validation_from, test_from : the first moment of the part; what is open then is censored then
    """

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    validation_from: pd.Timestamp
    test_from: pd.Timestamp


def watched_until(invitations: pd.DataFrame) -> pd.Series:
    """Until when each invitation could still show its outcome.

    To the end of the records; one withdrawn, or ended in a way that was not kept, to that moment; one whose
    outcome was not kept at all, not a moment.
    """
    ended = invitations["outcome"].isin(("withdrawn", "unknown"))
    until = invitations["responded_at"].fillna(invitations["sent_at"])
    return invitations["observed_until"].mask(ended & (until < invitations["observed_until"]), until)


def split_in_time(sent_at: pd.Series, observed_until: pd.Series, config: SplitConfig) -> Split:
    """Divide queries by time.

    The test part is the last share of the queries whose outcome the file can show (watched for the
    whole horizon), the validation part the share before; queries at one and the same moment stay together
    in the later part.

    Raises
    ------
    DataError
        If a part would be empty.
    """
    shown = sent_at + pd.Timedelta(days=HORIZON_DAYS) <= observed_until
    order = np.argsort(sent_at.to_numpy(), kind="stable")
    eligible = order[shown.to_numpy()[order]]
    n = len(eligible)
    n_test, n_validation = math.ceil(config.test * n), math.ceil(config.validation * n)
    if min(n_validation, n - n_test - n_validation) < 1:
        raise DataError(
            f"invitations: {n} of {len(sent_at)} were watched for {HORIZON_DAYS:g} days, too few to divide "
            "into train, validation and test. Give more invitations, or a later export."
        )
    times = sent_at.iloc[eligible].reset_index(drop=True)
    validation_from = times.iloc[n - n_test - n_validation]
    test_from = times.iloc[n - n_test] if n_test else observed_until.max()
    is_test, is_validation = (times >= test_from).to_numpy(), (times >= validation_from).to_numpy()
    train = order[(sent_at.iloc[order] < validation_from).to_numpy()]
    validation = eligible[is_validation & ~is_test]
    if not len(train) or not len(validation):
        raise DataError("invitations.sent_at: too many at one moment to divide by time. Give exact times.")
    return Split(train, validation, eligible[is_test], validation_from, test_from)

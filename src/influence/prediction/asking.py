"""What every question has: a moment, and rows that may lack something."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data import Network, to_utc


def moment_of(network: Network, at: str | pd.Timestamp | None) -> pd.Timestamp:
    """The moment asked about; by default the end of the records."""
    return to_utc(at) if at is not None else network.last_observed_at


def rows_in_words(mask: NDArray[np.bool_]) -> str:
    """How many rows a mask marks, and the first of them."""
    where = np.flatnonzero(mask)
    return f"{len(where)} rows ({', '.join(map(str, where[:3]))}{', ...' if len(where) > 3 else ''})"

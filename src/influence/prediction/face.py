"""What a trained head answers: one face per task, all of one shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pandas as pd


class Recommends(Protocol):
    """Names the best answers to a question."""

    @property
    def recommend(self) -> Callable[..., pd.DataFrame]:
        """Of `k`, `at` and what else the question heeds: the best `k`, sentences in `.attrs["sentences"]`.

        `progress` hears how far it is.
        """
        ...


class Face(Recommends, Protocol):
    """The answers of one task, from one model and one set of records."""

    def predict(self, rows: pd.DataFrame, at: str | pd.Timestamp | None) -> pd.DataFrame:
        """One row of answers per row asked, in the order and under the index given."""
        ...

    def explain(self, rows: pd.DataFrame, at: str | pd.Timestamp | None) -> pd.DataFrame:
        """What is behind each answer, in the order and under the index given."""
        ...

"""What a report is asked about: a model, a moment, and how long its lists are."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from influence.prediction import Model
from influence.progress import Tell, silent


@dataclass(frozen=True)
class Asked:
    """The questions of one report.

    Attributes
    ----------
    model : answers, from the records that it holds
    moment : only what was visible strictly before it counts
    weekly_quota : invitations of each sender
    k : length of the lists
    tell : hears of the progress
    """

    model: Model
    moment: pd.Timestamp
    weekly_quota: int = 10
    k: int = 20
    tell: Tell = silent

    @property
    def at(self) -> str:
        """The moment as it is typed."""
        return self.moment.isoformat()

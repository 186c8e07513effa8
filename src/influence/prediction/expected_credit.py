"""The credit expected of everybody at one moment, and on demand what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data import Network
from influence.tasks.leadership import GROUPS, OUTPUT_COLUMNS, Candidates
from influence.training.leaders import CreditOutlook


@dataclass(frozen=True, eq=False)
class ExpectedCredit:
    """Profiles of everybody who had taken something up.

    Attributes
    ----------
    profiles : see `CreditOutlook.profiles`
    """

    profiles: pd.DataFrame
    _outlook: CreditOutlook | None = None
    _candidates: Candidates | None = None

    @classmethod
    def of(cls, outlook: CreditOutlook, network: Network, at: pd.Timestamp) -> ExpectedCredit:
        """What the records show strictly before a moment."""
        candidates = outlook.candidates(network, at)
        return cls(outlook.profiles(candidates), outlook, candidates)

    @classmethod
    def of_nobody(cls) -> ExpectedCredit:
        """No rows: nominations alone tell of leaders."""
        numbers = pd.DataFrame(columns=list(OUTPUT_COLUMNS), dtype=np.float64)
        return cls(pd.DataFrame({"contact_id": [], "topic": []}, dtype="str").join(numbers))

    def __len__(self) -> int:
        return len(self.profiles)

    @property
    def is_least_known(self) -> NDArray[np.bool_]:
        """[n] the profiles of those with the fewest own take-ups, whose mean stands for a stranger."""
        n = self.profiles["n_observations"].to_numpy(np.float64)
        return np.asarray(n <= n.min(initial=np.inf))

    def sides(self, rows: NDArray[np.int64]) -> pd.DataFrame:
        """`base` and the three groups of profiles by their places; -1: a stranger; NaN without profiles."""
        found = pd.DataFrame(np.nan, index=range(len(rows)), columns=["base", *GROUPS])
        if self._outlook is None or self._candidates is None:
            return found
        known = rows >= 0
        found.loc[known] = self._outlook.sides(self._candidates.where(rows[known])).to_numpy()
        if not known.all():
            least = self._outlook.sides(self._candidates.where(self.is_least_known))
            found.loc[~known] = least.mean().to_numpy()
        return found

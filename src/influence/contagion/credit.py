"""Credit: each take-up is shared equally among those the adopter is tied to and who had gone before.

The equal split of Goyal, Bonchi & Lakshmanan (2010, "Learning influence probabilities in social networks",
"partial credits"): of v's take-up with d earlier active neighbours each of them gets 1 / d.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from influence.contagion.shares import equal_split
from influence.contagion.takeups import Exposures, TakeUps


@dataclass(frozen=True)
class Credit:
    """Who gets how much of whose take-up: one entry per take-up and candidate.

    Attributes
    ----------
    n_contacts : how many contacts the records know
    giver, receiver : int64 [n], the contact who had gone before, and the one who followed
    item, topic : int64 [n], codes of the take-ups' log
    at : int64 [n], microseconds, when the receiver followed
    share : float64 [n], sums to 1 over the entries of one take-up
    """

    n_contacts: int
    giver: NDArray[np.int64]
    receiver: NDArray[np.int64]
    item: NDArray[np.int64]
    topic: NDArray[np.int64]
    at: NDArray[np.int64]
    share: NDArray[np.float64]

    @classmethod
    def of(cls, take_ups: TakeUps, exposures: Exposures) -> Credit:
        """Split every take-up equally among its candidates."""
        row = exposures.take_up
        return cls(
            take_ups.n_contacts,
            take_ups.contact[exposures.row],
            take_ups.contact[row],
            take_ups.item[row],
            take_ups.topic[row],
            take_ups.at[row],
            equal_split(take_ups, exposures).share,
        )

    def __len__(self) -> int:
        return len(self.share)

    def where(self, rows: NDArray[np.bool_]) -> Credit:
        """The entries that a mask selects."""
        codes = (self.giver[rows], self.receiver[rows], self.item[rows], self.topic[rows], self.at[rows])
        return Credit(self.n_contacts, *codes, self.share[rows])

    def between(self, since: int, until: int) -> Credit:
        """The entries of take-ups in [since, until), microseconds."""
        return self.where((self.at >= since) & (self.at < until))

    def given(self, worth: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """float64 [n_contacts]: what each contact is credited with; entries weigh `worth` [n] where given."""
        weight = self.share if worth is None else self.share * worth
        return np.bincount(self.giver, weight, minlength=self.n_contacts).astype(np.float64)

    def received(self) -> NDArray[np.float64]:
        """float64 [n_contacts]: the take-ups of each contact that neighbours are credited with."""
        return np.bincount(self.receiver, self.share, minlength=self.n_contacts).astype(np.float64)

"""What would become of introductions in a world: the truth to check recommended paths against.

Nobody in the records is ever introduced, so that none of this can be learnt from them by heart.  Who is asked
to introduce somebody does so the more readily the opener and the less senior it is, the more the two have
dealt with each other lately, and for a readiness to help that shows nowhere else.  An endorser's word lifts
the target's acceptance, the more so the warmer the two are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from influence.synthesis.acceptance import WARM_DAYS, sigmoid
from influence.synthesis.config import SECONDS_PER_DAY
from influence.synthesis.making import Making
from influence.synthesis.sampling import Floats, Ints
from influence.synthesis.tables import Ids
from influence.synthesis.unsent import true_chances


@dataclass(frozen=True)
class Courtesy:
    """Coefficients on the logits of passing a request on and of accepting an endorsed one."""

    level: float = -0.6
    openness: float = 1.0
    """Per unit of the openness that rules the answers to invitations, a circle's and a person's own."""
    seniority: float = -0.15
    """Per step."""
    warmth: float = 1.0
    """Per log1p of the decayed dealings of asker and asked."""
    helpful: float = 0.7
    """Standard deviation over people of a trait that nothing else depends on."""
    word: float = 0.4
    """What an endorsement adds to the target's logit in any case."""
    trust: float = 0.7
    """Per log1p of the decayed dealings of endorser and target."""


class Introducing:
    """The true chances of introductions in a world, at one moment.

    Parameters
    ----------
    making
        A world in which acceptance follows its laws (`effect` on).
    at
        The moment.
    """

    def __init__(self, making: Making, at: pd.Timestamp, courtesy: Courtesy | None = None) -> None:
        self.making, self.at, self.courtesy = making, at, courtesy or Courtesy()
        self._now = int((at - making.config.started_at) // pd.Timedelta(seconds=1))
        rng = making.config.rng("introducing")
        self._helpful = rng.standard_normal(making.config.n_contacts)
        self._pairs, self._dealings = self._decayed_dealings()

    def passes_on(self, asker: Ints, asked: Ints) -> Floats:
        """[n] chances that each one asked does what the asker wants; positions."""
        people, laws, manners = self.making.people, self.making.laws, self.courtesy
        openness = laws.circle * people.circle_openness[people.circle] + laws.openness * people.openness
        seniority = people.seniority_at(asked, np.full(len(asked), self._now))
        return sigmoid(
            manners.level
            + manners.openness * openness[asked]
            + manners.seniority * seniority
            + manners.warmth * np.log1p(self.dealings(asker, asked))
            + manners.helpful * self._helpful[asked]
        )

    def accepts(self, sender: Ints, endorser: Ints, target: Ints) -> Floats:
        """[n] chances that each target accepts the sender within three weeks on the endorser's word."""
        pairs, code = np.unique(np.column_stack((sender, target)), axis=0, return_inverse=True)
        ids = Ids(self.making.config).contact.to_numpy()
        asked = pd.DataFrame({"sender_id": ids[pairs[:, 0]], "recipient_id": ids[pairs[:, 1]]})
        alone = true_chances(self.making, asked.assign(sent_at=self.at, has_note=True))[code.ravel()]
        word = self.courtesy.word + self.courtesy.trust * np.log1p(self.dealings(endorser, target))
        return sigmoid(np.log(alone) - np.log1p(-alone) + word)

    def succeeds(self, sender: Ints, first: Ints, second: Ints, target: Ints) -> Floats:
        """[n] chances of whole paths; `second` is -1 on a path of two hops."""
        endorser = np.where(second >= 0, second, first)
        further = np.where(second >= 0, self.passes_on(first, endorser), 1.0)
        return self.passes_on(sender, first) * further * self.accepts(sender, endorser, target)

    def dealings(self, one: Ints, other: Ints) -> Floats:
        """[n] dealings of each two before the moment, in either direction, decayed."""
        key = np.minimum(one, other) * self.making.config.n_contacts + np.maximum(one, other)
        place = np.minimum(np.searchsorted(self._pairs, key), len(self._pairs) - 1)
        return np.where(self._pairs[place] == key, self._dealings[place], 0.0)

    def _decayed_dealings(self) -> tuple[Ints, Floats]:
        actions, n = self.making.actions, self.making.config.n_contacts
        kept = actions.take(np.flatnonzero(actions.at < self._now))
        key = np.minimum(kept.actor, kept.target) * n + np.maximum(kept.actor, kept.target)
        pairs, code = np.unique(key, return_inverse=True)
        age = (self._now - kept.at) / SECONDS_PER_DAY
        return pairs, np.bincount(code, np.exp(-age / WARM_DAYS), minlength=len(pairs))

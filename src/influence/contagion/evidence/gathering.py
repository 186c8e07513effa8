"""All four kinds of evidence at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from influence.contagion.communities import FINE, communities_of
from influence.contagion.evidence.backtest import BackTest, back_test, usual_cut
from influence.contagion.evidence.concentration import Concentration, concentration
from influence.contagion.evidence.matching import MatchedEstimate, matched_estimate
from influence.contagion.evidence.shuffle import ShuffleTest, shuffle_test
from influence.contagion.evidence.strata import propensity_strata, topic_acts
from influence.contagion.takeups import Exposures, TakeUps, ties_of
from influence.data import Network
from influence.graph.temporal import TemporalGraph, end_code
from influence.graph.ties import Ties
from influence.markup import face, plain
from influence.progress import Tell, silent
from influence.texts import text


@dataclass(frozen=True)
class Evidence:
    """What the records show for and against the three beliefs, each with figures and a sentence."""

    shuffle: ShuffleTest
    """Is there contagion at all?"""
    within_communities: ShuffleTest
    """The same with dates dealt out anew within communities: could it be that communities have times of
    their own?"""
    concentration: Concentration
    """Do a few matter more than others?"""
    back_test: BackTest
    """Could they have been found beforehand?"""
    matched: MatchedEstimate
    """How much more often do exposed people take up, against people like them?"""

    @property
    def sentences(self) -> list[str]:
        """The findings in words."""
        contagion = self.shuffle.sentence
        if self.shuffle.found:
            holds = "holds" if self.within_communities.found else "holds_not"
            contagion = f"{contagion} {text(f'evidence.{holds}')}"
        concentrated = self.concentration.sentence
        if self.concentration.found and not (self.shuffle.found and self.within_communities.found):
            concentrated = f"{concentrated} {text('evidence.likeness_too')}"
        return [contagion, concentrated, self.back_test.sentence, self.matched.sentence]

    def _repr_html_(self) -> str:
        return face("Evidence", self.sentences)

    def __repr__(self) -> str:
        return plain("Evidence", self.sentences)


def gather(
    network: Network,
    at: str | pd.Timestamp | None = None,
    *,
    rng: np.random.Generator,
    tell: Tell = silent,
) -> Evidence:
    """Gather the evidence from what was visible strictly before `at`, or from all records.

    Parameters
    ----------
    tell
        Hears of the progress.

    Raises
    ------
    DataError
        If there are no take-ups at all.
    """
    network = network if at is None else network.as_of(at)
    tell("reading take-ups and ties", 0, 6)
    take_ups = TakeUps.of(network)
    ties = ties_of(TemporalGraph(network))
    exposures = Exposures.along(take_ups, ties)
    moment = end_code(at)
    tell("dealing out dates anew", 1, 6)
    shuffle = shuffle_test(take_ups, ties, rng)
    tell("dealing out dates anew within communities", 2, 6)
    took = np.isin(np.arange(take_ups.n_contacts), take_ups.contact)
    communities = communities_of(ties, moment, seed=0, resolution=FINE, among=took)
    within = shuffle_test(take_ups, ties, rng, groups=communities)
    tell("measuring concentration", 3, 6)
    window = _window(shuffle)
    concentrated = concentration(take_ups, ties, exposures, rng, window_days=window)
    tell("looking back", 4, 6)
    back = _looked_back(take_ups, ties, exposures, rng)
    tell("matching", 5, 6)
    strata, acts = propensity_strata(network, take_ups, ties, moment), topic_acts(network, take_ups)
    matched = matched_estimate(take_ups, ties, strata, rng, acts=acts)
    tell("done", 6, 6)
    return Evidence(shuffle, within, concentrated, back, matched)


def _window(found: ShuffleTest) -> float | None:
    """The window in which contagion shows best; None where there is none."""
    return float(found.window_days[found.window]) if found.found else None


def _looked_back(take_ups: TakeUps, ties: Ties, exposures: Exposures, rng: np.random.Generator) -> BackTest:
    """The back-test, with a window that was known at its cut."""
    cut = usual_cut(take_ups)
    known = shuffle_test(take_ups.before(cut), ties, rng.spawn(1)[0], n_shuffles=199)
    return back_test(take_ups, ties, exposures, rng, window_days=_window(known), cut=cut)

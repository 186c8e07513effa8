"""Evidence that some move others: whether, how unevenly, whether foreseeably, and how strongly."""

from influence.contagion.evidence.backtest import BackTest, back_test
from influence.contagion.evidence.concentration import Concentration, concentration, gini
from influence.contagion.evidence.gathering import Evidence, gather
from influence.contagion.evidence.matching import MatchedEstimate, e_value, matched_estimate
from influence.contagion.evidence.shuffle import ShuffleTest, shuffle_test
from influence.contagion.evidence.strata import TopicActs, propensity_strata, topic_acts

__all__ = [
    "BackTest", "Concentration", "Evidence", "MatchedEstimate", "ShuffleTest", "TopicActs",
    "back_test", "concentration", "e_value", "gather", "gini", "matched_estimate",
    "propensity_strata", "shuffle_test", "topic_acts",
]  # fmt: skip

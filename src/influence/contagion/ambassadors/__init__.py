"""Whom to win as ambassadors: spread, its simulation, credit in a log, and choices within limits."""

from influence.contagion.ambassadors.choice import Ambassadors, choose_ambassadors
from influence.contagion.ambassadors.credit import AttributedLog
from influence.contagion.ambassadors.frontier import mix_frontier
from influence.contagion.ambassadors.limits import AmbassadorLimits
from influence.contagion.ambassadors.sources import ByCredit, BySpread
from influence.contagion.ambassadors.spread_graph import SpreadGraph

__all__ = [
    "AmbassadorLimits",
    "Ambassadors",
    "AttributedLog",
    "ByCredit",
    "BySpread",
    "SpreadGraph",
    "choose_ambassadors",
    "mix_frontier",
]

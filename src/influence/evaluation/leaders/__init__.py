"""How opinion leaders are judged: one file and one line here per kind of ground truth."""

from __future__ import annotations

from influence.data import Network
from influence.evaluation.ground_truth import GroundTruth, choose_protocol
from influence.evaluation.leaders.future_credit import FUTURE_CREDIT
from influence.evaluation.leaders.nominations import NOMINATIONS, NOMINATIONS_HIDDEN
from influence.evaluation.leaders.parents import PARENTS
from influence.evaluation.leaders.villages import VILLAGES
from influence.tasks.leadership import LeadershipConfig

__all__ = ["PROTOCOLS", "LeadershipProtocol", "protocol_for"]

LeadershipProtocol = GroundTruth[LeadershipConfig]
"""One kind of ground truth about leaders."""

_ALL: tuple[LeadershipProtocol, ...] = (
    NOMINATIONS,
    NOMINATIONS_HIDDEN,
    VILLAGES,
    PARENTS,
    FUTURE_CREDIT,
)

PROTOCOLS: dict[str, LeadershipProtocol] = {protocol.name: protocol for protocol in _ALL}
"""In the order in which they are asked whether they recognise the records."""


def protocol_for(network: Network, name: str | None = None) -> LeadershipProtocol:
    """The protocol of that name, or the first that recognises its ground truth in the records."""
    return choose_protocol(PROTOCOLS, network, name, "leadership")

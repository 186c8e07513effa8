"""How partners are judged: one file and one line here per kind of ground truth."""

from __future__ import annotations

from influence.data import Network
from influence.evaluation.ground_truth import choose_protocol
from influence.evaluation.partners.held_out_ties import HELD_OUT_TIES
from influence.evaluation.partners.new_pairs import NEW_PAIRS
from influence.evaluation.partners.next_links import NEXT_LINKS
from influence.evaluation.partners.protocol import PartnersProtocol

__all__ = ["PROTOCOLS", "protocol_for"]

_ALL: tuple[PartnersProtocol, ...] = (NEW_PAIRS, NEXT_LINKS, HELD_OUT_TIES)

PROTOCOLS: dict[str, PartnersProtocol] = {protocol.name: protocol for protocol in _ALL}
"""In the order in which they are asked whether they recognise the records."""


def protocol_for(network: Network, name: str | None = None) -> PartnersProtocol:
    """The protocol of that name, or the first that recognises its ground truth in the records."""
    return choose_protocol(PROTOCOLS, network, name, "partners")

"""How opinion leaders are judged: one file and one line here per kind of ground truth."""

from __future__ import annotations

from influence.data import Network
from influence.errors import ConfigError, DataError, nearest
from influence.evaluation.leaders.future_credit import FUTURE_CREDIT
from influence.evaluation.leaders.nominations import NOMINATIONS, NOMINATIONS_HIDDEN
from influence.evaluation.leaders.parents import PARENTS
from influence.evaluation.leaders.protocol import LeadershipProtocol, Scored
from influence.evaluation.leaders.villages import VILLAGES

__all__ = ["PROTOCOLS", "LeadershipProtocol", "Scored", "protocol_for"]

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
    """The protocol of that name, or the first that recognises its ground truth in the records.

    Raises
    ------
    ConfigError
        If there is no such protocol.
    DataError
        If none recognises the records.
    """
    if name is not None:
        if name not in PROTOCOLS:
            raise ConfigError(f"There is no protocol {name!r}. {nearest(name, PROTOCOLS)}")
        return PROTOCOLS[name]
    for protocol in PROTOCOLS.values():
        if protocol.recognises(network):
            return protocol
    raise DataError(
        "The records show nothing by which leadership could be judged. They must hold one of these:",
        [f"{each.name} looks for {each.looks_for}." for each in PROTOCOLS.values()],
    )

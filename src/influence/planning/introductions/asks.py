"""What people were asked before, and whether they answered: the evidence on who will pass a request on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data import Network
from influence.data.splits import HORIZON_DAYS, watched_until
from influence.graph.pairs import PairFeatures
from influence.graph.temporal import CODES, Edges, microseconds
from influence.graph.timeline import MICROSECONDS_PER_DAY
from influence.model.hazard import ACCEPT
from influence.tasks.acceptance import outcomes_of

Ints = NDArray[np.int64]

CONVERSATION = ("message", "email", "call", "meeting")
"""Interactions that want, or are, an answer."""
WAIT = int(HORIZON_DAYS * MICROSECONDS_PER_DAY)
"""An answer counts as one for so long, in microseconds."""


@dataclass(frozen=True)
class Asks:
    """Requests and messages to people, as far as their answers could be seen, [n] each.

    Attributes
    ----------
    asker, asked : int64, positions;  at : int64, microseconds
    answered : bool, an invitation accepted, a message replied to, within three weeks
    is_message : bool, an interaction rather than an invitation
    """

    asker: Ints
    asked: Ints
    at: Ints
    answered: NDArray[np.bool_]
    is_message: NDArray[np.bool_]

    @classmethod
    def of(cls, network: Network, features: PairFeatures) -> Asks:
        """Every invitation that was watched, and every message that opens a turn of a pair."""
        requests, messages = _invitations(network, features), _messages(features)
        # Where the first message of a pair is the request, it is one ask, not two.
        key = [pd.MultiIndex.from_arrays(part[:3]) for part in (requests, messages)]
        again = key[1].isin(key[0])
        messages = [column[~again] for column in messages]
        asker, asked, at, answered = (np.concatenate(both) for both in zip(requests, messages, strict=True))
        is_message = np.repeat((False, True), (len(requests[0]), len(messages[0])))
        return cls(asker, asked, at, answered, is_message)

    def __len__(self) -> int:
        return len(self.at)

    def __getitem__(self, rows: NDArray[np.bool_]) -> Asks:
        return Asks(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @property
    def judged_at(self) -> Ints:
        """From when on it is known whether each was answered in time: no sooner for those that were."""
        return self.at + WAIT + 1

    def edges(self) -> Edges:
        """The same as edges at the moment of judgement, of value 1 where answered."""
        n = len(self)
        none, one = np.zeros(n, np.int64), np.ones(n, np.float32)
        return Edges(self.asker, self.asked, self.judged_at, none, none, one, self.answered.astype(float))


def _invitations(network: Network, features: PairFeatures) -> list[NDArray]:
    """Asker, asked, moment and whether accepted; those never watched to the end are left out."""
    rows = network.table("invitations")
    ends = [features.graph.positions(rows[name]) for name in ("sender_id", "recipient_id")]
    columns = (*ends, microseconds(rows["sent_at"]), outcomes_of(rows).event == ACCEPT)
    return [column[was_watched(rows)] for column in columns]


def was_watched(invitations: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each invitation was watched for three weeks: else early answers are seen, silence is not."""
    watched = watched_until(invitations) - invitations["sent_at"]
    return (watched >= pd.Timedelta(days=HORIZON_DAYS)).to_numpy(dtype=bool, na_value=False)


def _messages(features: PairFeatures) -> list[NDArray]:
    """Asker, asked, moment and whether the other end came back in time, of each turn of a conversation.

    A turn opens where the other end spoke last, or nobody for three weeks.
    """
    edges = features.graph.group("interactions")
    edges = edges.where(np.isin(edges.relation, [CODES[kind] for kind in CONVERSATION]))
    low, high = np.minimum(edges.source, edges.target), np.maximum(edges.source, edges.target)
    pair = low * features.graph.n_contacts + high
    order = np.lexsort((edges.source, edges.at, pair))
    edges, pair = edges.where(order[(low != high)[order]]), pair[order[(low != high)[order]]]
    same_pair = pair[1:] == pair[:-1]
    goes_on = same_pair & (edges.source[1:] == edges.source[:-1]) & (np.diff(edges.at) <= WAIT)
    opens = np.flatnonzero(np.append(True, ~goes_on)[: len(pair)])
    source, at = edges.source[opens], edges.at[opens]
    back = (pair[opens[1:]] == pair[opens[:-1]]) & (source[1:] != source[:-1]) & (np.diff(at) <= WAIT)
    return [source, edges.target[opens], at, np.append(back, False)[: len(opens)]]

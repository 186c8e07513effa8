"""Whom each of many senders might invite, found along the graph instead of by forming all pairs.

The first of two stages (Covington, Adams & Sargin 2016, "Deep neural networks for YouTube recommendations"):
a few orders that cost nothing to read propose contacts, and the model ranks what they propose.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.contagion.communities import NOBODY, communities_of
from influence.graph.state import shrunk_rate
from influence.planning.candidates import Ints, Past

SOURCES = ("mutual_connections", "community", "acceptance_rate")
"""Orders that propose contacts, in turn: by the number of mutual connections; those of the sender's community
by the rate at which they accepted; everybody by that rate."""
COLUMNS = ("sender_id", "recipient_id", "mutual_connections", "proposed_by")


class Retrieval:
    """Proposes contacts to one sender after another, as of one moment.

    Proposed is whoever the records named by then, but the own team, those in `suppress`, the sender, and
    those whom it is connected with, has invited or was invited by.  What is proposed to one sender depends
    on no other.  A proposal costs as much as reading the sender's ties and those of its ties, whatever the
    number of contacts; the orders that all senders share are made once.

    Parameters
    ----------
    past
        What was known strictly before the moment; its senders play no part.
    suppress
        Ids of contacts to leave alone.
    """

    def __init__(self, past: Past, suppress: frozenset[str] = frozenset()) -> None:
        self.past, self.graph = past, past.features.graph
        self.ties = past.features.ties["connection"]
        self.allowed = np.zeros(self.graph.n_contacts, dtype=bool)
        self.allowed[past.positions[~(past.is_ours | past.contacts.isin(suppress))]] = True

    def propose(self, sender: str, size: int) -> pd.DataFrame:
        """At most `size` contacts for a sender, in the order of the proposals.

        Returns
        -------
        DataFrame
            sender_id, recipient_id, mutual_connections, and `proposed_by`, the first of `SOURCES` to do so.
        """
        own = int(self.graph.positions([sender])[0])
        off = np.append(self.past.off_limits(own), own)
        who, n_mutual = self.past.shared(own)
        who, n_mutual = who[self.allowed[who]], n_mutual[self.allowed[who]]
        by_mutual = who[np.lexsort((who, -self.rate[who], -n_mutual))]
        lists = [_first(order, off, size) for order in (by_mutual, self._circle(own), self._open)]
        found = np.concatenate(lists)
        source = np.repeat(np.arange(len(lists)), [len(each) for each in lists])
        turn = np.lexsort((source, np.concatenate([np.arange(len(each)) for each in lists])))
        first = np.sort(np.unique(found[turn], return_index=True)[1])[:size]
        found, source = found[turn][first], source[turn][first]
        mutual = pd.Series(n_mutual, who).reindex(found, fill_value=0).to_numpy()
        ids, by = self.graph.contact_ids[found], np.array(SOURCES)[source]
        return pd.DataFrame(dict(zip(COLUMNS, (sender, ids, mutual, by), strict=True)))

    def in_groups(self, senders: tuple[str, ...], size: int, n_rows: int) -> Iterator[pd.DataFrame]:
        """The proposals to all senders, some `n_rows` at a time; a sender's stay together."""
        at_once = max(1, n_rows // size)
        for first in range(0, len(senders), at_once):
            group = senders[first : first + at_once]
            yield pd.concat([self.propose(sender, size) for sender in group], ignore_index=True)

    @cached_property
    def rate(self) -> NDArray[np.float64]:
        """float64 [n_contacts]: the share of invitations that each accepted before, shrunk."""
        everyone = np.arange(self.graph.n_contacts)
        at = np.full(len(everyone), self.past.at)
        accepted = self.graph.timelines["accepted", "out"].count_before(everyone, at)
        return shrunk_rate(accepted, self.graph.timelines["invited", "in"].count_before(everyone, at))

    @cached_property
    def _open(self) -> Ints:
        """All that may be proposed, by their rate."""
        allowed = np.flatnonzero(self.allowed)
        return allowed[np.argsort(-self.rate[allowed], kind="stable")]

    @cached_property
    def _communities(self) -> tuple[Ints, Ints, Ints]:
        """Each contact's community; all that may be proposed by community and rate; where each begins."""
        of = communities_of(self.ties, self.past.at, seed=0)
        members = self._open[np.argsort(of[self._open], kind="stable")]
        return of, members, np.searchsorted(of[members], np.arange(of.max(initial=NOBODY) + 2))

    def _circle(self, own: int) -> Ints:
        """The contact's community by rate."""
        of, members, begins = self._communities
        return members[:0] if of[own] == NOBODY else members[begins[of[own]] : begins[of[own] + 1]]


def _first(order: Ints, off: Ints, size: int) -> Ints:
    """The first `size` of an order that are not off limits."""
    n_read = 2 * size
    while True:
        free = order[:n_read][~np.isin(order[:n_read], off)]
        if len(free) >= size or n_read >= len(order):
            return free[:size]
        n_read *= 2

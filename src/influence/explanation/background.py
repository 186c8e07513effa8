"""What a request is compared with: other requests, sent shortly before."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.graph.pairs import Queries
from influence.graph.temporal import TemporalGraph
from influence.graph.timeline import MICROSECONDS_PER_DAY
from influence.tasks.acceptance import queries_of

BLOCK_DAYS = 7
"""Requests of one block share their background, which was sent before the block began.

Blocks lie on a grid counted from 1970: no record can move them."""

LATEST = 512
"""How many earlier requests a background stands for."""


class Background:
    """Earlier requests of the same records, by moment.

    Parameters
    ----------
    invitations
        The records' invitations, in any order.
    graph
        The temporal graph of the same records.
    size
        Requests per background.
    score
        Queries -> their scores [n], by which the background is stratified.
    """

    def __init__(
        self,
        invitations: pd.DataFrame,
        graph: TemporalGraph,
        size: int,
        score: Callable[[Queries], NDArray[np.float64]],
    ) -> None:
        ordered = invitations.sort_values(["sent_at", "invitation_id"], ignore_index=True)
        self.sent, self.size, self.score = queries_of(ordered, graph), size, score
        self._found: dict[int, Queries] = {}

    def before(self, at: NDArray[np.int64]) -> tuple[Queries, NDArray[np.int64]]:
        """Background requests, and which of them belong to each moment, [n, size].

        The latest ones are ranked by score and evenly thinned out: few then have the mean and the spread of
        all. Where nothing was sent before, two strangers stand in.

        Parameters
        ----------
        at : int64 [n], microseconds
        """
        block = BLOCK_DAYS * MICROSECONDS_PER_DAY
        starts, member = np.unique(at // block * block, return_inverse=True)
        for start in starts.tolist():
            # Ranked block by block: what else is asked about must not decide between near-equal scores.
            if start not in self._found:
                self._found[start] = self._of(start)
        rows = np.arange(len(starts) * self.size).reshape(len(starts), self.size)
        return join([self._found[start] for start in starts.tolist()]), rows[member]

    def _of(self, start: int) -> Queries:
        end = int(np.searchsorted(self.sent.at, start))
        if end == 0:
            nobody = np.full(self.size, -1)
            return Queries(nobody, nobody, np.full(self.size, start), np.full(self.size, np.nan, np.float32))
        latest = self.sent[max(end - LATEST, 0) : end]
        ranked = np.argsort(self.score(latest), kind="stable")
        return latest[ranked[((np.arange(self.size) + 0.5) * len(latest) / self.size).astype(np.int64)]]


def join(parts: list[Queries]) -> Queries:
    """Queries one after the other."""
    names = Queries.__dataclass_fields__
    return Queries(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

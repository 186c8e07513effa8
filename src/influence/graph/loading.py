"""Queries with their features, and batches of them with both ends' neighbourhoods.

The batches come through PyTorch Geometric's link loader, driven by the sampler of this package.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import BatchSampler, RandomSampler
from torch_geometric.data import Data
from torch_geometric.loader import LinkLoader
from torch_geometric.utils import scatter

from influence.graph.latest import EDGE_COLUMNS, own_columns
from influence.graph.moment import N_LATEST, Moment
from influence.graph.pairs import PairFeatures, Queries
from influence.graph.sampling import TemporalNeighborSampler
from influence.graph.snapshots import Snapshots
from influence.graph.state import STATE_COLUMNS, states
from influence.graph.surroundings import SURROUNDING_COLUMNS, surroundings

ENDS = ("sender", "recipient")

NEIGHBOUR_COLUMNS: tuple[str, ...] = (
    *(f"{end}.neighbours.{name}" for end in ENDS for name in (*STATE_COLUMNS, *EDGE_COLUMNS)),
    *(f"{end}.surroundings.{name}" for end in ENDS for name in SURROUNDING_COLUMNS),
)
"""Means over the latest neighbours of both ends, then sums over all their ties."""


class QuerySet:
    """Queries on one graph; what is computed for them is kept, and handed down to subsets.

    Parameters
    ----------
    features
        Computes pair features on the graph.
    queries
        Who asks whom, and when.
    moment
        What is known at the one moment that all queries share, where they are many: the same numbers, sooner.
    whole
        A set that these are part of, and the rows in it: its columns serve, computed once for all its parts.
    """

    def __init__(
        self,
        features: PairFeatures,
        queries: Queries,
        moment: Moment | None = None,
        whole: tuple[QuerySet, NDArray[np.int64] | slice] | None = None,
    ) -> None:
        self.features, self.queries, self.moment, self.whole = features, queries, moment, whole
        self._snapshots: dict[tuple[float, int], NDArray[np.float32]] = {}

    def __len__(self) -> int:
        return len(self.queries)

    def __getitem__(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> QuerySet:
        part = QuerySet(self.features, self.queries[rows], self.moment)
        part.__dict__ |= {
            name: self.__dict__[name][rows]
            for name in ("pair", "surroundings", "neighbours", "meetings", "pairwise", "dealt")
            if name in self.__dict__
        }
        part._snapshots = {setting: values[rows] for setting, values in self._snapshots.items()}
        return part

    def part(self, rows: NDArray[np.int64]) -> QuerySet:
        """Some of the queries, their columns computed here: views, where the rows follow one another."""
        if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and (np.diff(rows) == 1).all():
            run = slice(int(rows[0]), int(rows[-1]) + 1)
            return QuerySet(self.features, self.queries[run], self.moment, (self, run))
        return QuerySet(self.features, self.queries[rows], self.moment, (self, rows))

    @cached_property
    def pair(self) -> NDArray[np.float32]:
        """Pair features [n, PairFeatures.columns]."""
        if self.whole is not None:
            return self.whole[0].pair[self.whole[1]]
        if self.moment is None:
            return self.features(self.queries)
        return self.moment.pair(self.queries, self.pairwise, self.dealt)

    @cached_property
    def neighbours(self) -> NDArray[np.float32]:
        """Both ends' neighbours without learning, [n, NEIGHBOUR_COLUMNS]: one hop of message passing."""
        if self.whole is not None:
            return self.whole[0].neighbours[self.whole[1]]
        if self.moment is not None:
            means = self.moment.neighbours(self.queries, self.meetings)
            return np.concatenate((means, self.surroundings), axis=1)
        parts = [_neighbour_means(batch) for batch in batches(self, (N_LATEST,), 2048, describe_pairs=False)]
        if not parts:
            return np.empty((0, len(NEIGHBOUR_COLUMNS)), np.float32)
        return np.concatenate((torch.cat(parts).numpy(), self.surroundings), axis=1)

    @cached_property
    def surroundings(self) -> NDArray[np.float32]:
        """Sums over the ties of both ends, [n, 2 SURROUNDING_COLUMNS]."""
        if self.whole is not None:
            return self.whole[0].surroundings[self.whole[1]]
        if self.moment is not None:
            return self.moment.surroundings(self.queries, self.dealt)
        graph, ties, q = self.features.graph, self.features.ties["contact"], self.queries
        ends = ((q.sender, q.recipient), (q.recipient, q.sender))
        return np.concatenate([surroundings(graph, ties, end, other, q.at) for end, other in ends], axis=1)

    @cached_property
    def meetings(self) -> NDArray[np.uint8]:
        """What the latest events of one end are to the other, at the one moment: see `latest.meetings`."""
        assert self.moment is not None, "queries of many moments have none"
        return self.moment.meetings(self.queries)

    @cached_property
    def pairwise(self) -> NDArray[np.float32]:
        """The pair features that only both ends together tell, at the one moment: see `moment.PAIRWISE`."""
        assert self.moment is not None, "queries of many moments have none"
        return self.moment.pairwise(self.queries)

    @cached_property
    def dealt(self) -> NDArray[np.bool_]:
        """Whether anything ever passed between the two, at the one moment, [n]."""
        assert self.moment is not None, "queries of many moments have none"
        return self.moment.dealt(self.queries)

    def met(self, contact: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each query's sender, or recipient, had any edge strictly before its moment."""
        if self.moment is not None:
            return self.moment.met.of(contact)
        return self.features.graph.incidence.met(contact, self.queries.at)

    @property
    def ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Senders and recipients, and the moments before which their events are sampled, each [2, n]."""
        q = self.queries
        return np.stack((q.sender, q.recipient)), np.stack((q.at, q.at))

    def snapshot(self, days: float, hops: int) -> NDArray[np.float32]:
        """What `Snapshots` tells of senders and recipients, [n, 2, snapshot columns]."""
        if self.whole is not None:
            return self.whole[0].snapshot(days, hops)[self.whole[1]]
        if (days, hops) not in self._snapshots:
            q = self.queries
            ends, at = np.stack((q.sender, q.recipient), axis=1), np.repeat(q.at, 2)
            told = Snapshots(self.features, days, hops)(ends.ravel(), at)
            self._snapshots[days, hops] = told.reshape(len(q), 2, -1)
        return self._snapshots[days, hops]


def batches(
    query_set: QuerySet,
    fan_out: Sequence[int],
    batch_size: int,
    generator: torch.Generator | None = None,
    describe_pairs: bool = True,
    snapshot: tuple[float, int] | None = None,
    share: tuple[int, int] = (0, 1),
) -> LinkLoader:
    """Batches of queries with both ends' latest events strictly before each query's own time.

    Each batch is a PyG `Data` with, for `n` queries and their sampled trees,

    - `query` int64 [n], rows of the query set; `pair` float32 [n, pair columns];
      `surroundings` float32 [n, 2 SURROUNDING_COLUMNS]
    - `x` float32 [nodes, STATE_COLUMNS]: every sampled contact's state at its query's time;
      nodes 0..n-1 are the senders, n..2n-1 the recipients, then the hops in turn
    - `edge_index` int64 [2, edges] from neighbour to parent, `relation` int64 [edges],
      `edge_attr` float32 [edges, EDGE_COLUMNS]
    - `num_sampled_nodes`, `num_sampled_edges`: counts per hop
    - `snapshots` float32 [2n, snapshot columns] of senders, then recipients, if (days, hops) are given

    They come in the given order, or shuffled by `generator`; then only (k, n), the k-th of n shares of each
    batch, may be asked for.
    """
    graph = query_set.features.graph
    ends, moments = query_set.ends
    describe = _Description(query_set, describe_pairs, snapshot)
    return LinkLoader(
        Data(num_nodes=graph.n_contacts + 1, edge_index=torch.empty((2, 0), dtype=torch.long)),
        link_sampler=TemporalNeighborSampler(graph.incidence, fan_out),
        edge_label_index=torch.from_numpy(np.where(ends < 0, graph.n_contacts, ends)),
        edge_label_time=torch.from_numpy(np.ascontiguousarray(moments.T)),
        transform=describe,
        filter_per_worker=False,
        # PyG's loader draws a number even when nothing is shuffled: never from the global stream.
        generator=generator if generator is not None else torch.Generator(),
        batch_sampler=BatchSampler(range(len(query_set)), batch_size, drop_last=False)
        if generator is None
        else _Shares(len(query_set), batch_size, generator, share),
    )


class _Shares(BatchSampler):
    """Shuffled batches of rows, of each the k-th of n shares; together the shares are the whole batch.

    Whoever asks with an equal generator for another share gets the rest of the same batches.  A batch of
    fewer rows than shares is everybody's: as a mean over all shares it counts as it would by itself.
    """

    def __init__(
        self, n_rows: int, batch_size: int, generator: torch.Generator, share: tuple[int, int]
    ) -> None:
        super().__init__(RandomSampler(range(n_rows), generator=generator), batch_size, drop_last=False)
        self.k, self.n = share

    def __iter__(self) -> Iterator[list[int]]:
        for rows in super().__iter__():
            yield rows[self.k :: self.n] if len(rows) >= self.n else rows


class _Description:
    """Adds states, relations and edge attributes to a sampled batch."""

    def __init__(self, query_set: QuerySet, with_pairs: bool, snapshot: tuple[float, int] | None) -> None:
        self.features, self.graph = query_set.features, query_set.features.graph
        self.pair = torch.from_numpy(query_set.pair) if with_pairs else None
        self.surroundings = torch.from_numpy(query_set.surroundings) if with_pairs else None
        self.snapshot = torch.from_numpy(query_set.snapshot(*snapshot)) if snapshot is not None else None

    def __call__(self, data: Data) -> Data:
        moment = data.edge_label_time.numpy().T.ravel()[data.batch.numpy()]
        contact = data.n_id.numpy()
        contact = np.where(contact == self.graph.n_contacts, -1, contact)
        data.query = data.input_id
        if self.pair is not None and self.surroundings is not None:
            data.pair = self.pair[data.input_id]
            data.surroundings = self.surroundings[data.input_id]
        if self.snapshot is not None:
            data.snapshots = self.snapshot[data.input_id].transpose(0, 1).flatten(0, 1)
        data.x = self._states(data, contact, moment)
        data.relation = torch.from_numpy(self.graph.incidence.relation[data.e_id.numpy()]).long()
        n_queries = len(data.edge_label_time)
        data.edge_attr = torch.from_numpy(self._edge_attributes(data, contact, moment, n_queries))
        return data

    def _states(self, data: Data, contact: NDArray[np.int64], moment: NDArray[np.int64]) -> torch.Tensor:
        if self.pair is None:
            return torch.from_numpy(states(self.graph, contact, moment))
        # The pair features begin with the states of both ends: what they say holds for the network too.
        n_roots, width = data.num_sampled_nodes[0], len(STATE_COLUMNS)
        sampled = torch.from_numpy(states(self.graph, contact[n_roots:], moment[n_roots:]))
        return torch.cat((data.pair[:, :width], data.pair[:, width : 2 * width], sampled))

    def _edge_attributes(
        self, data: Data, contact: NDArray[np.int64], moment: NDArray[np.int64], n: int
    ) -> NDArray[np.float32]:
        incidence, edge = self.graph.incidence, data.e_id.numpy()
        child, seed = data.edge_index[0].numpy(), data.batch.numpy()
        other_end = contact[(seed[child] + n) % (2 * n)]
        at = moment[child]
        tied = self.features.ties["contact"].exists(contact[child], other_end, at)
        own = own_columns(incidence, edge, at)
        return np.column_stack((own, contact[child] == other_end, tied)).astype(np.float32)


def _neighbour_means(batch: Data) -> torch.Tensor:
    child, parent = batch.edge_index
    n = batch.num_sampled_nodes[0]
    told = torch.cat((batch.x[child], batch.edge_attr), 1)
    known = (~told.isnan()).float()
    total = scatter(told.nan_to_num(0.0), parent, 0, n, "sum")
    mean = total / scatter(known, parent, 0, n, "sum")
    return torch.cat((mean[: n // 2], mean[n // 2 :]), 1)

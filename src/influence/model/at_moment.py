"""The network over many queries of one moment: what it makes of a contact is computed once, then looked up.

The same sums as in `TemporalEncoder`, in another order.  Every linear map of joined vectors is the sum of
maps of its parts: keys and values are a part of the neighbour and a part of the edge, questions a part of
the parent and a part of the query's other end.  The first are tables by contact; what the edge adds comes
through a few numbers of the edge instead of through `width` dimensions.  Of the pair's own layer each end's
columns are tables, too; two who ever dealt with each other have a history beside these, and are asked as
they are.  What truly depends on the pair stays: scores, their softmax, the weighted sums, and what follows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

import numpy as np
import torch
from numba import njit, prange
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import linear, pad

from influence.graph.latest import EDGE_COLUMNS, IS_OTHER_END, N_OWN_COLUMNS, TIED_TO_OTHER_END, own_columns
from influence.graph.loading import NEIGHBOUR_COLUMNS, QuerySet
from influence.graph.moment import N_LATEST, PAIRWISE, Moment, Rows
from influence.graph.pairs import PairFeatures, Queries
from influence.graph.prefetching import prefetch_row
from influence.graph.temporal import CODES
from influence.model.encoder import TemporalAttention, TemporalEncoder

BATCH = 2048
"""Queries that pass through the network at a time: their numbers stay in the processor's cache."""

AT_ONCE = 256
"""Contacts that pass a linear map at a time, the last ones filled up with zeros: the last bit of a product of
matrices depends on their number of rows, and so on who happened to be asked about first."""

STATE, ASKS, ASKS_AS_OTHER, MERGED, SENDS, RECEIVES = range(6)
"""What is kept of every contact as an end of a query, `width` numbers each."""

KEY, VALUE = range(2)
"""What is kept of every contact as a neighbour, `width` numbers each."""

_TOLD = len(EDGE_COLUMNS) + len(CODES)
"""Through so many numbers an edge enters each head."""

_EVENTS_AHEAD = 4
"""So many queries before it is their turn, memory is asked for events; for their neighbours, one before."""

_NEIGHBOURHOOD = tuple(name for name in NEIGHBOUR_COLUMNS if ".surroundings." in name)
_INPUTS = 2 * PairFeatures.columns + 2 * _NEIGHBOURHOOD
"""What enters the pair's layer: values, then flags of what was missing, of one kind and of the other."""
_OF_SENDER = torch.tensor([name.startswith("sender.") for name in _INPUTS])
_OF_BOTH = torch.tensor([name in PAIRWISE for name in _INPUTS])


class _Edges(NamedTuple):
    """How an edge enters a key or a value: [width, edge columns] and [width, relations]."""

    columns: Tensor
    relations: Tensor


class MomentEncoder:
    """A trained encoder answering queries of one moment.

    Parameters
    ----------
    encoder
        In evaluation, on the processor.
    moment
        What is known strictly before the moment.
    """

    def __init__(self, encoder: TemporalEncoder, moment: Moment) -> None:
        self.encoder, self.moment, self.width = encoder, moment, encoder.width
        hop = cast(TemporalAttention, encoder.hops[0])
        self.hop, self.heads, self.size = hop, hop.heads, encoder.fan_out[0]
        self.merge = cast(tuple[nn.Linear, nn.Module, nn.Module, nn.Linear], tuple(hop.merge))
        self.scale = (self.width // self.heads) ** -0.5
        self.layer = cast(nn.Linear, encoder.pair[0])
        self.through = self.layer.weight[:, _OF_BOTH].T.contiguous()
        scaler, both = encoder.pair_scaler, [PairFeatures.columns.index(name) for name in PAIRWISE]
        self.scaler = scaler.mean[both].numpy(), scaler.scale[both].numpy(), np.float32(scaler.clip)
        key, value = (_edges(encoder, layer) for layer in (hop.key, hop.value))
        # The lengths of tuples are known when numba compiles: loops over heads and their depth are laid flat.
        self.shape = (0,) * self.heads, (0,) * (self.width // self.heads)
        self.ask = _by_head(key, self.heads)
        first, self.last = self.merge[0].weight[:, self.width :], self.merge[3].weight.T
        # What was attended to: neighbours' values, then edges, both past the first layer of the merge.
        self.tell = torch.cat((first, first @ _by_head(value, self.heads)), 1).T.contiguous()
        n, incidence = moment.graph.n_contacts, moment.graph.incidence
        self.ends = Rows(n, self._as_end)
        self.neighbours = Rows(n, self._as_neighbour)
        self.relation = Rows(n, lambda c: incidence.relation[moment.events.of(c)].astype(np.uint8))
        self.edges = Rows(n, self._own_columns)

    @classmethod
    def of(cls, encoder: TemporalEncoder, moment: Moment) -> MomentEncoder:
        """The one that is kept with the moment: whoever asks about it with this encoder shares its tables."""
        if encoder not in moment.encoders:
            moment.encoders[encoder] = cls(encoder, moment)
        return cast(MomentEncoder, moment.encoders[encoder])

    @staticmethod
    def serves(encoder: nn.Module) -> bool:
        """Whether an encoder can be asked so: one hop of attention, without the snapshot view."""
        return (
            isinstance(encoder, TemporalEncoder)
            and type(encoder).forward is TemporalEncoder.forward
            and len(encoder.fan_out) == 1
            and encoder.fan_out[0] <= N_LATEST
            and encoder.snapshot is None
        )

    def __call__(self, queries: QuerySet) -> Tensor:
        """What `TemporalEncoder` makes of queries [n, width]."""
        q = queries.queries
        asking, asked = (torch.from_numpy(self.ends.of(contact)) for contact in (q.sender, q.recipient))
        sender = self._end(q.sender, asking, asked, queries.meetings[:, 0])
        recipient = self._end(q.recipient, asked, asking, queries.meetings[:, 1])
        pair = self._pair(queries, asking[:, SENDS] + asked[:, RECEIVES])
        return self.encoder.join(torch.cat((sender, recipient, sender * recipient, pair), 1))

    def _pair(self, queries: QuerySet, ends: Tensor) -> Tensor:
        """What the pair's layer makes of queries [n, width]; `ends` is what their ends add to it."""
        told = np.empty((len(queries), 2 * len(PAIRWISE)), np.float32)
        _standardize(queries.pairwise, *self.scaler, told)
        sums, dealt = ends.addmm_(torch.from_numpy(told), self.through), np.flatnonzero(queries.dealt)
        if len(dealt):
            sums[dealt] = linear(self._told(queries[dealt]), self.layer.weight, self.layer.bias)
        return sums.relu_()

    def _told(self, queries: QuerySet) -> Tensor:
        """All that enters the pair's layer, [n, _INPUTS]."""
        pair, around = torch.from_numpy(queries.pair), torch.from_numpy(queries.surroundings)
        scaled = self.encoder.pair_scaler(pair), cast(nn.Module, self.encoder.surroundings_scaler)(around)
        return torch.cat(scaled, 1)

    def _end(
        self, contact: NDArray[np.int64], own: Tensor, other: Tensor, meetings: NDArray[np.uint8]
    ) -> Tensor:
        """Embeddings of one end after the hop [n, width]; `own` and `other` are [n, parts, width]."""
        query = own[:, ASKS] + other[:, ASKS_AS_OTHER]
        events = self.moment.children(contact), self.relation(contact), self.edges(contact), meetings, contact
        table, seen = self.neighbours(contact), np.zeros((len(contact), len(self.tell)), np.float32)
        _attend(*events, table, query.numpy(), (query @ self.ask).numpy(), seen, self.size, self.shape)
        merged = torch.addmm(own[:, MERGED], torch.from_numpy(seen), self.tell).relu_()
        return self.hop.norm(torch.addmm(own[:, STATE], merged, self.last))

    def _as_end(self, contact: NDArray[np.int64]) -> NDArray[np.float32]:
        """STATE to RECEIVES of contacts, [n, 6, width]; biases are in the parts that they are added to."""
        state, width, ask = self._state(contact), self.width, self.hop.query
        with torch.inference_mode():
            own = _mapped(state, ask.weight[:, :width], ask.bias), _mapped(state, ask.weight[:, width:])
            merged = _mapped(state, self.merge[0].weight[:, :width], self.merge[0].bias)
            asks = (part * self.scale for part in own)
            return torch.stack((state + self.merge[3].bias, *asks, merged, *self._sides(contact)), 1).numpy()

    def _sides(self, contact: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """What contacts add to the pair's layer as senders, and as recipients, with what all pairs share."""
        nobody, at = np.full_like(contact, -1), np.full_like(contact, self.moment.at)
        unknown, weight = np.full(len(contact), np.nan, np.float32), self.layer.weight
        sent, received = (
            self._told(QuerySet(self.moment.features, Queries(*ends, at, unknown), self.moment))
            for ends in ((contact, nobody), (nobody, contact))
        )
        alone = _mapped(received, weight * ~(_OF_SENDER | _OF_BOTH), self.layer.bias)
        return _mapped(sent, weight * _OF_SENDER), alone

    def _as_neighbour(self, contact: NDArray[np.int64]) -> NDArray[np.float32]:
        """KEY and VALUE of contacts, what the edge adds left out, [n, 2, width]."""
        state, layers = self._state(contact), (self.hop.key, self.hop.value)
        with torch.inference_mode():
            return torch.stack([_mapped(state, layer.weight[:, : self.width]) for layer in layers], 1).numpy()

    def _state(self, contact: NDArray[np.int64]) -> Tensor:
        rows = torch.from_numpy(self.moment.states.of(contact))
        with torch.inference_mode():
            return _at_once(self.encoder.state, self.encoder.state_scaler(rows))

    def _own_columns(self, contact: NDArray[np.int64]) -> NDArray[np.float32]:
        """The latest events' own columns, scaled, [n, N_LATEST, N_OWN_COLUMNS]; their others are met."""
        self.neighbours(self.moment.children.of(contact).ravel())
        edge = self.moment.events.of(contact)
        own = own_columns(self.moment.graph.incidence, edge.ravel(), self.moment.at).astype(np.float32)
        rows = torch.zeros(len(own), len(EDGE_COLUMNS))
        rows[:, :N_OWN_COLUMNS] = torch.from_numpy(own)
        scaled = self.encoder.edge_scaler(rows)[:, :N_OWN_COLUMNS]
        return scaled.numpy().reshape(*edge.shape, N_OWN_COLUMNS)


def _mapped(rows: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`linear`, each row the same to the last bit whichever stand beside it."""
    return _at_once(lambda some: linear(some, weight, bias), rows)


def _at_once(layer: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
    """A map of rows that passes AT_ONCE of them each time, neither more nor fewer."""
    full = pad(rows, (0, 0, 0, -len(rows) % AT_ONCE))
    return torch.cat([layer(some) for some in full.split(AT_ONCE)])[: len(rows)]


def _edges(encoder: TemporalEncoder, layer: nn.Linear) -> _Edges:
    """How edges enter a linear map of (neighbour, edge); a column that is 0 or 1 by its step from 0 to 1."""
    width, n_columns = encoder.width, len(EDGE_COLUMNS)
    through = layer.weight[:, width:].double()
    columns = through @ encoder.edge.weight[:, :n_columns].double()
    rows = torch.zeros(3, n_columns)
    rows[1, -2], rows[2, -1] = 1.0, 1.0
    scaled = encoder.edge_scaler(rows)[:, :n_columns].double()
    neither = columns[:, -2:] @ scaled[0, -2:]
    steps = torch.stack((scaled[1, -2] - scaled[0, -2], scaled[2, -1] - scaled[0, -1]))
    columns = torch.cat((columns[:, :-2], columns[:, -2:] * steps), 1)
    fixed = layer.bias.double() + through @ encoder.edge.bias.double() + neither
    relations = through @ encoder.relation.weight.double().T + fixed[:, None]
    return _Edges(columns, relations)


def _by_head(edges: _Edges, heads: int) -> Tensor:
    """[width, heads (edge columns + relations)]: each head sees its own part of the width alone."""
    told = torch.cat((edges.columns, edges.relations), 1).float()
    blocks = told.view(heads, -1, told.shape[1])
    return torch.block_diag(*blocks)


@njit(cache=True, parallel=True)
def _standardize(rows, mean, scale, clip, out):  # type: ignore[no-untyped-def]
    """As `Standardizer`: values, then flags of what was missing."""
    n_columns = rows.shape[1]
    for i in prange(len(rows)):
        for k in range(n_columns):
            value = (rows[i, k] - mean[k]) * scale[k]
            missing = np.isnan(value)
            out[i, k] = np.float32(0) if missing else min(max(value, -clip), clip)
            out[i, n_columns + k] = np.float32(missing)


@njit(cache=True, parallel=True, fastmath={"reassoc", "contract", "nsz"})
def _attend(  # type: ignore[no-untyped-def]
    children, relation, edges, meetings, contact, table, query, asked, seen, size, shape
):
    """Attention over the latest events of each contact: sums of the neighbours' values, then of the edges."""
    heads, depth = len(shape[0]), len(shape[1])
    width = heads * depth
    last = len(contact) - 1
    for i in prange(len(contact)):
        c, n = contact[i], 0
        coming = contact[min(i + _EVENTS_AHEAD, last)]
        prefetch_row(children, coming)
        prefetch_row(relation, coming)
        prefetch_row(edges, coming)
        if contact[min(i + 1, last)] != c:  # the pairs of a sender often follow each other
            _prefetch_neighbours(children, table, contact[min(i + 1, last)], size)
        weights = np.empty((heads, size), dtype=np.float32)
        while n < size and children[c, n] >= 0:
            j, w = n, children[c, n]
            for h in range(heads):
                first = h * _TOLD
                total = asked[i, first + N_OWN_COLUMNS + 2 + relation[c, j]]
                if meetings[i, j] & IS_OTHER_END:
                    total += asked[i, first + N_OWN_COLUMNS]
                if meetings[i, j] & TIED_TO_OTHER_END:
                    total += asked[i, first + N_OWN_COLUMNS + 1]
                for k in range(N_OWN_COLUMNS):
                    total += edges[c, j, k] * asked[i, first + k]
                for k in range(depth):
                    total += query[i, h * depth + k] * table[w, KEY, h * depth + k]
                weights[h, j] = total
            n += 1
        _softmax(weights, n)
        for j in range(n):
            w = children[c, j]
            for h in range(heads):
                weight, first = weights[h, j], width + h * _TOLD
                for k in range(depth):
                    seen[i, h * depth + k] += weight * table[w, VALUE, h * depth + k]
                for k in range(N_OWN_COLUMNS):
                    seen[i, first + k] += weight * edges[c, j, k]
                if meetings[i, j] & IS_OTHER_END:
                    seen[i, first + N_OWN_COLUMNS] += weight
                if meetings[i, j] & TIED_TO_OTHER_END:
                    seen[i, first + N_OWN_COLUMNS + 1] += weight
                seen[i, first + N_OWN_COLUMNS + 2 + relation[c, j]] += weight


@njit(cache=True)
def _prefetch_neighbours(children, table, contact, size):  # type: ignore[no-untyped-def]
    """Ask for the keys and values of those whom a contact's events were with."""
    for j in range(size):
        if children[contact, j] < 0:
            break
        prefetch_row(table, children[contact, j])


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _softmax(rows, n):  # type: ignore[no-untyped-def]
    """Of the first `n` numbers of each row, in place."""
    for h in range(len(rows)):
        largest, total = np.float32(-np.inf), np.float32(0)
        for j in range(n):
            largest = max(largest, rows[h, j])
        for j in range(n):
            rows[h, j] = np.exp(rows[h, j] - largest)
            total += rows[h, j]
        for j in range(n):
            rows[h, j] /= total

"""Many queries of one moment: what depends on a contact and the moment alone is found once, then looked up.

Every number is the one that is found query by query, to the last bit: the same functions compute it, for each
contact instead of for each query.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from influence.graph import surroundings
from influence.graph.active_ties import ActiveTies
from influence.graph.attributes import ATTRIBUTE_COLUMNS, CATEGORIES, COUNTRY, GAPS, N_DISTANCES, N_PROFILE
from influence.graph.latest import (
    IS_OTHER_END,
    N_OWN_COLUMNS,
    TIED_TO_OTHER_END,
    latest_edges,
    means_of,
    meetings,
    own_columns,
)
from influence.graph.pairs import CALENDAR, PAIR_GROUPS, TIE_KINDS, PairFeatures, Queries, calendar
from influence.graph.state import STATE_COLUMNS, states
from influence.graph.ties import MUTUAL_COLUMNS
from influence.graph.timeline import HISTORY_COLUMNS

N_LATEST = 20
"""Events of each end that the neighbour means are taken over."""

_BLOCK = 8192
"""Contacts whose rows are computed at a time: bounds memory."""

_N_MUTUAL = len(TIE_KINDS) * len(MUTUAL_COLUMNS)

_WIDTHS = (
    len(STATE_COLUMNS),
    len(STATE_COLUMNS),
    2 * len(PAIR_GROUPS) * len(HISTORY_COLUMNS),
    _N_MUTUAL,
    len(ATTRIBUTE_COLUMNS),
    len(CALENDAR),
    1,
)
"""Columns of the parts that pair features are made of."""

PAIRWISE = (
    *(f"{kind}.{name}" for kind in TIE_KINDS for name in MUTUAL_COLUMNS),
    *(f"same_{name}" for name in CATEGORIES),
    *GAPS,
    "kind.countries.rate_accepting",
    "kind.countries.log_count",
    "has_note",
)
"""Pair features that only both ends together tell, histories left out."""
_COMPARED = slice(_N_MUTUAL, _N_MUTUAL + len(CATEGORIES) + len(GAPS) - N_DISTANCES)
_BETWEEN = slice(_COMPARED.stop, _COMPARED.stop + N_DISTANCES + 2)


class Rows:
    """Rows by key, each computed when it is first asked for; the key -1 stands for what was never met.

    Parameters
    ----------
    n_keys
        Keys are positions from 0 to `n_keys` - 1, and -1.
    compute
        Rows [n, ...] of keys [n].
    """

    def __init__(self, n_keys: int, compute: Callable[[NDArray[np.int64]], NDArray]) -> None:
        self.compute = compute
        self.known = np.zeros(n_keys + 1, dtype=np.bool_)
        self.table: NDArray | None = None

    def __call__(self, *keys: NDArray[np.int64]) -> NDArray:
        """The table [n_keys + 1, ...] with the rows of these keys filled in, others perhaps not."""
        for each in keys:
            missing = each[~self.known[each]]
            wanted = np.unique(missing) if len(missing) else missing
            for start in range(0, len(wanted), _BLOCK):
                some = wanted[start : start + _BLOCK]
                rows = self.compute(some)
                if self.table is None:  # the system gives memory to what is written, not to what is asked for
                    self.table = np.empty((len(self.known), *rows.shape[1:]), dtype=rows.dtype)
                self.table[some], self.known[some] = rows, True
        if self.table is None:
            self(np.array([-1]))
        return self.table

    def of(self, key: NDArray[np.int64]) -> NDArray:
        """The rows of these keys."""
        return self(key)[key]


class Moment:
    """What is known strictly before one moment.

    Parameters
    ----------
    features
        The graph, its ties and attributes.
    at
        The moment, microseconds.
    """

    def __init__(self, features: PairFeatures, at: int) -> None:
        self.features, self.graph, self.at = features, features.graph, at
        # What networks make of its contacts, by encoder: kept here, so that it lasts as long as the moment.
        self.encoders: dict[object, object] = {}
        n, incidence, attributes = self.graph.n_contacts, features.graph.incidence, features.attributes
        self.states = Rows(n, lambda c: states(self.graph, c, self._times(c)))
        self.attributes = Rows(n, lambda c: attributes.known(c, self._times(c)))
        self.kinds = Rows(n, lambda c: attributes.kinds(self.attributes.of(c), self._times(c)))
        self.country = Rows(n, lambda c: self._place(self.attributes.of(c)[:, COUNTRY]))
        self.between = Rows((len(self.countries) + 1) ** 2, self._between)
        self.events = Rows(n, lambda c: latest_edges(incidence, c, at, N_LATEST))
        self.children = Rows(n, self._children)
        self.means = Rows(n, self._means)
        self.met = Rows(n, lambda c: incidence.met(c, self._times(c)))
        self.around = Rows(n, lambda c: surroundings.totals(self.ties["contact"], self._adds, c))

    def dealt(self, queries: Queries) -> NDArray[np.bool_]:
        """Whether anything ever passed between the two, [n]: of few pairs, as a rule.

        Of the others no history tells, and neither end is in the other's surroundings.
        """
        u, v = queries.sender, queries.recipient
        return self.features.ties["contact"].ever(u, v) | (u == v)

    def pairwise(self, queries: Queries) -> NDArray[np.float32]:
        """The columns PAIRWISE of queries, [n, PAIRWISE]."""
        u, v = queries.sender, queries.recipient
        out = np.empty((len(queries), len(PAIRWISE)), np.float32)
        for kind, ties in enumerate(self.ties.values()):
            first = kind * len(MUTUAL_COLUMNS)
            out[:, first : first + len(MUTUAL_COLUMNS)] = ties.mutual(u, v)
        country = self.country(u, v)
        key = country[u] * (len(self.countries) + 1) + country[v]
        _compare(self.attributes(u, v), u, v, out, _COMPARED.start)
        _look_up(self.between(key), key, out, _BETWEEN.start, _BETWEEN.stop)
        out[:, -1] = queries.has_note
        return out

    def pair(
        self, queries: Queries, pairwise: NDArray[np.float32], dealt: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """What `PairFeatures` tells of queries, float32 [n, PairFeatures.columns]."""
        u, v = queries.sender, queries.recipient
        out = np.empty((len(queries), sum(_WIDTHS)), np.float32)
        ends = np.cumsum(_WIDTHS)
        _, _, histories, mutual, _, date, note = np.split(out, ends[:-1], axis=1)
        table = self.states(u, v)
        _look_up(table, u, out, 0, ends[0])
        _look_up(table, v, out, ends[0], ends[1])
        self._histories(queries, np.flatnonzero(dealt), histories)
        mutual[:] = pairwise[:, :_N_MUTUAL]
        self._attributes(u, v, pairwise, out, ends[3])
        date[:] = calendar(np.array([self.at]))
        note[:] = pairwise[:, -1:]
        return out

    def surroundings(self, queries: Queries, dealt: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Sums over the ties of both ends, [n, 2 SURROUNDING_COLUMNS]: see `QuerySet.surroundings`."""
        u, v = queries.sender, queries.recipient
        table, met = self.around(u, v), np.flatnonzero(dealt)
        tied = met[self.features.ties["contact"].exists(u[met], v[met], self._times(met))]
        sums = []
        for end, other in ((u, v), (v, u)):
            found = table[end]
            found[tied] -= self._adds[other[tied]]
            sums.append(surroundings.in_columns(found))
        return np.concatenate(sums, axis=1)

    def meetings(self, queries: Queries) -> NDArray[np.uint8]:
        """What the latest events of one end are to the other: see `latest.meetings`."""
        u, v = queries.sender, queries.recipient
        return meetings(self.ties["contact"], self.children(u, v), u, v)

    def neighbours(self, queries: Queries, meetings: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Means over the latest neighbours of both ends, [n, 2 (STATE_COLUMNS + EDGE_COLUMNS)]."""
        u, v = queries.sender, queries.recipient
        means, children, half = self.means(u, v), self.children(u, v), len(STATE_COLUMNS) + N_OWN_COLUMNS
        out = np.empty((len(queries), 2 * half + 4), np.float32)
        for end, first in ((u, 0), (v, half + 2)):
            _look_up(means, end, out, first, first + half)
        _shares(meetings, children, u, v, out, half)
        return out

    @cached_property
    def ties(self) -> dict[str, ActiveTies]:
        """Ties of each kind that hold."""
        return {kind: ActiveTies.of(ties, self.at) for kind, ties in self.features.ties.items()}

    @cached_property
    def countries(self) -> NDArray[np.float64]:
        """The codes of all countries of contacts, sorted."""
        return self.features.attributes.countries

    @cached_property
    def _adds(self) -> NDArray[np.float64]:
        """What every contact adds to the sums of those tied to it."""
        everyone = np.arange(self.graph.n_contacts)
        return surroundings.counts(self.graph, everyone, self._times(everyone))

    @cached_property
    def _no_history(self) -> NDArray[np.float32]:
        nobody = np.array([-1])
        return self.features.histories(nobody, nobody, self._times(nobody))

    def _times(self, rows: NDArray) -> NDArray[np.int64]:
        return np.full(len(rows), self.at)

    def _histories(self, queries: Queries, dealt: NDArray[np.int64], out: NDArray[np.float32]) -> None:
        out[:] = self._no_history
        few = queries[dealt]
        out[dealt] = self.features.histories(few.sender, few.recipient, few.at)

    def _place(self, country: NDArray[np.float64]) -> NDArray[np.int64]:
        """Positions among `countries`; behind the last one where unknown."""
        return np.where(country < 0, len(self.countries), np.searchsorted(self.countries, country))

    def _between(self, key: NDArray[np.int64]) -> NDArray[np.float64]:
        codes = np.append(self.countries, -1)
        source, target = np.divmod(np.maximum(key, 0), len(codes))
        return self.features.attributes.between(codes[source], codes[target], self._times(key))

    def _attributes(
        self,
        u: NDArray[np.int64],
        v: NDArray[np.int64],
        pairwise: NDArray[np.float32],
        out: NDArray[np.float32],
        first: int,
    ) -> None:
        """Fill the columns of attributes, from the first on."""
        known, kinds = self.attributes(u, v), self.kinds(v)
        both = first + 2 * N_PROFILE
        kinds_from = both + len(CATEGORIES) + len(GAPS)
        kinds_until = kinds_from + kinds.shape[1]
        _look_up(known, u, out, first, first + N_PROFILE)
        _look_up(known, v, out, first + N_PROFILE, both)
        out[:, both:kinds_from] = pairwise[:, _N_MUTUAL : _BETWEEN.stop - 2]
        _look_up(kinds, v, out, kinds_from, kinds_until)
        out[:, kinds_until : kinds_until + 2] = pairwise[:, _BETWEEN.stop - 2 : _BETWEEN.stop]

    def _children(self, contact: NDArray[np.int64]) -> NDArray[np.int32]:
        edge = self.events.of(contact)
        return np.where(edge >= 0, self.graph.incidence.neighbour[edge], -1).astype(np.int32)

    def _means(self, contact: NDArray[np.int64]) -> NDArray[np.float32]:
        edge, child = self.events.of(contact), self.children.of(contact)
        slot = np.where(edge >= 0, np.arange(edge.size, dtype=np.int32).reshape(edge.shape), -1)
        own = own_columns(self.graph.incidence, edge.ravel(), self.at).astype(np.float32)
        return np.concatenate((means_of(child, self.states(child.ravel())), means_of(slot, own)), axis=1)


@njit(cache=True, parallel=True)
def _look_up(table, key, out, first, until):  # type: ignore[no-untyped-def]
    """Rows of a table into some columns of `out`: whole, for a view has a type of its own to compile for."""
    for i in prange(len(key)):
        for column in range(until - first):
            out[i, first + column] = table[key[i], column]


@njit(cache=True, parallel=True)
def _compare(known, u, v, out, first):  # type: ignore[no-untyped-def]
    """Which categories of both ends are the same, and the first two gaps, as `Attributes` tells.

    They fill the columns of `out` from the first on.
    """
    n_profile, n_categories = N_PROFILE, known.shape[1] - N_PROFILE
    for i in prange(len(u)):
        for category in range(n_categories):
            a, b = known[u[i], n_profile + category], known[v[i], n_profile + category]
            out[i, first + category] = np.nan if a < 0 or b < 0 else a == b
        for gap in range(2):
            out[i, first + n_categories + gap] = known[u[i], gap] - known[v[i], gap]


@njit(cache=True, parallel=True)
def _shares(meetings, children, u, v, out, half):  # type: ignore[no-untyped-def]
    """Shares of the latest events that are with the other end, and with those tied to it."""
    for i in prange(len(u)):
        for end in range(2):
            contact = u[i] if end == 0 else v[i]
            n, other, tied = np.float32(0), np.float32(0), np.float32(0)
            for j in range(children.shape[1]):
                if children[contact, j] < 0:
                    break
                n += np.float32(1)
                other += np.float32(meetings[i, end, j] & IS_OTHER_END != 0)
                tied += np.float32(meetings[i, end, j] & TIED_TO_OTHER_END != 0)
            place = end * (half + 2) + half
            out[i, place] = other / n if n > 0 else np.nan
            out[i, place + 1] = tied / n if n > 0 else np.nan

"""Possible partners as one graph: companies, or contacts, of all countries and the links between them.

A graph is a view of one moment; whatever became visible later is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from scipy.sparse.linalg import eigsh
from sklearn.utils.extmath import randomized_svd

from influence.data import Network
from influence.geography import Geography, GeographyConfig, load_geography
from influence.graph.temporal import microseconds, moment_code
from influence.graph.timeline import MICROSECONDS_PER_DAY

Entity = Literal["companies", "contacts"]
Ints = NDArray[np.int64]

WORDS: Mapping[Entity, tuple[str, ...]] = MappingProxyType(
    {
        "companies": ("country", "industry", "city"),
        "contacts": ("country", "industry", "job_function", "seniority"),
    }
)
"""What an entity is described by in words; a cell may hold several, separated by `SEPARATOR`."""
SEPARATOR = "|"
SPECTRUM = 64
"""Leading directions of the ties that entities are placed along."""
OLD_DAYS = 366
"""Age from which on a link is old."""
RANK = 4
"""Dimensions in which ties are told apart: enough for a core, a rim, and a few regions."""
TABLES_USED = ("companies", "contacts", "company_links", "connections", "countries", "country_pairs")


@dataclass(frozen=True)
class Links:
    """Links from sources to targets, positions in `PartnerGraph.ids`, in the order of time.

    Attributes
    ----------
    source, target : int64 [links]
    at : int64 [links], microseconds since 1970; `STATIC` where undated
    weight : float32 [links]
    """

    source: Ints
    target: Ints
    at: Ints
    weight: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.at)

    def where(self, rows: NDArray[np.bool_] | Ints) -> Links:
        """The links that a mask or an order selects."""
        return Links(self.source[rows], self.target[rows], self.at[rows], self.weight[rows])

    @property
    def turned(self) -> Links:
        """The same links seen from the other end."""
        return Links(self.target, self.source, self.at, self.weight)


@dataclass(frozen=True)
class PartnerGraph:
    """Entities, what they are, and their links, as known at one moment.

    Attributes
    ----------
    of : whether these are companies or contacts
    at : int, the moment in microseconds since 1970
    ids : [n] ids, sorted
    country : int64 [n], positions in `countries`; -1 where unknown
    countries : alpha-2 codes
    apart : float32 [countries + 1, countries + 1, len(PAIR_COLUMNS)], what pairs of countries
        share and how far apart they are; the last one stands for the unknown
    words : float32 CSR [n, n_words], 1 where a word describes an entity
    word_names : [n_words], such as "industry=Software"
    links : every link known, oldest first
    """

    of: Entity
    at: int
    ids: pd.Index
    country: Ints
    countries: pd.Index
    apart: NDArray[np.float32]
    words: csr_matrix
    word_names: pd.Index
    links: Links

    @classmethod
    def of_network(
        cls,
        network: Network,
        of: Entity,
        at: pd.Timestamp,
        kinds: Sequence[str] = (),
        files: GeographyConfig | None = None,
    ) -> PartnerGraph:
        """What the records tell that was visible strictly before `at`.

        Parameters
        ----------
        kinds
            Kinds of `company_links` that make a partner; by default all but competitors.
        files
            Facts about countries beside those shipped and those of the records.
        """
        used = {name: rows for name, rows in network.tables.items() if name in TABLES_USED}
        known = Network(MappingProxyType(used)).as_of(at)
        latest = known.latest(of, WORDS[of])  # of all, so that a company without links is a candidate too
        countries = pd.Index(sorted(latest["country"].dropna().unique()), dtype="str")
        words, names = _words(latest, WORDS[of])
        return cls(
            of=of,
            at=moment_code(at),
            ids=latest.index,
            country=countries.get_indexer(pd.Index(latest["country"])).astype(np.int64),
            countries=countries,
            apart=_apart(known, countries, files or GeographyConfig()),
            words=words,
            word_names=names,
            links=links_of(known, of, latest.index, kinds),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def positions(self, ids: Sequence[str] | pd.Series) -> Ints:
        """Positions of ids; -1 for those not known at the moment."""
        return self.ids.get_indexer(pd.Index(ids, dtype="str")).astype(np.int64)

    def abroad(self, source: int, *, linked: bool) -> Ints:
        """Positions of everybody of another country than a source; those linked with it only if asked for."""
        everybody = np.arange(len(self))
        own = np.full(len(self), source)
        found = self.is_foreign(own, everybody)
        return everybody[found if linked else found & ~self.are_linked(own, everybody)]

    def with_strangers(self, ids: Sequence[str]) -> PartnerGraph:
        """The same graph with entities behind the others of which nothing is known but their ids."""
        more = len(ids)
        if not more:
            return self
        n = len(self) + more
        return replace(
            self,
            ids=self.ids.append(pd.Index(ids, dtype="str")),
            country=np.concatenate((self.country, np.full(more, -1))),
            words=csr_matrix(
                (self.words.data, self.words.indices, np.pad(self.words.indptr, (0, more), "edge")),
                shape=(n, self.words.shape[1]),
            ),
        )

    @cached_property
    def representatives(self) -> Ints:
        """[countries] the position of one entity of each country."""
        found = np.zeros(len(self.countries), np.int64)
        known = np.flatnonzero(self.country >= 0)
        found[self.country[known][::-1]] = known[::-1]
        return found

    def words_of(self, column: str) -> list[str]:
        """What a column of words may hold, sorted."""
        own = self.word_names[self.word_names.str.startswith(f"{column}=")]
        return list(own.str.slice(len(column) + 1))

    def texts(self, column: str, entities: Ints) -> list[str]:
        """What a column of words tells of each entity; several are joined by `SEPARATOR`."""
        own = np.flatnonzero(self.word_names.str.startswith(f"{column}="))
        rows = self.words[entities][:, own]
        names = self.word_names[own].str.slice(len(column) + 1)
        return [SEPARATOR.join(names[np.sort(rows[i].indices)]) for i in range(len(entities))]

    def neighbours(self, position: int) -> Ints:
        """Positions of those linked with one, ascending."""
        start, end = self.ties.indptr[position : position + 2]
        return np.sort(self.ties.indices[start:end]).astype(np.int64)

    def without(self, rows: NDArray[np.bool_]) -> PartnerGraph:
        """The same graph with the links under a mask hidden, whichever way they run."""
        hidden = self.links.where(rows)
        n = len(self)
        pairs = np.concatenate((hidden.source * n + hidden.target, hidden.target * n + hidden.source))
        kept = ~np.isin(self.links.source * n + self.links.target, pairs)
        return replace(self, links=self.links.where(kept))

    @cached_property
    def given(self) -> csr_matrix:
        """float32 [n, n]: how many links run from each row to each column."""
        return self._matrix(self.links.source, self.links.target)

    @cached_property
    def ties(self) -> csr_matrix:
        """float32 [n, n]: 1 where two entities are linked either way, 0 on the diagonal."""
        both = self.given + self.given.T
        both.setdiag(0)
        both.eliminate_zeros()
        both.data[:] = 1.0
        return both.tocsr()

    @cached_property
    def of_old(self) -> PartnerGraph:
        """The same graph with the links that had stood for `OLD_DAYS`; undated ones are as old as any."""
        since = self.at - OLD_DAYS * MICROSECONDS_PER_DAY
        return replace(self, links=self.links.where(self.links.at < since))

    @cached_property
    def degree(self) -> NDArray[np.float32]:
        """[n] how many others each is linked with."""
        return np.diff(self.ties.indptr).astype(np.float32)

    @cached_property
    def spectrum(self) -> NDArray[np.float32]:
        """[n, at most `SPECTRUM`] places along the leading directions of the normalised ties, largest first.

        Halko et al. 2011, "Finding structure with randomness"; the same ties give the same places, up to the
        sign of a column.
        """
        half = diags(1 / np.sqrt(np.maximum(self.degree, 1))).astype(np.float32)
        rank = min(SPECTRUM, len(self))
        u, s, _ = randomized_svd((half @ self.ties @ half).tocsr(), rank, n_iter=6, random_state=0)
        return np.asarray(u * np.sqrt(s), np.float32)

    @cached_property
    def leading(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Eigenvalues [`RANK`] of the ties that are largest in size, and their vectors [n, `RANK`].

        Together the matrix of that rank nearest to the ties (Eckart & Young 1936, "The approximation of one
        matrix by another of lower rank").
        """
        if len(self) <= 2 * RANK:
            values, vectors = np.linalg.eigh(self.ties.toarray().astype(np.float64))
            largest = np.argsort(-np.abs(values))[:RANK]
            return values[largest], vectors[:, largest]
        if not self.ties.nnz:  # which has no direction to start from
            return np.zeros(RANK), np.zeros((len(self), RANK))
        # The start is given, for the same answer each time, and drawn: in groups that are alike one of equal
        # numbers is a direction already, and the search would go on from a start of its own.
        start = np.random.default_rng(0).standard_normal(len(self))
        values, vectors = eigsh(self.ties.astype(np.float64), RANK, v0=start)
        return values, vectors

    def are_linked(self, source: Ints, target: Ints) -> NDArray[np.bool_]:
        """Whether the two ends of each pair are linked, either way."""
        codes = self._tie_codes
        wanted = source * len(self) + target
        place = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
        return codes[place] == wanted if len(codes) else np.zeros(len(wanted), np.bool_)

    @cached_property
    def _tie_codes(self) -> Ints:
        row = np.repeat(np.arange(len(self)), np.diff(self.ties.indptr))
        return np.sort(row * len(self) + self.ties.indices)

    def is_foreign(self, source: Ints, target: Ints) -> NDArray[np.bool_]:
        """Whether both countries are known and differ."""
        a, b = self.country[source], self.country[target]
        return (a >= 0) & (b >= 0) & (a != b)

    def _matrix(self, row: Ints, column: Ints) -> csr_matrix:
        data = np.ones(len(row), np.float32)
        found = csr_matrix((data, (row, column)), shape=(len(self), len(self)))
        found.sum_duplicates()
        return found


def links_of(network: Network, of: Entity, ids: pd.Index, kinds: Sequence[str] = ()) -> Links:
    """The links that the records show between entities of known ids, oldest first; none to oneself."""
    if of == "companies":
        rows = network.table("company_links")
        wanted = rows["kind"].isin(kinds) if kinds else rows["kind"] != "competitor"
        rows = rows[wanted].rename(columns={"at": "since"})
    else:
        rows = network.table("connections").rename(columns={"connected_at": "since"})
        rows = rows[rows["removed_at"].isna()].assign(weight=1.0)
    source, target = (ids.get_indexer(pd.Index(rows[end])) for end in ("source_id", "target_id"))
    found = Links(
        source.astype(np.int64),
        target.astype(np.int64),
        microseconds(rows["since"]),
        rows["weight"].fillna(1.0).to_numpy(np.float32),
    )
    kept = (found.source >= 0) & (found.target >= 0) & (found.source != found.target)
    found = found.where(kept)
    return found.where(np.lexsort((found.target, found.source, found.at)))


def _apart(network: Network, countries: pd.Index, files: GeographyConfig) -> NDArray[np.float32]:
    """Facts of all pairs of countries: shipped ones, over them the files', over these the records'."""
    own, pairs = network.table("countries"), network.table("country_pairs")
    geography = _without_records(files) if own.empty and pairs.empty else load_geography(files, own, pairs)
    n = len(countries) + 1
    codes = pd.Series([*countries, None], dtype="str").to_numpy()
    return geography.pairs(np.repeat(codes, n), np.tile(codes, n)).reshape(n, n, -1)


@cache
def _without_records(files: GeographyConfig) -> Geography:
    return load_geography(files)


def _words(latest: pd.DataFrame, columns: Sequence[str]) -> tuple[csr_matrix, pd.Index]:
    row, word = [], []
    for name in columns:
        cells = latest[name].astype("str").str.split(SEPARATOR).reset_index(drop=True).explode().dropna()
        cells = cells.astype("str").str.strip()
        cells = cells[cells != ""]
        row.append(cells.index.to_numpy(np.int64))
        word.append((f"{name}=" + cells).to_numpy(object))
    rows, words = np.concatenate(row), np.concatenate(word)
    code, names = pd.factorize(words, sort=True)
    shape = (len(latest), len(names))
    found = csr_matrix((np.ones(len(rows), np.float32), (rows, code)), shape=shape)
    found.sum_duplicates()
    found.data[:] = 1.0
    return found, pd.Index(names, dtype="str")

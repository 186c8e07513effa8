"""Who is asked for advice on what: nominations as matrices, and who leads in each community.

`source` asks `target`: influence flows from target to source, so a leader is who is named by many.  People
are judged within their community, which stands in `contacts.company_id`: a firm, or a survey's village.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from influence.data import Network
from influence.errors import ConfigError, DataError, nearest

Floats = NDArray[np.float64]
Scope = Literal["community", "everyone"]
"""Among whom people are compared."""

TOP_SHARE = 0.1
"""The share of people who count as leaders; ties with the last of them are in."""


@dataclass(frozen=True)
class Nominations:
    """Nominations among people whose community is known.

    Attributes
    ----------
    people : ids, sorted
    communities, topics : names of the codes, sorted
    community : int64 [n_people]
    source, target, topic : int64 [n_nominations], positions and codes; each nomination once, none of oneself
    n_dropped : nominations left out because an end has no known community
    """

    people: pd.Index
    communities: pd.Index
    topics: pd.Index
    community: NDArray[np.int64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    topic: NDArray[np.int64]
    n_dropped: int = 0

    @classmethod
    def of(cls, network: Network) -> Nominations:
        """The nominations of a network's records.

        Raises
        ------
        DataError
            If there are none, or nobody's community is known.
        """
        rows = network.table("nominations")
        if not len(rows):
            raise DataError("nominations: nobody is named for advice. Give a table nominations.")
        home = home_of(network)
        ends = [home.index.get_indexer(pd.Index(rows[end])) for end in ("source_id", "target_id")]
        known = (ends[0] >= 0) & (ends[1] >= 0)
        topic, topics = pd.factorize(rows["topic"][known], sort=True)
        community, communities = pd.factorize(home, sort=True)
        if not known.any():
            raise DataError(
                "nominations: no one named, or naming, has a known community. Fill in company_id."
            )
        return cls(
            pd.Index(home.index), pd.Index(communities), pd.Index(topics), community.astype(np.int64),
            ends[0][known].astype(np.int64), ends[1][known].astype(np.int64), topic.astype(np.int64),
            int((~known).sum()),
        )  # fmt: skip

    @property
    def n_people(self) -> int:
        """How many people there are, named or not."""
        return len(self.people)

    def code(self, topic: str) -> int:
        """A topic's code.

        Raises
        ------
        ConfigError
            If nobody was named for it; names the nearest topic.
        """
        if topic not in self.topics:
            raise ConfigError(f"Nobody is named for {topic!r}. {nearest(topic, self.topics)}")
        return self.topics.tolist().index(topic)

    @cached_property
    def matrices(self) -> tuple[csr_matrix, ...]:
        """For each topic [n_people, n_people], 1 where the row asks the column."""
        shape = (self.n_people, self.n_people)
        found = []
        for code in range(len(self.topics)):
            own = self.topic == code
            ones = np.ones(int(own.sum()))
            found.append(csr_matrix((ones, (self.source[own], self.target[own])), shape=shape))
        return tuple(found)

    @cached_property
    def received(self) -> Floats:
        """[n_people, n_topics]: how many name each person."""
        counts = np.zeros((self.n_people, len(self.topics)))
        np.add.at(counts, (self.target, self.topic), 1.0)
        return counts

    def groups(self, scope: Scope = "community") -> NDArray[np.int64]:
        """int64 [n_people]: who is compared with whom."""
        return self.community if scope == "community" else np.zeros(self.n_people, np.int64)

    def leaders(self, scope: Scope = "community") -> NDArray[np.bool_]:
        """[n_people, n_topics]: the tenth named most among those compared, ties in, the never named out."""
        counts = pd.DataFrame(self.received)
        least = counts.groupby(self.groups(scope)).transform(lambda own: own.quantile(1 - TOP_SHARE))
        return ((counts >= least) & (counts > 0)).to_numpy(np.bool_)

    def overlap(self) -> dict[str, dict[str, float]]:
        """Topic -> topic -> Jaccard index of their leaders; NaN where neither has any."""
        leads = self.leaders().astype(np.int64)
        both = leads.T @ leads
        either = leads.sum(0)[:, None] + leads.sum(0)[None, :] - both
        index = np.divide(both, either, out=np.full(both.shape, np.nan), where=either > 0)
        names = self.topics.tolist()
        return {
            one: dict(zip(names, row, strict=True)) for one, row in zip(names, index.tolist(), strict=True)
        }


def home_of(network: Network) -> pd.Series:
    """Each contact's community, sorted by contact: the latest known `company_id`; who has none is left out.

    Raises
    ------
    DataError
        If nobody's is known.
    """
    home = network.latest("contacts", ["company_id"])["company_id"].dropna()
    if not len(home):
        raise DataError("contacts.company_id: no community is known. Give people's company or village.")
    return home


def mean_within(values: Floats, group: NDArray[np.int64]) -> Floats:
    """[n, ...] each row's mean over its group."""
    n_groups = int(group.max()) + 1
    sums = np.zeros((n_groups, *values.shape[1:]))
    np.add.at(sums, group, values)
    size = np.bincount(group, minlength=n_groups).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray((sums / size)[group])

"""Leadership: who leads opinion, on which topic, and over whom.

Influence is the credit that a person will get in a coming window: every take-up is shared equally among the
adopter's neighbours who had gone before (`contagion.credit`).  Everything that forecasts it belongs to one of
three groups: who one is, what one knows, and whom one knows (Katz 1957).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from pydantic import Field, PositiveInt, field_validator

from influence.contagion.contents import contents_columns
from influence.contagion.credit import Credit
from influence.contagion.nominations import Scope
from influence.contagion.position import Columns, Position, position_at
from influence.contagion.takeups import NO_TOPIC, Exposures, TakeUps, ties_of
from influence.data import Network
from influence.errors import DataError
from influence.graph.attributes import PROFILE, Attributes
from influence.graph.propagation import SparseAdjacency
from influence.graph.snapshots import mean_over_known
from influence.graph.temporal import TemporalGraph, moment_code
from influence.schema import TABLES
from influence.settings import Settings

NAME = "leadership"
PURPOSE = "who leads opinion, on which topic, and who is moved by whom"
METHOD = (
    "a temporal graph network and boosted trees over who took up what after whom, mixed as validation chose; "
    "who is named for advice is told from the nominations themselves"
)
LIMITS = (
    "Observation alone does not separate influence from likeness: `influence report` shows how much of it "
    "could be chance, or common taste. Credit is what is expected of a person, not what they deserve. "
    "People whom the records do not know are marked as cold."
)
ID_COLUMNS = ("contact_id",)
OPTIONAL_COLUMNS = (TABLES["adoptions"].column("topic"),)
EXAMPLE = {"contact_id": ("ana", "bo")}
GROUPS = ("who_one_is", "what_one_knows", "whom_one_knows")
OUTPUT_COLUMNS = ("influence", "low", "high", "susceptibility", "n_observations")
RELATIONS = ("ties", "followers", "forerunners")
"""What is propagated along: all ties; those one is credited with; those who are credited with oneself."""


class LeadershipConfig(Settings):
    """How leadership is learnt and judged."""

    protocol: str | None = None
    """How it is judged; recognised from the records where it is not given."""
    compared_with: Scope = "community"
    """Among whom the tenth named most are the leaders, where nominations tell."""
    cut: float = Field(default=0.8, gt=0.2, lt=1)
    """Share of the take-ups before the moment at which the protocol of future credit asks."""
    window: float = Field(default=0.25, gt=0, le=0.3)
    """Share of the known take-ups that one window holds; what is learnt and foretold is the credit in one."""
    past_windows: tuple[float, float, float, float] = (0.03, 0.1, 0.3, 1.0)
    """Shares of the latest take-ups in which past take-ups and credit are counted; the last one is all."""
    hops: PositiveInt = 2
    """How far the neighbours' columns are propagated along each relation."""

    @field_validator("past_windows")
    @classmethod
    def _ascending(cls, shares: tuple[float, ...]) -> tuple[float, ...]:
        if not all(0 < a < b for a, b in pairwise(shares)) or shares[-1] != 1:
            raise ValueError("the shares must ascend from above 0 to 1")
        return shares


@dataclass(frozen=True)
class Candidates:
    """Everybody who had taken anything up before a moment, topic by topic, as known strictly before it.

    Attributes
    ----------
    contact_id : str [n]
    topic : str [n]; None throughout where no take-up has a topic
    at : the moment, microseconds since 1970
    columns : names of x, "<group>.<column>"
    x : float32 [n, columns], NaN where not known
    neighbours : float32 [n, relations x hops x columns], means of x over those around
    n_observations : int64 [n], own take-ups, of the topic where there is one
    """

    contact_id: NDArray[np.object_]
    topic: NDArray[np.object_]
    at: int
    columns: tuple[str, ...]
    x: NDArray[np.float32]
    neighbours: NDArray[np.float32]
    n_observations: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.x)

    def where(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Candidates:
        """The candidates that a mask or places select."""
        ids = self.contact_id[rows], self.topic[rows]
        return Candidates(
            *ids, self.at, self.columns, self.x[rows], self.neighbours[rows], self.n_observations[rows]
        )

    def column(self, name: str) -> NDArray[np.float32]:
        """One column of x."""
        return self.x[:, self.columns.index(name)]


def candidates_at(network: Network, at: pd.Timestamp, config: LeadershipConfig) -> Candidates:
    """The candidates strictly before a moment; what the records hold from it on is not looked at.

    Raises
    ------
    DataError
        If nothing had been taken up before.
    """
    known = network.as_of(at)
    graph, moment = TemporalGraph(known), moment_code(at)
    take_ups, ties = _take_ups(known, at), ties_of(graph)
    standing = position_at(take_ups, ties, moment, config.past_windows)
    active = np.flatnonzero(standing.counted() > 0)
    general = _person(known, graph, standing) | _named("", standing, known)
    parts, codes = [], range(len(take_ups.topics)) if len(take_ups.topics) else (NO_TOPIC,)
    for code in codes:
        part = standing.of_topic(code) if code != NO_TOPIC else standing
        topic = str(take_ups.topics[code]) if code != NO_TOPIC else None
        columns = general | (_named("topic_", part, known, topic) if topic is not None else {})
        x = np.column_stack(list(columns.values())).astype(np.float32)
        around = np.concatenate(list(_propagated(x, part, config.hops)), axis=1)
        parts.append((topic, x[active], around[active], part.counted()[active]))
    topics, x, around, n = zip(*parts, strict=True)
    return Candidates(
        np.tile(graph.contact_ids[active].to_numpy(object), len(parts)),
        np.repeat(np.array(topics, dtype=object), len(active)),
        moment,
        tuple(columns),
        np.concatenate(x), np.concatenate(around), np.concatenate(n).astype(np.int64),
    )  # fmt: skip


def _take_ups(known: Network, at: pd.Timestamp) -> TakeUps:
    if not len(known.table("adoptions")):
        raise DataError(
            f"Nothing had been taken up before {at:%Y-%m-%d %H:%M:%S}: nobody can be said to lead."
        )
    return TakeUps.of(known)


def _person(known: Network, graph: TemporalGraph, standing: Position) -> Columns:
    """Who one is, and the place among all ties."""
    everyone = np.arange(graph.n_contacts)
    profile = Attributes(known, graph).profile(everyone, np.full(len(everyone), standing.at))
    found = {f"who_one_is.{name}": profile[:, i] for i, name in enumerate(PROFILE)}
    found["who_one_is.log_days_in_the_log"] = standing.tenure()
    return found | {f"whom_one_knows.{name}": values for name, values in standing.ties_alone().items()}


def _named(prefix: str, standing: Position, known: Network, topic: str | None = None) -> Columns:
    """What one knows and whom one moves, of all topics or of one."""
    knows = standing.knowledge() | contents_columns(known, known.contact_ids, topic)
    return {f"what_one_knows.{prefix}{name}": values for name, values in knows.items()} | {
        f"whom_one_knows.{prefix}{name}": values for name, values in standing.reach().items()
    }


def _propagated(x: NDArray[np.float32], standing: Position, hops: int) -> Iterator[NDArray[np.float32]]:
    """Blocks of `RELATIONS`, hop by hop, each of x's shape."""
    credit, n = standing.credit, standing.n_contacts
    source, target = standing.ties.nonzero()
    edges = {
        "ties": (source, target, np.ones(len(source))),
        "followers": (credit.receiver, credit.giver, credit.share),
        "forerunners": (credit.giver, credit.receiver, credit.share),
    }
    for relation in RELATIONS:
        adjacency, gathered = (
            SparseAdjacency.build(*edges[relation], n, n),
            torch.from_numpy(x.astype(np.float64)),
        )
        for _ in range(hops):
            gathered = mean_over_known(adjacency, gathered)
            yield gathered.numpy().astype(np.float32)


@dataclass(frozen=True)
class History:
    """All that is known of who was credited with whose take-ups; labels of any window are read from it."""

    contact_ids: pd.Index
    take_ups: TakeUps
    credit: Credit

    @classmethod
    def of(cls, network: Network) -> History:
        """The history of a network's records."""
        take_ups = TakeUps.of(network)
        exposures = Exposures.along(take_ups, ties_of(TemporalGraph(network)))
        return cls(network.contact_ids, take_ups, Credit.of(take_ups, exposures))

    def moment(self, share: float) -> int:
        """The moment before which so large a share of the take-ups lies, microseconds since 1970."""
        return int(np.quantile(self.take_ups.at, share))

    def labels(
        self, rows: Candidates, until: int | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What each row is credited with, and what of its own is credited to others, from its moment on.

        Parameters
        ----------
        until : the end, microseconds, exclusive; without it the end of the records
        """
        end = self.take_ups.at.max() + 1 if until is None else until
        credit = self.credit.between(rows.at, int(end))
        given, received = np.zeros(len(rows)), np.zeros(len(rows))
        for topic in dict.fromkeys(rows.topic):
            of_topic = rows.topic == topic if topic is not None else np.ones(len(rows), np.bool_)
            code = self.take_ups.topics.get_loc(topic) if topic is not None else NO_TOPIC
            part = credit if topic is None else credit.where(credit.topic == code)
            place = self.contact_ids.get_indexer(pd.Index(rows.contact_id[of_topic]))
            given[of_topic], received[of_topic] = part.given()[place], part.received()[place]
        return given, received

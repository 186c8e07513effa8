"""Partners abroad: which companies or contacts in other countries to approach.

The score of a pair is a sum of four parts: what fits what, the distance between countries, how well each end
is linked itself, and who stands between (`graph.partner_columns.GROUPS`).  What is learnt is a choice: of the
candidates that a source could have linked up with at a moment, the one that it did.  Lists of candidates are
drawn, and the chance of being drawn is taken out of the likelihood (log-q correction: Bengio & Senécal 2008,
"Adaptive importance sampling to accelerate training of a neural probabilistic language model").
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveInt, field_validator

from influence.data import to_utc
from influence.errors import ConfigError
from influence.geography import GeographyConfig
from influence.graph.partner_columns import GROUPS, PairColumns, pair_columns
from influence.graph.partner_columns.walks import CELLS_AT_A_TIME, pagerank_rows, transition
from influence.graph.partners import Entity, Ints, Links, PartnerGraph
from influence.schema import COMPANY_LINK_KINDS, Column
from influence.settings import Settings

NAME = "partners"
PURPOSE = "which companies or contacts abroad fit, and through whom to reach them"
METHOD = (
    "a graph network, boosted trees and a log-linear model over links, companies and what lies between their "
    "countries, mixed as validation chose"
)
LIMITS = (
    "A high score says that such links came about before, not that this one would be good. Companies that "
    "the records do not know are scored by country and industry alone, and marked as cold."
)
ID_COLUMNS = ("source_id", "target_id")
OPTIONAL_COLUMNS: tuple[Column, ...] = ()
EXAMPLE = {"source_id": ("acme", "acme"), "target_id": ("bolt", "cog")}
OUTPUT_COLUMNS = ("score", "p_partner", *GROUPS, "via", "is_cold_source", "is_cold_target")


CandidateRule = Literal["linked_in_window", "all", "sampled", "same_country", "degree_matched"]
"""How a list of candidates is made to judge by."""


class PartnersConfig(Settings):
    """How partners are learnt and judged."""

    protocol: str | None = None
    """How it is judged; recognised from the records where it is not given."""
    of: Entity | None = None
    """Companies, or contacts; by default companies where the records link them."""
    kinds: tuple[str, ...] = ()
    """Kinds of company links that make a partner; all but competitors where none are named."""
    seeks: Literal["target", "either"] = "either"
    """Whether only the source of a link sought the other end (as acquirers do), or either may have."""
    geography: GeographyConfig = GeographyConfig()
    """Files of your own with further facts about countries."""
    candidates: Literal["all", "linked"] = "all"
    """Among whom a partner is sought: everybody abroad, or those who get a link in the same window."""
    domestic: bool = True
    """Whether links within a country teach too; they are never recommended."""
    horizon_days: PositiveInt = 365
    """The coming time that probabilities speak of, where links have dates."""
    window_days: PositiveInt = 90
    """Dated links of one window are learnt from what was known at its start."""
    pool_days: PositiveInt | None = None
    """Where candidates are those who get a link: within how many days from the window's start; by default the
    window's own.  Short windows keep what is known fresh, long pools keep the lists full."""
    n_negatives: PositiveInt = 100
    """Candidates drawn at random beside each link that is learnt from."""
    n_near: int = Field(default=0, ge=0)
    """Candidates nearest by the personalised PageRank beside each link that is learnt from; all are taken."""
    hidden_share: float = Field(default=0.1, gt=0, lt=0.5)
    """Share of undated links hidden at a time, to be learnt from what is left."""
    n_splits: PositiveInt = 5
    """Shares of undated ties that are held out for a test in turn, where ties have no dates."""
    split_seed: int = 0
    """Which undated ties are held out together."""
    standing: bool = False
    """Whether ties that stand already teach too, hidden share by share, where new pairs are judged."""
    validation_from: str | None = None
    """The first moment that validates, where links have dates; by default from shares of the links."""
    test_from: str | None = None
    """The first moment that tests."""
    test_until: str | None = None
    """The moment that tests no more."""
    judged_among: CandidateRule = "all"
    """Candidates of the test's queries, by which the main figures go; `evaluation.partners.candidates`."""
    judged_also_among: tuple[CandidateRule, ...] = ()
    """Further rules, whose figures stand beside, for some of the queries."""
    n_judged: PositiveInt = 100
    """Candidates drawn beside each partner of the test, where a rule draws any."""

    @field_validator("validation_from", "test_from", "test_until", mode="before")
    @classmethod
    def _are_moments(cls, moment: object) -> object:
        """YAML reads 2013-01-01 as a date; what is no moment at all is told at once."""
        if moment is None:
            return None
        try:
            to_utc(str(moment))
        except ConfigError as error:
            raise ValueError(str(error)) from error
        return str(moment)

    @field_validator("kinds")
    @classmethod
    def _kinds_exist(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in COMPANY_LINK_KINDS:
                raise ValueError(f"there is no kind {name!r}; choose among {', '.join(COMPANY_LINK_KINDS)}")
        return names


@dataclass(frozen=True)
class Lists:
    """Queries and their candidates, one row per candidate, the rows of a query together.

    Attributes
    ----------
    query : int64 [rows], ascending from 0
    source, target : int64 [rows], positions in a `PartnerGraph`
    hit : bool [rows], whether the two did link up
    log_q : float32 [rows], log of the chance that a row of its kind was put on the list; 0 where all are
    """

    query: Ints
    source: Ints
    target: Ints
    hit: NDArray[np.bool_]
    log_q: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.query)

    @property
    def n_queries(self) -> int:
        """How many lists there are."""
        return int(self.query[-1]) + 1 if len(self) else 0


@dataclass(frozen=True)
class Asked:
    """Lists at one moment, with what was known then: the columns of every row."""

    graph: PartnerGraph
    lists: Lists
    columns: PairColumns

    @classmethod
    def of(cls, graph: PartnerGraph, lists: Lists) -> Asked:
        """Look the columns up."""
        return cls(graph, lists, pair_columns(graph, lists.source, lists.target))


def chosen_entity(config: PartnersConfig, n_company_links: int) -> Entity:
    """Companies or contacts: as configured, else companies where any are linked."""
    return config.of or ("companies" if n_company_links else "contacts")


def draw_lists(
    graph: PartnerGraph,
    links: Links,
    config: PartnersConfig,
    rng: np.random.Generator,
    pool: Ints | None = None,
) -> Lists:
    """One list per link: its target among candidates drawn from everybody who could have been it.

    The candidates of a link abroad are entities abroad, those of a link at home, if these teach at all,
    entities at home; never the source, nor whom it is linked with already.

    Parameters
    ----------
    links
        Links to learn from, between positions of the graph, which does not show them.
    pool
        int64, who may be a candidate at all; everybody where not given.
    """
    found = links if config.seeks == "target" else either_end(links)
    foreign = graph.is_foreign(found.source, found.target)
    home = (graph.country[found.source] >= 0) & (graph.country[found.source] == graph.country[found.target])
    found = found.where(foreign | (home & config.domestic))
    everybody = np.arange(len(graph)) if pool is None else np.unique(pool)
    parts: list[tuple[Ints, Ints, NDArray[np.bool_], NDArray[np.float32]]] = []
    near = _nearness(graph, found.source) if config.n_near else itertools.repeat(None)
    for source, target, nearness in zip(found.source.tolist(), found.target.tolist(), near, strict=False):
        others = _possible(graph, source, target, everybody)
        drawn, log_q = drawn_list(target, others, nearness, config, rng)
        if len(drawn) > 1:
            parts.append((np.full(len(drawn), source), drawn, np.arange(len(drawn)) == 0, log_q))
    return _joined(parts)


def drawn_list(
    target: int,
    others: Ints,
    nearness: NDArray[np.float32] | None,
    config: PartnersConfig,
    rng: np.random.Generator,
) -> tuple[Ints, NDArray[np.float32]]:
    """A list, its target first, and log of the chance by which each row's kind is put on it.

    Candidates are of two kinds.  The nearest are all on the list; of the others some are drawn without
    replacement.  The target counts as the kind that it is of.

    Parameters
    ----------
    others : int64, the other candidates, ascending
    nearness : float32 [n] of everybody; candidates at 0 are never among the nearest
    """
    near, target_is_near = others[:0], False
    if nearness is not None and config.n_near:
        order = np.argsort(-nearness[others], kind="stable")[: config.n_near]
        near = others[order][nearness[others[order]] > 0]
        has_room = len(near) < config.n_near
        target_is_near = bool(nearness[target] > (0 if has_room else nearness[near].min()))
        near = near[: config.n_near - target_is_near]
    far = np.setdiff1d(others, near, assume_unique=True)
    drawn = far if len(far) <= config.n_negatives else rng.choice(far, config.n_negatives, replace=False)
    log_share = np.log(len(drawn) / len(far)) if len(far) else 0.0
    log_q = np.full(1 + len(near) + len(drawn), log_share, np.float32)
    log_q[1 - target_is_near : 1 + len(near)] = 0.0
    return np.concatenate(([target], near, drawn)).astype(np.int64), log_q


def either_end(links: Links) -> Links:
    """Every link seen from both of its ends, the two views of one link together."""
    turned = links.turned
    both = Links(
        *(
            np.concatenate((getattr(links, n), getattr(turned, n)))
            for n in ("source", "target", "at", "weight")
        )
    )
    return both.where(np.arange(2 * len(links)).reshape(2, -1).T.ravel())


def _possible(graph: PartnerGraph, source: int, target: int, everybody: Ints) -> Ints:
    """The candidates of the target's kind, at home or abroad, neither known nor the two themselves."""
    country = graph.country[everybody]
    abroad = graph.country[source] != graph.country[target]
    fits = everybody[(country >= 0) & ((country != graph.country[source]) == abroad)]
    return fits[(fits != source) & (fits != target) & ~np.isin(fits, graph.neighbours(source))]


def _nearness(graph: PartnerGraph, source: Ints) -> Iterator[NDArray[np.float32]]:
    """The personalised PageRank [n] from each source, one after the other, some computed at a time."""
    walk = transition(graph.ties)
    size = max(1, CELLS_AT_A_TIME // max(len(graph), 1))
    for first in range(0, len(source), size):
        yield from pagerank_rows(walk, source[first : first + size]).T


def _joined(parts: Sequence[tuple[Ints, Ints, NDArray[np.bool_], NDArray[np.float32]]]) -> Lists:
    if not parts:
        none = np.zeros(0, np.int64)
        return Lists(none, none, none, np.zeros(0, bool), np.zeros(0, np.float32))
    query = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    source, target, hit, log_q = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Lists(query, source.astype(np.int64), target.astype(np.int64), hit, log_q.astype(np.float32))

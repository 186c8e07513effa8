"""Communities of people across firms and countries, their leaders, and the bridges between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sknetwork.clustering import Louvain

from influence.contagion.takeups import ties_of
from influence.data import Network
from influence.graph.temporal import CODES, TemporalGraph, end_code
from influence.graph.ties import Ties

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SMALLEST = 3
"""Smaller groups, and people without a tie, belong to no community: code -1."""
NOBODY = -1
FINE = 4.0
"""The resolution for dealing out dates anew: it tells apart the circles of the synthetic world."""


def communities_of(
    ties: Ties, at: int, *, seed: int, resolution: float = 1.0, among: Bools | None = None
) -> Ints:
    """int64 [n_contacts]: each contact's community by the ties of a moment; largest first, -1 for none.

    Louvain's method (Blondel, Guillaume, Lambiotte & Lefebvre 2008, "Fast unfolding of communities in large
    networks").  The same ties and seed give the same communities, whatever order the records stand in.

    Parameters
    ----------
    at
        Microseconds since 1970: ties made strictly before and not ended before count.
    resolution
        Above 1: more and smaller communities.
    among
        bool [n_contacts]: only these people and the ties between them; everybody without.
    """
    owner, neighbour = tied_at(ties, at)
    if among is not None:
        kept = among[owner] & among[neighbour]
        owner, neighbour = owner[kept], neighbour[kept]
    members, end = np.unique(owner, return_inverse=True)
    codes = np.full(len(ties.ptr) - 1, NOBODY, np.int64)
    if len(members):
        tied = csr_matrix((np.ones(len(end)), (end, np.searchsorted(members, neighbour))))
        louvain = Louvain(resolution=resolution, shuffle_nodes=True, random_state=seed)
        codes[members] = _largest_first(louvain.fit_predict(tied))
    return codes


def _largest_first(group: Ints) -> Ints:
    """Codes by size, then first member; `NOBODY` for groups smaller than `SMALLEST`."""
    _, first, size = np.unique(group, return_index=True, return_counts=True)
    order = np.lexsort((first, -size))
    code = np.empty(len(order), np.int64)
    code[order] = np.arange(len(order))
    return np.where(size < SMALLEST, NOBODY, code)[group]


def tied_at(ties: Ties, at: int) -> tuple[Ints, Ints]:
    """Both ends of every tie that holds at a moment, each tie in both directions."""
    owner = np.repeat(np.arange(len(ties.ptr) - 1), np.diff(ties.ptr))
    holds = (ties.since < at) & (at <= ties.until)
    return owner[holds], ties.neighbour[holds]


@dataclass(frozen=True)
class Communities:
    """Communities across firms and countries.

    Attributes
    ----------
    members : contact_id, community (-1: none), n_ties, n_ties_inside, credit; everybody on record
    table : community, n_people, n_companies, n_countries, largest_company, largest_country, leaders; largest
        community first; `leaders` are the contact ids with most credit, or most ties inside where none has
        any
    bridges : contact_id, community, n_communities, n_countries, n_pairs, participation; the most bridging
        first
    owner, neighbour : int64 [2 n_ties], both ends of every tie as rows of `members`, each tie both ways
    """

    members: pd.DataFrame
    table: pd.DataFrame
    bridges: pd.DataFrame
    owner: Ints
    neighbour: Ints


def find_communities(
    network: Network,
    at: str | pd.Timestamp | None = None,
    *,
    credit: Floats | None = None,
    seed: int = 0,
    resolution: float = 1.0,
    n_leaders: int = 3,
) -> Communities:
    """Communities of people who are tied to each other, with their leaders and the bridges between them.

    A request alone is a tie; but a bridge knows people of several communities, by more than requests that
    were not accepted.  `n_pairs` counts the pairs of those it knows that belong to two different ones, whom
    it could bring together (brokerage, Gould & Fernandez 1989, leaving aside whether they are tied already);
    `participation` is the participation coefficient of Guimera & Amaral (2005), from 0 (all in one community)
    towards 1.

    Parameters
    ----------
    at
        What was visible strictly before counts; all records without it.
    credit
        float64 [n_contacts], in the order of `network.as_of(at).contact_ids`, to name leaders by.
    """
    network = network if at is None else network.as_of(at)
    moment = end_code(at)
    graph = TemporalGraph(network)
    ties = ties_of(graph)
    of = communities_of(ties, moment, seed=seed, resolution=resolution)
    owner, neighbour = tied_at(ties, moment)
    inside = (of[owner] == of[neighbour]) & (of[owner] >= 0)
    n = len(of)
    members = pd.DataFrame(
        {
            "contact_id": network.contact_ids,
            "community": of,
            "n_ties": np.bincount(owner, minlength=n),
            "n_ties_inside": np.bincount(owner[inside], minlength=n),
            "credit": np.zeros(n) if credit is None else credit,
        }
    )
    facts = network.latest("contacts", ["company_id", "country"]).reset_index(drop=True)
    table = _table(members.join(facts), n_leaders)
    bridges = _bridges(members.join(facts), *tied_at(_acquaintances(graph), moment))
    return Communities(members, table, bridges, owner, neighbour)


def _acquaintances(graph: TemporalGraph) -> Ties:
    """Ties of more than requests that were not accepted."""
    requests = np.isin(graph.edges.relation, [CODES[name] for name in ("invited", "declined")])
    return Ties.build(graph.edges.where(~requests), graph.n_contacts)


def _table(members: pd.DataFrame, n_leaders: int) -> pd.DataFrame:
    """One row per community."""
    by = ["community", "credit", "n_ties_inside", "contact_id"]
    ordered = members[members["community"] >= 0].sort_values(by, ascending=[True, False, False, True])
    groups = ordered.groupby("community")
    found = groups.agg(
        n_people=("contact_id", "size"),
        n_companies=("company_id", "nunique"),
        n_countries=("country", "nunique"),
    )
    for column in ("company_id", "country"):
        name = f"largest_{column.removesuffix('_id')}"
        sizes = ordered.groupby(["community", column]).size().reset_index(name="n")
        largest = sizes.sort_values(["community", "n", column], ascending=[True, False, True])
        found[name] = largest.drop_duplicates("community").set_index("community")[column]
    found["leaders"] = pd.Series(
        {code: tuple(rows["contact_id"][:n_leaders]) for code, rows in groups}, dtype=object
    )
    return found.reset_index()


def _bridges(members: pd.DataFrame, owner: Ints, neighbour: Ints) -> pd.DataFrame:
    """Everybody who knows people of two communities or more."""
    of = members["community"].to_numpy()
    n, n_codes = len(of), int(of.max(initial=0)) + 1
    counted = of[neighbour] >= 0
    into, size = np.unique(owner[counted] * n_codes + of[neighbour[counted]], return_counts=True)
    total = np.bincount(into // n_codes, size, minlength=n)
    squares = np.bincount(into // n_codes, size**2, minlength=n)
    countries = pd.Series(members["country"].to_numpy()[neighbour]).groupby(owner).nunique()
    found = pd.DataFrame(
        {
            "contact_id": members["contact_id"],
            "community": of,
            "n_communities": np.bincount(into // n_codes, minlength=n),
            "n_countries": countries.reindex(range(n), fill_value=0).to_numpy(),
            "n_pairs": ((total**2 - squares) / 2).astype(np.int64),
            "participation": 1 - np.divide(squares, total**2, out=np.ones(n), where=total > 0),
        }
    )
    found = found[found["n_communities"] > 1]
    return found.sort_values(["n_pairs", "contact_id"], ascending=[False, True], ignore_index=True)

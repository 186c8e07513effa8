"""A network as one moment shows it: rows of contacts, and of pairs with something between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.contagion.communities import communities_of
from influence.contagion.takeups import ties_of
from influence.data import Network
from influence.errors import DataError
from influence.graph.temporal import GROUPS, STATIC, TemporalGraph, end_code
from influence.schema import TABLES

PAIR = ("sender_id", "recipient_id")
CONTACT = "contact_id"
ENDS = ("source", "target")

_COLUMNS = [
    column.name
    for column in TABLES["contacts"].columns
    if column.name not in (CONTACT, "observed_at", "source")
]


@dataclass(frozen=True)
class Graph:
    """Contacts and what passed between them.

    Attributes
    ----------
    nodes : contact_id, label, what is known of the contact, `community`, scores; one row each
    edges : source, target, weight (events from one to the other, at least 1), events by kind, `last_at`,
        `sentiment` (mean), scores of the pair; one row for each ordered pair
    of_pairs : whether the scores are of pairs rather than of contacts
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    of_pairs: bool = False


def graph_of(
    network: Network,
    at: str | pd.Timestamp | None = None,
    *,
    scores: pd.DataFrame | None = None,
    communities: bool = False,
    names: bool = False,
) -> Graph:
    """The graph as it was known strictly before `at`; of all records without it.

    Parameters
    ----------
    scores
        Answers of a model: rows of contact_id, or of sender_id and recipient_id, each once; their other
        columns are added.  Pairs with nothing between them get an edge of weight 1, contacts not on record
        a node.
    communities
        Whether to find communities (Louvain's method, by the ties of that moment); 0 is the largest, NA none.
    names
        Whether contacts are labelled by their names, where these are known, instead of their ids.

    Raises
    ------
    DataError
        If there are no contacts, or the scores are of neither contacts nor pairs, or name one twice.
    """
    known = network if at is None else network.as_of(at)
    if not len(known.contact_ids):
        raise DataError("The records name no contacts at that moment. Choose a later one with --at.")
    graph = TemporalGraph(known)
    moment = end_code(at)
    nodes = known.latest("contacts", _COLUMNS).dropna(axis="columns", how="all")
    if communities:
        code = pd.Series(communities_of(ties_of(graph), moment, seed=0), nodes.index, dtype="Int64")
        nodes = nodes.assign(community=code.mask(code < 0))
    nodes, edges = nodes.reset_index(names=CONTACT), _edges(graph, known, moment)
    nodes.insert(1, "label", nodes[CONTACT].map(known.names) if names else None)
    of_pairs = scores is not None and set(PAIR) <= set(scores.columns)
    if scores is not None:
        nodes, edges = _scored(nodes, edges, scores, of_pairs)
    nodes["label"] = nodes["label"].astype("str").fillna(nodes[CONTACT])
    return Graph(nodes, edges, of_pairs)


def _edges(graph: TemporalGraph, network: Network, moment: int) -> pd.DataFrame:
    """Every ordered pair with something between them, how much of what, when last, and in which tone."""
    parts = {group: graph.group(group) for group in GROUPS}
    undirected = np.isin(graph.edges.relation, np.unique(parts["connected"].relation))
    parts["connected"] = graph.edges.where(undirected).widened()
    parts = {group: edges.where(edges.until >= moment) for group, edges in parts.items()}
    n = graph.n_contacts
    keys = [edges.source * n + edges.target for edges in parts.values()]
    pair, place = np.unique(np.concatenate(keys), return_inverse=True)
    ids = graph.contact_ids.to_numpy()
    found = pd.DataFrame({"source": ids[pair // max(n, 1)], "target": ids[pair % max(n, 1)]})
    counts = {
        group: np.bincount(np.searchsorted(pair, key), minlength=len(pair))
        for group, key in zip(parts, keys, strict=True)
        if len(key)
    }
    found["weight"] = np.sum(list(counts.values()), axis=0).astype(np.float64) if counts else 0.0
    found = found.assign(**counts)
    last = np.full(len(pair), STATIC)
    np.maximum.at(last, place, np.concatenate([edges.at for edges in parts.values()]))
    found["last_at"] = pd.to_datetime(
        pd.Series(last).mask(last == STATIC).astype("Int64"), unit="us", utc=True
    )
    tone = _tones(network)
    return found.merge(tone, "left", list(ENDS)) if len(tone) else found


def _tones(network: Network) -> pd.DataFrame:
    """The mean sentiment from one to another over the events that bear one."""
    tables = (("connections", "source_id"), ("interactions", "actor_id"))
    parts = [
        network.table(name)[[source, "target_id", "sentiment"]].set_axis([*ENDS, "sentiment"], axis="columns")
        for name, source in tables
    ]
    told = pd.concat(parts).dropna()
    return told.groupby(list(ENDS)).mean().reset_index()


def _scored(
    nodes: pd.DataFrame, edges: pd.DataFrame, scores: pd.DataFrame, of_pairs: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes and edges with the scores beside what is known, and with those whom only the scores name."""
    if of_pairs:
        told = _once(scores, PAIR).rename(columns={name: f"scored_{name}" for name in ENDS})
        told = told.rename(columns=dict(zip(PAIR, ENDS, strict=True)))
        edges = edges.merge(_apart(told, edges, ENDS), "outer", list(ENDS))
        edges["weight"] = edges["weight"].fillna(1.0)
        counted = [name for name in GROUPS if name in edges]
        edges = edges.assign(**{name: edges[name].fillna(0).astype(np.int64) for name in counted})
        named: NDArray[np.object_] = pd.unique(edges[list(ENDS)].to_numpy().ravel())
        new = sorted(set(named) - set(nodes[CONTACT]))
        return nodes.merge(pd.DataFrame({CONTACT: pd.Series(new, dtype="str")}), "outer", CONTACT), edges
    if CONTACT not in scores.columns:
        found = ", ".join(map(str, scores.columns[:10]))
        raise DataError(f"The scores name neither {CONTACT} nor {' and '.join(PAIR)}. Found: {found}.")
    told = _once(scores, (CONTACT,))
    return nodes.merge(_apart(told, nodes, (CONTACT,)), "outer", CONTACT), edges


def _once(scores: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    scores = scores.assign(**{name: scores[name].astype("str") for name in key})
    again = scores.duplicated(list(key))
    if again.any():
        first = ", ".join(scores.loc[again, list(key)].iloc[0])
        raise DataError(
            f"The scores name {first} more than once ({int(again.sum()):,} rows too many). "
            "Keep one row each, such as those of one topic."
        )
    return scores


def _apart(told: pd.DataFrame, known: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """The scores, those whose name is taken called `scored_...`."""
    taken = {name: f"scored_{name}" for name in told.columns if name in known.columns and name not in key}
    return told.rename(columns=taken)

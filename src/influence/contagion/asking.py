"""Pairs of people, one of whom may ask the other: what is seen between them, and who they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from influence.contagion.nominations import Floats, Nominations, mean_within

COMPONENTS = 8
"""Principal components of the attributes by which either end is described."""
MOST_ASKERS = 200
"""Where nothing is seen between people, as many of a community stand for all who might ask."""


@dataclass(frozen=True)
class Pairs:
    """Ordered pairs of people, for one topic.

    Attributes
    ----------
    asker, asked : int64 [n_pairs], positions
    columns : float32 [n_pairs, columns], NaN for relations that are not visible
    asks : bool [n_pairs], whether the asker names the asked on the topic: what is to be learned
    """

    asker: NDArray[np.int64]
    asked: NDArray[np.int64]
    columns: NDArray[np.float32]
    asks: NDArray[np.bool_]


def pairs(nominations: Nominations, topic: int, visible: Sequence[int], who: Floats) -> Pairs:
    """The pairs that may ask each other on a topic, seen by other relations alone.

    Parameters
    ----------
    topic : what is asked about; must not be visible
    visible : codes of the relations that may be seen; pairs are those with a tie in one of them, either way.
        Without any, all pairs of a community are taken.
    who : float [n_people, c], who people are
    """
    assert topic not in visible, "what is to be learned may not be seen"
    if visible:
        total = csr_matrix(sum(nominations.matrices[code] for code in visible))
        asker, asked = (ends.astype(np.int64) for ends in (total + total.T).nonzero())
        seen = [_between(nominations, visible, total, asker, asked)]
    else:
        asker, asked = _all_pairs(nominations.community)
        seen = [who[asker] * who[asked], np.abs(who[asker] - who[asked])]
    columns = np.column_stack((*seen, who[asker], who[asked])).astype(np.float32)
    asks = np.asarray(nominations.matrices[topic][asker, asked]).ravel() > 0
    return Pairs(asker, asked, columns, asks)


def components(attributes: Floats) -> Floats:
    """[n, at most COMPONENTS] leading principal components of the attributes, of unit variance."""
    if not attributes.size:
        return np.empty((len(attributes), 0))
    filled = np.nan_to_num(attributes - np.nanmean(attributes, axis=0))
    spread = filled.std(axis=0)
    scaled = np.divide(filled, spread, out=np.zeros_like(filled), where=spread > 0)
    left, sizes, _ = np.linalg.svd(scaled, full_matrices=False)
    return np.asarray((left * np.sqrt(len(left)))[:, sizes > 1e-9][:, :COMPONENTS])


def _between(
    nominations: Nominations, visible: Sequence[int], total: csr_matrix,
    asker: NDArray[np.int64], asked: NDArray[np.int64],
) -> Floats:  # fmt: skip
    """Each relation both ways, how many they share, and how both ends stand in what is visible."""
    group = nominations.community
    hidden = np.full(len(asker), np.nan)
    relations = [
        _at(nominations.matrices[code], *ends) if code in visible else hidden
        for code in range(len(nominations.topics))
        for ends in ((asker, asked), (asked, asker))
    ]
    once = csr_matrix((total > 0).astype(np.float64))
    named, given = (np.asarray(total.sum(axis=axis)).ravel() for axis in (0, 1))
    mean = mean_within(named, group)
    relative = np.divide(named, mean, out=np.zeros(len(named)), where=mean > 0)
    shared = [once @ once.T, once.T @ once, once @ once]
    counts = [
        *(_at(csr_matrix(both), asker, asked) for both in shared),
        given[asker], np.asarray(once.sum(axis=1)).ravel()[asker], relative[asker],
        np.asarray(once.sum(axis=0)).ravel()[asked], relative[asked], np.bincount(group)[group[asker]],
    ]  # fmt: skip
    strength = [_at(total, asker, asked), _at(total, asked, asker)]
    return np.column_stack((*relations, *strength, *(np.log1p(count) for count in counts)))


def _at(matrix: csr_matrix, row: NDArray[np.int64], column: NDArray[np.int64]) -> Floats:
    return np.asarray(matrix[row, column], dtype=np.float64).ravel()


def _all_pairs(community: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every ordered pair of a community; of a large one, evenly chosen askers."""
    askers, asked = [], []
    for code in np.unique(community):
        members = np.flatnonzero(community == code)
        chosen = members[:: -(-len(members) // MOST_ASKERS)]
        one, other = (ends.ravel() for ends in np.meshgrid(chosen, members, indexing="ij"))
        askers.append(one[one != other])
        asked.append(other[one != other])
    return np.concatenate(askers).astype(np.int64), np.concatenate(asked).astype(np.int64)

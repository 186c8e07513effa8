"""Entities described by words, compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from influence.graph.partners import Ints, PartnerGraph

PLACES = ("country=", "city=")
"""Words that say where an entity is, not what it does."""


def activity_words(graph: PartnerGraph) -> csr_matrix:
    """float32 [n, words] of what each entity does, places left out."""
    return csr_matrix(graph.words[:, [i for i, x in enumerate(graph.word_names) if not x.startswith(PLACES)]])


def by_rarity(words: csr_matrix) -> csr_matrix:
    """Words weighted by the log of how rare they are.

    Spärck Jones 1972, "A statistical interpretation of term specificity".
    """
    n_having = np.maximum(np.asarray(words.sum(0)).ravel(), 1)
    return csr_matrix(words @ diags(np.log(1 + words.shape[0] / n_having)).astype(np.float32))


def rarest_shared(words: csr_matrix, a: Ints, b: Ints) -> NDArray[np.float64]:
    """How rare the rarest word is that rows a and b share, weighted as `by_rarity` does, [pairs].

    0 where they share none; NaN where either is empty.
    """
    some = np.diff(words.indptr) > 0
    shared = csr_matrix(words[a].multiply(by_rarity(words)[b]))
    rarest = shared.max(axis=1).toarray().ravel() if shared.nnz else np.zeros(len(a))
    return np.where(some[a] & some[b], rarest, np.nan)


def unit_rows(rows: csr_matrix) -> csr_matrix:
    """Rows of length 1; empty ones stay empty."""
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(1)).ravel())
    return csr_matrix(diags(1 / np.where(length > 0, length, 1)).astype(np.float32) @ rows)


def cosine(rows: csr_matrix, a: Ints, b: Ints) -> NDArray[np.float64]:
    """Cosine of rows a and b, [pairs]; NaN where either is empty."""
    unit = unit_rows(rows)
    some = np.diff(rows.indptr) > 0
    return np.where(some[a] & some[b], np.asarray(unit[a].multiply(unit[b]).sum(1)).ravel(), np.nan)

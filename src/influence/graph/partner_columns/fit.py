"""What fits what: how alike two entities are by what they do, and where."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from influence.graph.partner_columns.columns import Columns
from influence.graph.partners import Ints, PartnerGraph


def fit_columns(graph: PartnerGraph, source: Ints, target: Ints) -> Columns:
    """How alike two entities are by what they do: cosine of their words, plain and weighted by rarity."""
    what = [i for i, name in enumerate(graph.word_names) if not name.startswith(("country=", "city="))]
    plain = graph.words[:, what]
    n_having = np.maximum(np.asarray(plain.sum(0)).ravel(), 1)
    rare = plain @ diags(np.log(1 + len(graph) / n_having)).astype(np.float32)
    return {
        "similarity": cosine(plain, source, target),
        "rare_similarity": cosine(rare.tocsr(), source, target),
        "same_city": _same_city(graph, source, target),
    }


def cosine(rows: csr_matrix, a: Ints, b: Ints) -> NDArray[np.float64]:
    """Cosine of rows a and b, [pairs]; NaN where either is empty."""
    norm = np.sqrt(np.asarray(rows.multiply(rows).sum(1)).ravel())
    product = np.asarray(rows[a].multiply(rows[b]).sum(1)).ravel()
    size = norm[a] * norm[b]
    return np.divide(product, size, out=np.full(len(a), np.nan), where=size > 0)


def _same_city(graph: PartnerGraph, source: Ints, target: Ints) -> NDArray[np.float64]:
    where = [i for i, name in enumerate(graph.word_names) if name.startswith("city=")]
    return cosine(graph.words[:, where], source, target) if where else np.full(len(source), np.nan)

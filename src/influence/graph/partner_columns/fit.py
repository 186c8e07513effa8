"""What fits what: how alike two entities are by what they do, and what links like theirs there were."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from influence.graph.partner_columns.columns import Columns
from influence.graph.partner_columns.precedents import LIKENESS_POWERS, affinity, precedents
from influence.graph.partner_columns.words import activity_words, by_rarity, cosine, rarest_shared, unit_rows
from influence.graph.partners import Ints, PartnerGraph


def fit_columns(graph: PartnerGraph, source: Ints, target: Ints) -> Columns:
    """How alike two entities are by what they do, and how often such as they linked up so far."""
    words = activity_words(graph)
    rare = by_rarity(words)
    n_words = np.diff(words.indptr)
    found = {
        "similarity": cosine(words, source, target),
        "rare_similarity": cosine(rare, source, target),
        "rarest_shared": rarest_shared(words, source, target),
        "same_city": _same_city(graph, source, target),
        "affinity": affinity(graph, words, source, target),
        "log_target_words": np.log1p(n_words[target]),
    }
    told = precedents(graph, unit_rows(rare), source, target, LIKENESS_POWERS)
    return found | {f"precedents_{power}": own for power, own in zip(LIKENESS_POWERS, told, strict=True)}


def _same_city(graph: PartnerGraph, source: Ints, target: Ints) -> NDArray[np.float64]:
    where = [i for i, name in enumerate(graph.word_names) if name.startswith("city=")]
    return cosine(csr_matrix(graph.words[:, where]), source, target)

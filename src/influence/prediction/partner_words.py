"""What speaks for a partner, in words: what both do, how far it is, who stands between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from influence.graph.partner_columns import GROUPS
from influence.graph.partners import Ints, PartnerGraph

N_BETWEEN = 3
"""So many of those in between are named."""
IN_WORDS = {
    "fit": "what both do",
    "gravity": "distance",
    "direct": "own links",
    "indirect": "who stands between",
}


def strongest_between(graph: PartnerGraph, source: Ints, target: Ints) -> list[Ints]:
    """For each pair, positions of the common partners with the fewest others, who can spend most on it."""
    found = []
    for a, b in zip(source.tolist(), target.tolist(), strict=True):
        common = np.intersect1d(graph.neighbours(a), graph.neighbours(b), assume_unique=True)
        found.append(common[np.argsort(graph.degree[common], kind="stable")][:N_BETWEEN])
    return found


def reasons(graph: PartnerGraph, source: Ints, target: Ints, because: NDArray[np.float64]) -> list[str]:
    """The parts of each score, the weightiest first, each with what it rests on.

    Parameters
    ----------
    because : [pairs, len(GROUPS)] each part's distance from that of a typical candidate
    """
    between = strongest_between(graph, source, target)
    told = []
    for row, (a, b) in enumerate(zip(source.tolist(), target.tolist(), strict=True)):
        evidence = {
            "fit": _shared(graph, a, b),
            "gravity": f"{_country(graph, a)} to {_country(graph, b)}",
            "direct": f"linked with {graph.degree[b]:.0f} others",
            "indirect": f"through {', '.join(graph.ids[between[row]])}"
            if len(between[row])
            else "nobody yet",
        }
        order = np.argsort(-np.abs(because[row]))
        told.append(
            "; ".join(f"{IN_WORDS[GROUPS[i]]} ({evidence[GROUPS[i]]}): {because[row, i]:+.2f}" for i in order)
        )
    return told


def _shared(graph: PartnerGraph, a: int, b: int) -> str:
    both = graph.words[a].multiply(graph.words[b]).indices
    shared = [str(graph.word_names[i]).partition("=")[2] for i in np.sort(both)]
    return ", ".join(shared[:3]) if shared else "nothing in common"


def _country(graph: PartnerGraph, entity: int) -> str:
    code = graph.country[entity]
    return str(graph.countries[code]) if code >= 0 else "an unknown country"

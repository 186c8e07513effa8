"""What speaks for a partner, in words: what both do, how far it is, who stands between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from influence.graph.partner_columns import GROUPS
from influence.graph.partners import Ints, PartnerGraph
from influence.texts import country, text

N_BETWEEN = 3
"""So many of those in between are named."""


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
            "gravity": text("partner.route", one=_country(graph, a), other=_country(graph, b)),
            "direct": text("partner.degree", n=float(graph.degree[b])),
            "indirect": text("partner.through", names=", ".join(graph.ids[between[row]]))
            if len(between[row])
            else text("partner.nobody_between"),
        }
        order = np.argsort(-np.abs(because[row]))
        parts = (
            text(
                "partner.part",
                part=text(f"partner.{GROUPS[i]}"),
                evidence=evidence[GROUPS[i]],
                adds=float(because[row, i]),
            )
            for i in order
        )
        told.append(text("separator").join(parts))
    return told


def _shared(graph: PartnerGraph, a: int, b: int) -> str:
    """What both are told to do; else each one's industry, for unlike businesses may fit as well."""
    both = graph.words[a].multiply(graph.words[b]).indices
    if shared := [str(graph.word_names[i]).partition("=")[2] for i in np.sort(both)]:
        return ", ".join(shared[:3])
    one, other = graph.texts("industry", np.array([a, b]))
    return text("partner.unlike", one=one, other=other) if one and other else text("partner.nothing_shared")


def _country(graph: PartnerGraph, entity: int) -> str:
    code = graph.country[entity]
    return country(str(graph.countries[code])) if code >= 0 else text("partner.unknown_country")

"""What a world turned out to be, to be held against the facts that it is calibrated to."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from influence.schema import SENIORITY
from influence.synthesis import acceptance as law
from influence.synthesis.acceptance import Answers
from influence.synthesis.activity import Actions
from influence.synthesis.config import WorldConfig
from influence.synthesis.people import SIZE_BANDS, Firms, People
from influence.synthesis.requests import Requests
from influence.synthesis.sampling import Adjacency, Floats, Ints
from influence.synthesis.ties import Ties

CLUSTERING_SAMPLE = 400


def achieved_facts(
    config: WorldConfig, firms: Firms, people: People, ties: Ties, lists: Adjacency,
    requests: Requests, answers: Answers, actions: Actions,
) -> dict[str, Any]:  # fmt: skip
    """Rates by slice over invitations older than 90 days at the export, delays, and the graph's shape."""
    old = requests.at < config.seconds - 90 * law.DAY
    accepted = answers.outcome == law.ACCEPTED
    seniority = people.seniority_at(requests.recipient, requests.at)
    band = firms.band[people.firm[requests.recipient]]
    delay = (answers.accepted_at - requests.at)[old & accepted] / law.DAY
    sorted_counts = np.sort(np.bincount(actions.actor, minlength=config.n_contacts))[::-1]
    top = max(1, config.n_contacts // 100)
    return {
        "invitations": len(requests),
        "ties": len(ties),
        "acceptance": _rate(accepted[old]),
        "acceptance_by_seniority": {
            name: _rate(accepted[old & (seniority == level)]) for level, name in enumerate(SENIORITY)
        },
        "acceptance_by_employees_from": {
            str(low): _rate(accepted[old & (band == position)]) for position, low in enumerate(SIZE_BANDS)
        },
        "acceptance_with_note": _rate(accepted[old & requests.note]),
        "acceptance_without_note": _rate(accepted[old & ~requests.note]),
        "acceptors_within_1_day": _rate(delay <= 1),
        "acceptors_1_to_21_days": _rate((delay > 1) & (delay <= 21)),
        "acceptors_after_21_days": _rate(delay > 21),
        "median_degree": float(np.median(lists.degree)),
        "clustering": mean_clustering(
            lists, config.rng("clustering").integers(0, config.n_contacts, CLUSTERING_SAMPLE)
        ),
        "cross_border_ties": _rate(people.country[ties.source] != people.country[ties.target]),
        "actions_by_top_1_percent": float(sorted_counts[:top].sum() / max(sorted_counts.sum(), 1)),
    }


def _rate(flags: np.ndarray) -> float | None:
    return round(float(flags.mean()), 4) if len(flags) else None


def mean_clustering(lists: Adjacency, people: Ints) -> float:
    """Mean local clustering coefficient (Watts and Strogatz 1998) of the people named; 0 below two ties."""
    return float(_clustering(people.astype(np.int64), lists.start, lists.neighbour).mean())


@numba.njit(cache=True)
def _clustering(people: Ints, start: Ints, neighbour: Ints) -> Floats:  # pragma: no cover - compiled
    found = np.zeros(len(people))
    mark = np.full(len(start) - 1, -1, np.int64)
    for row in range(len(people)):
        mine = neighbour[start[people[row]] : start[people[row] + 1]]
        for other in mine:
            mark[other] = row
        closed = 0
        for other in mine:
            for third in neighbour[start[other] : start[other + 1]]:
                closed += mark[third] == row
        if len(mine) > 1:
            found[row] = closed / (len(mine) * (len(mine) - 1))
    return found

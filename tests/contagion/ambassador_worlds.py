"""Small graphs and logs, and slow answers about them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd

from influence.contagion.ambassadors import AttributedLog, SpreadGraph
from influence.contagion.takeups import Exposures, TakeUps


def random_graph(rng: np.random.Generator, n: int, m: int) -> SpreadGraph:
    """Probabilities of all sizes, some sure, some below the jumps."""
    p = rng.choice([0.05, 0.1, 0.15, 0.3, 0.6, 1.0], m)
    return SpreadGraph.build(rng.integers(n, size=m), rng.integers(n, size=m), p, np.arange(n))


def exact_spread(graph: SpreadGraph, chosen: np.ndarray) -> float:
    """Over every world of live edges."""
    source, total = graph.source, 0.0
    for live in itertools.product((False, True), repeat=graph.n_edges):
        is_live = np.array(live, bool)
        chance = np.prod(np.where(is_live, graph.p, 1 - graph.p))
        if chance == 0:
            continue
        reached = set(chosen.tolist())
        while (
            new := {b for a, b in zip(source[is_live], graph.target[is_live], strict=True) if a in reached}
            - reached
        ):
            reached |= new
        total += float(chance) * len(reached)
    return total


def log_of(
    rows: list[tuple[str, int]], shares: dict[tuple[str, str], float], outside: np.ndarray | None = None
) -> AttributedLog:
    """One item: (who, day) in the order of time, and (who, whom after) -> share."""
    names = sorted({name for name, _ in rows})
    contact = np.array([names.index(name) for name, _ in rows])
    take_ups = take_ups_of(len(names), contact, np.zeros(len(rows), np.int64), np.array([d for _, d in rows]))
    order, ptr, row, share = [name for name, _ in rows], [0], [], []
    for name in order:
        for earlier in order[: order.index(name)]:
            if (name, earlier) in shares:
                row.append(order.index(earlier))
                share.append(shares[name, earlier])
        ptr.append(len(row))
    exposures = Exposures(np.array(ptr, np.int64), np.array(row, np.int64))
    given = np.array(share, np.float64)
    left = 1 - np.bincount(exposures.take_up, given, minlength=len(rows))
    return AttributedLog(take_ups, exposures, given, np.clip(left, 0, 1) if outside is None else outside)


def take_ups_of(n_contacts: int, contact: np.ndarray, item: np.ndarray, at: np.ndarray) -> TakeUps:
    names = pd.Index([f"c{i}" for i in range(n_contacts)])
    items = pd.Index([f"i{i}" for i in range(int(item.max()) + 1)])
    none = np.full(len(contact), -1, np.int64)
    return TakeUps(names, items, pd.Index([]), contact.astype(np.int64), item.astype(np.int64), at, none)


def random_log(rng: np.random.Generator, n_contacts: int, n_items: int = 5) -> AttributedLog:
    """Everybody before is a candidate with chance .6; shares are random."""
    contact, item, ptr, row, share, outside = [], [], [0], [], [], []
    for i in range(n_items):
        begin = len(contact)
        for who in rng.permutation(n_contacts)[: rng.integers(2, min(n_contacts, 6))].tolist():
            before = [r for r in range(begin, len(contact)) if rng.random() < 0.6]
            parts = rng.dirichlet(np.ones(len(before) + 1))
            row += before
            share += parts[:-1].tolist()
            outside.append(float(parts[-1]))
            ptr.append(len(row))
            contact.append(who)
            item.append(i)
    take_ups = take_ups_of(n_contacts, np.array(contact), np.array(item), np.arange(len(contact)))
    exposures = Exposures(np.array(ptr, np.int64), np.array(row, np.int64))
    return AttributedLog(take_ups, exposures, np.array(share, np.float64), np.array(outside))


def walks(log: AttributedLog) -> Iterator[tuple[float, set[int]]]:
    """Every chain back from every take-up: its chance, and the contacts that it meets."""
    ptr, row = log.exposures.ptr, log.exposures.row

    def back(i: int, chance: float, met: set[int]) -> Iterator[tuple[float, set[int]]]:
        yield chance * float(log.outside[i]), met
        for pair in range(ptr[i], ptr[i + 1]):
            earlier = int(row[pair])
            step = chance * float(log.share[pair])
            yield from back(earlier, step, met | {int(log.take_ups.contact[earlier])})

    for i in range(len(log.take_ups)):
        yield from back(i, 1.0, set())

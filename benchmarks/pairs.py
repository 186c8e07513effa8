"""Mutual connections and Adamic-Adar of many pairs beside scipy and networkit: `python -m benchmarks.pairs`.

Ours come with five more features, exact at each pair's own time or at the one time that all share; the
peers know no times, so that all pairs here ask about the end.  Every peer must find the same numbers.  With
`--lists` the pairs are 100 candidates of one sender after the other, as in scoring; else in no order.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.turns import need_memory, print_turns, take_turns
from influence.graph.active_ties import ActiveTies
from influence.graph.temporal import NEVER, Edges
from influence.graph.ties import MUTUAL_COLUMNS, Ties

N_CONTACTS, N_TIES, N_PAIRS, ROUNDS = 100_000, 2_000_000, 20_000, 9
NEEDED_MIB = 4_096
LIST = 100
OURS = "Ties.mutual, at its own time"
AT_ONCE = "ActiveTies.mutual, at one time"
Found = tuple[np.ndarray, np.ndarray]
"""Mutual connections and Adamic-Adar, [pairs] each."""


def methods(lists: bool) -> dict[str, Callable[[], Found]]:
    """One random graph, the same pairs."""
    rng = np.random.default_rng(0)
    # Unequal degrees, as they are: half of all ends fall on a tenth of the contacts.
    ends = np.minimum(rng.integers(N_CONTACTS, size=(2, N_TIES)), rng.integers(N_CONTACTS, size=(2, N_TIES)))
    low, high = np.sort(ends, axis=0)
    source, target = np.divmod(np.unique((low * N_CONTACTS + high)[low != high]), N_CONTACTS)
    chosen = rng.integers(len(source), size=N_PAIRS)
    u, v = source[chosen], target[rng.permutation(chosen)]
    if lists:
        u = np.repeat(u[: N_PAIRS // LIST], LIST)
    u, v = np.where(u == v, (u + 1) % N_CONTACTS, u), v
    return (
        ours(source, target, u, v)
        | {"scipy, sparse rows": scipys(source, target, u, v)}
        | (networkits(source, target, u, v))
    )


def ours(
    source: np.ndarray, target: np.ndarray, u: np.ndarray, v: np.ndarray
) -> dict[str, Callable[[], Found]]:
    """What the package does, the ties that hold at the one time found beforehand."""
    size, none = len(source), np.zeros(len(source), np.int64)
    edges = Edges(
        source, target, none, np.full(size, NEVER), none, none.astype(np.float32), none.astype(float)
    )
    ties, at = Ties.build(edges, N_CONTACTS), np.ones(len(u), np.int64)
    columns = [MUTUAL_COLUMNS.index(name) for name in ("mutual", "adamic_adar")]

    active = ActiveTies.of(ties, 1)

    def each() -> Found:
        mutual, adamic_adar = ties.mutual(u, v, at)[:, columns].T
        return mutual, adamic_adar

    def at_once() -> Found:
        mutual, adamic_adar = active.mutual(u, v)[:, columns].T
        return mutual, adamic_adar

    return {AT_ONCE: at_once, OURS: each}


def scipys(source: np.ndarray, target: np.ndarray, u: np.ndarray, v: np.ndarray) -> Callable[[], Found]:
    """Products of the pairs' rows, element by element."""
    ends = (np.concatenate((source, target)), np.concatenate((target, source)))
    rows = csr_matrix((np.ones(2 * len(source)), ends), shape=(N_CONTACTS, N_CONTACTS))
    weight = 1 / np.log(np.maximum(np.asarray(rows.sum(1)).ravel(), 2))

    def found() -> Found:
        both = rows[u].multiply(rows[v]).tocsr()
        return np.asarray(both.sum(1)).ravel(), both @ weight

    return found


def networkits(
    source: np.ndarray, target: np.ndarray, u: np.ndarray, v: np.ndarray
) -> dict[str, Callable[[], Found]]:
    """The link prediction indices of networkit."""
    try:
        networkit = import_module("networkit")
    except ImportError:
        print("networkit is left out: it is not installed.")
        return {}
    graph = networkit.GraphFromCoo((source, target), n=N_CONTACTS)
    names = ("CommonNeighborsIndex", "AdamicAdarIndex")
    pairs = list(zip(u.tolist(), v.tolist(), strict=True))
    order = np.lexsort((v, u))  # networkit returns the pairs sorted

    def found() -> Found:
        mutual, adamic_adar = np.empty(len(u)), np.empty(len(u))
        for values, name in zip((mutual, adamic_adar), names, strict=True):
            index = getattr(networkit.linkprediction, name)(graph)  # does not keep the graph alive itself
            values[order] = [value for _, value in sorted(index.runOn(pairs))]
        return mutual, adamic_adar

    return {"networkit, link prediction": found}


def check(found: dict[str, Callable[[], Found]]) -> None:
    """Stop where two methods disagree."""
    expected = found[OURS]()
    for name, method in found.items():
        for wanted, values in zip(expected, method(), strict=True):
            if not np.allclose(wanted, values, rtol=1e-4, atol=1e-4):
                raise SystemExit(f"{name} finds other numbers.")


def main(lists: bool) -> None:
    """Print pairs per second."""
    need_memory(NEEDED_MIB)
    compared = methods(lists)
    check(compared)
    title = f"{N_PAIRS:,} pairs" + (", by sender" if lists else "")
    print_turns(title, take_turns(compared, ROUNDS), beside=AT_ONCE, rows=N_PAIRS)


if __name__ == "__main__":
    main("--lists" in sys.argv[1:])

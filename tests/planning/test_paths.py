"""Paths to a target: all of them against brute force, the past alone, and the best under a cap."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from influence.graph.temporal import NEVER, Edges
from influence.graph.ties import Ties
from influence.graph.timeline import STATIC
from influence.planning.introductions.paths import NOBODY, Paths, Search, choose, n_ways


def ties_of(
    pairs: list[tuple[int, int]],
    n: int,
    since: int | list[int] = 0,
    until: list[int] | None = None,
) -> Ties:
    source, target = np.array(pairs, np.int64).reshape(-1, 2).T
    m = len(source)
    return Ties.build(
        Edges(
            source,
            target,
            np.broadcast_to(np.asarray(since, np.int64), m).copy(),
            np.full(m, NEVER) if until is None else np.array(until),
            np.zeros(m, np.int64),
            np.ones(m, np.float32),
            np.zeros(m),
        ),
        n,
    )


def search(ties: Ties, senders: list[int], barred: list[int] = [], at: int = 10) -> Search:  # noqa: B006
    mask = np.zeros(len(ties.ptr) - 1, np.bool_)
    mask[barred] = True
    return Search(ties, np.array(senders), mask, at)


def listed(paths: Paths) -> set[tuple[int, ...]]:
    rows = zip(paths.sender, paths.first, paths.second, paths.target, strict=True)
    return {tuple(int(one) for one in row if one != NOBODY) for row in rows}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("max_hops", [1, 2, 3])
def test_search__random_graphs__every_simple_path_of_brute_force(seed: int, max_hops: int) -> None:
    rng = np.random.default_rng(seed)
    n, target = 14, 13
    graph = nx.gnp_random_graph(n, rng.uniform(0.1, 0.5), seed=seed)
    senders, barred = [0, 1], [2, 3]
    inner = graph.subgraph(set(graph) - set(barred))
    expected = set()
    for sender in senders:
        others = inner.subgraph(set(inner) - (set(senders) - {sender}))
        expected |= {tuple(p) for p in nx.all_simple_paths(others, sender, target, cutoff=max_hops)}
    if any(len(path) == 2 for path in expected):
        expected = {path for path in expected if len(path) == 2}
    found = search(ties_of(list(graph.edges), n), senders, barred).to(target, max_hops)
    assert len(found) == len(listed(found)), "no path twice"
    assert listed(found) == expected
    assert (found.hops == [len(path) - 1 for path in rows_of(found)]).all()


def rows_of(paths: Paths) -> list[tuple[int, ...]]:
    rows = zip(paths.sender, paths.first, paths.second, paths.target, strict=True)
    return [tuple(int(one) for one in row if one != NOBODY) for row in rows]


def test_search__rows_of_ties_in_another_order__same_paths_in_the_same_order() -> None:
    pairs = list(nx.gnp_random_graph(20, 0.3, seed=4).edges)
    one = search(ties_of(pairs, 20), [0, 5]).to(19)
    other = search(ties_of([(b, a) for a, b in reversed(pairs)], 20), [0, 5]).to(19)
    assert rows_of(one) == rows_of(other)


def test_search__tie_not_yet_or_no_longer__not_walked() -> None:
    pairs, since, until = [(0, 1), (1, 4), (0, 2), (2, 4)], [0, 10, 0, 0], [NEVER, NEVER, NEVER, 9]
    ties = ties_of(pairs, 5, since, until)
    assert listed(search(ties, [0], at=9).to(4)) == {(0, 2, 4)}
    assert listed(search(ties, [0], at=10).to(4)) == set(), "a tie of the moment itself is the future"
    assert listed(search(ties, [0], at=11).to(4)) == {(0, 1, 4)}


def test_search__undated_tie__was_always_there() -> None:
    assert listed(search(ties_of([(0, 1), (1, 2)], 3, STATIC), [0], at=-(10**15)).to(2)) == {(0, 1, 2)}


def test_search__tied_already__that_path_alone() -> None:
    found = search(ties_of([(0, 3), (0, 1), (1, 3), (2, 1)], 4), [0, 2]).to(3)
    assert listed(found) == {(0, 3)}
    assert found.hops.tolist() == [1]


def test_search__four_hops_away__none() -> None:
    chain = ties_of([(0, 1), (1, 2), (2, 3), (3, 4)], 5)
    assert len(search(chain, [0]).to(4)) == 0
    assert listed(search(chain, [0]).to(3)) == {(0, 1, 2, 3)}


def paths(*rows: tuple[int, int, int, int]) -> Paths:
    return Paths(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))


def test_choose__cap__counts_whoever_is_asked_first_or_second() -> None:
    ways = paths((0, 1, NOBODY, 7), (0, 2, 1, 8), (0, 1, NOBODY, 9), (0, 3, NOBODY, 9))
    worth = np.array([0.9, 0.8, 0.7, 0.1])
    assert choose(ways, worth, 9, max_asks=2).tolist() == [0, 1, 3]
    assert choose(ways, worth, 9, max_asks=1).tolist() == [0, 3]
    assert choose(ways, worth, 9, max_asks=None).tolist() == [0, 1, 2, 3]
    assert choose(ways, worth, 2, max_asks=None).tolist() == [0, 1]


def test_choose__one_introducer_one_target__asked_once_by_the_best_path() -> None:
    ways = paths((0, 1, 4, 7), (0, 1, 5, 7), (6, 1, 5, 7), (0, 2, 5, 7))
    assert choose(ways, np.array([0.1, 0.3, 0.4, 0.2]), 9).tolist() == [2, 3]
    assert choose(ways, np.array([0.1, 0.3, 0.4, 0.2]), 9, per_target=1).tolist() == [2]


def test_choose__equal_worth__shorter_first_then_by_id() -> None:
    ways = paths((0, 3, 4, 7), (0, 2, NOBODY, 7), (0, 1, NOBODY, 7))
    assert choose(ways, np.full(3, 0.5), 9).tolist() == [2, 1, 0]


def test_choose__random_paths__each_is_the_best_that_the_cap_leaves() -> None:
    rng = np.random.default_rng(0)
    ways = search(ties_of(list(nx.gnp_random_graph(16, 0.4, seed=2).edges), 16), [0]).to(15)
    worth = rng.random(len(ways))
    chosen = choose(ways, worth, 50, max_asks=2)
    asked: dict[int, int] = {}
    met, best = set(), []
    for row in np.argsort(-worth):
        people = [int(one) for one in (ways.first[row], ways.second[row]) if one >= 0]
        if ways.first[row] not in met and all(asked.get(one, 0) < 2 for one in people):
            met.add(ways.first[row])
            best.append(int(row))
            asked |= {one: asked.get(one, 0) + 1 for one in people}
    assert len(best) > 3
    assert chosen.tolist() == best


def test_n_ways__two_targets__people_to_speak_to_first() -> None:
    ways = paths((0, 1, NOBODY, 7), (0, 1, 4, 7), (0, 2, NOBODY, 7), (0, 2, NOBODY, 8))
    assert n_ways(ways, np.array([0, 3, 1])).tolist() == [2, 1, 2]

"""Spread, reverse reachable sets, credit and greedy choices, against exhaustive answers on small graphs."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contagion.ambassador_worlds import exact_spread, log_of, random_graph, random_log, walks

from influence.contagion.ambassadors import SpreadGraph
from influence.contagion.ambassadors.cascades import shapley, simulate
from influence.contagion.ambassadors.credit import interval_over_items, shapley_credit
from influence.contagion.ambassadors.greedy import Ground, Objective, choose
from influence.contagion.ambassadors.imm import Precision, imm
from influence.contagion.ambassadors.reverse_reachable import ReverseReachable
from influence.errors import DataError

GOLDEN = Path(__file__).parent / "golden" / "pynetim_imm.json"


def test_build__loops_parallels_any_order__dropped_merged_and_sorted() -> None:
    graph = SpreadGraph.build(list("cabaa"), list("abcba"), [0.5, 0.5, 1.0, 0.2, 0.9])
    assert (graph.n_edges, graph.n_loops, graph.n_parallel) == (3, 1, 1)
    assert graph.contact_ids.tolist() == ["a", "b", "c"]
    assert graph.target.tolist() == [1, 2, 0]
    np.testing.assert_allclose(graph.p, [1 - 0.5 * 0.8, 1.0, 0.5])


def test_weighted_cascade__parallel_edges__count_once() -> None:
    graph = SpreadGraph.weighted_cascade([0, 0, 1, 2, 2], [2, 2, 2, 0, 2])
    np.testing.assert_allclose(graph.p, [0.5, 0.5, 1.0])
    assert graph.incoming.ptr.tolist() == [0, 1, 1, 3]


@pytest.mark.parametrize("p", [-0.1, 1.1, np.nan, np.inf])
def test_build__probability_out_of_range__says_where(p: float) -> None:
    with pytest.raises(DataError, match=r"outside \[0, 1\] in 1 edges \(rows 1"):
        SpreadGraph.build([0, 1], [1, 2], [0.5, p])


def test_build__unknown_or_doubled_contacts__named() -> None:
    with pytest.raises(DataError, match=r"no contacts anna.*Did you mean 'ana'"):
        SpreadGraph.build(["anna"], ["bo"], 0.5, ["ana", "bo"])
    with pytest.raises(DataError, match="more than once: bo"):
        SpreadGraph.build(["ana"], ["bo"], 0.5, ["ana", "bo", "bo"])


@pytest.mark.parametrize("seed", range(4))
def test_simulate__small_graph_with_cycles__agrees_with_every_world(seed: int) -> None:
    graph = random_graph(np.random.default_rng(seed), n=6, m=11)
    chosen = np.array([3, 0, 5])
    spread = simulate(graph, chosen, worlds=seed, n_simulations=20_000)
    wanted = [exact_spread(graph, chosen[:j]) for j in (1, 2, 3)]
    error = (spread.high - spread.value) / 1.96
    assert (np.abs(spread.value - wanted) < 4 * error + 1e-9).all()
    assert spread.marginal.sum() == pytest.approx(spread.value[-1], rel=1e-12)
    assert spread.totals.mean() == spread.value[-1]


def test_simulate__more_people__never_fewer_take_ups_in_any_world() -> None:
    graph = random_graph(np.random.default_rng(0), n=30, m=90)
    few = simulate(graph, np.array([4, 9]), worlds=7, n_simulations=200).totals
    more = simulate(graph, np.array([11, 9, 4]), worlds=7, n_simulations=200).totals
    assert (more > few).any()
    assert (more >= few).all()


def test_shapley__same_worlds__parts_sum_to_the_spread_and_twins_share_evenly() -> None:
    # Two who both surely move c and d, and one who moves e alone.
    graph = SpreadGraph.build(list("aabbx"), list("cdcde"), 1.0)
    chosen = graph.positions(["a", "b", "x"])
    np.testing.assert_allclose(shapley(graph, chosen, 3, 20_000), [2, 2, 2], atol=0.05)
    graph = random_graph(np.random.default_rng(1), n=25, m=70)
    chosen = np.array([1, 5, 20, 8])
    parts = shapley(graph, chosen, 5, 500)
    assert parts.sum() == pytest.approx(simulate(graph, chosen, 5, 500).value[-1], rel=1e-12)
    assert (parts >= 1).all()


@pytest.mark.parametrize("kind", ["given", "weighted_cascade"])
def test_reverse_reachable__estimate__agrees_with_every_world(kind: str) -> None:
    rng = np.random.default_rng(3)
    graph = random_graph(rng, n=7, m=13)
    if kind == "weighted_cascade":
        graph = SpreadGraph.weighted_cascade(graph.source, graph.target, np.arange(7))
    sets = ReverseReachable(graph, rng)
    sets.grow(50_000)
    for chosen in ([0], [2, 5], [6, 1, 3]):
        coverage = sets.coverage()
        worth = 0.0
        for contact in chosen:
            worth += coverage.gain(contact)
            coverage.take(contact)
        error = 7 * 0.5 / np.sqrt(50_000)
        assert worth == pytest.approx(exact_spread(graph, np.array(chosen)), abs=4 * error)


def test_reverse_reachable__improbable_edges__jumps_hit_each_as_often_as_they_should() -> None:
    p = np.array([0.19, 0.1, 0.1, 0.05, 0.01, 0.0])
    graph = SpreadGraph.build(np.arange(1, 7), np.zeros(6), p, np.arange(7))
    sets = ReverseReachable(graph, np.random.default_rng(0))
    sets.grow(700_000)
    found = sets.coverage().gains()[1:] - 1  # their own
    np.testing.assert_allclose(found, p, atol=4 * np.sqrt(0.19 / 100_000))


def test_reverse_reachable__grown_in_steps__whole_decks_and_the_same_sets() -> None:
    graph = random_graph(np.random.default_rng(2), n=11, m=40)
    sets = ReverseReachable(graph, np.random.default_rng(5))
    sets.grow(4)
    assert len(sets) == 4
    sets.grow(12)
    assert len(sets) == 22
    roots = sets._pool[sets._ends[:-1]]
    assert (np.bincount(roots, minlength=11) == 2).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_objectives__any_order__monotone_submodular_and_path_independent(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph, log = random_graph(rng, n=9, m=25), random_log(rng, n_contacts=9)
    sets = ReverseReachable(graph, rng)
    sets.grow(200)
    order = rng.permutation(9)
    for fresh in (sets.coverage, log.credit):
        totals = []
        for people in (order, order[::-1]):
            objective, before, total = fresh(), fresh().gains(), 0.0
            for contact in people.tolist():
                gains = objective.gains()
                assert (gains >= -1e-12).all()
                assert (gains <= before + 1e-9).all()
                assert gains[contact] == pytest.approx(objective.gain(contact))
                total += objective.gain(contact)
                objective.take(contact)
                assert objective.gain(contact) == pytest.approx(0)
                before = gains
            totals.append(total)
        assert totals[0] == pytest.approx(totals[1])


def plain_greedy(fresh: Callable[[], Objective], ground: Ground) -> list[int]:
    """Looks at everybody every time."""
    objective, chosen = fresh(), []
    for _ in range(ground.k):
        gains = objective.gains()[ground.eligible]
        if not len(gains) or gains.max() <= 0:
            break
        contact = int(ground.eligible[np.argmax(gains)])
        chosen.append(contact)
        objective.take(contact)
    return chosen


@pytest.mark.parametrize("seed", range(5))
def test_lazy_greedy__against_plain__the_same_people(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sets = ReverseReachable(random_graph(rng, n=40, m=150), rng)
    sets.grow(400)
    log = random_log(rng, n_contacts=40, n_items=12)
    for fresh in (sets.coverage, log.credit):
        ground = Ground(np.arange(0, 40, 2), 9, np.ones(40))
        found = choose(fresh, ground)
        assert found.chosen.tolist() == plain_greedy(fresh, ground)
        assert (np.diff(found.gain) <= 1e-9).all()


@pytest.mark.parametrize("seed", range(6))
def test_choose__budget_and_caps__within_limits_bounded_and_half_as_good_as_the_best(seed: int) -> None:
    rng = np.random.default_rng(seed)
    log = random_log(rng, n_contacts=9, n_items=6)
    cost, company = rng.uniform(0.5, 3, 9), rng.integers(-1, 3, 9)
    ground = Ground(np.arange(9), 4, cost, 5.0, ((company, np.array([1, 2, 1])),))

    def worth(people: tuple[int, ...]) -> float:
        objective = log.credit()
        for contact in people:
            objective.take(contact)
        return float(objective.by_item.sum())

    def is_allowed(people: tuple[int, ...]) -> bool:
        held = company[list(people)]
        caps = (np.bincount(held[held >= 0], minlength=3) <= [1, 2, 1]).all()
        return bool(cost[list(people)].sum() <= 5 and caps)

    every = [people for size in range(5) for people in itertools.combinations(range(9), size)]
    best = max(worth(people) for people in every if is_allowed(people))
    found = choose(log.credit, ground)
    assert is_allowed(tuple(found.chosen.tolist()))
    assert found.worth == pytest.approx(worth(tuple(found.chosen.tolist())))
    assert best / 2 <= found.worth <= best + 1e-9
    assert best <= found.bound(ground) + 1e-9


def test_choose__one_dear_star_and_a_cheap_speck__budget_goes_to_the_star() -> None:
    # By worth per cost alone, the speck would be taken first and leave no money for the star.
    graph = SpreadGraph.build(["star"] * 20 + ["speck"], [f"f{i}" for i in range(20)] + ["g"], 1.0)
    cost = np.full(len(graph), 1000.0)
    cost[graph.positions(["star", "speck"])] = 15.0, 1.0
    ground = Ground(graph.positions(["star", "speck"]), 5, cost, 15.0)
    found = imm(graph, ground, np.random.default_rng(0))
    assert graph.contact_ids[found.chosen].tolist() == ["star"]
    assert found.bound(ground) >= found.worth


@pytest.mark.parametrize("seed", range(4))
def test_imm__tiny_graph__within_its_guarantee_of_the_best(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, n=8, m=12)
    best = max(exact_spread(graph, np.array(pair)) for pair in itertools.combinations(range(8), 2))
    found = imm(graph, Ground.of(8, 2), rng, Precision(epsilon=0.1))
    assert exact_spread(graph, found.chosen) >= (1 - 1 / np.e - 0.1) * best
    assert found.worth == pytest.approx(exact_spread(graph, found.chosen), rel=0.05)


def test_imm__same_seed_any_order_of_edges__same_people() -> None:
    rng = np.random.default_rng(8)
    graph = random_graph(rng, n=60, m=300)
    order = rng.permutation(graph.n_edges)
    shuffled = SpreadGraph.build(
        graph.source[order], graph.target[order], graph.p[order], graph.contact_ids.to_numpy()
    )
    found = [imm(g, Ground.of(60, 6), np.random.default_rng(1)).chosen.tolist() for g in (graph, shuffled)]
    assert found[0] == found[1]


def test_imm__beside_pynetim__as_good_a_choice() -> None:
    golden = json.loads(GOLDEN.read_text())
    graph = SpreadGraph.build(golden["source"], golden["target"], golden["p"], range(golden["n"]))
    for peer in golden["found"]:
        chosen = graph.positions(peer["chosen"])
        spread = simulate(graph, chosen, worlds=1, n_simulations=5_000)
        error = (spread.high[-1] - spread.low[-1]) / 2
        assert spread.value[-1] == pytest.approx(peer["spread"], abs=2 * error)
        own = imm(graph, Ground.of(golden["n"], len(chosen)), np.random.default_rng(0))
        found = simulate(graph, own.chosen, worlds=1, n_simulations=5_000)
        assert found.value[-1] >= peer["spread"] - 2 * error


def test_credit__hand_worked_chain__flows_multiplicatively() -> None:
    # a, then b (half due to a), then c (.4 to a, .5 to b): c is due to a by .4 + .5 * .5.
    log = log_of([("a", 0), ("b", 1), ("c", 2)], {("b", "a"): 0.5, ("c", "a"): 0.4, ("c", "b"): 0.5})
    credit = log.credit()
    np.testing.assert_allclose(credit.gains(), [0.5 + 0.4 + 0.25, 0.5, 0])
    credit.take(1)
    assert credit.gain(0) == pytest.approx(0.5 + 0.4)
    credit.take(0)
    # b's is shared by nobody; of c, .4 is a's, .25 b's alone, and .25 comes through both.
    np.testing.assert_allclose(shapley_credit(log, np.array([1, 0])), [0.25 + 0.125, 0.5 + 0.4 + 0.125])


@pytest.mark.parametrize("seed", range(8))
def test_credit__against_every_chain__the_same_worth_and_parts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    log = random_log(rng, n_contacts=7, n_items=4)
    chosen = rng.permutation(7)[:3]
    credit, parts, total = log.credit(), np.zeros(3), 0.0
    for contact in chosen.tolist():
        credit.take(contact)
    for chance, met in walks(log):
        who = [place for place, contact in enumerate(chosen.tolist()) if contact in met]
        total += chance * bool(who)
        parts[who] += chance / max(len(who), 1)
    assert credit.by_item.sum() == pytest.approx(total)
    found = shapley_credit(log, chosen)
    np.testing.assert_allclose(found, parts, atol=1e-12)
    assert found.sum() == pytest.approx(credit.by_item.sum(), rel=1e-12)


def test_interval_over_items__one_item__not_defined() -> None:
    assert np.isnan(interval_over_items(np.array([3.0]))).all()
    low, high = interval_over_items(np.array([1.0, 2.0, 3.0]))
    assert low == 0.0  # 6 +- 4.30 * sqrt(3)
    assert high == pytest.approx(6 + 4.302653 * np.sqrt(3), rel=1e-6)


def test_log__shares_that_do_not_sum_to_one__refused() -> None:
    with pytest.raises(DataError, match="must sum to 1"):
        log_of([("a", 0), ("b", 1)], {("b", "a"): 0.5}, outside=np.array([1.0, 0.9]))
    with pytest.raises(DataError, match=r"outside \[0, 1\]"):
        log_of([("a", 0), ("b", 1)], {("b", "a"): 1.5})


def test_frames__positions__unknown_id_is_named() -> None:
    graph = SpreadGraph.build(["a"], ["b"], 0.5)
    assert graph.positions(pd.Index(["b", "a"])).tolist() == [1, 0]
    with pytest.raises(DataError, match="no contacts z"):
        graph.positions(["z"])

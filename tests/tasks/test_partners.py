"""Lists to choose from: who is on them, and by what chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from influence.data import Network
from influence.graph.partner_columns.walks import pagerank_rows, transition
from influence.graph.partners import Links, PartnerGraph
from influence.model.partners import choice_loss
from influence.tasks.partners import PartnersConfig, draw_lists, drawn_list, either_end

NEARNESS = np.array([0.4, 0.0, 0.3, 0.2, 0.0, 0.1, 0.05, 0.0, 0.0, 0.02])
OTHERS = np.array([1, 2, 3, 4, 5, 7, 8, 9])
"""All of ten but 0, the source, and 6, the target."""


def drawn(target: int, others: NDArray[np.int64], n_near: int, n: int) -> tuple[list[int], list[float]]:
    config = PartnersConfig(n_near=n_near, n_negatives=n)
    rows, log_q = drawn_list(target, others, NEARNESS.astype(np.float32), config, np.random.default_rng(0))
    return rows.tolist(), np.exp(log_q.astype(np.float64)).round(6).tolist()


def test_drawn_list__target_far__share_of_the_far_ones_and_certainty_for_the_near() -> None:
    rows, chance = drawn(6, OTHERS, n_near=3, n=2)
    assert rows[:4] == [6, 2, 3, 5]  # the target, then the nearest in order
    assert set(rows[4:]) < {1, 4, 7, 8, 9} and len(rows) == 6
    # .05 is less than the third's .1: the target is one of the others, of which 2 of 5 were drawn.
    assert chance == [0.4, 1.0, 1.0, 1.0, 0.4, 0.4]


def test_drawn_list__target_near__takes_one_of_the_near_places() -> None:
    rows, chance = drawn(6, OTHERS, n_near=4, n=2)
    assert rows[:4] == [6, 2, 3, 5]
    assert chance == [1.0, 1.0, 1.0, 1.0, 0.4, 0.4]


def test_drawn_list__fewer_reached_than_places__nobody_unreached_is_near() -> None:
    rows, chance = drawn(6, OTHERS, n_near=7, n=2)
    assert rows[:5] == [6, 2, 3, 5, 9]
    assert chance == [1.0] * 5 + [0.5, 0.5]  # 2 of 1, 4, 7 and 8


def test_drawn_list__target_out_of_reach__is_far() -> None:
    others = np.array([2, 3, 4, 5, 6, 7, 8, 9])
    rows, chance = drawn(1, others, n_near=7, n=2)
    assert rows[:6] == [1, 2, 3, 5, 6, 9]
    assert chance == [0.666667, 1.0, 1.0, 1.0, 1.0, 1.0, 0.666667, 0.666667]


def test_drawn_list__more_wanted_than_there_are__all_and_certain() -> None:
    rows, chance = drawn(6, OTHERS, n_near=0, n=50)
    assert sorted(rows[1:]) == OTHERS.tolist()
    assert chance == [1.0] * 9


def contacts(n: int = 40, n_ties: int = 90) -> PartnerGraph:
    rng = np.random.default_rng(3)
    ids = [f"c{i:02d}" for i in range(n)]
    low, high = np.triu_indices(n, 1)
    some = rng.choice(len(low), n_ties, replace=False)
    tables = {
        "contacts": pd.DataFrame({"contact_id": ids, "country": [f"X{chr(65 + i % 3)}" for i in range(n)]}),
        "connections": pd.DataFrame(
            {"source_id": np.array(ids)[low[some]], "target_id": np.array(ids)[high[some]]}
        ),
    }
    network = Network.from_tables(tables)
    return PartnerGraph.of_network(network, "contacts", pd.Timestamp("2020-01-01", tz="UTC"))


def test_draw_lists__near_ones__best_by_pagerank_of_those_abroad_that_are_not_tied() -> None:
    graph = contacts()
    hidden = graph.links.at == graph.links.at
    hidden[10:] = False
    seen = graph.without(hidden)
    config = PartnersConfig(n_near=5, n_negatives=4, domestic=False)
    lists = draw_lists(seen, graph.links.where(hidden), config, np.random.default_rng(0))
    assert lists.n_queries > 3
    everybody = np.arange(len(graph))
    for query in range(lists.n_queries):
        own = np.flatnonzero(lists.query == query)
        source = np.full(len(graph), lists.source[own[0]])
        near = pagerank_rows(transition(seen.ties), source[:1])[:, 0]
        fits = seen.is_foreign(source, everybody) & ~seen.are_linked(source, everybody)
        best = everybody[fits][np.argsort(-near[fits], kind="stable")[:5]]
        reached = set(best[near[best] > 0].tolist())
        assert set(lists.target[own][lists.log_q[own] == 0].tolist()) == reached
        assert fits[lists.target[own]].all()
        assert len(set(lists.target[own].tolist())) == len(own)


def test_draw_lists__rows_of_links_in_another_order__same_candidates_near() -> None:
    graph = contacts()
    first = np.arange(len(graph.links)) < 10
    seen, links = graph.without(first), graph.links.where(first)
    config = PartnersConfig(n_near=5, n_negatives=50, domestic=False)
    sets = []
    for some in (links, links.where(np.arange(len(links))[::-1])):
        lists = draw_lists(seen, some, config, np.random.default_rng(0))
        rows = zip(lists.source, lists.target, lists.hit, lists.log_q, strict=True)
        sets.append(sorted((int(u), int(v), bool(h), float(q)) for u, v, h, q in rows))
    assert sets[0] == sets[1]


def test_choice_loss__log_q_taken_out__planted_weights_come_back() -> None:
    """Near candidates are all listed, of the others one in fifty: uncorrected, nearness looks worth less."""
    rng = np.random.default_rng(0)
    n_queries, n = 1_500, 400
    nearness = np.sort(rng.exponential(1.0, (n_queries, n)).astype(np.float32), axis=1)[:, ::-1]
    planted = 1.5
    chance = np.exp(planted * nearness)
    chosen = [rng.choice(n, p=row / row.sum()) for row in chance]
    config = PartnersConfig(n_near=20, n_negatives=8)
    x, hit, query, log_q = [], [], [], []
    for number, target in enumerate(chosen):
        others = np.delete(np.arange(n), target)
        rows, own = drawn_list(int(target), others, nearness[number], config, rng)
        x.append(nearness[number, rows])
        hit.append(np.arange(len(rows)) == 0)
        query.append(np.full(len(rows), number))
        log_q.append(own)
    given = [torch.from_numpy(np.concatenate(each)) for each in (x, hit, query, log_q)]
    with_it, without = (fitted(*given[:3], correction) for correction in (given[3], 0 * given[3]))
    assert abs(with_it - planted) < 0.1
    assert abs(without - planted) > 0.25


def fitted(x: torch.Tensor, hit: torch.Tensor, query: torch.Tensor, log_q: torch.Tensor) -> float:
    weight = torch.zeros(1, requires_grad=True)
    steps = torch.optim.LBFGS([weight], max_iter=50, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        steps.zero_grad()
        loss = choice_loss(x * weight - log_q, hit, query)
        loss.backward()
        return loss

    steps.step(closure)
    return float(weight.detach())


def test_either_end__links__both_views_side_by_side() -> None:
    links = Links(np.array([3, 5]), np.array([4, 6]), np.array([1, 2]), np.ones(2, np.float32))
    both = either_end(links)
    assert both.source.tolist() == [3, 4, 5, 6]
    assert both.target.tolist() == [4, 3, 6, 5]

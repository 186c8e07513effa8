"""Held-out ties: who is asked for, among whom, and that nothing of a hidden tie is seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from influence.config import Config, parse_config
from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.evaluation.partners import held_out_ties, learning, protocol_for
from influence.evaluation.partners.held_out_ties import Split, tie_folds
from influence.experiment import evaluate, recipe_of
from influence.graph.partners import PartnerGraph
from influence.tasks.partners import PartnersConfig

N, COUNTRIES = 90, 3
PARTNERS = {"n_near": 10, "n_negatives": 10, "n_splits": 2, "domestic": False}


def friends(seed: int = 0) -> Network:
    """Five circles, each of all countries: whoever shares friends is likely a friend."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"c{i:02d}" for i in range(N)])
    circle, country = np.arange(N) % 5, rng.integers(0, COUNTRIES, N)
    low, high = np.triu_indices(N, 1)
    tied = rng.random(len(low)) < np.where(circle[low] == circle[high], 0.4, 0.02)
    order = rng.permutation(int(tied.sum()))
    return Network.from_tables(
        {
            "contacts": pd.DataFrame({"contact_id": ids, "country": [f"X{chr(65 + c)}" for c in country]}),
            "connections": pd.DataFrame(
                {"source_id": ids[low[tied]][order], "target_id": ids[high[tied]][order]}
            ),
        }
    )


def graph_of(network: Network) -> PartnerGraph:
    return PartnerGraph.of_network(network, "contacts", pd.Timestamp("2020-01-01", tz="UTC"))


def quick(**departures: object) -> Config:
    return parse_config(
        {
            "task": "partners",
            "seeds": [0],
            "ensemble_members": 1,
            "partners": PARTNERS | departures,
            "encoder": {"width": 8},
            "training": {"max_epochs": 3, "batch_size": 32, "learning_rate": 0.01, "averaging": 0.9},
            "trees": {"max_rounds": 10, "check_every": 5, "min_data_in_leaf": 20},
            "tracking": {"enabled": False},
        }
    )


def test_split__hits_and_lists__both_ends_and_everybody_abroad_but_friends() -> None:
    graph, config = graph_of(friends()), PartnersConfig.model_validate(PARTNERS)
    hidden = tie_folds(graph, config) == 0
    split = Split.of(graph, 0, hidden, config)
    abroad = hidden & graph.is_foreign(graph.links.source, graph.links.target)
    wanted = {
        (int(u), int(v))
        for one in (graph.links.where(abroad), graph.links.where(abroad).turned)
        for u, v in zip(one.source, one.target, strict=True)
    }
    assert set(zip(split.hits.source.tolist(), split.hits.target.tolist(), strict=True)) == wanted
    found = set()
    for lists in split.lists(split.hits):
        for query in range(lists.n_queries):
            own = lists.query == query
            u = int(lists.source[own][0])
            candidates = set(lists.target[own].tolist())
            everybody = {v for v in range(N) if graph.country[v] != graph.country[u]}
            assert candidates == everybody - set(split.seen.neighbours(u).tolist())
            found |= {(u, int(v)) for v in lists.target[own & lists.hit]}
    assert found == wanted


def test_split__lists_at_home__everybody_at_home_but_friends_and_oneself() -> None:
    graph, config = graph_of(friends()), PartnersConfig.model_validate(PARTNERS)
    split = Split.of(graph, 0, tie_folds(graph, config) == 0, config)
    n_hits = 0
    for lists in split.lists(split.home_hits, abroad=False):
        for query in range(lists.n_queries):
            own = lists.query == query
            u = int(lists.source[own][0])
            at_home = {v for v in range(N) if graph.country[v] == graph.country[u]} - {u}
            assert set(lists.target[own].tolist()) == at_home - set(split.seen.neighbours(u).tolist())
        n_hits += int(lists.hit.sum())
    assert n_hits == len(split.home_hits) > 0


def test_split__what_is_learnt_from__shows_no_hidden_tie() -> None:
    graph, config = graph_of(friends()), PartnersConfig.model_validate(PARTNERS)
    split = Split.of(graph, 0, tie_folds(graph, config) == 0, config)
    test = graph.links.where(tie_folds(graph, config) == 0)
    assert not split.seen.are_linked(test.source, test.target).any()
    for asked in (*split.stage.train, *split.stage.validation):
        hit = asked.lists.hit
        assert not asked.graph.are_linked(test.source, test.target).any()
        assert not asked.graph.are_linked(asked.lists.source[hit], asked.lists.target[hit]).any()
        # What is learnt is a tie that is left, never one of the test.
        assert split.seen.are_linked(asked.lists.source[hit], asked.lists.target[hit]).all()


def test_tie_folds__each_tie_in_one__as_even_as_can_be() -> None:
    graph = graph_of(friends())
    folds = tie_folds(graph, PartnersConfig())
    sizes = np.bincount(folds)
    assert len(sizes) == 10 and sizes.max() - sizes.min() <= 1
    assert (folds != tie_folds(graph, PartnersConfig(split_seed=1))).any()


def test_tie_folds__rows_in_another_order__the_same_ties_together() -> None:
    network = friends()
    turned = network.with_tables(connections=network.table("connections").iloc[::-1])
    pairs = []
    for one in (network, turned):
        graph = graph_of(one)
        own = graph.links.where(tie_folds(graph, PartnersConfig()) == 0)
        pairs.append(set(zip(own.source.tolist(), own.target.tolist(), strict=True)))
    assert pairs[0] == pairs[1]


def test_tie_folds__more_splits_than_shares__config_error() -> None:
    with pytest.raises(ConfigError, match="Ask for 10 splits at most"):
        tie_folds(graph_of(friends()), PartnersConfig(n_splits=11))


def test_tie_folds__fewer_ties_than_shares__data_error() -> None:
    network = friends()
    few = network.with_tables(connections=network.table("connections").iloc[:7])
    with pytest.raises(DataError, match="7 ties cannot be held out in 10 shares"):
        tie_folds(graph_of(few), PartnersConfig())


def test_protocol_for__ties_without_dates__recognised() -> None:
    assert protocol_for(friends()).name == "held_out_ties"


@pytest.mark.slow
def test_evaluate__friends_of_friends__every_method_on_the_same_ties_and_pagerank_beats_chance() -> None:
    found = evaluate(friends(), quick(), with_model=False)
    rows = found.predictions
    assert found.summary["protocol"] == "held_out_ties"
    assert rows.groupby(["method", "seed"]).size().nunique() == 1
    own = rows[(rows["method"] == "personalised_pagerank") & (rows["seed"] == 0)]
    assert found.summary["n_test"] == len(own) == own["query_id"].nunique()
    mrr = {name: one["mrr"]["value"] for name, one in found.summary["methods"].items()}
    assert mrr["personalised_pagerank"] > 2 * mrr["random"]
    assert mrr["model"] > 2 * mrr["random"]
    domestic = found.summary["domestic"]
    assert domestic["n_test"] > 0
    assert domestic["methods"]["personalised_pagerank"]["mrr"] > domestic["methods"]["random"]["mrr"]
    slices = found.summary["slices"]
    assert slices["common_neighbour"]["n_test"] + slices["no_common_neighbour"]["n_test"] == len(own)


@pytest.mark.slow
def test_compare__snapshots_kept__networks_of_a_split_never_resume_another_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network of the first split has seen the second's hidden ties."""
    monkeypatch.setattr(learning, "PARTS", {"gnn": learning.PARTS["gnn"]})
    monkeypatch.setattr(learning, "COMBINATIONS", {"gnn": ("gnn",)})
    monkeypatch.setattr(held_out_ties, "METHODS", {})
    config, network = quick(), friends()
    found = [
        held_out_ties.compare(
            network,
            config.partners,
            lambda seed, folder=folder: recipe_of(config, seed, folder),
            (0,),
            lambda what, done, total: None,
        ).predictions
        for folder in (None, tmp_path)
    ]
    own = [rows[rows["method"] == "gnn"].reset_index(drop=True) for rows in found]
    assert own[0]["query_id"].str.startswith("1-").any()
    pd.testing.assert_frame_equal(own[0], own[1])

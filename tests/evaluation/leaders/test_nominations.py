"""The protocol of nominations on invented surveys: what is planted is found, what is hidden stays so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from influence.contagion.nominations import Nominations
from influence.contagion.prestige import MEASURES
from influence.data import Network
from influence.errors import DataError
from influence.evaluation.ground_truth import Scored
from influence.evaluation.leaders import PROTOCOLS, protocol_for
from influence.evaluation.leaders.nominations import ByTopic, _people
from influence.evaluation.summary import summarise
from influence.metrics import ap, auc
from influence.model.encoder import EncoderConfig
from influence.model.trees import TreesConfig
from influence.tasks.leadership import LeadershipConfig
from influence.training.loop import TrainingConfig
from influence.training.nominees import AskingForecaster, Fitted, folds, left_out, mixed
from influence.training.parts import Recipe


def recipe(seed: int) -> Recipe:
    trees = TreesConfig(learning_rate=0.2, max_rounds=20, min_data_in_leaf=10)
    training = TrainingConfig(learning_rate=0.01, max_epochs=2, batch_size=256)
    return Recipe(EncoderConfig(width=8), trees, training, (seed,))


def survey(seed: int, n_communities: int = 5, size: int = 24) -> Network:
    """`skill` makes people sought on both topics, `luck` nothing; who asks, asks four."""
    rng, topics = np.random.default_rng(seed), ("one", "two")
    n = n_communities * size
    names = np.array([f"p{i:03d}" for i in range(n)])
    home = np.repeat([f"c{c}" for c in range(n_communities)], size)
    skill, asks = rng.normal(size=n), set()
    for who in range(n):
        mates = np.flatnonzero((home == home[who]) & (np.arange(n) != who))
        chance = np.exp(2.0 * skill[mates])
        for topic in topics:
            for whom in rng.choice(mates, 3, replace=False, p=chance / chance.sum()):
                asks.add((names[who], names[whom], topic))
    traits = pd.DataFrame(
        {"contact_id": np.tile(names, 2), "name": np.repeat(["skill", "luck"], n),
         "value": np.concatenate((skill, rng.normal(size=n)))}
    )  # fmt: skip
    return Network.from_tables(
        {
            "contacts": pd.DataFrame({"contact_id": names, "company_id": home}),
            "nominations": pd.DataFrame(sorted(asks), columns=["source_id", "target_id", "topic"]),
            "traits": traits,
        }
    )


def run(network: Network, name: str = "nominations", seeds: tuple[int, ...] = (0,)) -> Scored:
    return PROTOCOLS[name].compare(network, LeadershipConfig(), recipe, seeds, lambda *_: None)


@pytest.fixture(scope="module")
def seen() -> Scored:
    return run(survey(1), seeds=(0, 1))


@pytest.fixture(scope="module")
def unseen() -> Scored:
    return run(survey(1), "nominations_hidden")


def figures(found: Scored) -> dict[str, object]:
    return summarise(
        found.predictions, task="leadership", dataset="invented", counts=found.counts, slices=found.slices,
        costs=found.costs, judge=found.judge, by=found.by, n_resamples=50,
    )  # fmt: skip


def scores(found: Scored, method: str) -> pd.Series:
    rows = found.predictions[found.predictions["method"] == method]
    return (
        rows[rows["seed"] == rows["seed"].min()].set_index(["query_id", "candidate_id"])["score"].sort_index()
    )


def test_protocol_for__a_table_of_nominations__recognised() -> None:
    assert protocol_for(survey(0)).name == "nominations"


def test_compare__both_tracks__every_row_and_method_there(seen: Scored, unseen: Scored) -> None:
    summary = figures(seen)
    assert (summary["n_test"], summary["n_train"], summary["seeds"]) == (240, 192, [0, 1])
    methods = summary["methods"]
    learned = {"model", "gnn", "model_without_gnn", "boosted_trees", "logistic_regression", "random"}
    assert set(methods) >= learned | set(MEASURES)
    assert set(summary["slices"]) == {"one", "two"}
    assert (seen.told["track"], unseen.told["track"]) == (2, 1)
    assert "degree" not in set(unseen.predictions["method"])  # nothing is visible to count


def test_compare__leaders_planted__found_on_both_tracks(seen: Scored, unseen: Scored) -> None:
    for found in (seen, unseen):
        methods = figures(found)["methods"]
        for name in ("model", "gnn", "linear_regression", "logistic_regression"):
            assert methods[name]["auc"]["value"] > 0.8, name
        assert abs(methods["random"]["auc"]["value"] - 0.5) < 0.2


def _altered(network: Network, community: str, topic: str | None) -> Network:
    """The nominations on a topic, or all, within one community given to other people."""
    rows = network.table("nominations").copy()
    home = network.table("contacts").set_index("contact_id")["company_id"]
    there = (rows["target_id"].map(home) == community) & ((rows["topic"] == topic) | (topic is None))
    members = sorted(home.index[home == community])
    turned = dict(zip(members, members[7:] + members[:7], strict=True))
    rows.loc[there, "target_id"] = rows.loc[there, "target_id"].map(turned)
    rows = rows[rows["source_id"] != rows["target_id"]]
    return network.with_tables(nominations=rows.drop_duplicates())


METHODS = ("model", "gnn", "model_without_gnn", "boosted_trees", "linear_regression", "logistic_regression")


def test_compare__hidden_track__own_nominations_move_no_score_of_a_community() -> None:
    network = survey(2, n_communities=4)
    before, after = (run(one, "nominations_hidden") for one in (network, _altered(network, "c1", None)))
    for method in METHODS:
        one, other = (scores(found, method) for found in (before, after))
        own = one.index.get_level_values(0).str.endswith("in c1")
        np.testing.assert_allclose(one[own], other[own], atol=1e-9, err_msg=method)
        assert not np.allclose(one[~own], other[~own]), method  # they do teach the others


def test_compare__a_topic_altered__moves_no_score_of_that_topic_there() -> None:
    network = survey(3, n_communities=4)
    before, after = (run(one) for one in (network, _altered(network, "c2", "one")))
    for method in (*METHODS, "degree", "pagerank"):
        one, other = (scores(found, method) for found in (before, after))
        there = one.index.get_level_values(0).str.endswith("in c2")
        own = there & one.index.get_level_values(0).str.startswith("one")
        np.testing.assert_allclose(one[own], other[own], atol=1e-9, err_msg=method)
        assert not np.allclose(one[there & ~own], other[there & ~own]), method  # the other topic sees it


def test_compare__one_community__error_says_so() -> None:
    with pytest.raises(DataError, match="one community only"):
        run(survey(0, n_communities=1))


def test_compare__two_communities_and_one_without_names_on_a_topic__no_query_there_and_told() -> None:
    network = survey(4, n_communities=2)
    rows = network.table("nominations")
    home = network.table("contacts").set_index("contact_id")["company_id"]
    silent = rows[(rows["topic"] == "one") | (rows["source_id"].map(home) == "c0")]
    found = run(network.with_tables(nominations=silent))
    assert set(found.predictions["query_id"]) == {"one in c0", "one in c1", "two in c0"}
    assert found.told["n_queries_without_nominations"] == 1
    assert found.told["overlap_of_leaders"]["one"]["one"] == 1.0


def test_by_topic__figures__are_means_over_topics() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {"topic": ["t"] * 30 + ["u"] * 20, "label": rng.integers(0, 2, 50), "score": rng.random(50)}
    )
    judged = ByTopic(rows)
    parts = [rows[rows["topic"] == topic] for topic in "tu"]
    assert judged.values["auc"] == pytest.approx(np.mean([auc(p["label"], p["score"]) for p in parts]))
    assert judged.values["ap"] == pytest.approx(np.mean([ap(p["label"], p["score"]) for p in parts]))
    resampled = judged.resampled(np.ones((2, 50), np.int32))
    assert resampled["auc"] == pytest.approx([judged.values["auc"]] * 2)


def test_folds__training_communities__whole_and_apart() -> None:
    community = np.repeat(np.arange(6), [5, 4, 3, 2, 2, 9])
    train = community != 5
    found = folds(community, train)
    assert len(found) == 3
    assert np.array_equal(np.sum(found, axis=0), train.astype(int))
    assert sorted(code for fold in found for code in set(community[fold])) == [0, 1, 2, 3, 4]
    assert folds(community, community == 0) == []


@pytest.mark.parametrize("n_communities", [3, 120])
def test_left_out__communities__whole_and_each_once(n_communities: int) -> None:
    community = np.repeat(np.arange(n_communities), 2)
    found = left_out(community)
    assert len(found) == min(n_communities, 50)
    assert np.array_equal(np.sum(found, axis=0), np.ones(len(community)))
    assert all((mask[::2] == mask[1::2]).all() for mask in found)


def test_mixed__one_part_right_one_noise__the_right_one_weighs_more() -> None:
    rng = np.random.default_rng(1)
    truth, noise = rng.normal(size=(1, 400)), rng.normal(size=(1, 400))
    asked = np.eye(2)
    right, wrong = Fitted(truth, asked[:1]), Fitted(noise, asked[1:])
    weights = mixed([right, wrong], truth)[0]
    assert weights[0] > 0.8 and 0 <= weights[1] < 0.2


def test_network__silent_pairs_thinned__expected_nominations_stay_about_as_many() -> None:
    """The odds are corrected for the pairs left out, so that sums of chances are numbers of nominations."""
    network = survey(5, n_communities=3, size=40)
    nominations = Nominations.of(network)
    people, may_ask = _people(network, nominations, LeadershipConfig(), hidden=True)
    training = TrainingConfig(learning_rate=0.01, max_epochs=4, batch_size=256)
    forecaster = AskingForecaster(people, may_ask, (8, 0.0, 0.0), training, (0,))
    everyone = np.ones(nominations.n_people, np.bool_)
    known, kept = forecaster._thinned(torch.arange(len(forecaster.asked)), 0)
    assert kept < 0.5 and int(forecaster.asks[known].sum()) == int(forecaster.asks.sum())
    expected: list[float] = []
    forecaster._expected = lambda rows, chance: expected.append(chance.sum()) or np.zeros((2, 120))  # type: ignore
    forecaster.scores(everyone, everyone)
    assert expected[-1] == pytest.approx(len(nominations.topic), rel=0.1)

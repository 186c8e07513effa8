"""The protocol of true parents on invented trees: what it judges, hides, and says of bad input."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from influence.config import Config
from influence.contagion.parents import COLUMNS, normalised
from influence.data import Network
from influence.errors import DataError
from influence.evaluation.leaders import parent_methods, protocol_for
from influence.evaluation.leaders.parents import ParentShares
from influence.evaluation.leaders.trees import ParentLog
from influence.evaluation.summary import _plain
from influence.experiment import evaluate
from influence.model.trees import TreesConfig
from influence.tasks.leadership import LeadershipConfig

START = pd.Timestamp("2020-01-01", tz="UTC")


def trees(n_items: int = 60, seed: int = 0) -> Network:
    """Posts of one author each; h00 to h04 pass them on to many, all others hardly to anybody."""
    rng = np.random.default_rng(seed)
    contents, taken, shares = [], [], []
    for item in range(n_items):
        posted, author = float(item), f"a{item % 4}"
        contents.append((f"x{item:02}", author, posted))
        rows = [(author, posted, "")]
        for hub in rng.permutation(5)[:2]:
            rows.append((f"h{hub:02}", posted + rng.uniform(0.05, 0.3), author))
        for k in range(14):
            parent, at, _ = rows[int(rng.integers(0, 3))]
            rows.append((f"p{item}_{k}", at + rng.exponential(0.05) + 1e-4, parent))
        taken += [(who, f"x{item:02}", at) for who, at, _ in rows]
        shares += [(who, parent, f"x{item:02}", at) for who, at, parent in rows if parent]

    def times(days: pd.Series) -> pd.Series:
        return (START + pd.to_timedelta(days, unit="D")).dt.floor("us")

    adoptions = pd.DataFrame(taken, columns=["contact_id", "item", "at"])
    interactions = pd.DataFrame(shares, columns=["actor_id", "target_id", "content_id", "at"])
    posts = pd.DataFrame(contents, columns=["content_id", "author_id", "at"])
    named = interactions.assign(event_id=[f"e{i}" for i in range(len(shares))], kind="share")
    return Network.from_tables(
        {name: rows.assign(at=times(rows["at"])) for name, rows in
         (("contents", posts), ("adoptions", adoptions), ("interactions", named))}
    )  # fmt: skip


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setattr(parent_methods, "N_TRAINING", 500)
    trees_config = TreesConfig(learning_rate=0.2, min_data_in_leaf=20, max_rounds=40, check_every=20)
    return Config(task="leadership", seeds=(0,), trees=trees_config)


def test_evaluate__hubs_pass_on__model_beats_the_rules_among_the_others_too(small: Config) -> None:
    found = evaluate(trees(), small)
    summary, rows = found.summary, found.predictions
    assert summary["protocol"] == "parents"
    assert summary["n_train"] + summary["n_validation"] + summary["n_test"] == 60 * 16
    assert summary["n_test"] == rows["query_id"].nunique() == 9 * 16
    methods = {"model", "gnn", "boosted_trees", "model_without_parents"}
    assert set(summary["methods"]) == methods | {"first_contact", "last_contact", "equal_split", "time_decay"}
    for part in (summary, summary["given_not_the_first"]):
        for rule in ("first_contact", "last_contact", "equal_split", "time_decay"):
            assert part["differences"][rule]["log_loss"]["high"] < 0
            assert part["differences"][rule]["parent_top1"]["low"] > 0
    table = summary["reliability"]["model"]
    assert sum(row["n"] * row["observed"] for row in table) == summary["n_test"]
    for row in table:
        if row["n"] >= 200:
            assert abs(row["mean_share"] - row["observed"]) < 0.1
    assert json.dumps(_plain(summary))


def test_choices__parents_of_later_trees_altered__no_column_moves() -> None:
    network = trees()
    log = ParentLog.of(network)
    _, test_from = log.boundaries()
    of = log.queries(test_from, log.n_items)
    rows = network.table("interactions")
    late = rows["at"] >= network.table("contents")["at"].sort_values().iloc[test_from]
    turned = rows.assign(target_id=rows["target_id"].mask(late, "h03"))
    other = ParentLog.of(network.with_tables(interactions=turned[turned["actor_id"] != turned["target_id"]]))
    columns = [
        each.choices(each.covariates(test_from), each.excitation(test_from), of).columns
        for each in (log, other)
    ]
    np.testing.assert_array_equal(*columns)
    shown = log.choices(log.covariates(log.n_items), log.excitation(test_from), of).columns
    assert not np.array_equal(columns[0], shown, equal_nan=True)  # the test can fail


def test_training__histories__hold_earlier_blocks_only() -> None:
    log = ParentLog.of(trees())
    first = log.training(12, 10_000, 40, np.random.default_rng(0))
    assert len(first) == len(log.queries(0, 12))
    known = first.columns[:, COLUMNS.index("log_reactions")].reshape(-1)
    assert known.max() > 0
    alone = log.training(5, 10_000, 40, np.random.default_rng(0))  # blocks of one item each
    begins = np.repeat(alone.ptr[:-1], np.diff(alone.ptr))
    assert (alone.columns[begins < alone.ptr[16], COLUMNS.index("log_reactions")] == 0).all()


def test_normalised__any_scores__sum_to_one_per_take_up() -> None:
    ptr = np.array([0, 1, 4, 9])
    found = normalised(np.linspace(-900, 900, 9), ptr)
    np.testing.assert_allclose(np.add.reduceat(found, ptr[:-1]), 1)


def test_parent_shares__resampled__counts_weigh_rows() -> None:
    judged = ParentShares(np.array([0.5, 0.25]), np.array([1.0, 0.0]))
    assert judged.values["parent_top1"] == 0.5
    found = judged.resampled(np.array([[2, 0], [1, 3]]))
    np.testing.assert_allclose(found["parent_top1"], [1, 0.25])
    np.testing.assert_allclose(found["log_loss"], [np.log(2), (np.log(2) + 3 * np.log(4)) / 4])


def test_protocol__no_parents_or_too_few_items__says_so() -> None:
    with pytest.raises(DataError, match="too few to divide"):
        ParentLog.of(trees(2)).boundaries()
    network = trees(8)
    bare = network.with_tables(interactions=network.table("interactions").assign(kind="like"))
    with pytest.raises(DataError, match="no share names the parent"):
        ParentLog.of(bare)
    assert protocol_for(bare).name == "future_credit"
    with pytest.raises(DataError, match="nothing by which leadership could be judged"):
        protocol_for(bare.as_of("1990-01-01"))
    assert protocol_for(network, LeadershipConfig().protocol).name == "parents"

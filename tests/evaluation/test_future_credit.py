"""The protocol of future credit: its labels, its methods, and what it tells, through `evaluate`."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import numpy as np
import pytest
from tests.contagion.spreading import random_log

from influence.config import parse_config
from influence.data import Network
from influence.errors import DataError
from influence.evaluation.leaders import protocol_for
from influence.evaluation.leaders.future_credit import PLACES
from influence.experiment import Evaluation, evaluate
from influence.metrics import kendall
from influence.training.credit_mix import COMBINATIONS

QUICK = {
    "task": "leadership",
    "seeds": [0, 1],
    "encoder": {"width": 8, "heads": 2},
    "trees": {"max_rounds": 40, "min_data_in_leaf": 5},
    "training": {"max_epochs": 2, "batch_size": 64},
    "output": "unused/model",
}


@cache
def log(topics: tuple[str, ...] = ()) -> Network:
    return random_log(1, topics=topics)


@cache
def found(topics: tuple[str, ...] = ()) -> Evaluation:
    return evaluate(log(topics), parse_config(QUICK))


def slow_labels(network: Network) -> tuple[dict[str, float], dict[str, float], float]:
    """Credit from the cut on and before it, one take-up at a time; and the share nobody came before."""
    rows = network.table("adoptions").sort_values("at")
    cut = np.quantile(rows["at"].astype("int64"), 0.8)
    near = defaultdict(set)
    for a, b in network.table("connections")[["source_id", "target_id"]].itertuples(index=False):
        near[a].add(b)
        near[b].add(a)
    after: dict[str, float] = defaultdict(float)
    before: dict[str, float] = defaultdict(float)
    n_alone = n_after = 0
    for _, item in rows.groupby("item"):
        at: dict[str, int] = {}
        for who, when in zip(item["contact_id"], item["at"].astype("int64"), strict=True):
            others = [other for other in near[who] if at.get(other, when) < when]
            late = when >= int(cut)
            n_after, n_alone = n_after + late, n_alone + (late and not others)
            for other in others:
                (after if late else before)[other] += 1 / len(others)
            at[who] = when
    return after, before, n_alone / n_after


def test_future_credit__labels__as_counted_one_by_one() -> None:
    after, before, alone = slow_labels(log())
    rows = found().predictions
    model = rows[(rows["method"] == "model") & (rows["seed"] == 0)].set_index("candidate_id")["label"]
    assert model.to_dict() == pytest.approx({who: after.get(who, 0.0) for who in model.index})
    past = rows[rows["method"] == "past_credit"].set_index("candidate_id")["score"]
    assert past.to_dict() == pytest.approx({who: before.get(who, 0.0) for who in past.index}, abs=1e-5)
    summary = found().summary
    assert summary["share_without_active_neighbour"] == pytest.approx(alone)
    assert summary["methods"]["past_credit"]["kendall"]["value"] == pytest.approx(kendall(model, past))


def test_future_credit__summary__has_every_method_and_metric() -> None:
    summary = found().summary
    expected = {*COMBINATIONS, *PLACES, "past_credit", "recent_credit", "random"}
    assert set(summary["methods"]) == expected
    assert set(summary["differences"]) == expected - {"model"}
    for values in summary["methods"].values():
        assert set(values) >= {"kendall", "spearman", "ndcg_at_5pct", "p_at_5pct"}
        assert all(one["low"] <= one["value"] <= one["high"] for one in values.values())
    assert summary["protocol"] == "future_credit" and summary["resampled_by"] == "candidate"
    assert 0 <= summary["share_of_credit_to_newcomers"] < 1
    assert len(summary["model_by_seed"]) == 2


def test_future_credit__topics__are_queries_of_their_own() -> None:
    rows = found(("steel", "wood")).predictions
    assert set(rows["query_id"]) == {"steel", "wood"}
    assert not rows.duplicated(["query_id", "candidate_id", "method", "seed"]).any()
    assert set(found().predictions["query_id"]) == {"all"}


def test_future_credit__records_without_ties_or_followers__say_so() -> None:
    network = log()
    with pytest.raises(DataError, match="future_credit looks for adoptions"):
        protocol_for(Network.from_tables({"adoptions": network.table("adoptions")}))
    rows = network.table("adoptions")
    late = rows["at"] >= rows["at"].quantile(0.75)
    strangers = rows.assign(contact_id=rows["contact_id"].mask(late, "new" + rows.index.astype("str")))
    with pytest.raises(DataError, match="no credit to foretell"):
        evaluate(network.with_tables(adoptions=strangers), parse_config(QUICK))


def test_future_credit__recent_credit__is_of_one_of_the_shorter_windows() -> None:
    assert found().summary["recent_credit"] in {
        f"whom_one_knows.log_credit_{s}" for s in ("0.03", "0.1", "0.3")
    }

"""Candidates of many senders: the same as by all pairs where the pool is large, and nobody out of reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.experiment.worlds import network
from tests.graph.worlds import at

from influence import batch
from influence.batch import candidates
from influence.errors import ConfigError, InfluenceError
from influence.prediction import Model

TASK, SENDERS = "acceptance", ["p07", "p01", "p20"]


def test_candidates__large_pool__the_model_s_best_of_all_pairs(model: Model) -> None:
    found = model.candidates(TASK, sender_id=SENDERS, k=6, at=at(150))
    assert found["sender_id"].tolist() == [sender for sender in SENDERS for _ in range(6)]
    assert found["rank"].tolist() == [1, 2, 3, 4, 5, 6] * 3
    for sender, rows in found.groupby("sender_id"):
        best = model.recommend(TASK, sender_id=sender, k=6, at=at(150))
        assert rows["recipient_id"].tolist() == best["recipient_id"].tolist()
        assert rows["mutual_connections"].tolist() == best["mutual_connections"].tolist()
    again = model.predict(TASK, found, at=at(150))
    pd.testing.assert_frame_equal(found[again.columns], again)


def test_candidates__asked_alone_or_with_others__the_same(model: Model) -> None:
    together = model.candidates(TASK, sender_id=SENDERS, k=4, pool=9, at=at(150))
    for sender in SENDERS:
        alone = model.candidates(TASK, sender_id=sender, k=4, pool=9, at=at(150))
        own = together[together["sender_id"] == sender].reset_index(drop=True)
        assert alone["recipient_id"].tolist() == own["recipient_id"].tolist()


def test_candidates__nobody_named__the_own_team_sends_and_is_not_asked(model: Model) -> None:
    contacts = network().table("contacts")
    team = contacts.assign(is_own_team=contacts["contact_id"].isin(["p01", "p07"]).astype("boolean"))
    ours = model.with_network(network().with_tables(contacts=team))
    found = ours.candidates(TASK, k=100, at=at(150))
    assert set(found["sender_id"]) == {"p01", "p07"}
    assert not set(found["recipient_id"]) & {"p01", "p07"}
    with pytest.raises(ConfigError, match="is_own_team"):
        model.candidates(TASK, at=at(150))


def test_candidates__people_to_leave_alone__never_named(model: Model, tmp_path: Path) -> None:
    full = model.candidates(TASK, sender_id="p01", k=5, at=at(150))
    first, second = full["recipient_id"].tolist()[:2]
    (tmp_path / "alone.txt").write_text(first)
    listed = Model(
        model.network,
        model.config.model_copy(update={"suppress": tmp_path / "alone.txt"}),
        model.heads,
        model.trained_until,
    )
    found = listed.candidates(TASK, sender_id="p01", k=5, at=at(150), suppress=[second])
    assert found["recipient_id"].tolist()[:3] == full["recipient_id"].tolist()[2:]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"sender_id": "p99"}, "no contact 'p99'"),
        ({"sender_id": []}, "no sender"),
        ({"sender_id": "p01", "k": 0}, "k is 0"),
        ({"sender_id": "p01", "k": 20, "pool": 10}, "Give a pool of 20 or more"),
    ],
)
def test_candidates__impossible_wish__told(model: Model, asked: dict[str, Any], says: str) -> None:
    with pytest.raises(InfluenceError, match=says):
        model.candidates(TASK, at=at(150), **asked)


def test_candidates__other_task__told(model: Model) -> None:
    with pytest.raises(ConfigError, match="not for partners"):
        model.candidates("partners", k=3)


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_write_candidates__many_senders__stamped_and_fit_for_scoring(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(candidates, "SENDERS_AT_ONCE", 2)
    target, told = tmp_path / f"candidates{ending}", list[tuple[int, int]]()
    n_rows = batch.write_candidates(
        model, target, SENDERS, k=3, at=at(150), progress=lambda _, done, total: told.append((done, total))
    )
    assert (n_rows, told) == (9, [(0, 3), (2, 3), (3, 3)])
    batch.score(model, target, tmp_path / "scores", at=at(150))
    scored = pd.read_parquet(tmp_path / "scores")
    expected = model.candidates(TASK, sender_id=SENDERS, k=3, at=at(150))
    assert scored["recipient_id"].tolist() == expected["recipient_id"].tolist()
    assert scored["p_within_3_weeks"].tolist() == pytest.approx(expected["p_within_3_weeks"].tolist())
    assert set(scored["model_version"]) == {model.version}
    with pytest.raises(ConfigError, match="list of senders is empty"):
        batch.write_candidates(model, target, [])
    assert not list(tmp_path.glob(".*"))

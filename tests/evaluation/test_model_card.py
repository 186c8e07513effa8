"""The card of a model: what it says with and without an evaluation, and that it names nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.experiment.worlds import network, quick_config

from influence import experiment
from influence.data import Network
from influence.evaluation.model_card import model_card
from influence.evaluation.summary import write_json
from influence.prediction import Model
from influence.tasks import TASKS

UNTIL = pd.Timestamp("2025-03-01", tz="UTC")


def summary() -> dict[str, Any]:
    def interval(value: float, low: float | None, high: float | None) -> dict[str, float | None]:
        return {"value": value, "low": low, "high": high}

    return {
        "task": "acceptance", "dataset": "small", "seeds": [0, 1],
        "n_train": 600, "n_validation": 150, "n_test": 120,
        "methods": {
            "model": {"auc": interval(0.75, 0.7, 0.8), "ece_21d": interval(0.02, 0.01, 0.03)},
            "prior": {"auc": interval(0.5, 0.5, 0.5), "ece_21d": interval(0.04, None, None)},
        },
        "differences": {"prior": {"auc": interval(0.25, 0.2, 0.3), "ece_21d": interval(-0.02, -0.05, 0.01)}},
        "slices": {
            "cross_border": {"n_test": 40, "methods": {"model": {"auc": interval(0.65, 0.5, 0.8)}}},
            "cold": {"n_test": 0, "methods": {}},
        },
    }  # fmt: skip


def written(**changes: Any) -> str:
    asked = {"tasks": ("acceptance",), "trained_until": UNTIL, "departures": {"seeds": [0, 1]}}
    return model_card(network(), **(asked | changes))


def test_card__evaluated__figures_with_intervals_beside_the_baselines() -> None:
    card = written(summary=summary(), command="influence evaluate c.yaml --data exports")
    assert "120 test rows" in card
    assert "| model | 0.750 [0.700, 0.800] |" in card
    assert "| prior | 0.500 [0.500, 0.500] |" in card
    assert "**+0.250 [+0.200, +0.300]**" in card
    assert "| model | 0.020 [0.010, 0.030] |" in card, "calibration"
    assert "| cross_border | 0.650 [0.500, 0.800] |" in card
    assert "| cold |" not in card
    assert "influence evaluate c.yaml --data exports" in card


def test_card__not_evaluated__says_how() -> None:
    card = written()
    assert "nothing is left to judge it by" in card
    assert "influence evaluate CONFIG --data RECORDS" in card


def test_card__settings__without_where_things_lie() -> None:
    card = written(
        departures={"seeds": [3], "output": "a/b", "suppress": "Ann Lee.csv", "tracking": {"uri": "x"}}
    )
    assert '"seeds"' in card
    for word in ("a/b", "Ann Lee", '"uri"'):
        assert word not in card


def test_card__records_that_tell_who_people_are__counted_as_they_are_stored() -> None:
    own = network()
    one = pd.DataFrame({"contact_id": [own.contact_ids[0]], "kind": ["name"], "value": ["Ann Lee"]})
    card = model_card(
        own.with_tables(identities=one), tasks=("acceptance",), trained_until=UNTIL, departures={}
    )
    assert f"rows: {len(own.table('contacts')):,} contacts" in card and "1 identities" not in card
    bare = model_card(Network({}), tasks=("acceptance",), trained_until=UNTIL, departures={})
    assert "rows: ." in bare, "what was learnt is told from other models without records"


def test_card__of_people_on_record__names_none() -> None:
    words = set(written(summary=summary()).replace("|", " ").split())
    assert not words & set(network().contact_ids)


def test_saved_model__card_beside_it__and_no_part_of_what_it_is(tmp_path: Path) -> None:
    model = experiment.fit(network(), quick_config(tmp_path, tracking={"enabled": False}))
    model.save(tmp_path / "plain")
    model.save(tmp_path / "judged", model.card(summary(), "influence evaluate c.yaml"))
    plain, judged = ((tmp_path / name / "MODEL_CARD.md").read_text("utf-8") for name in ("plain", "judged"))
    assert plain == model.card()
    assert "with each other: check" in plain and "with each other beyond the kinds above: check" in judged
    assert "120 test rows" in judged
    loaded = [Model.load(tmp_path / name) for name in ("plain", "judged")]
    assert {one.fingerprint for one in loaded} == {model.fingerprint}
    assert loaded[1].card() == plain
    write_json({}, tmp_path / "judged" / "MODEL_CARD.md")
    assert Model.load(tmp_path / "judged").tasks == ("acceptance",)


@pytest.mark.parametrize("task", TASKS)
def test_card__every_task__its_own_words(task: str) -> None:
    card = written(tasks=(task,))
    assert TASKS[task].LIMITS in card and f"Learnt by {TASKS[task].METHOD}." in card
    assert ("influence drift" in card) is (task == "acceptance"), "which tells of no other"
    assert card.startswith(f"# Model card: {task}\n")

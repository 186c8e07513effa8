"""Leadership as users ask: from records alone, order kept, batch equals single, bad questions answered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.contagion.spreading import day, random_log

import influence
from influence.config import Config, parse_config
from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.prediction import Model
from influence.tasks.leadership import GROUPS

TASK = "leadership"
AT = day(240)


def config() -> Config:
    """Small and quick."""
    return parse_config(
        {
            "task": TASK,
            "seeds": [0],
            "encoder": {"width": 8, "heads": 2},
            "trees": {"max_rounds": 40, "min_data_in_leaf": 5, "num_leaves": 4},
            "training": {"max_epochs": 3, "batch_size": 64},
        }
    )


def records() -> Network:
    """People of two countries, whose first fifth moves others; one of them of the own team."""
    network = random_log(3, topics=("steel", "wood"))
    ids = network.contact_ids
    contacts = pd.DataFrame(
        {
            "contact_id": ids,
            "country": np.where(np.arange(len(ids)) % 2, "FR", "DE"),
            "industry": np.where(np.arange(len(ids)) % 3, "tools", "paper"),
            "is_own_team": ids == "p01",
        }
    )
    return network.with_tables(contacts=contacts)


@pytest.fixture(scope="module")
def model() -> Model:
    return influence.fit(records(), config(), at=AT).with_network(records())


def test_recommend__planted_leaders__come_first_with_what_tells_a_leader(model: Model) -> None:
    found = model.recommend(TASK, k=10, at=AT)
    assert (found["influence"].diff().dropna() <= 0).all()
    everybody = model.recommend(TASK, k=1000, at=AT)
    planted = everybody["contact_id"].str[1:].astype(int) < 12
    assert everybody.loc[planted, "influence"].mean() > 1.05 * everybody.loc[~planted, "influence"].mean()
    pd.testing.assert_frame_equal(found, everybody.head(10))
    assert (found["low"] <= found["influence"]).all() and (found["influence"] <= found["high"]).all()
    assert {
        *GROUPS,
        "credibility",
        "impartiality",
        "share_abroad",
        "leads",
        "moves_most",
        "is_seeker",
    } <= set(found)
    assert any("take-ups of others" in sentence for sentence in found.attrs["sentences"])
    assert "p01" not in set(found["contact_id"])
    assert "p01" in set(model.recommend(TASK, k=1000, at=AT, own_team=True)["contact_id"])


def test_recommend__topic_country_industry__only_of_these_in_the_same_order(model: Model) -> None:
    everybody = model.recommend(TASK, k=1000, at=AT, topic="wood")
    assert set(everybody["topic"]) == {"wood"}
    some = model.recommend(TASK, k=1000, at=AT, topic="wood", countries="FR", industries=["tools"])
    number = everybody["contact_id"].str[1:].astype(int)
    expected = everybody[(number % 2 == 1) & (number % 3 > 0)]
    assert some["contact_id"].tolist() == expected["contact_id"].tolist() and len(some)


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"topic": "woods"}, DataError, "nobody has taken up anything on 'woods'. Did you mean 'wood'"),
        ({"countries": ["FR", "DEU"]}, DataError, "nobody's country is 'DEU'"),
        ({"sender_id": "p00"}, ConfigError, "does not heed `sender_id`"),
        ({"at": "2021-01-01"}, DataError, "Nothing had been taken up before"),
    ],
)
def test_recommend__what_cannot_be_answered__told_with_remedy(
    model: Model, asked: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        model.recommend(TASK, **{"at": AT, **asked})  # type: ignore[arg-type]


def test_predict__rows_in_any_order__as_one_by_one(model: Model) -> None:
    rows = pd.DataFrame(
        {"contact_id": ["p07", "p50", "p07", "stranger"], "topic": ["wood", "steel", "steel", "wood"]},
        index=[7, 3, 9, 1],
    )
    found = model.predict(TASK, rows, at=AT)
    assert found.index.tolist() == [7, 3, 9, 1]
    assert found["is_cold"].tolist()[-1]
    assert found[["influence", "susceptibility"]].notna().all(axis=None)
    one_by_one = pd.concat([model.predict(TASK, rows.iloc[[i]], at=AT) for i in range(4)])
    pd.testing.assert_frame_equal(found, one_by_one)
    without = model.predict(TASK, rows[["contact_id"]], at=AT)
    assert without["topic"].notna().tolist() == [True, True, True, False]


def test_predict__moved_by__are_neighbours_who_went_before(model: Model) -> None:
    found = model.predict(TASK, pd.DataFrame({"contact_id": ["p30", "p41"]}), at=AT)
    known = records().as_of(AT).table("adoptions").set_index(["item", "contact_id"])["at"]
    ties = {frozenset(pair) for pair in records().table("connections")[["source_id", "target_id"]].to_numpy()}
    for row in found.itertuples():
        for name in filter(None, str(row.moved_by).split("; ")):
            assert frozenset((name, row.contact_id)) in ties
            both = known.unstack()[[name, row.contact_id]].dropna()
            assert (both[name] < both[row.contact_id]).any()
        assert 0 <= row.share_moved <= 1


def test_explain__three_sides__sum_to_the_log_of_the_influence(model: Model) -> None:
    people = pd.DataFrame({"contact_id": ["p02", "p33", "nobody"]})
    told = model.explain(TASK, people, at=AT)
    predicted = model.predict(TASK, people, at=AT)
    known = told[~predicted["is_cold"]]
    sides = known["base"] + known[list(GROUPS)].sum(axis=1)
    np.testing.assert_allclose(sides, known["log_influence"], atol=1e-6)
    np.testing.assert_allclose(np.exp(told["log_influence"]), predicted["influence"])
    assert told["reasons"].str.contains("whom they know: x").all()


def test_answers__later_records_altered__stay_as_they_were(model: Model) -> None:
    rows = records().table("adoptions")
    late = rows["at"] >= AT
    altered = model.with_network(records().with_tables(adoptions=rows[~late | (rows.index % 2 == 0)]))
    found = model.recommend(TASK, k=50, at=AT)
    pd.testing.assert_frame_equal(found, altered.recommend(TASK, k=50, at=AT))
    assert found.attrs == altered.recommend(TASK, k=50, at=AT).attrs


def test_save__loaded__answers_alike_and_knows_its_tasks(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = influence.load(tmp_path / "model")
    assert loaded.tasks == (TASK,)
    pd.testing.assert_frame_equal(loaded.recommend(TASK, k=9, at=AT), model.recommend(TASK, k=9, at=AT))
    with pytest.raises(ConfigError, match="trained for leadership, not for acceptance"):
        loaded.predict("acceptance", pd.DataFrame({"sender_id": ["a"], "recipient_id": ["b"]}))


def test_predict__rows_without_ids__data_error(model: Model) -> None:
    with pytest.raises(DataError, match=r"lack contact_id\. Did you mean .contact"):
        model.predict(TASK, pd.DataFrame({"contact": ["p01"]}))
    with pytest.raises(DataError, match="lack an id in 1 row "):
        model.predict(TASK, pd.DataFrame({"contact_id": ["p01", None]}))

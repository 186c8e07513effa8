"""Leadership where people name each other: counted, expected from other communities, never from their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from tests.evaluation.leaders.test_nominations import survey
from tests.prediction.test_leadership import AT, TASK, config, records

import influence
from influence.data import Network
from influence.errors import ConfigError, DataError
from influence.prediction import Model
from influence.prediction.named import COLUMNS, Named


@pytest.fixture(scope="module")
def surveyed() -> Network:
    """Nominations in five communities, without a time anywhere."""
    return survey(1)


@pytest.fixture(scope="module")
def model(surveyed: Network) -> Model:
    return influence.fit(surveyed, config())


def named_of(network: Network) -> Named:
    found = Named.of(network)
    assert found is not None
    return found


def test_named__who_asks_whom__counted_by_hand() -> None:
    """b is named on t by three people of two firms, one of them unknown, and on anything by four."""
    asks = [("a", "b", "t"), ("c", "b", "t"), ("e", "b", "t"), ("d", "b", "u"), ("a", "c", "t")]
    home = {"a": "x", "b": "x", "c": "y", "d": "x", "e": None}
    network = Network.from_tables(
        {
            "contacts": pd.DataFrame({"contact_id": home.keys(), "company_id": home.values()}),
            "nominations": pd.DataFrame(asks, columns=["source_id", "target_id", "topic"]),
        }
    )
    rows = named_of(network).rows.set_index(["contact_id", "topic"])
    assert rows.loc[("b", "t"), ["n_named", "n_communities"]].tolist() == [3, 2]
    assert rows.loc[("b", np.nan), ["n_named", "n_communities"]].tolist() == [4, 2]
    assert rows["p_most_named"].isna().all()  # two communities are too few to learn from
    assert "cannot be told" in named_of(network).sentences("t")[-1]


def test_recommend__nominations_alone__most_named_first_from_any_moment(
    model: Model, surveyed: Network
) -> None:
    found = model.recommend(TASK, k=7, topic="one")
    rows = surveyed.table("nominations")
    counts = rows.loc[rows["topic"] == "one", "target_id"].value_counts()
    assert found["n_named"].tolist() == counts.head(7).tolist()
    assert counts[found["contact_id"]].tolist() == found["n_named"].tolist()
    assert (found["n_communities"] == 1).all() and found["p_most_named"].between(0, 1).all()
    assert "named on one" in found.attrs["sentences"][0]
    assert any("no take-ups" in sentence for sentence in found.attrs["sentences"])
    assert set(model.recommend(TASK, k=200)["topic"]) == {"one", "two"}
    assert model.recommend(TASK, k=7, topic="one", at="2031-01-01")["n_named"].tolist() == counts[:7].tolist()


def test_p_most_named__planted_skill__ranks_and_agrees_with_the_share(surveyed: Network) -> None:
    rows = named_of(surveyed).rows.dropna()
    skill = surveyed.table("traits").query("name == 'skill'").set_index("contact_id")["value"]
    assert spearmanr(rows["p_most_named"], skill[rows["contact_id"]]).statistic > 0.5
    share = rows["p_most_named"].mean()
    assert 0.08 < share < 0.2  # a tenth of each community, ties in


def test_p_most_named__own_community_answers_otherwise__the_same(surveyed: Network) -> None:
    """What a community says on a topic teaches nothing about its own people's chance on it."""
    rows = surveyed.table("nominations")
    inside = rows["source_id"] < "p024"  # the first community
    own = rows[inside & (rows["topic"] == "one")]
    others = rows.drop(own.index)
    turned = own.rename(columns={"source_id": "target_id", "target_id": "source_id"})[rows.columns]
    altered = surveyed.with_tables(nominations=pd.concat((others, turned), ignore_index=True))
    before, after = (
        named_of(each).rows.set_index(["contact_id", "topic"])["p_most_named"] for each in (surveyed, altered)
    )
    mine = [(f"p{i:03d}", "one") for i in range(24)]
    assert before[mine].notna().all()
    pd.testing.assert_series_equal(before[mine], after[mine])
    elsewhere = [(f"p{i:03d}", "one") for i in range(24, 120)]
    assert not np.allclose(before[elsewhere], after[elsewhere])


def test_p_most_named__community_never_asked__still_told(surveyed: Network) -> None:
    rows = surveyed.table("nominations")
    kept = rows[rows["source_id"] >= "p024"].reset_index(drop=True)
    found = named_of(surveyed.with_tables(nominations=kept)).rows
    silent = found[(found["contact_id"] < "p024") & found["topic"].notna()]
    assert len(silent) == 48 and (silent["n_named"] == 0).all() and silent["p_most_named"].notna().all()
    skill = surveyed.table("traits").query("name == 'skill'").set_index("contact_id")["value"]
    one = silent[silent["topic"] == "one"]
    assert spearmanr(one["p_most_named"], skill[one["contact_id"]]).statistic > 0.5


def test_predict_and_explain__nominations_alone__order_kept_and_strangers_cold(model: Model) -> None:
    asked = pd.DataFrame(
        {"contact_id": ["p030", "zz", "p002"], "topic": ["two", "one", "one"]}, index=[5, 2, 9]
    )
    found = model.predict(TASK, asked)
    assert found.index.tolist() == [5, 2, 9] and found["contact_id"].tolist() == ["p030", "zz", "p002"]
    assert found["is_cold"].tolist() == [False, True, False]
    assert found.loc[2, "n_named"] == 0 and np.isnan(found.loc[2, "p_most_named"])
    assert found["influence"].isna().all() and (found["moved_by"] == "").all()
    told = model.explain(TASK, asked)
    assert told["reasons"].str.startswith("named on ").all()
    most = model.predict(TASK, asked[["contact_id"]]).loc[5]
    both = model.predict(TASK, pd.DataFrame({"contact_id": "p030", "topic": ["one", "two"]}))
    assert most["n_named"] == both["n_named"].max()


def test_save__nominations_alone__loaded_answers_alike(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = influence.load(tmp_path / "model")
    pd.testing.assert_frame_equal(loaded.recommend(TASK, k=9), model.recommend(TASK, k=9))
    assert loaded.recommend(TASK, k=9).attrs == model.recommend(TASK, k=9).attrs
    with pytest.raises(ConfigError, match="trained on nominations"):
        loaded.with_network(records()).recommend(TASK, k=3, at=AT)


def test_recommend__take_ups_and_nominations__both_told_and_a_topic_only_named_on() -> None:
    network = records()
    home = network.table("contacts").assign(company_id=[f"c{i % 4}" for i in range(len(network.contact_ids))])
    asks = pd.DataFrame(
        {"source_id": ["p03", "p04", "p05", "p07"], "target_id": ["p02", "p02", "p06", "p02"],
         "topic": ["wood", "wood", "wood", "glue"], "at": [AT - pd.Timedelta(days=1)] * 2 + [AT, pd.NaT]}
    )  # fmt: skip
    both = network.with_tables(contacts=home, nominations=asks)
    model = influence.fit(network, config(), at=AT).with_network(both)
    found = model.recommend(TASK, k=60, topic="wood", at=AT).set_index("contact_id")
    assert found.loc["p02", "n_named"] == 2
    assert found["n_named"].sum() == 2  # what was said at the moment itself is the future
    plain = influence.fit(network, config(), at=AT).with_network(network.with_tables(contacts=home))
    without = plain.recommend(TASK, k=60, topic="wood", at=AT).set_index("contact_id")
    pd.testing.assert_frame_equal(found.drop(columns=[*COLUMNS]), without)
    glue = model.recommend(TASK, k=5, topic="glue", at=AT)
    assert glue["contact_id"].tolist() == ["p02"] and "influence" not in glue
    people = pd.DataFrame({"contact_id": ["p02", "p06"]})
    assert model.explain(TASK, people, at=AT)["reasons"].str.contains("whom they know: x.*named on ").all()
    with pytest.raises(DataError, match=r"or is named on it\. Did you mean 'glue'"):
        model.recommend(TASK, topic="glu", at=AT)


def test_fit__nominations_and_too_few_take_ups__answers_and_says_why() -> None:
    network = survey(2)
    adopted = pd.DataFrame({"contact_id": ["p001"], "item": "x", "at": ["2024-05-01"]})
    model = influence.fit(network.with_tables(adoptions=adopted), config())
    found = model.recommend(TASK, k=3, topic="two")
    assert len(found) == 3 and found.attrs["sentences"][-1].startswith("Nothing is told of take-ups")

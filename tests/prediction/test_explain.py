"""Reasons as users meet them: they sum to the score, hang on nothing else asked, and know no future."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from tests.experiment.worlds import network
from tests.graph.worlds import at

from influence.errors import ConfigError, DataError
from influence.evaluation.audit import alterations
from influence.explanation import Explainer
from influence.explanation.explainer import CONTRIBUTION_COLUMNS
from influence.prediction import Model
from influence.tasks.acceptance import queries_of

TASK = "acceptance"
BECAUSE = list(CONTRIBUTION_COLUMNS)
NUMBERS = ["log_odds", "base_log_odds", *BECAUSE]


def asked(n: int = 8) -> pd.DataFrame:
    """Invitations out of order, under an index of their own."""
    rows = network().table("invitations").sample(n, random_state=4)
    return rows[["sender_id", "recipient_id", "sent_at", "has_note"]].set_index(pd.Index(range(100, 100 + n)))


@pytest.fixture(scope="module")
def told(model: Model) -> pd.DataFrame:
    return model.explain(TASK, asked())


def test_explain__any_pairs__contributions_sum_to_the_predicted_score(
    model: Model, told: pd.DataFrame
) -> None:
    total = told["base_log_odds"] + told[BECAUSE].sum(axis=1)
    np.testing.assert_allclose(total, told["log_odds"], rtol=0, atol=1e-9)
    predicted = logit(model.predict(TASK, asked())["p_within_3_weeks"])
    np.testing.assert_allclose(told["log_odds"], predicted, atol=1e-5)
    assert (told[BECAUSE].abs().max() > 1e-3).sum() > 8, "almost nothing contributes: nothing is tested"


def test_explain__any_pairs__order_index_and_ids_kept(told: pd.DataFrame) -> None:
    pairs = asked()
    assert told.index.equals(pairs.index)
    assert list(told.columns) == ["sender_id", "recipient_id", *NUMBERS, "introducers", "reasons"]
    assert (told[["sender_id", "recipient_id"]] == pairs[["sender_id", "recipient_id"]]).all(axis=None)


def test_explain__one_by_one_and_in_another_order__the_same(model: Model, told: pd.DataFrame) -> None:
    backwards = model.explain(TASK, asked()[::-1])[::-1]
    single = pd.concat([model.explain(TASK, asked().iloc[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(backwards[NUMBERS], told[NUMBERS], atol=1e-6)
    np.testing.assert_allclose(single[NUMBERS], told[NUMBERS][:3], atol=1e-6)
    assert single["introducers"].tolist() == told["introducers"].tolist()[:3]


def test_explain__future_removed_or_rewritten__nothing_moves(model: Model) -> None:
    moment = at(150)
    pairs = asked().drop(columns="sent_at")
    expected = model.explain(TASK, pairs, at=moment)
    for name, altered in alterations(network(), moment, np.random.default_rng(0)):
        found = model.with_network(altered).explain(TASK, pairs, at=moment)
        np.testing.assert_array_equal(found[NUMBERS], expected[NUMBERS], err_msg=name)
        assert found["reasons"].tolist() == expected["reasons"].tolist(), name
        assert found["introducers"].tolist() == expected["introducers"].tolist(), name


def test_explain__past_altered__reasons_move(model: Model) -> None:
    moment = at(150)
    pairs = asked().drop(columns="sent_at")
    fewer = network().with_tables(connections=network().table("connections")[:0])
    found = model.with_network(fewer).explain(TASK, pairs, at=moment)
    expected = model.explain(TASK, pairs, at=moment)
    assert (found[BECAUSE] - expected[BECAUSE]).abs().max(axis=None) > 1e-2
    assert (expected["introducers"] != found["introducers"]).any()


def test_explain__strangers__said_to_be_unknown(model: Model) -> None:
    pairs = pd.DataFrame({"sender_id": ["p01", "new"], "recipient_id": ["never", "newer"]})
    found = model.explain(TASK, pairs, at=at(150))
    assert found["reasons"].tolist()[0].startswith("the records had not met the recipient; ")
    assert found["reasons"].tolist()[1].startswith("the records had not met the sender and the recipient")
    assert found["introducers"].tolist() == ["", ""]
    np.testing.assert_allclose(
        found["base_log_odds"] + found[BECAUSE].sum(axis=1), found["log_odds"], atol=1e-9
    )


def test_explain__before_any_invitation__strangers_are_the_background(model: Model) -> None:
    pairs = pd.DataFrame({"sender_id": ["new", "p01"], "recipient_id": ["newer", "p02"]})
    found = model.explain(TASK, pairs, at=at(-400))
    calendar = {"because.time", "because.note"}
    quiet = [name for name in BECAUSE if name not in calendar]
    np.testing.assert_allclose(found[quiet].iloc[0], 0.0, atol=1e-6)
    assert found["log_odds"].notna().all()


def test_explain__no_pairs__no_reasons(model: Model) -> None:
    found = model.explain(TASK, asked()[:0])
    assert len(found) == 0
    assert {"reasons", *NUMBERS} <= set(found.columns)


def test_explain__bad_input__as_predict(model: Model) -> None:
    with pytest.raises(ConfigError, match="acceptance"):
        model.explain("acceptanse", asked())
    with pytest.raises(DataError, match="lack recipient_id"):
        model.explain(TASK, asked().drop(columns="recipient_id"))
    with pytest.raises(DataError, match="not a time"):
        model.explain(TASK, asked().assign(sent_at="soon"))


def test_explain__reasons__largest_first_with_their_numbers(told: pd.DataFrame) -> None:
    for _, row in told.iterrows():
        numbers = [float(part.rsplit(": ", 1)[1]) for part in row["reasons"].split("; ") if ": " in part]
        largest = row[BECAUSE].astype(float).abs().nlargest(4)
        largest = largest[largest >= 0.05]
        np.testing.assert_allclose(numbers, row[largest.index].astype(float), atol=0.05001)


def test_explain__in_small_pieces__as_at_once(
    model: Model, told: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("influence.explanation.explainer.AT_A_TIME", 3)
    monkeypatch.setattr("influence.explanation.explainer.MIXED_AT_A_TIME", 700)
    found = model.explain(TASK, asked())
    np.testing.assert_allclose(found[NUMBERS], told[NUMBERS], atol=1e-6)
    assert found.index.equals(told.index)


def test_explainer__other_orders__close_to_the_same(model: Model, told: pd.DataFrame) -> None:
    other = Explainer(
        model.acceptance_face.features,
        model.acceptance_face.calibrated,
        network().table("invitations"),
        seed=1,
    )
    found = other(queries_of(asked(), model.acceptance_face.features.graph))
    spread = told[BECAUSE].to_numpy().std()
    assert np.abs(found[BECAUSE].to_numpy() - told[BECAUSE].to_numpy()).mean() < 0.2 * spread

"""What a candidate is judged by: rows that neither model has used, and a margin beyond chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.champions.conftest import TRAINED_UNTIL
from tests.experiment.worlds import network
from tests.graph.worlds import at

from influence.data import Network
from influence.errors import DataError
from influence.evaluation.held_out import decided, later_forecasts, unused_from, validation_forecasts
from influence.evaluation.promotion import PromotionConfig, contest
from influence.prediction import Model

FEW = PromotionConfig(fewest=20, n_resamples=50)
DAY = pd.Timedelta(days=1)


def with_test(model: Model) -> Model:
    """As `evaluate` gives it: stored with records that its test has used."""
    return model.with_network(network().as_of(at(160)))


def test_contest__worse_candidate__champion_stays_and_the_reverse_takes_over(
    good: Model, spoiled: Model
) -> None:
    refused, taken = contest(spoiled, good, network(), FEW), contest(good, spoiled, network(), FEW)
    assert (refused.takes_over, taken.takes_over) == (False, True)
    assert "not better" in refused.sentence
    assert "is better by more than one standard error: log_loss_3class -" in taken.sentence
    there, back = (
        found.figures["differences"]["champion"]["log_loss_3class"]["value"] for found in (refused, taken)
    )
    assert there == pytest.approx(-back)
    assert there > 0.1


def test_contest__equal_models__champion_stays(good: Model) -> None:
    found = contest(good, good, network(), FEW)
    assert not found.takes_over
    assert found.figures["differences"]["champion"]["log_loss_3class"]["value"] == 0


def test_contest__later_records__only_decided_rows_after_both_trainings(good: Model, spoiled: Model) -> None:
    found = contest(good, spoiled, network(), FEW)
    rows = network().table("invitations")
    early = (rows["outcome"] == "withdrawn") & (rows["responded_at"] - rows["sent_at"] < 21 * DAY)
    rows = rows[(rows["sent_at"] >= TRAINED_UNTIL) & ~early]
    rows = rows[rows["sent_at"] + 21 * DAY <= at(230)]
    assert found.judged_on == "promotion window"
    assert found.figures["n_test"] == len(rows)
    assert (found.since, found.until) == (rows["sent_at"].min(), rows["sent_at"].max())


def test_contest__own_forecasts__log_loss_by_hand(good: Model, spoiled: Model) -> None:
    found = contest(good, spoiled, network(), FEW).figures["methods"]["candidate"]["log_loss_3class"]["value"]
    rows = decided(network())
    rows = rows[rows["sent_at"] >= TRAINED_UNTIL].reset_index(drop=True)
    p = good.with_network(network()).predict("acceptance", rows)
    delay = rows["responded_at"] - rows["sent_at"]
    accepted = (rows["outcome"] == "accepted") & (delay <= 21 * DAY)
    told = np.where(
        accepted & (delay <= DAY),
        p["p_at_once"],
        np.where(accepted, p["p_within_3_weeks"] - p["p_at_once"], 1 - p["p_within_3_weeks"]),
    )
    assert found == pytest.approx(-np.log(told).mean())


def test_unused_from__model_with_a_test__after_the_test(good: Model) -> None:
    assert unused_from(good) == TRAINED_UNTIL
    last = network().as_of(at(160)).table("invitations")["sent_at"].max()
    assert unused_from(with_test(good)) == last + pd.Timedelta(1, "us")
    assert contest(with_test(good), good, network(), FEW).since > last


def test_validation_forecasts__stored_model__its_own_rows_before_it_was_fitted_on_them(good: Model) -> None:
    found = validation_forecasts(good)
    assert len(found) == len(good.acceptance.calibration.history.sent_at)
    assert found["sent_at"].max() < TRAINED_UNTIL - 21 * DAY
    live = later_forecasts(good, good.network, found["sent_at"].min())
    assert not np.allclose(found["p_within_3_weeks"], live["p_within_3_weeks"].iloc[: len(found)])
    np.testing.assert_array_equal(found["label"], live["label"].iloc[: len(found)])


def test_validation_forecasts__other_records__none(good: Model) -> None:
    assert validation_forecasts(good.with_network(network(2))).empty


def test_contest__no_later_records__validation_decides_and_says_so(good: Model, spoiled: Model) -> None:
    found = contest(good, spoiled, good.network, FEW)
    assert found.judged_on == "validation"
    assert found.takes_over
    assert "settings were chosen on" in found.sentence
    assert found.until < TRAINED_UNTIL


def test_contest__no_later_records__test_rows_judge_nothing(good: Model, spoiled: Model) -> None:
    found = contest(with_test(good), with_test(spoiled), network().as_of(at(160)), FEW)
    assert found.judged_on == "validation"
    assert found.until < TRAINED_UNTIL


@pytest.mark.parametrize(
    "records", [network(2), network().with_tables(invitations=network().table("invitations")[:0])]
)
def test_contest__nothing_both_have_forecast__says_how_many_it_takes(
    good: Model, spoiled: Model, records: Network
) -> None:
    with pytest.raises(DataError, match=r"It takes 100, accepted and not.*--data"):
        contest(good.with_network(records), spoiled, records.as_of(at(100)))

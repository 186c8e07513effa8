"""Discrete-time hazards with competing risks: likelihood by hand, by finite differences, by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss
from tests.graph.worlds import at, random_network

from influence.graph.temporal import microseconds
from influence.model.hazard import (
    ACCEPT,
    DECLINE,
    N_BINS,
    N_LOGITS,
    NONE,
    Forecast,
    Outcomes,
    base_logits,
    hazard_loss,
    log_hazards,
    log_likelihood_at_horizons,
    person_periods,
)
from influence.tasks.acceptance import outcomes_of

NEVER = -1e9
"""A logit whose hazard is zero."""


def logit(p: float) -> float:
    return float(np.log(p / (1 - p)))


def loss(logits: np.ndarray, n_at_risk: list[int], event: list[int]) -> float:
    return float(hazard_loss(torch.from_numpy(logits), torch.tensor(n_at_risk), torch.tensor(event)))


def random_outcomes(rng: np.random.Generator, n: int) -> Outcomes:
    """Any mixture of accepted, declined and censored."""
    n_at_risk = rng.integers(0, N_BINS + 1, n)
    event = np.where((n_at_risk > 0) & (rng.random(n) < 0.4), ACCEPT, NONE)
    return Outcomes(n_at_risk, np.where((n_at_risk == N_BINS) & (rng.random(n) < 0.3), DECLINE, event))


# Two live bins: in the second 0.2 to accept; in the last 0.3 to accept and 0.1 to decline, 0.6 to stay open.
TWO_BINS = np.array([[NEVER, logit(0.2), NEVER, NEVER, np.log(0.3 / 0.6), np.log(0.1 / 0.6)]])


@pytest.mark.parametrize(
    ("n_at_risk", "event", "likelihood"),
    [
        (2, ACCEPT, 0.2),
        (5, ACCEPT, 0.8 * 0.3),
        (5, DECLINE, 0.8 * 0.1),
        (5, NONE, 0.8 * 0.6),
        (1, NONE, 1.0),
        (2, NONE, 0.8),
        (4, NONE, 0.8),
        (0, NONE, 1.0),
    ],
)
def test_hazard_loss__two_bins_among_five__by_hand(n_at_risk: int, event: int, likelihood: float) -> None:
    assert loss(TWO_BINS, [n_at_risk], [event]) == pytest.approx(-np.log(likelihood), abs=1e-12)


def test_forecast__two_bins_among_five__by_hand() -> None:
    forecast = Forecast.from_logits(TWO_BINS)
    np.testing.assert_allclose(forecast.p_accepted_by, [[0, 0.2, 0.2, 0.2, 0.2 + 0.8 * 0.3]], atol=1e-12)
    np.testing.assert_allclose(forecast.p_declined, [0.8 * 0.1])
    np.testing.assert_allclose(forecast.p_at_once, [0.2])
    np.testing.assert_allclose(forecast.p_within_3_weeks, [0.44])


@given(seed=st.integers(0, 10_000))
def test_log_hazards__any_logits__sum_to_one_in_every_bin(seed: int) -> None:
    logits = torch.from_numpy(np.random.default_rng(seed).normal(0, 5, (4, N_LOGITS)))
    stay, accept, decline = log_hazards(logits)
    total = stay.exp() + accept.exp()
    total[:, -1] += decline.exp()
    np.testing.assert_allclose(total, 1.0, atol=1e-12)


@given(seed=st.integers(0, 10_000))
def test_forecast__any_logits__direct_products(seed: int) -> None:
    logits = np.random.default_rng(seed).normal(0, 3, (6, N_LOGITS))
    forecast = Forecast.from_logits(logits)
    for row, z in enumerate(logits):
        still_open, by = 1.0, 0.0
        for k in range(N_BINS):
            down = 1 + np.exp(z[k]) + (np.exp(z[N_BINS]) if k == N_BINS - 1 else 0.0)
            by += still_open * np.exp(z[k]) / down
            assert forecast.p_accepted_by[row, k] == pytest.approx(by, rel=1e-9)
            if k == N_BINS - 1:
                assert forecast.p_declined[row] == pytest.approx(still_open * np.exp(z[N_BINS]) / down)
            still_open /= down
        assert by + forecast.p_declined[row] + still_open == pytest.approx(1.0)


@given(seed=st.integers(0, 10_000))
def test_hazard_loss__random_outcomes__is_the_forecast_s_own_likelihood(seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, outcomes = rng.normal(0, 2, (30, N_LOGITS)), random_outcomes(rng, 30)
    forecast = Forecast.from_logits(logits)
    by = np.column_stack((np.zeros(30), forecast.p_accepted_by))
    rows, n = np.arange(30), outcomes.n_at_risk
    over = n == N_BINS
    p = np.select(
        (outcomes.event == ACCEPT, outcomes.event == DECLINE),
        (by[rows, n] - by[rows, np.maximum(n - 1, 0)], forecast.p_declined),
        default=1 - by[rows, n] - np.where(over, forecast.p_declined, 0.0),
    )
    assert loss(logits, n.tolist(), outcomes.event.tolist()) == pytest.approx(-np.log(p).mean())


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_hazard_loss__no_declines__log_loss_of_person_periods_in_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, drawn = rng.normal(0, 2, (40, N_LOGITS)), random_outcomes(rng, 40)
    logits[:, N_BINS] = NEVER
    outcomes = Outcomes(drawn.n_at_risk, np.where(drawn.event == DECLINE, NONE, drawn.event))
    y, p = [], []
    for row in range(40):
        for k in range(outcomes.n_at_risk[row]):
            y.append(int(outcomes.event[row] == ACCEPT and k == outcomes.n_at_risk[row] - 1))
            p.append(1 / (1 + np.exp(-logits[row, k])))
    golden = log_loss(y, p, labels=[0, 1], normalize=False) / 40
    assert loss(logits, outcomes.n_at_risk.tolist(), outcomes.event.tolist()) == pytest.approx(golden)


def test_hazard_loss__every_kind_of_outcome__gradient_as_by_finite_differences() -> None:
    n_at_risk, event = (
        torch.tensor([0, 2, 3, 5, 5, 5]),
        torch.tensor([NONE, ACCEPT, NONE, ACCEPT, DECLINE, NONE]),
    )
    logits = torch.randn(6, N_LOGITS, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(lambda z: hazard_loss(z, n_at_risk, event), logits.requires_grad_())


def test_hazard_loss__no_rows__zero_not_nan() -> None:
    assert loss(np.empty((0, N_LOGITS)), [], []) == 0.0


def test_person_periods__by_hand() -> None:
    row, period = person_periods(Outcomes(np.array([2, 0, 3]), np.array([ACCEPT, NONE, NONE])))
    assert row.tolist() == [0, 0, 2, 2, 2]
    assert period.tolist() == [0, 1, 0, 1, 2]


def test_base_logits__known_counts__smoothed_odds_of_each_bin() -> None:
    # At risk 9 9 6 6 6: one watched through nothing, three accepted in the second bin, two in the last, one
    # declined, three stayed open.
    outcomes = Outcomes(
        np.array([0, 2, 2, 2, 5, 5, 5, 5, 5, 5]),
        np.array([NONE, *[ACCEPT] * 3, *[ACCEPT] * 2, DECLINE, *[NONE] * 3]),
    )
    expected = np.log([0.5 / 10, 3.5 / 7, 0.5 / 7, 0.5 / 7, 2.5 / 3.5, 1.5 / 3.5])
    np.testing.assert_allclose(base_logits(outcomes), expected)


def test_base_logits__nothing_known__finite() -> None:
    assert np.isfinite(base_logits(Outcomes(np.zeros(3, np.int64), np.zeros(3, np.int64)))).all()


def test_log_likelihood_at_horizons__two_bins__by_hand() -> None:
    forecast = Forecast.from_logits(np.repeat(TWO_BINS, 6, axis=0))
    outcomes = Outcomes(np.array([2, 5, 5, 5, 3, 0]), np.array([ACCEPT, ACCEPT, DECLINE, NONE, NONE, NONE]))
    found = log_likelihood_at_horizons(forecast, outcomes)
    np.testing.assert_allclose(np.exp(found), [0.2, 0.24, 0.56, 0.56, 0.8, 1.0])


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), days=st.floats(0.5, 115))
def test_censored__any_boundary__as_the_records_of_that_moment_show(seed: int, days: float) -> None:
    network, boundary = random_network(seed), at(days) + np.timedelta64(1, "us")
    invitations = network.table("invitations")
    before = invitations[invitations["sent_at"] < boundary]
    moment = boundary.value // 1000
    sent_at = microseconds(before["sent_at"])
    found = outcomes_of(before).censored(sent_at, moment)
    shown = outcomes_of(network.as_of(boundary).table("invitations"))
    # Sending times are whole seconds and the boundary is not, so that no bin ends exactly at the boundary.
    np.testing.assert_array_equal(found.n_at_risk, shown.n_at_risk)
    np.testing.assert_array_equal(found.event, shown.event)


@pytest.mark.parametrize(("late_by", "n_at_risk", "event"), [(0, 1, NONE), (1, 2, ACCEPT)])
def test_censored__bin_ends_at_the_boundary__counts_only_strictly_before(
    late_by: int, n_at_risk: int, event: int
) -> None:
    day = 86_400_000_000
    found = Outcomes(np.array([2]), np.array([ACCEPT])).censored(np.array([0]), day + late_by)
    assert (found.n_at_risk.item(), found.event.item()) == (n_at_risk, event)


def test_forecast__any_logits__what_the_log_hazards_of_training_say() -> None:
    rng = np.random.default_rng(3)
    logits = np.concatenate((rng.normal(size=(500, N_LOGITS)), rng.normal(scale=40, size=(500, N_LOGITS))))
    stay, accept, decline = (part.numpy() for part in log_hazards(torch.from_numpy(logits)))
    open_before = np.cumsum(stay, 1) - stay
    found = Forecast.from_logits(logits)
    by = np.cumsum(np.exp(open_before + accept), 1)
    np.testing.assert_allclose(found.p_accepted_by, by, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(
        found.p_declined, np.exp(open_before[:, -1] + decline), rtol=1e-12, atol=1e-300
    )


def test_forecast__logits_beyond_exponentials__certain() -> None:
    sure = Forecast.from_logits(np.array([[1e9] + [0.0] * (N_LOGITS - 1), [NEVER] * N_BINS + [1e9]]))
    np.testing.assert_array_equal(sure.p_accepted_by[:, -1], [1.0, 0.0])
    np.testing.assert_allclose(sure.p_declined, [0.0, 1.0], rtol=0, atol=1e-300)

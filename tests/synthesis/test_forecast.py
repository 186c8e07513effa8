"""The best forecast given the observables: against simulation, outcomes, and blinder ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import beta

from influence.synthesis import World, WorldConfig
from influence.synthesis import acceptance as law
from influence.synthesis.acceptance import DAY, Answers, Facts, Laws
from influence.synthesis.activity import Actions
from influence.synthesis.forecast import best_forecast, decline_share, to_horizons
from influence.synthesis.making import Making
from influence.synthesis.people import CIRCLE_TOPIC, make_firms, make_people
from influence.synthesis.requests import Requests

N_DRAWS = 200_000
CONFIG = WorldConfig(n_contacts=100, days=120, seed=5)
LAWS = Laws(intercept=-0.9, trend=0.0, season=0.0)
NEVER = CONFIG.seconds + 1

# Sender, recipient, sent on day, outcome, answered after days.  Circle 0 holds 10 to 12, circle 1 holds 13.
STORY = (
    (0, 10, 1.0, law.ACCEPTED, 0.2),
    (0, 11, 2.0, law.ACCEPTED, 0.5),
    (1, 10, 3.0, law.ACCEPTED, 6.0),
    (0, 12, 5.0, law.DECLINED, 2.0),
    (1, 11, 8.0, law.DECLINED, 0.3),
    (0, 13, 9.0, law.PENDING, None),
    (1, 12, 10.0, law.WITHDRAWN, 15.0),
    (2, 10, 60.0, law.PENDING, None),
    (0, 11, 61.0, law.PENDING, None),
    (2, 12, 62.0, law.PENDING, None),
    (1, 13, 63.0, law.PENDING, None),
)
CIRCLE = np.array([0, 0, 0, 1])


def story() -> tuple[Requests, Answers]:
    """The invitations of `STORY` and what became of them."""
    sender, recipient, day, outcome, delay = (np.array(column) for column in zip(*STORY, strict=True))
    at = (day * DAY).astype(np.int64)
    came = np.array([NEVER if d is None else int((t + d) * DAY) for t, d in zip(day, delay, strict=True)])
    size, none = len(at), np.zeros(len(at), np.int64)
    accepted = np.where(outcome == law.ACCEPTED, came, NEVER)
    answers = Answers(outcome, came, accepted, none, np.full(size, np.nan), np.full(size, np.nan))
    return Requests(sender, recipient, at, np.zeros(size, bool)), answers


def facts_of(size: int, at: np.ndarray) -> Facts:
    """Facts that add nothing to the logit."""
    none = np.zeros(size, np.int64)
    return Facts(
        none, none, none > 0, none, none > 0, none > 0, none * 0.0, none * 0.0, none, none * 0.0, none, at
    )


def filtered() -> tuple[np.ndarray, np.ndarray]:
    """What `best_forecast` makes of the story."""
    requests, answers = story()
    people = make_people(CONFIG, *make_firms(CONFIG))
    circle = np.zeros(CONFIG.n_contacts, np.int64)
    circle[10:14] = CIRCLE
    nobody = np.zeros(0, np.int64)
    found = best_forecast(
        CONFIG, LAWS, replace(people, circle=circle), requests, facts_of(len(STORY), requests.at), answers,
        Actions(nobody, nobody, nobody, nobody, nobody),
    )  # fmt: skip
    return found.p_at_once, found.p_within_3_weeks


def simulated(row: int) -> tuple[float, float]:
    """By plain simulation: traits drawn from their laws, weighted by what was seen before `row`."""
    rng = np.random.default_rng(11)
    circle, haste_circle = rng.standard_normal((2, 2, N_DRAWS))
    openness, haste = rng.standard_normal((2, 4, N_DRAWS))
    appeal = rng.standard_normal((3, N_DRAWS))
    people = make_people(CONFIG, *make_firms(CONFIG))
    topics = rng.integers(0, CONFIG.n_topics, (14, N_DRAWS))
    home = np.zeros(14, np.int64)
    home[10:] = CIRCLE
    as_circle = rng.random((14, N_DRAWS)) < CIRCLE_TOPIC
    topics = np.where(as_circle, people.circle_interest[home][:, None], topics)

    def chances(sender: int, recipient: int) -> tuple[np.ndarray, np.ndarray]:
        who = recipient - 10
        open_to = LAWS.circle * circle[CIRCLE[who]] + LAWS.openness * openness[who]
        match = LAWS.match * (topics[sender] == topics[recipient])
        fast = LAWS.haste_circle * haste_circle[CIRCLE[who]] + LAWS.haste * haste[who]
        return (
            expit(LAWS.intercept + open_to + LAWS.appeal * appeal[sender] + match),
            expit(law.haste_centre(LAWS) + fast),
        )

    weight = np.ones(N_DRAWS)
    now = STORY[row][2]
    for sender, recipient, day, outcome, delay in STORY[:row]:
        p, fast = chances(sender, recipient)
        weight *= _likelihood(p, fast, outcome, delay, now - day)
    p, fast = chances(*STORY[row][:2])
    horizons = to_horizons(p, fast)
    return (
        float(np.average(horizons.p_at_once, weights=weight)),
        float(np.average(horizons.p_within_3_weeks, weights=weight)),
    )


def _likelihood(p: np.ndarray, fast: np.ndarray, outcome: int, delay: float | None, age: float) -> np.ndarray:
    """Of what was seen of an invitation by `age` days, up to factors that no trait moves."""
    if delay is not None and delay < age:
        if outcome == law.ACCEPTED:
            return p * (fast if delay <= 1 else 1 - fast)
        if outcome == law.DECLINED:
            return 1 - p
        age = delay
    return 1 - p * _answered(fast, age) - (1 - p) * law.DECLINE_SHARE * decline_share(np.array(age))


def _answered(fast: np.ndarray, age: float) -> np.ndarray:
    """Share of the acceptors who have answered by an age in days, from draws of the delays themselves."""
    drawn = law.draw_delays(100_000, np.zeros(100_000), np.random.default_rng(0)) / DAY
    return fast * beta.cdf(min(age, 1.0), 0.6, 1.8) + (1 - fast) * (drawn <= age).mean()


@pytest.mark.parametrize("row", [0, 3, 5, 7, 8, 9, 10])
def test_best_forecast__few_answers__as_by_plain_simulation(row: int) -> None:
    at_once, within = filtered()
    wanted_at_once, wanted_within = simulated(row)
    assert at_once[row] == pytest.approx(wanted_at_once, abs=0.02)
    assert within[row] == pytest.approx(wanted_within, abs=0.02)


def test_best_forecast__answers_seen__move_it() -> None:
    _, within = filtered()
    first, same_person_later = within[0], within[7]
    assert same_person_later > first + 0.05


def outcomes(making: Making, days: float) -> np.ndarray:
    """Which invitations were accepted within so many days."""
    return making.answers.accepted_at - making.requests.at <= days * DAY


def old(making: Making) -> np.ndarray:
    """Invitations whose three weeks are over at the export, after a half-year for learning."""
    at = making.requests.at
    return (at > 180 * DAY) & (at < making.config.seconds - 21 * DAY)


def brier(p: np.ndarray, label: np.ndarray) -> float:
    return float(((p - label) ** 2).mean())


def recalibrated(p: np.ndarray, label: np.ndarray, bins: int = 20) -> np.ndarray:
    """Forecasts replaced by the mean outcome of their bin: calibrated in hindsight, in their favour."""
    place = np.argsort(np.argsort(p)) * bins // len(p)
    return (np.bincount(place, label, bins) / np.bincount(place, minlength=bins))[place]


def test_best_forecast__whole_world__beats_the_prior_and_itself_blind_to_the_pair(making: Making) -> None:
    seen = old(making)
    label = outcomes(making, 21)[seen].astype(float)
    best = forecast_with(making, making.facts, making.answers.mutual)[seen]
    none = np.zeros(len(making.requests), np.int64)
    blind_facts = replace(
        making.facts, gap=none, same_country=none > 0, same_industry=none > 0, warmth=none * 0.0
    )
    blind = recalibrated(forecast_with(making, blind_facts, none)[seen], label)
    prior = brier(np.full(len(label), label.mean()), label)
    assert brier(best, label) < 0.8 * prior
    assert brier(best, label) < brier(blind, label) - 0.01


def forecast_with(making: Making, facts: Facts, mutual: np.ndarray) -> np.ndarray:
    answers = replace(making.answers, mutual=mutual)
    found = best_forecast(
        making.config, making.laws, making.people, making.requests, facts, answers, making.actions
    )
    return found.p_within_3_weeks


@pytest.mark.parametrize(("column", "days"), [("best_p_at_once", 1), ("best_p_within_3_weeks", 21)])
def test_best_forecast__in_bins__means_what_it_says(
    making: Making, world: World, column: str, days: int
) -> None:
    seen = old(making)
    p, label = world.truth["acceptance"][column].to_numpy()[seen], outcomes(making, days)[seen]
    order = np.argsort(p)
    for part in np.array_split(order, 8):
        spread = np.sqrt((p[part] * (1 - p[part])).sum()) / len(part)
        assert abs(label[part].mean() - p[part].mean()) < 3.5 * spread


def test_best_forecast__any_later_answer_altered__unmoved(making: Making) -> None:
    cut = making.config.seconds // 2
    answers, late = making.answers, making.requests.at >= cut
    later = answers.responded_at >= cut
    altered = replace(
        answers,
        outcome=np.where(later, law.PENDING, answers.outcome),
        responded_at=np.where(later, making.config.seconds + 1, answers.responded_at),
        accepted_at=np.where(later, making.config.seconds + 1, answers.accepted_at),
    )
    before, after = (
        best_forecast(
            making.config, making.laws, making.people, making.requests, making.facts, each, making.actions
        ).p_within_3_weeks
        for each in (answers, altered)
    )
    np.testing.assert_array_equal(before[~late], after[~late])
    assert (before[late] != after[late]).any()


def test_best_forecast__every_invitation__chances_in_order(world: World) -> None:
    rows = world.truth["acceptance"]
    for first, second in (("p_at_once", "p_within_3_weeks"), ("best_p_at_once", "best_p_within_3_weeks")):
        assert rows[[first, second]].stack().between(0, 1).all()
        assert (rows[first] <= rows[second]).all()


def test_truth__chances_with_all_traits__beat_the_best_forecast(making: Making, world: World) -> None:
    rows, seen = world.truth["acceptance"], old(making)
    label = outcomes(making, 21)[seen].astype(float)
    best, true = (rows[name].to_numpy()[seen] for name in ("best_p_within_3_weeks", "p_within_3_weeks"))
    assert brier(true, label) < brier(best, label) - 0.005

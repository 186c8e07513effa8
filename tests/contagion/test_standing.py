"""Credibility, impartiality, reach abroad, topics led, seekers and habits, worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta
from tests.contagion.logs import day, network_of, parts_of, random_log

from influence.contagion.seekers import information_seekers
from influence.contagion.shares import equal_split
from influence.contagion.shrinkage import BetaBinomial
from influence.contagion.standing import (
    contributions,
    credibility,
    impartiality,
    reach_abroad,
    standing,
    topics_led,
)
from influence.contagion.timing import STRENGTH, response_habits
from influence.data import Network

END = 100.0


def acts(rows: list[tuple[str, str, str, float]], **columns: list[object]) -> pd.DataFrame:
    """Interactions: actor, target, kind, day."""
    who, whom, kind, when = (list(column) for column in zip(*rows, strict=True))
    return pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(len(rows))],
            "actor_id": who,
            "target_id": whom,
            "kind": kind,
            "at": [day(d) for d in when],
            **columns,
        }
    )


# The beta-binomial model


def test_beta_binomial__planted_rates__recovered() -> None:
    rng = np.random.default_rng(2)
    n = rng.integers(1, 40, 4_000).astype(float)
    k = rng.binomial(n.astype(int), rng.beta(2, 6, 4_000)).astype(float)
    found = BetaBinomial.fit(k, n)
    assert found.mean == pytest.approx(0.25, abs=0.01)
    assert found.strength == pytest.approx(8.0, abs=1.2)


def test_beta_binomial__posterior__few_are_drawn_further_than_many() -> None:
    mean, low, high = BetaBinomial(0.25, 8.0).posterior(
        np.array([2.0, 200.0, 0.0]), np.array([2.0, 200.0, 0.0])
    )
    assert mean == pytest.approx([4 / 10, 202 / 208, 0.25])
    assert low[0] == pytest.approx(beta.ppf(0.025, 4, 6))
    assert (high - low)[1] < min((high - low)[0], (high - low)[2])


@pytest.mark.parametrize("k", [[], [0.0, 0.0], [3.0, 5.0]], ids=["no rows", "never", "always"])
def test_beta_binomial__degenerate_counts__finite(k: list[float]) -> None:
    counts = np.array(k)
    found = BetaBinomial.fit(counts, np.array([3.0, 5.0])[: len(counts)])
    assert 0 < found.mean < 1
    assert np.isfinite(found.strength)


# Credibility


def published(last: float = END) -> Network:
    """Ann's c1 pleases two, c2 one and displeases one, c3 is too young; bob's c4 gets a view."""
    contents = pd.DataFrame(
        {
            "content_id": ["c1", "c2", "c3", "c4"],
            "author_id": ["ann", "ann", "ann", "bob"],
            "at": [day(0), day(1), day(90), day(5)],
            "topic": ["t", "t", "t", "u"],
        }
    )
    rows = [
        ("bob", "ann", "like", 1.0), ("cat", "ann", "comment", 2.0),  # c1
        ("bob", "ann", "like", 2.0), ("cat", "ann", "comment", 3.0),  # c2
        ("ann", "ann", "like", 1.0), ("cat", "ann", "like", 40.0),  # c1: herself, and too late
        ("bob", "ann", "like", 91.0), ("ann", "bob", "view", 6.0), ("cat", "ann", "message", last),
    ]  # fmt: skip
    about = ["c1", "c1", "c2", "c2", "c1", "c1", "c3", "c4", None]
    feeling = [None, 0.5, None, -0.5, None, None, None, None, None]
    found = acts([row for row in rows if row[0] != row[1]], content_id=_without(rows, about))
    found["sentiment"] = pd.Series(_without(rows, feeling), dtype="float64")
    return network_of([("ann", "x", 0)], [("ann", "bob")], ["cat"], contents=contents, interactions=found)


def _without(rows: list[tuple[str, str, str, float]], values: list[object]) -> list[object]:
    return [value for row, value in zip(rows, values, strict=True) if row[0] != row[1]]


def test_contributions__reactions__counted_once_by_others_in_time() -> None:
    found = contributions(published()).set_index("content_id")
    assert found.index.tolist() == ["c1", "c2", "c4"]  # c3 is not 30 days old
    assert found["n_approving"].tolist() == [2, 1, 0]
    assert found["n_disapproving"].tolist() == [0, 1, 0]
    assert found["well_received"].tolist() == [True, False, False]


def test_credibility__by_topic_and_overall__shrunk_with_numbers() -> None:
    found = credibility(published())
    assert found[["contact_id", "topic", "n_contributions", "n_well_received"]].to_numpy().tolist() == [
        ["ann", "t", 2, 1], ["bob", "u", 1, 0],
    ]  # fmt: skip
    assert (found["low"] < found["credibility"]).all()
    assert (found["credibility"] < found["high"]).all()
    assert found["credibility"].is_monotonic_decreasing
    assert len(credibility(published(), by_topic=False)) == 2


def test_contributions__no_interaction_names_a_content__counts_stand_in() -> None:
    contents = pd.DataFrame(
        {
            "content_id": ["c1", "c1", "c2", "c3"],
            "observed_at": [day(2), day(50), day(50), day(50)],
            "author_id": "a",
            "at": [day(0), day(0), day(0), day(0)],
            "n_likes": [0, 3, 0, None],
        }
    )
    network = network_of([("a", "x", 0)], [("a", "b")], contents=contents)
    assert contributions(network)[["content_id", "well_received"]].to_numpy().tolist() == [
        ["c1", True],
        ["c2", False],
    ]
    assert contributions(network.as_of(day(31)))["well_received"].tolist() == []  # not 30 days old by then
    none = network_of([("a", "x", 0)], [("a", "b")])
    assert len(contributions(none)) == len(credibility(none)) == 0


# Impartiality, reach abroad, topics led


def spread() -> Network:
    """Ann is followed by bob (own company and country), cat (other company, own country) and dan (abroad)."""
    contacts = pd.DataFrame(
        {
            "contact_id": ["ann", "bob", "cat", "dan", "eve"],
            "company_id": ["k1", "k1", "k2", "k3", None],
            "country": ["DE", "DE", "DE", "FR", "FR"],
        }
    )
    log = [("ann", "x", 0), ("bob", "x", 1), ("cat", "x", 2), ("dan", "x", 3), ("eve", "x", 4)]
    ties = [("ann", "bob"), ("ann", "cat"), ("ann", "dan"), ("cat", "dan"), ("ann", "eve")]
    return network_of(log, ties, contacts=contacts)


def test_impartiality_and_reach__hand_worked__shares_of_credit() -> None:
    network = spread()
    take_ups, _, exposures = parts_of(network)
    shares = equal_split(take_ups, exposures).share
    # Ann: bob 1, cat 1, half of dan; eve's company is not known. Cat: half of dan.
    found = impartiality(network, take_ups, exposures, shares).set_index("contact_id")
    assert found["impartiality"].to_dict() == pytest.approx({"ann": 1.5 / 2.5, "cat": 1.0})
    assert found.loc["cat", "high"] == 1.0, "an interval holds its own figure"
    assert found["n_take_ups"].to_dict() == {"ann": 3, "cat": 1}
    assert found.loc["ann", "low"] == pytest.approx(beta.ppf(0.025, 2.0, 1.5))
    abroad = reach_abroad(network, take_ups, exposures, shares).set_index("contact_id")
    assert abroad["credit_abroad"].to_dict() == pytest.approx({"ann": 1.5, "cat": 0.5})
    assert abroad["share_abroad"].to_dict() == pytest.approx({"ann": 1.5 / 3.5, "cat": 1.0})


def test_topics_led__one_who_is_followed__leads_and_others_do_not() -> None:
    take_ups, _, exposures = parts_of(spread())
    found = topics_led(take_ups, exposures, equal_split(take_ups, exposures).share)
    assert found[["topic", "rank", "contact_id", "n_take_ups"]].to_numpy().tolist() == [["t", 1, "ann", 4]]
    assert found["share_of_topic"].tolist() == pytest.approx([3.5 / 4])


def test_standing__everybody_a_row__what_is_known_of_each() -> None:
    network = spread()
    take_ups, _, exposures = parts_of(network)
    found = standing(network, take_ups, exposures, equal_split(take_ups, exposures).share).set_index(
        "contact_id"
    )
    assert found.index.tolist() == ["ann", "bob", "cat", "dan", "eve"]
    assert found["topics"].tolist() == [("t",), (), (), (), ()]
    assert found.loc["ann", "impartiality"] == pytest.approx(0.6)
    assert found.loc["ann", "n_take_ups_abroad"] == 4
    assert found["credibility"].isna().all()
    assert found.loc["bob", ["impartiality", "share_abroad"]].isna().all()
    assert found.loc["ann", "credit_abroad"] == pytest.approx(1.5)
    assert found["is_seeker"].dtype == bool


# Seekers


def test_information_seekers__who_pays_attention_to_many__first_and_marked() -> None:
    log, ties = random_log(3)
    people = [f"p{i:02d}" for i in range(60)]
    rows = [("p07", other, "view", 10.0) for other in people[10:50]]
    rows += [(other, "p08", "comment", 11.0) for other in people[10:20]]
    rows += [("p08", "p09", "like", 12.0)] * 50
    network = network_of(log, ties, people, interactions=acts(rows))
    take_ups, _, exposures = parts_of(network)
    found = information_seekers(
        network, take_ups, exposures, equal_split(take_ups, exposures).share
    ).set_index("contact_id")
    assert found.index[0] == "p07"
    assert found.loc["p07", ["n_paid", "n_people", "n_received"]].tolist() == [40, 40, 0]
    assert found.loc["p07", "is_seeker"]
    assert found.loc["p08", "n_received"] == 10
    assert not found.loc["p08", "is_seeker"]
    credited = (exposures.n_candidates > 0).sum()
    assert found["credited"].sum() == pytest.approx(credited)


# Habits


def habits(offset: pd.Series | None = None, at: float | None = None) -> pd.DataFrame:
    """Ann answers at 14 on Tuesdays; bob, of her company, at 9; dan, of her country, at 20; cat at 3."""
    contacts = pd.DataFrame(
        {
            "contact_id": ["ann", "bob", "cat", "dan", "new", "odd"],
            "company_id": ["k1", "k1", "k2", "k2", "k1", "k4"],
            "country": ["DE", "DE", "US", "DE", "DE", None],
        }
    )
    rows = [
        ("ann", "cat", "like", 1 + 7 * week + 14.2 / 24) for week in range(4)
    ]  # 2 January 2024 was a Tuesday
    rows += [("bob", "cat", "like", 7.0 * week + 9.5 / 24) for week in range(40)]
    rows += [("dan", "cat", "like", 7.0 * week + 20.5 / 24) for week in range(6)]
    rows += [("cat", "ann", "like", 7.0 * week + 3.5 / 24) for week in range(100)]
    rows += [("ann", "cat", "like", 30.0)] * 9  # a date without a time of day tells no hour
    interactions = acts(rows)
    network = network_of([("cat", "x", 0.2)], [("ann", "bob")], contacts=contacts, interactions=interactions)
    asked = ["new", "ann", "nobody", "odd"]
    moment = None if at is None else day(at)
    return response_habits(network, asked, moment, utc_offset_hours=offset).table().set_index("contact_id")


def test_habits__own_then_company_then_country_then_all__by_hand() -> None:
    found = habits()
    # Everybody else than new: 101 of 151 + 24 at 3 o'clock (one more for every hour), 1 + 40 at 9.
    everybody = (40 + 1) / (151 + 24)
    country = (40 + STRENGTH * everybody) / (50 + STRENGTH)
    company = (40 + STRENGTH * country) / (44 + STRENGTH)
    assert found.loc["new", ["hour", "n_own", "n_similar", "n_all"]].tolist() == [9, 0, 50, 151]
    assert found.loc["new", "p_hour"] == pytest.approx(company)
    assert found.loc["ann", ["n_own", "n_similar", "n_all"]].tolist() == [4, 46, 147]
    assert found.loc["ann", "hour"] == 9  # four answers of her own do not outweigh those of her company
    assert found.loc["nobody", ["hour", "n_own", "n_similar", "n_all"]].tolist() == [3, 0, 0, 151]
    assert found.loc["odd", "hour"] == 3


def test_habits__weekday_and_local_time__as_the_calendar_has_them() -> None:
    found = habits()
    assert found["weekday"].tolist() == [0, 0, 0, 0]  # 1 January 2024 was a Monday
    east = habits(pd.Series({"bob": 10.5, "dan": 10.5, "ann": 10.5}))
    assert east.loc["new", "hour"] == 20  # 9:30 in UTC
    far = habits(pd.Series({"bob": -10.0}))
    assert far.loc["new", ["hour", "weekday"]].tolist() == [23, 6]


def test_habits__nobody_ever_responded__no_hour_is_named() -> None:
    network = Network.from_tables({"contacts": pd.DataFrame({"contact_id": ["ann"]})})
    found = response_habits(network, ["ann", "nobody"]).table()
    assert found[["hour", "weekday"]].isna().all().all()
    assert found[["n_own", "n_similar", "n_all"]].eq(0).all().all()


def test_habits__acts_at_the_moment_or_later__unseen() -> None:
    first = habits(at=7 + 9.5 / 24)
    assert first.loc["new", "n_similar"] == 3  # bob and dan on day 0, ann on day 1
    assert habits(at=7 + 9.6 / 24).loc["new", "n_similar"] == 4

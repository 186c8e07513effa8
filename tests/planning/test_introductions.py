"""What introductions are worth: asks judged by hand, effects that are there or not, the past alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from tests.graph.worlds import at, random_network

from influence.data import Network
from influence.errors import ConfigError
from influence.graph.pairs import PairFeatures
from influence.graph.temporal import microseconds
from influence.planning.introductions import Answering, Asks, Endorsement, Guide, HeldOut, Histories, Wish
from influence.planning.introductions.endorsement import matched


def moment(days: float) -> int:
    return int(microseconds(pd.Series([at(days)]))[0])


def messages(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(len(rows))],
            "actor_id": [row[0] for row in rows],
            "target_id": [row[1] for row in rows],
            "kind": "message",
            "at": [at(row[2]) for row in rows],
        }
    )


def invitations(*rows: tuple[str, str, float, str, float | None], until: float = 90.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "invitation_id": [f"i{i}" for i in range(len(rows))],
            "sender_id": [row[0] for row in rows],
            "recipient_id": [row[1] for row in rows],
            "sent_at": [at(row[2]) for row in rows],
            "outcome": [row[3] for row in rows],
            "responded_at": [pd.NaT if row[4] is None else at(row[4]) for row in rows],
            "observed_until": at(until),
        }
    )


def asks_of(**tables: pd.DataFrame) -> tuple[set[tuple[str, str, float, bool, bool]], Histories]:
    network = Network.from_tables(tables)
    features = PairFeatures(network)
    asks, names = Asks.of(network, features), features.graph.contact_ids
    days = (asks.at - moment(0)) / 86_400e6
    rows = zip(asks.asker, asks.asked, days, asks.answered, asks.is_message, strict=True)
    found = {(str(names[a]), str(names[b]), float(t), bool(y), bool(m)) for a, b, t, y, m in rows}
    return found, Histories(features, asks)


def test_asks__conversation__turns_judged_by_what_comes_back_in_three_weeks() -> None:
    found, _ = asks_of(
        interactions=messages(
            ("ann", "bob", 1), ("ann", "bob", 2), ("bob", "ann", 5), ("ann", "bob", 30), ("ann", "bob", 60),
            ("cat", "bob", 3), ("bob", "ann", 62), ("bob", "bob", 4),
        )
    )  # fmt: skip
    assert found == {
        ("ann", "bob", 1.0, True, True),
        ("bob", "ann", 5.0, False, True),
        ("ann", "bob", 30.0, False, True),
        ("ann", "bob", 60.0, True, True),
        ("cat", "bob", 3.0, False, True),
        ("bob", "ann", 62.0, False, True),
    }


def test_asks__invitations__late_answers_are_none_and_unwatched_ones_left_out() -> None:
    found, _ = asks_of(
        invitations=invitations(
            ("ann", "bob", 1, "accepted", 3), ("ann", "cat", 1, "accepted", 30),
            ("ann", "dan", 1, "declined", 2), ("ann", "eve", 1, "withdrawn", 9),
            ("ann", "fay", 80, "accepted", 81), ("ann", "gus", 1, "pending", None),
        )
    )  # fmt: skip
    assert found == {
        ("ann", "bob", 1.0, True, False),
        ("ann", "cat", 1.0, False, False),
        ("ann", "dan", 1.0, False, False),
        ("ann", "gus", 1.0, False, False),
    }


def test_asks__first_message_is_the_request__one_ask() -> None:
    found, _ = asks_of(
        interactions=messages(("ann", "bob", 1), ("bob", "ann", 2)),
        invitations=invitations(("ann", "bob", 1, "accepted", 2)),
    )
    assert found == {("ann", "bob", 1.0, True, False), ("bob", "ann", 2.0, False, True)}


def test_histories__three_weeks_not_over__nothing_known_yet() -> None:
    _, histories = asks_of(interactions=messages(("ann", "bob", 1), ("bob", "ann", 2)))
    ann, bob = (np.array([i]) for i in histories.features.graph.positions(["ann", "bob"]))
    for days, expected in ((22.0, (0, 0)), (22.1, (1, 1))):
        assert tuple(x[0] for x in histories.replies_between(ann, bob, np.array([moment(days)]))) == expected
        assert tuple(x[0] for x in histories.replies(bob, np.array([moment(days)]))) == expected


def answering(network: Network, days: float) -> Answering:
    features = PairFeatures(network)
    return Answering.fit(Histories(features, Asks.of(network, features)), moment(days))


def test_answering__who_always_answers__likelier_than_who_never_does() -> None:
    rows = []
    for i in range(40):
        rows += [("ann", "yes", 2.0 * i), ("yes", "ann", 2.0 * i + 1)]
        rows += [("ann", "no", 25.0 * i)]
    model = answering(Network.from_tables({"interactions": messages(*rows)}), 2_000)
    ann, yes, no = model.histories.features.graph.positions(["ann", "yes", "no"])
    p = model(np.array([ann, ann]), np.array([yes, no]), moment(100))
    assert model.model is not None
    assert p[0] > 0.7
    assert p[1] < 0.3


def test_answering__few_asks__everybody_at_the_common_rate() -> None:
    model = answering(
        Network.from_tables({"interactions": messages(("ann", "bob", 1), ("bob", "ann", 2))}), 90
    )
    assert model.model is None
    # One of the two turns was answered: (1 + .5) / (2 + 1).
    assert model(np.array([0, 1]), np.array([1, 0]), moment(90)).tolist() == [0.5, 0.5]


def test_answering__later_events_taken_away__no_chance_moves() -> None:
    network, days = random_network(3), 70.0
    everyone = [network, network.as_of(at(days))]
    asker, asked = np.repeat(np.arange(10), 15), np.tile(np.arange(10, 25), 10)
    p = [answering(records, days)(asker, asked, moment(days)) for records in everyone]
    assert np.ptp(p[0]) > 0.01
    np.testing.assert_allclose(p[0], p[1], rtol=1e-9)


def held_out(slope: float, n: int = 4_000) -> HeldOut:
    rng = np.random.default_rng(0)
    log_odds, closeness = rng.normal(-1, 1, n), rng.exponential(1.0, n)
    accepted = rng.random(n) < expit(log_odds + 0.3 + slope * closeness)
    return HeldOut(log_odds, closeness, accepted, np.zeros(n, np.int64))


def test_endorsement__effect_planted__recovered_and_used() -> None:
    found = Endorsement.fit(held_out(0.5))
    assert found.is_found
    assert found.slope == pytest.approx(0.5, abs=0.12)
    assert found.level == pytest.approx(0.3, abs=0.12)
    p = found(np.array([0.3, 0.3]), np.array([0.0, 2.0]))
    assert p[1] == pytest.approx(expit(np.log(3 / 7) + found.level + 2 * found.slope))


@pytest.mark.parametrize("slope", [0.0, -0.5])
def test_endorsement__none_or_contrary_effect__nothing_added(slope: float) -> None:
    found = Endorsement.fit(held_out(slope))
    assert not found.is_found
    assert found.measured[1] < slope + 0.1
    assert found(np.array([0.3]), np.array([2.0])).tolist() == [0.3]


def test_endorsement__interval__that_of_a_fit_by_numbers() -> None:
    """Observed information by central differences of the likelihood, without the trace of a penalty."""
    rows = held_out(0.2, 300)
    found = Endorsement.fit(rows)

    def loss(theta: np.ndarray) -> float:
        eta = rows.log_odds + theta[0] + theta[1] * rows.closeness
        return float(np.logaddexp(0, eta).sum() - eta[rows.accepted].sum())

    from scipy.optimize import minimize

    best, step = minimize(loss, np.zeros(2)).x, 1e-3
    steps = step * np.eye(2)
    curvature = np.array(
        [
            [loss(best + a + b) - loss(best + a - b) - loss(best - a + b) + loss(best - a - b) for b in steps]
            for a in steps
        ]
    ) / (4 * step**2)
    half = 1.96 * np.sqrt(np.linalg.inv(curvature)[1, 1])
    assert found.measured == pytest.approx((best[1], best[1] - half, best[1] + half), abs=2e-3)


def test_held_out__outcome_not_known_by_then__left_out() -> None:
    rows = held_out(0.0, 5)
    rows = HeldOut(rows.log_odds, rows.closeness, rows.accepted, np.array([5, 6, 7, 8, 9]))
    assert len(rows.before(7)) == 2


def test_matched__moments_of_several__only_where_all_are_forecast() -> None:
    forecast, request = matched(np.array([10, 20, 20, 30]), np.array([5, 10, 20, 20, 30, 30]))
    assert forecast.tolist() == [0, 1, 2]
    assert request.tolist() == [1, 2, 3]


def small() -> Network:
    """ann and cas are ours.  bo and di know tom; di knows ann only through cy."""
    ties = [
        ("ann", "bo"),
        ("bo", "tom"),
        ("ann", "cy"),
        ("cy", "di"),
        ("di", "tom"),
        ("cas", "di"),
        ("far", "off"),
    ]
    return Network.from_tables(
        {
            "connections": pd.DataFrame(
                {"source_id": [a for a, _ in ties], "target_id": [b for _, b in ties], "connected_at": at(1)}
            ),
            "interactions": messages(*((a, b, 2.0 + i) for i, (a, b) in enumerate(ties * 2))),
        }
    )


class Fixed(Answering):
    """Chances by the id of the one asked."""

    def __call__(self, asker: np.ndarray, asked: np.ndarray, at: int) -> np.ndarray:
        chances = {"bo": 0.2, "cy": 0.9, "di": 0.8, "tom": 0.6}
        return np.array([chances[str(self.histories.features.graph.contact_ids[one])] for one in asked])


def guide(endorsement: Endorsement | None = None, days: float = 50.0) -> Guide:
    network = small()
    features = PairFeatures(network)
    histories = Histories(features, Asks.of(network, features))
    fitted = Answering.fit(histories, moment(days))
    answers = Fixed(histories, fitted.rates, None, 0.5, 0)
    none = Endorsement(0.0, 0.0, (np.nan, np.nan, np.nan), 0)

    def accepts(pairs: pd.DataFrame) -> pd.Series:
        return pairs["sender_id"].map({"ann": 0.5, "cas": 0.1})

    return Guide(features, answers, endorsement or none, accepts, moment(days))


def test_guide__by_hand__longer_path_through_those_who_answer_comes_first() -> None:
    found = guide().table(Wish(["ann"], ["tom"]))
    assert found["path"].tolist() == ["ann > cy > di > tom", "ann > bo > tom"]
    assert found["p_success"].tolist() == pytest.approx([0.9 * 0.8 * 0.5, 0.2 * 0.5])
    assert found["p_first_answers"].tolist() == pytest.approx([0.9, 0.2])
    assert found["p_second_answers"].iloc[0] == pytest.approx(0.8)
    assert np.isnan(found["p_second_answers"].iloc[1])
    assert found["p_target"].tolist() == pytest.approx([0.5, 0.5])
    assert found["introducer_id"].tolist() == ["cy", "bo"]
    assert found["endorser_id"].tolist() == ["di", "bo"]
    assert found["n_alternatives"].tolist() == [1, 1]
    assert "di answers cy: 80 %" in found["reasons"].iloc[0]
    assert "tom accepts ann: 50 % (with di:" in found["reasons"].iloc[0]


def test_guide__endorsement__raises_the_path_whose_endorser_is_close() -> None:
    strong = Endorsement(0.0, 1.0, (1.0, 0.5, 1.5), 100)
    found = guide(strong).table(Wish(["ann"], ["tom"], k=1))
    # di and tom have dealt with each other twice.
    assert found["p_target"].iloc[0] == pytest.approx(expit(np.log(3)))


def test_guide__two_hops_at_most__the_short_one() -> None:
    assert guide().table(Wish(["ann"], ["tom"], max_hops=2))["path"].tolist() == ["ann > bo > tom"]


def test_guide__several_senders__each_target_by_whoever_has_the_best_path() -> None:
    found = guide().table(Wish(["ann", "cas"], ["tom"]))
    assert found["path"].tolist() == ["ann > cy > di > tom", "ann > bo > tom", "cas > di > tom"]
    assert found["n_alternatives"].tolist() == [2, 2, 2]
    capped = guide().table(Wish(["ann", "cas"], ["tom"], max_asks=1))
    assert capped["path"].tolist() == ["ann > cy > di > tom", "ann > bo > tom"], "di is asked already"


def test_guide__suppressed_introducer__never_asked_and_suppressed_target_never_reached() -> None:
    found = guide().table(Wish(["ann"], ["tom"], suppress=frozenset({"cy"})))
    assert found["path"].tolist() == ["ann > bo > tom"]
    none = guide().table(Wish(["ann"], ["tom"], suppress=frozenset({"tom"})))
    assert not len(none)
    assert none.attrs["sentences"][0] == "To be left alone: tom."


def test_guide__known_already__one_hop_and_the_chance_of_an_answer() -> None:
    found = guide().table(Wish(["ann"], ["cy"]))
    assert (found["path"].tolist(), found["hops"].tolist()) == (["ann > cy"], [1])
    assert found["p_success"].tolist() == [0.9]
    assert found["introducer_id"].isna().all()
    assert found.attrs["sentences"][0] == "No introduction is needed to cy: connected with ann already."
    assert found["reasons"].iloc[0].startswith("ann is connected with cy already")


def test_guide__no_way__empty_with_its_reason() -> None:
    found = guide().table(Wish(["ann"], ["off", "nowhere"]))
    assert not len(found)
    assert {"target_id", "path", "p_success", "reasons"} <= set(found)
    sentences = found.attrs["sentences"]
    assert sentences[0] == "No way in to nowhere: no connection of theirs on record by then."
    assert sentences[1] == "No way in to off within 3 hops of ann."


def test_guide__tie_of_the_moment_itself__not_walked() -> None:
    assert not len(guide(days=1.0).table(Wish(["ann"], ["tom"])))
    assert len(guide(days=1.001).table(Wish(["ann"], ["tom"]))) == 2


@pytest.mark.parametrize(
    "wrong",
    [{"k": 0}, {"max_asks": 0}, {"max_asks": 1.5}, {"per_target": 0}, {"max_hops": 4}, {"max_hops": 0}],
)
def test_wish__number_out_of_range__says_which(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Wish(["ann"], ["tom"], **wrong)  # type: ignore[arg-type]

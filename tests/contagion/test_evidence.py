"""The evidence: hand-worked figures, planted contagion against none, and nothing out of nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.contagion.logs import day, micros, network_of, parts_of, random_log

from influence.contagion.evidence import (
    back_test,
    concentration,
    e_value,
    gather,
    gini,
    matched_estimate,
    propensity_strata,
    shuffle_test,
    topic_acts,
)
from influence.contagion.evidence.backtest import top_share_of_each
from influence.contagion.evidence.words import days
from influence.contagion.shares import equal_split
from influence.data import Network
from influence.errors import DataError
from influence.synthesis import synthesize


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


# Shuffle test


def test_shuffle__one_item_three_people__counts_and_expectation_by_hand() -> None:
    # a - b tied, c tied to nobody who took it up; b followed a after 1 of 10 days.
    network = network_of([("a", "x", 0), ("b", "x", 1), ("c", "x", 10)], [("a", "b"), ("c", "d")])
    take_ups, ties, _ = parts_of(network)
    found = shuffle_test(take_ups, ties, rng(), n_shuffles=5_999)
    assert (found.n_take_ups, found.n_pairs, found.n_items) == (3, 1, 1)
    # Two of these dates are 1, 9 or 10 days apart: one of the three pairs of dates lies within a day.
    within_one = found.window_days.tolist().index(1.0)
    assert found.followed[within_one] == 1
    assert found.expected[within_one] == pytest.approx(1 / 3, abs=0.02)
    # Whatever the deal, one of two tied people comes second.
    assert (found.followed[-1], found.expected[-1]) == (1, 1)
    assert found.p_value == pytest.approx(1 / 3, abs=0.02)
    assert np.isnan(found.excess_low)
    assert "No contagion was found in these data" in found.sentence


def test_shuffle__planted_contagion__found_and_else_not() -> None:
    p_values = []
    for seed in range(20):
        take_ups, ties, _ = parts_of(network_of(*random_log(seed)))
        p_values.append(shuffle_test(take_ups, ties, rng(), n_shuffles=199).p_value)
        if seed < 5:
            take_ups, ties, _ = parts_of(network_of(*random_log(seed, contagious=True)))
            found = shuffle_test(take_ups, ties, rng(), n_shuffles=199)
            assert found.found
            assert found.excess_low > 0
            assert found.sentence.startswith("Contagion was found")
    # With likeness alone p-values are spread evenly: the mean of 20 has a standard deviation of .065.
    assert 0.3 < np.mean(p_values) < 0.7
    assert np.mean(np.array(p_values) <= 0.05) <= 0.15


def test_shuffle__communities_with_times_of_their_own__found_but_not_within_them() -> None:
    chance = np.random.default_rng(1)
    people = [f"p{i:02d}" for i in range(40)]
    camps = [people[:20], people[20:]]
    ties = [(a, b) for camp in camps for a in camp for b in camp if a < b and chance.random() < 0.4]
    log = []
    for item in range(25):
        heard = chance.uniform(0, 100, 2)
        log += [
            (who, f"x{item}", heard[c] + chance.exponential(5))
            for c, camp in enumerate(camps)
            for who in camp
            if chance.random() < 0.3
        ]
    take_ups, ties_, _ = parts_of(network_of(log, ties, people))
    groups = np.repeat([0, 1], 20)
    assert shuffle_test(take_ups, ties_, rng(), n_shuffles=199).found
    within = shuffle_test(take_ups, ties_, rng(), groups=groups, n_shuffles=199)
    assert not within.found
    assert "of each community" in within.sentence


def test_shuffle__ties_made_after_the_first_take_up__do_not_count() -> None:
    network = network_of([("a", "x", 0), ("b", "x", 1)], [("a", "b")])
    for since, n_pairs in ((-1, 1), (0, 0), (0.5, 0)):
        ties = network.table("connections").assign(connected_at=day(since))
        take_ups, tied, _ = parts_of(network.with_tables(connections=ties))
        assert shuffle_test(take_ups, tied, rng()).n_pairs == n_pairs


# Concentration


def test_gini__hand_worked__exact() -> None:
    assert gini(np.array([1.0, 1.0, 1.0])) == pytest.approx(0)
    assert gini(np.array([0.0, 0.0, 6.0])) == pytest.approx(2 / 3)
    # Sum over all pairs of |x - y| = 2 (1 + 3 + 2) = 12; over 2 n^2 mean = 2 * 9 * 7/3 = 42.
    assert gini(np.array([4.0, 1.0, 2.0])) == pytest.approx(12 / 42)
    assert np.isnan(gini(np.zeros(3)))


def followed(n_leaves: int, n_items: int, leads: bool) -> Network:
    """Ten people take up every item early; then neighbours of `a0` do where it leads, else anybody."""
    chance = np.random.default_rng(5)
    log, ties = [], []
    people = [f"a{i}" for i in range(10)]
    leaves = [f"v{i:03d}" for i in range(n_leaves)]
    ties = [(a, v) for a in people for v in leaves if chance.random() < 0.3]
    of = {a: [v for b, v in ties if b == a] for a in people}
    for item in range(n_items):
        log += [(a, f"x{item}", 0.1 * i) for i, a in enumerate(people)]
        pool = of["a0"] if leads else leaves
        log += [(str(v), f"x{item}", 5 + i) for i, v in enumerate(chance.choice(pool, 4, replace=False))]
    return network_of(log, ties, leaves)


def test_concentration__one_whom_all_follow__found_and_else_not() -> None:
    for leads in (True, False):
        take_ups, ties, exposures = parts_of(followed(150, 40, leads))
        found = concentration(take_ups, ties, exposures, rng())
        assert found.found == leads
        assert found.n_people == 10
        assert found.low <= found.gini <= found.high
        assert ("A few matter more" in found.sentence) == leads
        assert found.lorenz[0] == 0
        assert found.lorenz[-1] == pytest.approx(1)
        assert (np.diff(found.lorenz) >= -1e-12).all()


def test_concentration__shares_that_are_none__refused() -> None:
    take_ups, ties, exposures = parts_of(followed(20, 3, True))
    for wrong in (np.ones(2), np.full(len(exposures), np.nan), np.ones(len(exposures))):
        with pytest.raises(DataError, match="shares"):
            concentration(take_ups, ties, exposures, rng(), shares=wrong)
    split = equal_split(take_ups, exposures).share
    same = concentration(take_ups, ties, exposures, rng(), shares=split)
    assert same.gini == concentration(take_ups, ties, exposures, rng()).gini


# Back-test


def test_back_test__leaders_who_keep_leading__their_share_by_hand() -> None:
    # a moves v often, b moves w once; of 40 people the top 5 % are two: a and b.
    people = [f"q{i:02d}" for i in range(36)]
    log = [("a", "x0", 0), ("b", "x0", 0), ("v", "x0", 1), ("w", "x0", 1)] + [(q, "z", 0) for q in people]
    log += [row for i in range(1, 9) for row in (("a", f"x{i}", i), ("v", f"x{i}", i + 0.5))]
    network = network_of(log, [("a", "v"), ("b", "w"), *zip(people[::2], people[1::2], strict=True)])
    take_ups, ties, exposures = parts_of(network)
    found = back_test(take_ups, ties, exposures, rng(), cut=micros(4.8))
    assert (found.n_people, found.n_leaders, found.chance) == (40, 2, 0.05)
    assert found.share == 1.0  # x5 ... x8: a alone
    assert found.newcomers == 0.0
    assert found.found
    assert top_share_of_each(np.array([3.0, 1.0, 1.0, 0.0]), 2).tolist() == [1, 0.5, 0.5, 0]


def test_back_test__few_people__says_so() -> None:
    take_ups, ties, exposures = parts_of(network_of([("a", "x", 0), ("b", "x", 1)], [("a", "b")]))
    found = back_test(take_ups, ties, exposures, rng())
    assert not found.found
    assert "cannot be told" in found.sentence


# Matching


def matching_log(n_items: int) -> Network:
    """Every item: a takes it up on day 0, b (tied to a) on day 1, c on day 2; d (tied to a), e, f never."""
    log = [row for i in range(n_items) for row in (("a", f"x{i}", 0), ("b", f"x{i}", 1), ("c", f"x{i}", 2))]
    return network_of(log, [("a", "b"), ("a", "d")], ["c", "e", "f"])


def test_matched__one_stratum__mantel_haenszel_by_hand() -> None:
    take_ups, ties, _ = parts_of(matching_log(12))
    found = matched_estimate(take_ups, ties, np.zeros(6, np.int64), rng(), window_days=10)
    # On day 1 b (exposed, with d) against c, e, f: 3 of 5 unexposed. On day 2 c against d: 1 of 4 exposed.
    # On day 0 a has nobody exposed beside it and counts for nothing.
    assert found.ratio == pytest.approx((3 / 5) / (1 / 4))
    assert (found.low, found.high) == pytest.approx((found.ratio, found.ratio))
    assert (found.n_exposed, found.n_unexposed, found.n_unmatched) == (12, 12, 0)
    assert found.crude == pytest.approx(found.ratio)
    assert found.e_value == pytest.approx(2.4 + np.sqrt(2.4 * 1.4))
    assert "Observation alone does not separate influence" in found.sentence


def test_matched__strata_and_end_of_exposure__only_likes_at_risk_compared() -> None:
    take_ups, ties, _ = parts_of(matching_log(12))  # a b c d e f
    apart = matched_estimate(take_ups, ties, np.array([0, 1, 0, 0, 1, 0]), rng(), window_days=10)
    # b (exposed) against e: 1 of 2 unexposed. c against d and f: 1 of 3 exposed.
    assert apart.ratio == pytest.approx((1 / 2) / (1 / 3))
    alone = matched_estimate(take_ups, ties, np.array([0, 1, 2, 2, 3, 4]), rng(), window_days=10)
    assert np.isnan(alone.ratio)  # nobody unexposed is like b
    assert "too few" in alone.sentence
    ended = matched_estimate(take_ups, ties, np.zeros(6, np.int64), rng(), window_days=0.5)
    assert np.isnan(ended.ratio)  # exposure is over before anybody follows


def test_e_value__published_example__agrees() -> None:
    # VanderWeele & Ding (2017): 3.9 with interval 1.8 to 8.7 gives 7.26 and 3.0.
    assert e_value(3.9) == pytest.approx(7.26, abs=0.005)
    assert e_value(1.8) == pytest.approx(3.0, abs=0.005)


def test_matched__planted_contagion__ratio_above_one_and_else_near_one() -> None:
    for effect in (True, False):
        network = synthesize(1_000, seed=3, effect=effect)
        take_ups, ties, _ = parts_of(network)
        strata = propensity_strata(network, take_ups, ties, micros(1_000))
        assert strata.max() == 10
        found = matched_estimate(take_ups, ties, strata, rng(), acts=topic_acts(network, take_ups))
        assert found.found == effect
        assert found.ratio > 5 if effect else 0.5 < found.ratio < 2


# All together


def test_gather__world_with_and_without_contagion__says_which() -> None:
    heard: list[tuple[str, int, int]] = []
    found = gather(synthesize(1_000, seed=3), rng=rng(), tell=lambda *what: heard.append(what))
    assert found.shuffle.found
    assert found.within_communities.found
    assert len(found.sentences) == 4
    assert heard[-1][1] == heard[-1][2]
    none = gather(synthesize(1_000, seed=3, effect=False), rng=rng())
    assert not none.shuffle.found
    assert none.sentences[0].startswith("No contagion was found in these data")


def test_gather__rows_in_another_order__same_evidence() -> None:
    network = network_of(*random_log(2, contagious=True))
    shuffled = Network.from_tables(
        {
            name: rows.sample(frac=1, random_state=1, ignore_index=True)
            for name, rows in network.tables.items()
        }
    )
    assert gather(network, rng=rng()).sentences == gather(shuffled, rng=rng()).sentences


def test_gather__events_at_the_moment_or_later__change_nothing() -> None:
    log, ties = random_log(2, contagious=True)
    more = [("p00", "later", 60.0), ("p01", "later", 61.0), *log]
    fewer = [row for row in log if row[2] < 60]
    assert gather(network_of(more, ties), day(60), rng=rng()).sentences == (
        gather(network_of(fewer, ties, {who for row in more for who in row[:1]}), rng=rng()).sentences
    )


@pytest.mark.parametrize(
    ("log", "ties"),
    [
        ([("a", "x", 0)], [("a", "b")]),
        ([("a", "x", 0), ("a", "y", 3)], [("a", "b")]),
        ([("a", "x", 0), ("b", "x", 0)], [("a", "b")]),
        ([("a", "x", 0), ("b", "x", 1)], [("c", "d")]),
        ([(who, f"x{i}", i) for i in range(20) for who in "ab"], [("a", "b")]),
        ([(who, f"x{i}", i + (who == "b")) for i in range(20) for who in "ab"], [("a", "b")]),
    ],
    ids=["one take-up", "one adopter", "simultaneous", "nobody tied", "two always at once", "one pair alone"],
)
def test_gather__too_little__says_so_and_finds_nothing(
    log: list[tuple[str, str, float]], ties: list[tuple[str, str]]
) -> None:
    found = gather(network_of(log, ties), rng=rng())
    assert not (
        found.shuffle.found or found.concentration.found or found.back_test.found or found.matched.found
    )
    assert all("cannot be told" in sentence for sentence in found.sentences)


def test_gather__no_take_ups__clear_error() -> None:
    network = network_of([("a", "x", 5)], [("a", "b")])
    with pytest.raises(DataError, match="no take-ups"):
        gather(network, day(1), rng=rng())


def test_days__lengths__in_the_unit_that_reads_best() -> None:
    assert [days(x) for x in (1 / 1440, 0.5, 1.0, 5.25, 45.2)] == [
        "1 minute", "12 hours", "1 day", "5.2 days", "45 days",
    ]  # fmt: skip


def test_shuffle__undated_and_dated_alike__pandas_frames_untouched() -> None:
    network = network_of(*random_log(1))
    before = {name: rows.copy() for name, rows in network.tables.items()}
    gather(network, rng=rng())
    for name, rows in network.tables.items():
        pd.testing.assert_frame_equal(rows, before[name])

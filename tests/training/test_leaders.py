"""The fitted leadership: blind to the future, additive, calibrated, stored whole, honest about little."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.contagion.spreading import day, random_log

from influence.data import Network
from influence.errors import CheckpointError, DataError
from influence.model.encoder import EncoderConfig
from influence.model.expectation import Expectation
from influence.model.trees import TreesConfig
from influence.tasks.leadership import GROUPS, OUTPUT_COLUMNS, LeadershipConfig
from influence.training.leaders import CreditOutlook, Leaders
from influence.training.loop import TrainingConfig
from influence.training.parts import Recipe

RECIPE = Recipe(
    EncoderConfig(width=8, heads=2),
    TreesConfig(max_rounds=40, min_data_in_leaf=5, num_leaves=4),
    TrainingConfig(max_epochs=3, batch_size=64),
    (0, 1),
)
CONFIG = LeadershipConfig()
AT = day(240)


@cache
def log(topics: tuple[str, ...] = ()) -> Network:
    return random_log(3, topics=topics)


@cache
def fitted(topics: tuple[str, ...] = ()) -> CreditOutlook:
    return credit_of(Leaders.fit(log(topics), CONFIG, RECIPE, AT))


def profiles(outlook: CreditOutlook, network: Network, at: pd.Timestamp) -> pd.DataFrame:
    """What is expected of everybody, and what it rests on."""
    candidates = outlook.candidates(network, at)
    return outlook.profiles(candidates).join(outlook.sides(candidates))


def credit_of(leaders: Leaders) -> CreditOutlook:
    assert leaders.credit is not None and not leaders.lacking
    return leaders.credit


def altered(network: Network, at: pd.Timestamp, rng: np.random.Generator) -> Network:
    """Events at or after the moment moved, dropped, added; ties added after it."""
    rows = network.table("adoptions")
    late = rows["at"] >= at
    moved = rows[late].sample(frac=0.5, random_state=int(rng.integers(1_000)))
    moved = moved.assign(at=at + pd.to_timedelta(rng.random(len(moved)) * 50, unit="D"))
    new = rows[~late].head(9).assign(item="new", at=at).drop_duplicates("contact_id")
    ties = network.table("connections")
    more = pd.DataFrame(
        {"source_id": ["p00", "zz"], "target_id": ["p59", "p01"], "connected_at": [at, day(290)]}
    )
    return network.with_tables(
        adoptions=pd.concat([rows[~late], moved, new], ignore_index=True),
        connections=pd.concat([ties, more], ignore_index=True).drop_duplicates(["source_id", "target_id"]),
    )


@pytest.mark.parametrize("topics", [(), pytest.param(("steel", "wood"), marks=pytest.mark.slow)])
def test_profiles__future_altered_and_retrained__not_moved(topics: tuple[str, ...]) -> None:
    network = log(topics)
    other = altered(network, AT, np.random.default_rng(0))
    again = credit_of(Leaders.fit(other, CONFIG, RECIPE, AT))
    pd.testing.assert_frame_equal(profiles(fitted(topics), network, AT), profiles(again, other, AT))


def test_profiles__rows_shuffled__the_same() -> None:
    network = log()
    shuffled = network.with_tables(
        **{
            name: rows.sample(frac=1, random_state=5).reset_index(drop=True)
            for name, rows in network.tables.items()
        }
    )
    expected = profiles(fitted(), network, AT)
    again = credit_of(Leaders.fit(shuffled, CONFIG, RECIPE, AT))
    pd.testing.assert_frame_equal(expected, profiles(again, shuffled, AT))


def test_profiles__columns__as_promised_additive_and_ordered() -> None:
    found = profiles(fitted(), log(), AT)
    assert list(found) == ["contact_id", "topic", *OUTPUT_COLUMNS, "base", *GROUPS]
    parts = found[["base", *GROUPS]].sum(axis=1)
    assert np.log(found["influence"]).to_numpy() == pytest.approx(parts.to_numpy(), abs=1e-9)
    assert (found["low"] <= found["influence"]).all() and (found["influence"] <= found["high"]).all()
    assert found["contact_id"].is_unique and found["topic"].isna().all()
    assert (found["n_observations"] > 0).all()


def test_sides__some_in_another_order__as_of_all() -> None:
    outlook = fitted()
    candidates = outlook.candidates(log(), AT)
    some = np.array([7, 0, 3])
    expected = outlook.sides(candidates).iloc[some].reset_index(drop=True)
    pd.testing.assert_frame_equal(outlook.sides(candidates.where(some)), expected, rtol=1e-4)


def test_profiles__people_who_move_others__are_found() -> None:
    found = profiles(fitted(), log(), AT).set_index("contact_id")["influence"]
    movers = [name for name in found.index if int(name[1:]) < 12]
    assert found[movers].mean() > 1.5 * found.drop(movers).mean()


def test_profiles__topics__rows_of_each_and_records_without_them_are_an_error() -> None:
    leaders, network = fitted(("steel", "wood")), log(("steel", "wood"))
    found = profiles(leaders, network, AT)
    assert set(found["topic"]) == {"steel", "wood"}
    assert not found.duplicated(["contact_id", "topic"]).any()
    with pytest.raises(DataError, match="without them, or the other way round"):
        profiles(leaders, log(), AT)


def test_interval__less_data__wider() -> None:
    rng = np.random.default_rng(2)
    rate = rng.gamma(0.8, 2.0, 600)
    n = rng.integers(1, 60, 600)
    score = np.log(rate) + rng.normal(0, 1, 600) / np.sqrt(n)
    y = rng.poisson(rate).astype(float)
    asked = np.zeros(2), np.zeros(2), np.array([1, 50])
    widths = []
    for size in (600, 25):
        expectation = Expectation.fit(score[:size], y[:size], n[:size], np.random.default_rng(0))
        low, high = expectation.interval(*asked)
        widths.append(high - low)
    assert widths[0][0] > widths[0][1]  # fewer observations of the person
    assert widths[1].mean() > widths[0].mean()  # fewer people to learn from
    unsure = expectation.interval(np.zeros(2), np.ones(2), np.array([1, 50]))
    assert (unsure[1] - unsure[0] > widths[1]).all()  # members that disagree


def test_expectation__held_out_rows__totals_agree_and_intervals_cover() -> None:
    rng = np.random.default_rng(4)
    score = rng.normal(0, 1, 2_000)
    y = rng.poisson(np.exp(0.5 + 1.3 * score)).astype(float)
    found = Expectation.fit(score, y, np.full(2_000, 5), rng)
    assert (found.intercept, found.slope) == pytest.approx((0.5, 1.3), abs=0.05)
    assert np.exp(found.log_mean(score)).sum() == pytest.approx(y.sum())
    low, high = found.interval(score, np.zeros(2_000), np.full(2_000, 5))
    assert ((y >= low) & (y <= high)).mean() > 0.93


def test_expectation__nothing_credited__half_a_take_up_in_all() -> None:
    score = np.log([1.0, 3.0])
    found = Expectation.fit(score, np.zeros(2), np.array([1, 4]), np.random.default_rng(0))
    assert np.exp(found.log_mean(score)) == pytest.approx([0.125, 0.375])  # as 1 to 3, .5 in all
    assert found.anchored(score + 9, np.zeros(2)).log_mean(score + 9) == pytest.approx(found.log_mean(score))
    low, high = found.interval(score, np.zeros(2), np.array([1, 4]))
    assert (low == 0).all() and (high >= [0.125, 0.375]).all() and np.isfinite(high).all()


def test_fit__everybody_takes_up_once__leaders_found_and_susceptibility_finite() -> None:
    """Followers are always newcomers: nobody who is asked about receives any credit."""
    network = log_of_single_take_ups()
    outlook = credit_of(Leaders.fit(network, CONFIG, RECIPE, AT))
    found = profiles(outlook, network, AT).set_index("contact_id")
    assert np.isfinite(found[["influence", "low", "high", "susceptibility"]]).all(axis=None)
    leads = found.index.str.startswith("leader")
    assert found.loc[leads, "influence"].min() > 9 * found.loc[~leads, "influence"].max()
    assert 0 < found["susceptibility"].sum() < 1


def log_of_single_take_ups() -> Network:
    """Four leaders with many followers to few take every item up first; a follower takes up one, once."""
    rows, ties = [], []
    for item in range(80):
        for leader, n_followers in enumerate((4, 2, 1, 1)):
            rows.append((f"leader{leader}", f"x{item:02}", day(3 * item + leader / 10)))
            for follower in range(n_followers):
                name = f"f{item:02}-{leader}-{follower}"
                rows.append((name, f"x{item:02}", day(3 * item + 1 + follower / 10)))
                ties.append((f"leader{leader}", name))
    return Network.from_tables(
        {
            "adoptions": pd.DataFrame(rows, columns=["contact_id", "item", "at"]),
            "connections": pd.DataFrame(ties, columns=["source_id", "target_id"]),
        }
    )


def test_leaders__stored_and_read__the_same_and_damage_is_told(tmp_path: Path) -> None:
    outlook = fitted()
    Leaders(CONFIG, outlook, AT).save(tmp_path)
    settings = RECIPE.encoder, RECIPE.trees, RECIPE.training
    stored = Leaders.load(tmp_path, *settings)
    read = credit_of(stored)
    pd.testing.assert_frame_equal(profiles(outlook, log(), AT), profiles(read, log(), AT))
    assert (stored.until, read.window_take_ups, read.window_days) == (
        AT,
        outlook.window_take_ups,
        outlook.window_days,
    )
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".pkl", ".pt")]
    (tmp_path / "given" / "gnn" / "member-0.safetensors").write_bytes(b"no")
    with pytest.raises(CheckpointError, match="damaged"):
        Leaders.load(tmp_path, *settings)


def test_fit__too_little__says_what_is_missing() -> None:
    network = log()
    rows = network.table("adoptions")
    with pytest.raises(DataError, match="no take-ups"):
        Leaders.fit(network, CONFIG, RECIPE, day(-5))
    one = network.with_tables(
        adoptions=rows[rows["contact_id"] == rows["contact_id"].iloc[0]].reset_index(drop=True)
    )
    with pytest.raises(DataError, match="only one contact"):
        Leaders.fit(one, CONFIG, RECIPE, AT)
    untied = Network.from_tables({"adoptions": rows})
    with pytest.raises(DataError, match="too few follow"):
        Leaders.fit(untied, CONFIG, RECIPE, AT)
    with pytest.raises(DataError, match="Nothing had been taken up before"):
        profiles(fitted(), network, day(-5))

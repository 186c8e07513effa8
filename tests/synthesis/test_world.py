"""The records: the same from the same seed, true to the facts, silent about the truth, read back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from influence.data import Network
from influence.errors import ConfigError
from influence.readers import read
from influence.schema import TABLES
from influence.synthesis import World, WorldConfig, simulate, synthesize, write_world


def test_simulate__same_seed__same_tables_and_truth(small: World) -> None:
    again = simulate(WorldConfig(n_contacts=800, seed=1))
    assert again.network.fingerprint == small.network.fingerprint
    assert again.facts == small.facts
    for name, rows in small.truth.items():
        pd.testing.assert_frame_equal(again.truth[name], rows)


def test_synthesize__another_seed__other_tables(small: World) -> None:
    assert synthesize(800, seed=1).fingerprint == small.network.fingerprint
    assert synthesize(800, seed=2).fingerprint != small.network.fingerprint


def test_facts__4000_contacts__as_known_of_the_field(world: World) -> None:
    facts = world.facts["facts"]
    assert 0.26 <= facts["acceptance"] <= 0.31
    by_seniority, by_size = facts["acceptance_by_seniority"], facts["acceptance_by_employees_from"]
    assert by_seniority["c_suite"] == pytest.approx(0.19, abs=0.05)
    assert by_seniority["manager"] == pytest.approx(0.39, abs=0.05)
    assert by_size["0"] == pytest.approx(0.36, abs=0.04)
    assert by_size["5000"] == pytest.approx(0.24, abs=0.05)
    # Haste is shared within circles, and here there are only some thirty of them.
    assert facts["acceptors_within_1_day"] == pytest.approx(0.55, abs=0.12)
    assert facts["acceptors_1_to_21_days"] == pytest.approx(0.37, abs=0.12)
    assert facts["acceptors_after_21_days"] == pytest.approx(0.08, abs=0.04)
    assert 0.12 <= facts["cross_border_ties"] <= 0.30
    assert 0.10 <= facts["clustering"] <= 0.25
    assert facts["median_degree"] == pytest.approx(WorldConfig(n_contacts=4_000).degree, rel=0.1)
    assert facts["actions_by_top_1_percent"] > 0.25


def test_facts__acceptance__as_in_the_table(world: World) -> None:
    rows = world.network.table("invitations")
    old = rows["sent_at"] < rows["observed_until"].max() - pd.Timedelta(days=90)
    rate = (rows.loc[old, "outcome"] == "accepted").mean()
    assert world.facts["facts"]["acceptance"] == pytest.approx(rate, abs=1e-4)


def test_tables__every_one__in_the_words_of_the_schema_without_the_truth(world: World) -> None:
    known = {column.name for table in TABLES.values() for column in table.columns}
    secret = {name for rows in world.truth.values() for name in rows.columns} - known
    assert {"openness", "appeal", "influence", "susceptibility", "p_ever", "affinity", "parent_id"} <= secret
    for name, rows in world.network.tables.items():
        assert not secret & set(rows.columns), name
        assert set(rows.columns) <= {column.name for column in TABLES[name].columns}, name
    again = Network.from_tables(dict(world.network.tables))
    assert again.fingerprint == world.network.fingerprint


def test_invitations__answers__never_before_the_sending(world: World) -> None:
    rows = world.network.table("invitations")
    answered = rows.dropna(subset="responded_at")
    assert (answered["responded_at"] >= answered["sent_at"]).all()
    assert (answered["responded_at"] <= answered["observed_until"]).all()
    assert (rows["sender_id"] != rows["recipient_id"]).all()
    assert set(rows["outcome"]) == {"accepted", "declined", "withdrawn", "pending"}
    assert rows.loc[rows["outcome"] == "pending", "responded_at"].isna().all()


def test_connections__accepted_invitations__each_has_one_from_its_answer_on(world: World) -> None:
    rows = world.network.table("invitations")
    won = rows[rows["outcome"] == "accepted"]
    ties = world.network.table("connections")
    met = won.merge(ties, left_on=["sender_id", "recipient_id"], right_on=["source_id", "target_id"])
    assert len(met) == len(won)
    assert (met["connected_at"] == met["responded_at"]).all()


def test_simulate__start_and_days__bound_all_times() -> None:
    network = synthesize(300, seed=4, start="2030-06-01", days=90)
    first, last = pd.Timestamp("2030-06-01", tz="UTC"), pd.Timestamp("2030-08-30", tz="UTC")
    assert network.table("invitations")["sent_at"].between(first, last, inclusive="left").all()
    assert network.table("interactions")["at"].between(first, last, inclusive="left").all()
    assert network.table("adoptions")["at"].between(first, last, inclusive="left").all()


def test_write_world__read__same_records_and_truth_apart(small: World, tmp_path: Path) -> None:
    write_world(small, tmp_path / "world")
    network = read(tmp_path / "world")
    assert set(network.tables) == set(small.network.tables)
    for name, rows in small.network.tables.items():
        key = list(TABLES[name].key)
        pd.testing.assert_frame_equal(
            network.table(name), rows.sort_values(key, na_position="first", ignore_index=True)
        )
    assert not any("not read" in note for note in network.notes)
    truth = tmp_path / "world" / "truth"
    assert {path.stem for path in truth.glob("*.parquet")} == set(small.truth)
    for name, rows in small.truth.items():
        pd.testing.assert_frame_equal(pd.read_parquet(truth / f"{name}.parquet"), rows)
    told = json.loads((truth / "world.json").read_text(encoding="utf-8"))
    assert told["config"]["seed"] == 1
    assert told["facts"] == small.facts["facts"]


def test_write_world__folder_in_use__refused_and_left_alone(small: World, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConfigError, match="exists already"):
        write_world(small, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_write_world__fails_midway__nothing_is_left(
    small: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ConfigError, match="No space left"):
        write_world(small, tmp_path / "world")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"n_contacts": 3}, "n_contacts"),
        ({"seed": -1}, "seed"),
        ({"days": 10}, "days"),
        ({"start": "soon"}, "start"),
        ({"start": "1999-01-01"}, "start"),
        ({"own_share": np.nan}, "own_share"),
        ({"n_topic": 3}, "n_topics"),
    ],
)
def test_synthesize__setting_at_fault__named(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        synthesize(**wrong)  # type: ignore[arg-type]


def test_simulate_and_write__progress__every_step_in_order_then_every_table(tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    world = simulate(WorldConfig(n_contacts=120), lambda *told: heard.append(told))
    assert [(done, total) for _, done, total in heard] == [(n, 6) for n in range(7)]
    assert [what for what, _, _ in heard[:2]] == ["simulating people and ties", "simulating interactions"]
    heard.clear()
    write_world(world, tmp_path / "world", 2, lambda *told: heard.append(told))
    assert {"writing connections", "writing invitations", "writing archives"} <= {
        what for what, _, _ in heard
    }

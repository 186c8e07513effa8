"""Draws, unique pairs and neighbour lists against plain ones, and in parts as all at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from influence.synthesis import World, WorldConfig, sampling, simulate, write_world
from influence.synthesis.sampling import Adjacency, Groups, draw_weighted, unique_pairs


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 60), spread=st.floats(0, 4))
def test_draw_weighted__any_weights__as_by_binary_search(seed: int, n: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    weight = rng.lognormal(0, spread, n) * (rng.random(n) < 0.7)
    weight[rng.integers(n)] += 1.0
    cumulated = np.cumsum(weight)
    point = np.random.default_rng(seed + 1).random(500) * cumulated[-1]
    expected = np.minimum(np.searchsorted(cumulated, point, side="right"), n - 1)
    np.testing.assert_array_equal(draw_weighted(weight, 500, np.random.default_rng(seed + 1)), expected)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), n_groups=st.integers(1, 9))
def test_groups_draw__any_groups__members_by_weight_and_none_of_an_empty_one(
    seed: int, n_groups: int
) -> None:
    rng = np.random.default_rng(seed)
    group, weight = rng.integers(n_groups, size=40), rng.lognormal(0, 1, 40)
    groups, asked = Groups.of(group, weight, n_groups + 1), rng.integers(n_groups + 1, size=300)
    drawn = groups.draw(asked, np.random.default_rng(seed + 1))
    chance = np.random.default_rng(seed + 1).random(300)
    for row in range(300):
        members = np.flatnonzero(group == asked[row])
        if not len(members):
            assert drawn[row] == -1
            continue
        share = np.cumsum(weight[members]) / weight[members].sum()
        place = min(np.searchsorted(share, chance[row], side="right"), len(members) - 1)
        assert drawn[row] == members[place]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 12))
def test_unique_pairs__any_ends__the_first_of_each_pair(seed: int, n: int) -> None:
    ends = np.random.default_rng(seed).integers(-1, n, size=(2, 80))
    expected, met = [], set[frozenset[int]]()
    for row, pair in enumerate(zip(*ends.tolist(), strict=True)):
        if min(pair) >= 0 and pair[0] != pair[1] and frozenset(pair) not in met:
            met.add(frozenset(pair))
            expected.append(row)
    assert unique_pairs(*ends, n).tolist() == expected


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 12))
def test_adjacency__any_ties__every_list_sorted_with_its_ties(seed: int, n: int) -> None:
    source, target = np.random.default_rng(seed).integers(n, size=(2, 50))
    kept = unique_pairs(source, target, n)
    source, target = source[kept], target[kept]
    lists = Adjacency.of(source, target, n)
    for person in range(n):
        mine = slice(lists.start[person], lists.start[person + 1])
        expected = sorted(
            (int(b if a == person else a), tie)
            for tie, (a, b) in enumerate(zip(source, target, strict=True))
            if person in (a, b)
        )
        assert list(zip(lists.neighbour[mine].tolist(), lists.tie[mine].tolist(), strict=True)) == expected


def test_simulate__in_small_parts__the_same_world(
    small: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "PART", 997)
    parted = simulate(WorldConfig(n_contacts=800, seed=1))
    for name, rows in small.network.tables.items():
        pd.testing.assert_frame_equal(parted.network.table(name), rows)
    write_world(parted, tmp_path / "world")
    file = pq.ParquetFile(tmp_path / "world" / "connections.parquet")
    assert file.num_row_groups == -(-len(small.network.table("connections")) // 997)
    assert file.metadata.num_rows == len(small.network.table("connections"))

"""The choice of invitations against every other choice within the limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from influence.planning import choice
from influence.planning.choice import choose, contenders

NO_LIMIT = pd.Series(dtype="float64")


def offers(seed: int, n: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Different pairs of three senders and six recipients, four of them of two companies."""
    rng = np.random.default_rng(seed)
    cells = rng.permutation(18)[:n]
    recipient = cells % 6
    pairs = pd.DataFrame(
        {
            "sender_id": np.array(["ana", "bo", "cy"])[cells // 6],
            "recipient_id": [f"r{i}" for i in recipient],
            "company_id": np.array(["acme", "acme", "beta", "beta", None, None], dtype=object)[recipient],
        }
    )
    return pairs.astype({"company_id": "str"}), np.round(rng.random(n), 1)


def allowed(pairs: pd.DataFrame, room: dict[str, pd.Series], k: int) -> Iterator[tuple[int, ...]]:
    """Every set of at most k pairs within the limits."""
    ids = [[f"{c}:{i}" for c, i in zip(pairs, row, strict=True)] for row in pairs.itertuples(index=False)]
    left = {f"{c}:{i}": n for c, own in room.items() for i, n in own.items()}
    for size in range(k + 1):
        for rows in combinations(range(len(pairs)), size):
            taken = Counter(one for row in rows for one in ids[row])
            if all(n <= left.get(one, k) for one, n in taken.items()):
                yield rows


def best_sum(pairs: pd.DataFrame, worth: np.ndarray, room: dict[str, pd.Series], k: int) -> float:
    """The highest sum of all sets of at most k pairs, by trying every one."""
    return max(float(worth[list(rows)].sum()) for rows in allowed(pairs, room, k))


def best_of_all(pairs: pd.DataFrame, worth: np.ndarray, room: dict[str, pd.Series], k: int) -> np.ndarray:
    """A best choice by integer programming over every pair."""
    rows, bounds = [np.ones(len(pairs))], [k]
    for column, left in room.items():
        rows += [(pairs[column] == one).to_numpy(float) for one in left.index]
        bounds += left.tolist()
    limits = LinearConstraint(np.stack(rows), ub=bounds)
    found = milp(-worth, constraints=limits, integrality=np.ones(len(pairs)), bounds=Bounds(0, 1))
    return np.flatnonzero(found.x > 0.5)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(7, 11),
    st.integers(2, 4),
    st.tuples(*[st.integers(0, 3)] * 3),
    st.integers(1, 2),
    st.integers(1, 2),
)
def test_choose__any_limits__no_other_choice_within_them_is_worth_more(
    seed: int, n: int, k: int, quotas: tuple[int, int, int], per_recipient: int, per_company: int
) -> None:
    pairs, worth = offers(seed, n)
    room = limits(quotas, per_recipient, per_company)
    rows = choose(pairs, worth, room, k)
    assert len(set(rows)) == len(rows) <= k
    assert (np.diff(worth[rows]) <= 0).all()
    for column, left in room.items():
        assert (pairs[column].iloc[rows].value_counts().reindex(left.index, fill_value=0) <= left).all()
    assert worth[rows].sum() == pytest.approx(best_sum(pairs, worth, room, k))


def limits(quotas: tuple[int, ...], per_recipient: int, per_company: int) -> dict[str, pd.Series]:
    return {
        "sender_id": pd.Series(quotas, index=["ana", "bo", "cy"]),
        "recipient_id": pd.Series(per_recipient, index=[f"r{i}" for i in range(6)]),
        "company_id": pd.Series(per_company, index=["acme", "beta"]),
    }


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.tuples(*[st.integers(1, 3)] * 3), st.integers(1, 2))
def test_choose__equal_sums__the_earliest_pairs(
    seed: int, k: int, quotas: tuple[int, int, int], per_company: int
) -> None:
    pairs, worth = offers(seed, 10)
    worth = 0.1 + np.round(worth / 2, 1)
    room = limits(quotas, 1, per_company)
    early = np.empty(10)
    early[np.argsort(-worth, kind="stable")] = 1 / np.arange(1, 11)
    best = best_sum(pairs, worth, room, k) - 1e-9
    found = [list(rows) for rows in allowed(pairs, room, k) if worth[list(rows)].sum() > best]
    rows = choose(pairs, worth, room, k)
    assert early[rows].sum() == pytest.approx(max(early[rows].sum() for rows in found))
    assert (np.diff(early[rows]) < 0).all()


def test_choose__equal_chances__a_longer_list_begins_as_the_shorter_one() -> None:
    recipient = np.tile(np.arange(40), 3)
    pairs = pd.DataFrame(
        {
            "sender_id": np.repeat(["ana", "bo", "cy"], 40),
            "recipient_id": [f"r{i:02}" for i in recipient],
            "company_id": pd.array([None] * 120, "str"),
        }
    )
    worth = np.select([recipient < 7, recipient < 30], [0.6, 0.4], 0.2)
    room = {"sender_id": pd.Series(9, index=["ana", "bo", "cy"])}
    room |= {"recipient_id": pd.Series(1, index=sorted(set(pairs["recipient_id"])))}
    longest = choose(pairs, worth, room, 27)
    for k in (3, 9, 10, 20):
        assert choose(pairs, worth, room, k).tolist() == longest[:k].tolist()
    assert pairs["recipient_id"].iloc[longest[:7]].tolist() == [f"r{i:02}" for i in range(7)]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 3), st.booleans())
def test_contenders__each_sender_alone__lose_nothing_to_the_choice_from_all(
    seed: int, k: int, per_company: int, has_company_cap: bool
) -> None:
    rng = np.random.default_rng(seed)
    recipient = np.tile(np.arange(30), 4)
    company = np.array([f"c{i % 5}" if i % 7 else None for i in range(30)], dtype=object)
    pairs = pd.DataFrame(
        {
            "sender_id": np.repeat(["ana", "bo", "cy", "dee"], 30),
            "recipient_id": [f"r{i}" for i in recipient],
            "company_id": company[recipient],
        }
    ).astype({"company_id": "str"})
    worths = np.stack((rng.random(120), rng.integers(0, 3, 120).astype(float)))
    room = {
        "sender_id": pd.Series(2, index=["ana", "bo", "cy", "dee"]),
        "recipient_id": pd.Series(1, index=[f"r{i}" for i in range(30)]),
        **(
            {"company_id": pd.Series(per_company, index=[f"c{i}" for i in range(5)])}
            if has_company_cap
            else {}
        ),
    }
    parts = [own for _, own in pairs.groupby("sender_id")]
    kept = [own.index[contenders(own, worths[:, own.index], room, k)].to_numpy() for own in parts]
    assert max(map(len, kept)) <= 2 * k * (per_company if has_company_cap else 1)
    fewer = np.concatenate(kept)
    for worth in worths:
        of_all = worth[best_of_all(pairs, worth, room, k)].sum()
        assert worth[fewer][choose(pairs.iloc[fewer], worth[fewer], room, k)].sum() == pytest.approx(of_all)


@pytest.mark.parametrize("has_company_cap", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_choose__all_want_the_same__more_pairs_taken_up_until_none_would_add(
    seed: int, has_company_cap: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(seed)
    recipient, k, sizes = np.tile(np.arange(60), 4), 16, list[int]()
    names = [f"r{i}" for i in range(60)]
    pairs = pd.DataFrame(
        {
            "sender_id": np.repeat(["ana", "bo", "cy", "dee"], 60),
            "recipient_id": np.array(names)[recipient],
            "company_id": np.array([f"c{i // 3}" for i in range(60)])[recipient],
        }
    ).astype({"company_id": "str"})
    worth = np.linspace(1.0, 0.1, 60)[recipient] + 0.1 * rng.random(240)
    room = {
        "sender_id": pd.Series([2, 4, 5, 5], index=["ana", "bo", "cy", "dee"]),
        "recipient_id": pd.Series(1, index=names),
    }
    if has_company_cap:
        room["company_id"] = pd.Series(1, index=[f"c{i}" for i in range(20)])

    def counted(cost: np.ndarray, **asked: Any) -> Any:
        if "A_eq" not in asked:  # the earliest of equal choices are found in the end
            sizes.append(len(cost))
        return linprog(cost, **asked)

    monkeypatch.setattr(choice, "FEWEST", 1)
    monkeypatch.setattr(choice, "linprog", counted)
    rows = choose(pairs, worth, room, k)
    assert len(sizes) > 1 and sizes == sorted(set(sizes))
    assert sizes[-1] < len(pairs)
    assert len(rows) == k
    assert worth[rows].sum() == pytest.approx(worth[best_of_all(pairs, worth, room, k)].sum())


def test_contenders__hand_worked__as_many_of_a_company_as_it_can_take() -> None:
    pairs = pd.DataFrame(
        {
            "sender_id": "ana",
            "recipient_id": [f"r{i}" for i in range(6)],
            "company_id": pd.Series(["acme", "acme", "acme", "beta", None, "beta"], dtype="str"),
        }
    )
    worth = np.array([[0.9, 0.8, 0.7, 0.2, 0.5, 0.1]])
    room = {"company_id": pd.Series({"acme": 2, "beta": 1})}
    assert contenders(pairs, worth, room, 2).tolist() == [0, 1, 4]
    assert contenders(pairs, worth, room, 3).tolist() == [0, 1, 3, 4]
    assert contenders(pairs, worth, {"company_id": NO_LIMIT}, 4).tolist() == [0, 1, 2, 4]


def test_choose__one_after_the_other_would_lose__assigned_together() -> None:
    # ana's best is rob at .9; but bo has nobody except rob, and ana has uma at .8.
    pairs = pd.DataFrame(
        {"sender_id": ["ana", "ana", "bo"], "recipient_id": ["rob", "uma", "rob"], "company_id": pd.NA}
    )
    room = {
        "sender_id": pd.Series(1, index=["ana", "bo"]),
        "recipient_id": pd.Series(1, index=["rob", "uma"]),
    }
    rows = choose(pairs.astype({"company_id": "str"}), np.array([0.9, 0.8, 0.7]), room, 2)
    assert sorted(rows) == [1, 2]


def test_choose__one_sender_no_caps__the_best_in_order() -> None:
    rng = np.random.default_rng(0)
    worth = rng.random(3_000)
    pairs = pd.DataFrame({"sender_id": "ana", "recipient_id": [f"r{i}" for i in range(3_000)]})
    room = {"recipient_id": pd.Series(1, index=pairs["recipient_id"])}
    rows = choose(pairs.assign(company_id=pd.Series([None] * 3_000, dtype="str")), worth, room, 50)
    assert rows.tolist() == np.argsort(-worth)[:50].tolist()


def test_choose__nothing_offered_or_no_room__nothing() -> None:
    pairs, worth = offers(0, 8)
    assert len(choose(pairs[:0], worth[:0], {"sender_id": NO_LIMIT}, 3)) == 0
    assert len(choose(pairs, worth, {"sender_id": pd.Series(0, index=["ana", "bo", "cy"])}, 3)) == 0

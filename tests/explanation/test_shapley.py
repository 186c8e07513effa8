"""Shapley values against games whose solution is known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from influence.explanation.shapley import Attribution, Orders


def played(game: dict[frozenset[int], float], n_players: int, n_orders: int) -> Attribution:
    orders = Orders.draw(n_players, n_orders, np.random.default_rng(5))
    values = [game[frozenset(np.flatnonzero(kept).tolist())] for kept in orders.kept]
    return orders.attribute(np.array([values]))


def random_game(n_players: int, seed: int) -> dict[frozenset[int], float]:
    rng = np.random.default_rng(seed)
    players = range(n_players)
    return {
        frozenset(some): float(rng.normal())
        for size in range(n_players + 1)
        for some in itertools.combinations(players, size)
    }


def exact(game: dict[frozenset[int], float], n_players: int) -> list[float]:
    """The definition: the mean over all orders of what a player adds to those before it."""
    total = np.zeros(n_players)
    for order in itertools.permutations(range(n_players)):
        before: frozenset[int] = frozenset()
        for player in order:
            total[player] += game[before | {player}] - game[before]
            before |= {player}
    return (total / math.factorial(n_players)).tolist()


def test_attribute__gloves_worked_by_hand__left_glove_two_thirds() -> None:
    # One left glove (0), two right ones (1, 2); only a pair has a value. Shapley: 2/3, 1/6, 1/6.
    game = {
        frozenset(s): float(0 in s and len(s) > 1)
        for size in range(4)
        for s in itertools.combinations(range(3), size)
    }
    assert exact(game, 3) == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    found = played(game, 3, 3000)
    np.testing.assert_allclose(found.contributions[0], [2 / 3, 1 / 6, 1 / 6], atol=0.02)


def test_attribute__two_that_need_each_other__half_each_from_any_order() -> None:
    game = {frozenset(s): 6.0 * (len(s) == 2) for s in ([], [0], [1], [0, 1])}
    np.testing.assert_allclose(played(game, 2, 1).contributions, [[3.0, 3.0]])


@pytest.mark.parametrize("n_orders", [1, 7])
def test_attribute__any_game__base_and_contributions_sum_to_the_score(n_orders: int) -> None:
    game = random_game(5, seed=n_orders)
    found = played(game, 5, n_orders)
    assert found.score[0] == game[frozenset(range(5))]
    assert found.base[0] == pytest.approx(game[frozenset()])
    np.testing.assert_allclose(found.base + found.contributions.sum(1), found.score, atol=1e-12)


def test_attribute__random_game__near_the_definition() -> None:
    game = random_game(4, seed=3)
    np.testing.assert_allclose(played(game, 4, 4000).contributions[0], exact(game, 4), atol=0.05)


def test_attribute__additive_with_backgrounds__exact_differences() -> None:
    own, backgrounds = np.array([1.0, 5.0, -2.0]), np.array([[0.0, 1.0, 0.0], [2.0, 3.0, 4.0]])
    orders = Orders.draw(3, 2, np.random.default_rng(0))
    values = np.where(orders.kept, own, backgrounds[orders.background]).sum(1)
    found = orders.attribute(np.array([values, values + 1]))
    np.testing.assert_allclose(found.contributions, np.tile(own - backgrounds.mean(0), (2, 1)))
    np.testing.assert_allclose(found.base, [5.0, 6.0])


def test_draw__states__each_valued_once() -> None:
    orders = Orders.draw(6, 4, np.random.default_rng(1))
    states = np.column_stack((orders.background, orders.kept))
    assert len(np.unique(states, axis=0)) == len(states)
    assert orders.kept.all(1).sum() == 1
    assert (~orders.kept.any(1)).sum() == 4

"""Figures about ambassadors show the numbers that they are given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from influence.contagion.ambassadors import (
    AmbassadorLimits,
    Ambassadors,
    BySpread,
    SpreadGraph,
    choose_ambassadors,
    mix_frontier,
)
from influence.errors import DataError
from influence.evaluation.leaders.figures_ambassadors import cumulative_spread, mixes

GRAPH = SpreadGraph.build(list("aaabbc"), list("uvwxyz"), 0.5)
PEOPLE = pd.DataFrame({"contact_id": list("abc"), "leader": [3, 2, 1], "seeker": [1, 2, 3]})
SOURCE = BySpread(GRAPH, n_simulations=200)


def found(**limits: object) -> Ambassadors:
    return choose_ambassadors(
        SOURCE, PEOPLE, AmbassadorLimits.model_validate(limits), np.random.default_rng(0)
    )


def test_cumulative_spread__three_people__a_point_and_a_bar_for_each() -> None:
    total, added = cumulative_spread(found(k=3)).axes
    assert total.lines[0].get_ydata() == pytest.approx(found(k=3).people["expected"])
    assert [bar.get_height() for bar in added.patches] == pytest.approx(found(k=3).people["marginal"])


def test_cumulative_spread__nobody__says_why() -> None:
    with pytest.raises(DataError, match="3 are excluded"):
        cumulative_spread(found(exclude=list("abc")))


def test_mixes__frontier__every_mix_is_drawn() -> None:
    frontier = mix_frontier(SOURCE, PEOPLE, AmbassadorLimits(k=2), np.random.default_rng(0))
    (axes,) = mixes(frontier).axes
    shown = np.concatenate([points.get_offsets() for points in axes.collections if len(points.get_offsets())])
    assert set(shown[:, 0]) >= {0.0, 0.5, 1.0}
    with pytest.raises(DataError, match="no mix holds anybody"):
        mixes(frontier.assign(n_leaders=0, n_seekers=0))

"""Reasons against what was planted, and against taking away what they name."""

from __future__ import annotations

import numpy as np
import pytest
from tests.explanation.conftest import Explained

from influence.evaluation.reasons import deletion_effects, order_agreement, rankings, sign_agreement

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("group", ["mutual", "dealings", "geography"])
def test_contributions__planted_effect_that_can_be_seen__right_sign_and_order(
    explained: Explained, group: str
) -> None:
    found = sign_agreement(explained.told, explained.worth).loc[group]
    assert found["n_clear"] >= 30
    assert found["right_sign"] > 0.8
    assert found["spearman"] > 0.5


def test_contributions__time_and_note__next_to_nothing_beside_what_matters(explained: Explained) -> None:
    spread = explained.told.std()
    assert max(spread["time"], spread["note"]) < 0.3 * min(spread["mutual"], spread["dealings"])


def test_contributions__within_a_request__in_the_planted_order_unlike_those_of_another(
    explained: Explained,
) -> None:
    own = order_agreement(explained.told, explained.worth)
    swapped = explained.told.iloc[np.roll(np.arange(len(own)), 1)].reset_index(drop=True)
    others = order_agreement(swapped, explained.worth)
    error = (own - others).std() / np.sqrt(len(own))
    assert (own - others).mean() > 3 * error


@pytest.mark.parametrize("n_removed", [1, 3])
def test_deletion__named_reasons__move_the_score_more_than_random_ones(
    explained: Explained, n_removed: int
) -> None:
    ways = rankings(explained.told.to_numpy(), np.random.default_rng(2))
    fresh = explained.explainer(7, seed=5)
    named, drawn = (
        deletion_effects(fresh, explained.queries, ways[way], n_removed) for way in ("named", "random")
    )
    gain = named - drawn
    assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain))


def test_deletion__nothing_or_everything__stays_or_becomes_the_background(explained: Explained) -> None:
    explainer, queries = explained.explainer(7), explained.queries[:5]
    none, every = np.zeros((5, 15), bool), np.ones((5, 15), bool)
    np.testing.assert_allclose(explainer.without(queries, none), explainer.score(queries), atol=1e-6)
    np.testing.assert_allclose(
        explainer.without(queries, every), explainer.attribute(queries).base, atol=1e-6
    )

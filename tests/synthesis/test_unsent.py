"""The true chance of any invitation: as the truth says of those sent, and sensible for others."""

from __future__ import annotations

import numpy as np

from influence.synthesis import World
from influence.synthesis.making import Making
from influence.synthesis.unsent import true_chances


def test_true_chances__invitations_really_sent__the_truth_of_the_world(making: Making, world: World) -> None:
    sent = world.network.table("invitations").merge(world.truth["acceptance"], on="invitation_id")
    np.testing.assert_allclose(true_chances(making, sent), sent["p_within_3_weeks"], atol=1e-6)


def test_true_chances__asked_alone_or_without_a_note__by_itself_and_no_higher(
    making: Making, world: World
) -> None:
    sent = world.network.table("invitations").query("has_note").sample(40, random_state=2)
    together = true_chances(making, sent)
    np.testing.assert_allclose(true_chances(making, sent.iloc[5:9]), together[5:9])
    assert (true_chances(making, sent.assign(has_note=False)) <= together).all()

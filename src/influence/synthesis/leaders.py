"""Who leads opinion: influence and susceptibility per topic, planted apart from the number of ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from influence.synthesis.config import WorldConfig
from influence.synthesis.people import People
from influence.synthesis.sampling import Floats

LEADER_SHARE = 0.02
LEADER_STRENGTH = 10.0
"""How much more an opinion leader sways others on her own topic."""
OWN_TOPIC_STRENGTH = 2.5
OWN_TOPIC_OPENNESS = 1.5
SWAYED_BY_ONE = 0.3
"""Expected number of take-ups that one person of median influence and degree sets off directly."""
MOST = 0.6
"""Upper limit of the chance that one person sways another."""


@dataclass(frozen=True)
class Sway:
    """Everybody's influence and susceptibility; p(u -> v, topic) is their product, at most `MOST`."""

    influence: Floats
    """[n, topics]; zero in the no-effect world."""
    susceptibility: Floats
    """[n, topics] mean near 1."""
    leader: np.ndarray
    """[n] whether a person was planted as an opinion leader on her own main topic."""


def make_sway(config: WorldConfig, people: People) -> Sway:
    """Draw influence and susceptibility: by nature and topic, never by degree."""
    rng = config.rng("sway")
    n, topics = config.n_contacts, config.n_topics
    own = people.interest[:, None] == np.arange(topics)
    leader = rng.random(n) < LEADER_SHARE
    influence = (
        SWAYED_BY_ONE
        / config.degree
        * rng.lognormal(0.0, 0.6, n)[:, None]
        * np.where(own, OWN_TOPIC_STRENGTH, 1)
    )
    influence = influence * np.where(own & leader[:, None], LEADER_STRENGTH, 1.0)
    nature = rng.lognormal(-0.08, 0.4, n)[:, None]
    susceptibility = nature * rng.lognormal(-0.02, 0.2, (n, topics)) * np.where(own, OWN_TOPIC_OPENNESS, 1.0)
    return Sway(influence * config.effect, susceptibility, leader & config.effect)

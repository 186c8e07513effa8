"""The synthetic world: a team's records with a known truth beside them."""

from influence.synthesis.config import WorldConfig
from influence.synthesis.world import World, simulate, synthesize, write_world

__all__ = ["World", "WorldConfig", "simulate", "synthesize", "write_world"]

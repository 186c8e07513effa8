"""What people publish, and which of their actions are reactions to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from influence.synthesis.activity import KIND, Actions, draw_topics
from influence.synthesis.config import SECONDS_PER_DAY, WorldConfig
from influence.synthesis.people import People
from influence.synthesis.sampling import Ints, draw_weighted

PER_CONTACT = 0.6
FRESH_DAYS = 120
REACTIONS = ("like", "comment", "share", "view")


@dataclass(frozen=True)
class Contents:
    """Posts in order of time."""

    author: Ints
    at: Ints
    topic: Ints

    def __len__(self) -> int:
        return len(self.author)


def make_contents(config: WorldConfig, people: People) -> Contents:
    """Draw the posts: authors by activity, topics by main interest."""
    rng = config.rng("contents")
    size = round(PER_CONTACT * config.n_contacts)
    author = draw_weighted(people.activity, size, rng)
    at = np.sort(rng.integers(0, config.seconds, size))
    return Contents(author, at, draw_topics(people.interest[author], config.n_topics, rng))


def reactions_to(contents: Contents, actions: Actions, n_topics: int) -> Ints:
    """[actions] the target's latest fresh post on the topic of a reacting action; else -1."""
    if not len(contents):
        return np.full(len(actions), -1, np.int64)
    span = int(max(contents.at.max(), actions.at.max(initial=0))) + 1
    key = (contents.author * n_topics + contents.topic) * span + contents.at
    order = np.argsort(key)
    wanted = (actions.target * n_topics + actions.topic) * span + actions.at
    slot = np.searchsorted(key[order], wanted) - 1
    age = wanted - key[order][np.maximum(slot, 0)]
    reacting = np.isin(actions.kind, [KIND[name] for name in REACTIONS])
    fresh = (slot >= 0) & (age <= np.minimum(FRESH_DAYS * SECONDS_PER_DAY, actions.at))
    return np.where(reacting & fresh, order[np.maximum(slot, 0)], -1)

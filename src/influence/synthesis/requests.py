"""Who invites whom, when, with a note or not, and what the two did before."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from influence.synthesis.activity import KIND, Actions, draw_topics
from influence.synthesis.config import SECONDS_PER_DAY, WorldConfig
from influence.synthesis.people import People
from influence.synthesis.sampling import Adjacency, Floats, Groups, Ints, draw_weighted, unique_pairs
from influence.synthesis.ties import Ties

CHANNELS = {"friend_of_friend": 0.60, "own_industry": 0.12, "own_country": 0.12, "anyone": 0.16}
"""How senders come upon recipients."""
CLOSEST_SHARE = 0.5
"""Share of the senders who, of several friends' friends, choose the one with most mutual connections."""
NOTE_SHARE = 0.45
WARM_SHARE = 0.40
"""Share of the invitations before which the two had dealings in the recorded window."""
_WARM_KINDS = ("view", "like", "comment", "message", "email")


@dataclass(frozen=True)
class Requests:
    """Invitations as sent, in order of time; times in seconds since the start."""

    sender: Ints
    recipient: Ints
    at: Ints
    note: np.ndarray

    def __len__(self) -> int:
        return len(self.sender)


def make_requests(config: WorldConfig, people: People, ties: Ties, lists: Adjacency) -> Requests:
    """Draw the invitations: never to oneself, to a standing tie, or twice within a pair."""
    rng = config.rng("requests")
    wanted = max(1, round(config.n_contacts * config.invitations_per_contact))
    size = round(wanted * 1.4) + 50
    sender = _senders(config, people, size, rng)
    at = np.sort((config.seconds * _growing(size, rng)).astype(np.int64))
    recipient = _recipients(people, ties, lists, sender, at, rng)
    acquainted = _acquainted(sender, np.maximum(recipient, 0), lists.start, lists.neighbour)
    kept = unique_pairs(sender, np.where(acquainted, -1, recipient), config.n_contacts)
    if len(kept) > wanted:
        kept = np.sort(rng.choice(kept, wanted, replace=False))
    note = rng.random(len(kept)) < NOTE_SHARE
    return Requests(sender[kept], recipient[kept], at[kept], note)


def make_warm_up(config: WorldConfig, people: People, requests: Requests) -> Actions:
    """Dealings of the two before some invitations, most of them by the recipient."""
    rng = config.rng("warm")
    warm = np.flatnonzero(rng.random(len(requests)) < WARM_SHARE)
    row = np.repeat(warm, 1 + rng.poisson(1.2, len(warm)))
    age = 60 + (rng.exponential(25 * SECONDS_PER_DAY, len(row))).astype(np.int64)
    at = requests.at[row] - age
    row, at = row[at >= 0], at[at >= 0]
    by_recipient = rng.random(len(row)) < 0.65
    actor = np.where(by_recipient, requests.recipient[row], requests.sender[row])
    target = np.where(by_recipient, requests.sender[row], requests.recipient[row])
    kind = np.array([KIND[name] for name in _WARM_KINDS])[
        rng.choice(5, len(row), p=(0.3, 0.3, 0.15, 0.15, 0.1))
    ]
    topic = draw_topics(people.interest[actor], config.n_topics, rng)
    return Actions.concatenate([Actions(actor, target, kind, at, topic)])


def make_follow_up(config: WorldConfig, people: People, requests: Requests, accepted_at: Ints) -> Actions:
    """Messages and the like of the two after an acceptance; `accepted_at` beyond the end means none."""
    rng = config.rng("follow up")
    row = np.repeat(
        np.arange(len(requests)), rng.poisson(1.5, len(requests)) * (accepted_at <= config.seconds)
    )
    at = accepted_at[row] + 60 + rng.exponential(40 * SECONDS_PER_DAY, len(row)).astype(np.int64)
    row, at = row[at < config.seconds], at[at < config.seconds]
    by_sender = rng.random(len(row)) < 0.5
    actor = np.where(by_sender, requests.sender[row], requests.recipient[row])
    target = np.where(by_sender, requests.recipient[row], requests.sender[row])
    names = ("message", "like", "comment", "meeting", "recommend")
    kind = np.array([KIND[name] for name in names])[rng.choice(5, len(row), p=(0.45, 0.3, 0.12, 0.1, 0.03))]
    return Actions.concatenate(
        [Actions(actor, target, kind, at, draw_topics(people.interest[actor], config.n_topics, rng))]
    )


def _growing(size: int, rng: np.random.Generator) -> Floats:
    """Points in [0, 1) whose density doubles from the first to the last."""
    return (np.sqrt(1 + 3 * rng.random(size)) - 1).clip(0, 1 - 1e-12)


def _senders(config: WorldConfig, people: People, size: int, rng: np.random.Generator) -> Ints:
    effort = rng.lognormal(0.0, 0.5, config.n_contacts)
    own = draw_weighted(effort * people.own_team, size, rng)
    # Few of the others send much: the same people who act much.
    others = draw_weighted(
        np.sqrt(people.activity) * people.sociability * effort * ~people.own_team, size, rng
    )
    return np.where(rng.random(size) < config.own_share, own, others)


def _recipients(
    people: People, ties: Ties, lists: Adjacency, sender: Ints, at: Ints, rng: np.random.Generator
) -> Ints:
    size, weight = len(sender), people.popularity
    anyone = draw_weighted(weight, size, rng)
    groups = (people.industry, people.country)
    same = [Groups.of(group, weight, int(group.max()) + 1).draw(group[sender], rng) for group in groups]
    friend = _friends_of_friends(
        sender, at, rng.random((size, 7)), lists.start, lists.neighbour, lists.tie, ties.connected_at, weight
    )
    friend = np.where(friend >= 0, friend, anyone)
    channel = rng.choice(len(CHANNELS), size, p=list(CHANNELS.values()))
    return np.choose(channel, [friend, *same, anyone])


@numba.njit(cache=True)
def _friends_of_friends(
    sender: Ints,
    at: Ints,
    chance: Floats,
    start: Ints,
    neighbour: Ints,
    tie: Ints,
    connected: Ints,
    weight: Floats,
) -> Ints:  # pragma: no cover - compiled
    """Of three friends' friends, over ties older than the time, the most popular one or the closest one.

    The first column of `chance` says by which of the two a sender chooses; two more serve each try.
    """
    found = np.full(len(sender), -1, np.int64)
    mark = np.full(len(weight), -1, np.int64)
    for row in range(len(sender)):
        person, highest = sender[row], -1.0
        low, high = start[person], start[person + 1]
        mark[neighbour[low:high]] = row
        mark[person] = row
        for attempt in range(1, chance.shape[1], 2):
            if high == low:
                break
            first = low + int(chance[row, attempt] * (high - low))
            begin, end = start[neighbour[first]], start[neighbour[first] + 1]
            second = begin + int(chance[row, attempt + 1] * (end - begin))
            other = neighbour[second]
            if mark[other] == row or connected[tie[first]] >= at[row] or connected[tie[second]] >= at[row]:
                continue
            worth = weight[other]
            if chance[row, 0] < CLOSEST_SHARE:
                worth = float((mark[neighbour[start[other] : start[other + 1]]] == row).sum())
            if worth > highest:
                found[row], highest = other, worth
    return found


@numba.njit(cache=True)
def _acquainted(a: Ints, b: Ints, start: Ints, neighbour: Ints) -> np.ndarray:  # pragma: no cover - compiled
    """Whether each pair is tied at any time (lists are sorted by neighbour)."""
    found = np.zeros(len(a), np.bool_)
    for row in range(len(a)):
        low, high = start[a[row]], start[a[row] + 1]
        place = low + np.searchsorted(neighbour[low:high], b[row])
        found[row] = place < high and neighbour[place] == b[row]
    return found

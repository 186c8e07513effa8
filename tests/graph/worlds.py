"""Small networks for tests of the graph: random ones, and one small enough to be worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from influence.data import Network

START = pd.Timestamp("2025-01-01", tz="UTC")


def at(days: float) -> pd.Timestamp:
    """A moment, in days since the start."""
    return START + pd.Timedelta(days=days)


def random_network(seed: int, n_people: int = 25, n_invitations: int = 120, days: float = 90.0) -> Network:
    """Invitations, connections, messages and changing contacts among a few people."""
    rng = np.random.default_rng(seed)
    people = np.array([f"p{i:02d}" for i in range(n_people)])

    def pairs(n: int) -> tuple[np.ndarray, np.ndarray]:
        source = rng.integers(n_people, size=n)
        return people[source], people[(source + rng.integers(1, n_people, size=n)) % n_people]

    sender, recipient = pairs(n_invitations)
    sent = START + pd.to_timedelta(rng.uniform(0, days, n_invitations), unit="D").round("s")
    delay = pd.to_timedelta(rng.lognormal(0, 2, n_invitations), unit="D").round("s")
    outcome = rng.choice(
        ["accepted", "declined", "pending", "withdrawn"], n_invitations, p=[0.5, 0.15, 0.3, 0.05]
    )
    answered = (outcome != "pending") & (sent + delay < at(days + 30))
    invitations = pd.DataFrame(
        {
            "invitation_id": [f"i{i:04d}" for i in range(n_invitations)],
            "sender_id": sender,
            "recipient_id": recipient,
            "sent_at": sent,
            "has_note": rng.random(n_invitations) < 0.5,
            "outcome": np.where(answered, outcome, "pending"),
            "responded_at": pd.Series(sent + delay).where(pd.Series(answered)),
            "observed_until": at(days + 30),
        }
    )
    actor, target = pairs(4 * n_invitations)
    interactions = pd.DataFrame(
        {
            "event_id": [f"e{i:05d}" for i in range(len(actor))],
            "actor_id": actor,
            "target_id": target,
            "kind": rng.choice(["message", "like", "comment"], len(actor)),
            "at": START + pd.to_timedelta(rng.uniform(-30, days, len(actor)), unit="D").round("s"),
        }
    )
    source, other = pairs(2 * n_people)
    low, high = np.where(source < other, source, other), np.where(source < other, other, source)
    ties = pd.DataFrame({"source_id": low, "target_id": high}).drop_duplicates(ignore_index=True)
    formed = START + pd.to_timedelta(rng.uniform(-100, days, len(ties)), unit="D").round("s")
    connections = ties.assign(
        connected_at=pd.Series(formed).mask(pd.Series(rng.random(len(ties)) < 0.2)),
        removed_at=pd.Series(formed + pd.Timedelta(days=40)).where(pd.Series(rng.random(len(ties)) < 0.2)),
    )
    connections.loc[connections["connected_at"].isna(), "removed_at"] = pd.NaT
    contacts = pd.DataFrame(
        {
            "contact_id": np.concatenate((people, people[: n_people // 2])),
            "observed_at": [at(-200.0)] * n_people + [at(days / 2)] * (n_people // 2),
            "country": rng.choice(["DE", "FR", "NA"], n_people + n_people // 2),
            "industry": rng.choice(["tools", "food"], n_people + n_people // 2),
            "seniority": rng.choice(["manager", "c_suite"], n_people + n_people // 2),
            "n_connections": rng.integers(5, 500, n_people + n_people // 2),
        }
    )
    return Network.from_tables(
        {
            "invitations": invitations,
            "interactions": interactions,
            "connections": connections,
            "contacts": contacts,
        }
    )


def small_network() -> Network:
    """Six people and a history that can be worked by hand.

    ann and bob share cat (since day 2) and dan (since day 5, ended on day 8); eve knows cat only.
    """
    connections = pd.DataFrame(
        {
            "source_id": ["ann", "bob", "ann", "bob", "cat", "ann"],
            "target_id": ["cat", "cat", "dan", "dan", "eve", "fay"],
            "connected_at": [at(1), at(2), at(4), at(5), at(3), at(9)],
            "removed_at": [None, None, None, at(8), None, None],
        }
    )
    invitations = pd.DataFrame(
        {
            "invitation_id": ["1", "2", "3"],
            "sender_id": ["ann", "eve", "ann"],
            "recipient_id": ["bob", "bob", "bob"],
            "sent_at": [at(6), at(6.5), at(10)],
            "outcome": ["accepted", "pending", "declined"],
            "responded_at": [at(7), None, at(11)],
            "observed_until": [at(60)] * 3,
        }
    )
    interactions = pd.DataFrame(
        {
            "event_id": ["m1", "m2", "m3"],
            "actor_id": ["ann", "ann", "bob"],
            "target_id": ["bob", "bob", "ann"],
            "kind": ["message"] * 3,
            "at": [at(6), at(7), at(8)],
        }
    )
    return Network.from_tables(
        {"connections": connections, "invitations": invitations, "interactions": interactions}
    )

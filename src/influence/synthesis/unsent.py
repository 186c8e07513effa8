"""What the laws of a world say about any invitation, sent or not: the truth to check plans against."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from influence.synthesis import acceptance as law
from influence.synthesis import activity
from influence.synthesis.activity import Actions
from influence.synthesis.forecast import to_horizons
from influence.synthesis.making import Making, with_won_ties
from influence.synthesis.requests import Requests, make_warm_up
from influence.synthesis.sampling import Adjacency, Floats
from influence.synthesis.tables import Ids


def true_chances(making: Making, pairs: pd.DataFrame) -> Floats:
    """The chance that each invitation would be accepted within three weeks, all latent traits known.

    Each one is judged by itself, as one more invitation in a world that otherwise stays as it is.

    Parameters
    ----------
    making
        A world in which acceptance follows its laws (`effect` on).
    pairs
        (n,) rows of sender_id, recipient_id, sent_at and has_note; no pair twice.

    Returns
    -------
    float64 [n], for an invitation that was really sent the `p_within_3_weeks` of `truth/acceptance.parquet`.
    """
    asked = _requests(making, pairs)
    config, people, laws, size = making.config, making.people, making.laws, len(pairs)
    along_ties = activity.make_actions(config, people, making.sway, making.ties, making.lists)
    facts = law.see_facts(config, making.firms, people, asked, _dealings(making, asked), along_ties)
    facts = replace(facts, load=law.load_before(making.requests, asked.recipient, asked.at))
    base = law.seen_logit(laws, facts, np.zeros(size), config.seconds) + law.hidden_logit(laws, people, asked)
    ties = with_won_ties(config, making.ties, making.requests, making.answers)
    lists = Adjacency.of(ties.source, ties.target, config.n_contacts)
    _, p_ever, _ = law.walk(
        asked.sender, asked.recipient, asked.at, base, laws.mutual_peak, np.ones(size),
        np.full(size, law.FAR), config.n_contacts, lists.start, lists.neighbour, lists.tie,
        ties.connected_at, ties.removed_at,
    )  # fmt: skip
    p_fast = law.sigmoid(law.haste_logit(laws, people, asked.recipient))
    return np.asarray(to_horizons(p_ever, p_fast).p_within_3_weeks)


def _requests(making: Making, pairs: pd.DataFrame) -> Requests:
    contacts = pd.Index(Ids(making.config).contact)
    seconds = (pairs["sent_at"] - making.config.started_at) // pd.Timedelta(seconds=1)
    return Requests(
        contacts.get_indexer(pairs["sender_id"]).astype(np.int64),
        contacts.get_indexer(pairs["recipient_id"]).astype(np.int64),
        seconds.to_numpy(np.int64),
        pairs["has_note"].to_numpy(bool),
    )


def _dealings(making: Making, asked: Requests) -> Actions:
    """What the two had done with each other by then, of all that came before invitations."""
    n, events = making.config.n_contacts, make_warm_up(making.config, making.people, making.requests)
    key = np.minimum(asked.sender, asked.recipient) * n + np.maximum(asked.sender, asked.recipient)
    order = np.argsort(key)
    wanted = np.minimum(events.actor, events.target) * n + np.maximum(events.actor, events.target)
    place = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    row = order[place]
    kept = (key[row] == wanted) & (events.at < asked.at[row])
    return Actions(*(getattr(events, name)[kept] for name in Actions.__dataclass_fields__))

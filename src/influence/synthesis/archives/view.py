"""What the archives of some people can show of a world: the rows that touch them, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from influence.data import Network
from influence.data.checks import export_time
from influence.synthesis.archives.links import activity_ids

BOTH_WAYS = ("message", "endorse")
"""Kinds of interaction that the archives of both ends hold."""
OWN = ("like", "comment", "share")
"""Kinds that only the archive of who acted holds."""


@dataclass(frozen=True)
class View:
    """The rows of a world that touch the owners of archives, as of its export.

    Attributes
    ----------
    owners : ids of those whose archives are written
    connections : standing ones: source_id, target_id, connected_at
    invitations : as in the schema
    interactions : of the kinds that archives hold, with the `activity` number of the post reacted to and a
        `number` of their own
    contents : own posts, with their `activity` number
    exported_at : when the archives are taken: the end of the world
    """

    owners: tuple[str, ...]
    connections: pd.DataFrame
    invitations: pd.DataFrame
    interactions: pd.DataFrame
    contents: pd.DataFrame
    exported_at: pd.Timestamp

    @classmethod
    def of(cls, network: Network, owners: Sequence[str]) -> View:
        """The view of these people."""
        exported_at = export_time(dict(network.tables)) or network.last_observed_at
        ties, sent = network.table("connections"), network.table("invitations")
        ties = ties[ties["removed_at"].isna() & _touches(ties, "source_id", "target_id", owners)]
        sent = sent[_touches(sent, "sender_id", "recipient_id", owners)]
        posts = network.table("contents")
        posts = posts.assign(
            activity=activity_ids(posts["at"], np.arange(len(posts)), np.ones(len(posts), bool))
        )
        return cls(
            tuple(owners),
            ties.reset_index(drop=True),
            sent.reset_index(drop=True),
            _interactions(network, posts, owners),
            posts[posts["author_id"].isin(owners)].reset_index(drop=True),
            exported_at,
        )


def _touches(rows: pd.DataFrame, one: str, other: str, owners: Sequence[str]) -> pd.Series:
    return rows[one].isin(owners) | rows[other].isin(owners)


def _interactions(network: Network, posts: pd.DataFrame, owners: Sequence[str]) -> pd.DataFrame:
    """What archives hold of who did what; a reaction to a post that no table holds is to one of its own."""
    rows = network.table("interactions").reset_index(drop=True)
    mine = rows["kind"].isin(OWN) & rows["actor_id"].isin(owners)
    ours = rows["kind"].isin(BOTH_WAYS) & _touches(rows, "actor_id", "target_id", owners)
    rows = rows[mine | ours]
    recorded = rows["content_id"].map(posts.set_index("content_id")["activity"])
    other = activity_ids(rows["at"], rows.index.to_numpy(), np.zeros(len(rows), bool))
    return rows.assign(activity=recorded.fillna(other), number=other).reset_index(drop=True)

"""How a contact's own contents were received: reactions per content, an empirical-Bayes rate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from influence.contagion.position import Columns
from influence.contagion.shrinkage import shrunk_rates
from influence.data import Network

REACTIONS = ("like", "comment", "share", "mention", "endorse", "recommend")


def contents_columns(network: Network, contact_ids: pd.Index, topic: str | None = None) -> Columns:
    """Own contents and reactions to them, of one topic or of all; the network is as known at the moment.

    `reactions_per_content` is drawn towards everybody's rate the fewer the contents; NaN
    where the records hold no contents.
    """
    contents = network.table("contents").drop_duplicates("content_id")
    reactions = network.table("interactions")
    reactions = reactions[reactions["kind"].isin(REACTIONS) & reactions["content_id"].notna()]
    if topic is not None:
        contents = contents[contents["topic"] == topic]
    author = contents.set_index("content_id")["author_id"].reindex(reactions["content_id"])
    n_contents, n_reactions = (
        np.bincount(_positions(ids, contact_ids), minlength=len(contact_ids)).astype(np.float64)
        for ids in (contents["author_id"], author)
    )
    return {
        "log_contents": np.log1p(n_contents),
        "log_reactions": np.log1p(n_reactions),
        "reactions_per_content": shrunk_rates(n_reactions, n_contents),
    }


def _positions(ids: pd.Series, contact_ids: pd.Index) -> np.ndarray:
    found = contact_ids.get_indexer(pd.Index(ids.dropna(), dtype="str"))
    return found[found >= 0]

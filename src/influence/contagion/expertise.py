"""Who knows what, and which contents earn reactions from whom."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.contagion.shrinkage import BetaBinomial
from influence.contagion.standing import APPROVES, JUDGED_AFTER_DAYS, credibility
from influence.contagion.takeups import TakeUps, ties_of
from influence.data import Network
from influence.errors import ConfigError, nearest
from influence.graph.temporal import TemporalGraph, microseconds
from influence.graph.timeline import MICROSECONDS_PER_DAY

Ints = NDArray[np.int64]

EARLY = 0.16
"""The first part of an item's take-ups: innovators and early adopters of Rogers (1962)."""
VOUCHES = ("endorse", "recommend")
"""Interactions by which others say that somebody knows a topic."""
ROLES = ("seniority", "job_function", "industry", "country")
"""Attributes that authors and readers can be told apart by."""


def experts(network: Network, topic: str) -> pd.DataFrame:
    """Who knows a topic, the most expert first.

    `score` is the mean, over the kinds of evidence that the records hold on this topic, of a person's rank
    from 0 to 1 among everybody with any evidence: take-ups of its items among their first (`EARLY`), contents
    on it, credibility of these, and others vouching for the person on it (`VOUCHES`).

    Returns
    -------
    contact_id, score, n_early, n_contents, credibility, n_vouched, n_evidence : `credibility` is NaN where no
        content can be judged; empty where nothing on the topic is on record

    Raises
    ------
    ConfigError
        If no record names the topic.
    """
    found = pd.DataFrame(
        {
            "n_early": _early(network, topic),
            "n_contents": _written(network, topic),
            "n_vouched": _vouched(network, topic),
        }
    )
    judged = credibility(network)
    judged = judged[judged["topic"] == topic].set_index("contact_id")["credibility"]
    found = found.reindex(found.index.union(judged.index)).fillna(0).astype(np.int64)
    found["credibility"] = judged.reindex(found.index)
    if not len(found):
        _check_topic(network, topic)
    told = found.fillna({"credibility": 0.0})
    told = told[[name for name in told if told[name].any()]]
    found["score"] = ((told.rank(method="average") - 0.5) / max(len(told), 1)).mean(axis=1)
    found["n_evidence"] = found[["n_early", "n_contents", "n_vouched"]].sum(axis=1)
    found = found.rename_axis("contact_id").reset_index()
    columns = ["contact_id", "score", "n_early", "n_contents", "credibility", "n_vouched", "n_evidence"]
    return found[columns].sort_values(["score", "contact_id"], ascending=[False, True], ignore_index=True)


def _early(network: Network, topic: str) -> pd.Series:
    """Early take-ups of a topic's items, by contact; simultaneous ones are early together or not at all."""
    if not len(network.table("adoptions")):
        return pd.Series(dtype=float)
    take_ups = TakeUps.of(network)
    size = np.diff(take_ups.ptr)[take_ups.item]
    rank = pd.Series(take_ups.at).groupby(take_ups.item).rank(method="max").to_numpy()
    on_topic = take_ups.topic == take_ups.topics.get_indexer(pd.Index([topic]))[0]
    early = (rank <= np.ceil(EARLY * size)) & (size > 1) & on_topic & (take_ups.topic >= 0)
    return pd.Series(take_ups.contact_ids[take_ups.contact[early]]).value_counts()


def _written(network: Network, topic: str) -> pd.Series:
    rows = network.table("contents").drop_duplicates("content_id")
    return rows.loc[rows["topic"] == topic, "author_id"].value_counts()


def _vouched(network: Network, topic: str) -> pd.Series:
    """How many different people vouched for each contact on the topic."""
    rows = network.table("interactions")
    rows = rows[
        rows["kind"].isin(VOUCHES) & (rows["topic"] == topic) & (rows["actor_id"] != rows["target_id"])
    ]
    return rows.drop_duplicates(["actor_id", "target_id"])["target_id"].value_counts()


def topics_of(network: Network) -> list[str]:
    """Every topic that take-ups, contents or interactions name, sorted."""
    tables = ("adoptions", "contents", "interactions")
    return sorted(set().union(*(network.table(name)["topic"].dropna().unique() for name in tables)))


def _check_topic(network: Network, topic: str) -> None:
    known = topics_of(network)
    if topic not in known:
        raise ConfigError(f"No record names the topic {topic!r}. {nearest(topic, known)}")


def reactions_earned(
    network: Network, *, author: str = "seniority", reader: str = "industry"
) -> pd.DataFrame:
    """Which contents earn reactions from whom: rates by topic, role of the author and role of the reader.

    Everybody tied to an author when a content came out could have reacted to it; whoever did so in its first
    `JUDGED_AFTER_DAYS` counts once.  Rates of rare combinations are drawn towards that of all.

    Parameters
    ----------
    author, reader
        An attribute of contacts: `ROLES`.

    Returns
    -------
    topic, author, reader, n_could, n_reacted, rate, low, high : highest rate first
    """
    for name in (author, reader):
        if name not in ROLES:
            raise ConfigError(f"There is no role {name!r}. {nearest(name, ROLES)}")
    contents = _readable(network)
    content, who = _readers(network, contents)
    reacted = _reacted(network, contents, content, who)
    frame = pd.DataFrame(
        {
            "topic": contents["topic"].to_numpy()[content],
            "author": network.latest("contacts", [author])[author]
            .reindex(contents["author_id"])
            .to_numpy()[content],
            "reader": network.latest("contacts", [reader])[reader].to_numpy()[who],
            "reacted": reacted,
        }
    )
    found = frame.groupby(["topic", "author", "reader"])["reacted"].agg(["size", "sum"]).reset_index()
    found = found.rename(columns={"size": "n_could", "sum": "n_reacted"})
    k, n = found["n_reacted"].to_numpy(np.float64), found["n_could"].to_numpy(np.float64)
    rate, low, high = BetaBinomial.fit(k, n).posterior(k, n)
    found = found.assign(rate=rate, low=low, high=high)
    return found.sort_values(
        ["rate", "topic", "author", "reader"], ascending=[False, True, True, True], ignore_index=True
    )


def _readable(network: Network) -> pd.DataFrame:
    """Contents whose first days are over, in the order of their ids."""
    rows = network.table("contents").drop_duplicates("content_id").sort_values("content_id")
    if not len(rows):
        return rows
    over = rows["at"] <= network.last_observed_at - pd.Timedelta(days=JUDGED_AFTER_DAYS)
    return rows[over].reset_index(drop=True)


def _readers(network: Network, contents: pd.DataFrame) -> tuple[Ints, Ints]:
    """Every content with everybody tied to its author by then: rows of contents, positions of readers."""
    ties = ties_of(TemporalGraph(network))
    author = network.contact_ids.get_indexer(pd.Index(contents["author_id"]))
    at = microseconds(contents["at"])
    size = ties.ptr[author + 1] - ties.ptr[author]
    content = np.repeat(np.arange(len(contents)), size)
    slot = np.arange(size.sum()) + np.repeat(ties.ptr[author] - np.append(0, size.cumsum()[:-1]), size)
    holds = (ties.since[slot] < at[content]) & (at[content] <= ties.until[slot])
    return content[holds], ties.neighbour[slot[holds]]


def _reacted(network: Network, contents: pd.DataFrame, content: Ints, who: Ints) -> NDArray[np.bool_]:
    """Whether each reader reacted to each content in its first days."""
    rows = network.table("interactions")
    rows = rows[rows["kind"].isin(APPROVES) & rows["content_id"].notna()]
    target = pd.Index(contents["content_id"]).get_indexer(pd.Index(rows["content_id"]))
    age = microseconds(rows["at"]) - microseconds(contents["at"])[target]
    soon = (target >= 0) & (age >= 0) & (age < JUDGED_AFTER_DAYS * MICROSECONDS_PER_DAY)
    actor, n = network.contact_ids.get_indexer(pd.Index(rows["actor_id"])), len(network.contact_ids)
    return np.isin(content * n + who, target[soon] * n + actor[soon])

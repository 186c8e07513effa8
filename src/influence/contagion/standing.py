"""The standing of people: credibility, impartiality, reach abroad, and the topics that they lead.

Everything is computed from the records as given; for what was known at t give `network.as_of(t)`, and
take-ups, exposures and shares made from it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta

from influence.contagion.seekers import information_seekers
from influence.contagion.shrinkage import BetaBinomial
from influence.contagion.takeups import Exposures, TakeUps
from influence.data import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

APPROVES = ("like", "share", "endorse", "recommend", "comment")
"""Reactions to a content that approve of it, unless their sentiment is negative."""
JUDGED_AFTER_DAYS = 30
"""A contribution is judged by the reactions of its first days, and not before they are over."""
LEADS = 0.05
"""Who leads a topic: so large a part of those who took something up on it."""
FEWEST_CREDIT = 1.0
"""Nobody leads a topic with less credit than that of one take-up."""


def contributions(network: Network) -> pd.DataFrame:
    """Every content that can be judged by now, and whether it was well received.

    Well received: within its first `JUDGED_AFTER_DAYS` more people approved (`APPROVES`) than
    disapproved (reacted with negative sentiment), the author left out.  Where no interaction names a
    content, the latest counts of likes, comments and shares stand in.

    Returns
    -------
    content_id, author_id, topic, n_approving, n_disapproving, well_received
    """
    rows = network.table("contents").sort_values("observed_at", kind="stable", na_position="first")
    rows = rows.drop_duplicates("content_id", keep="last").sort_values("content_id", ignore_index=True)
    if not len(rows):
        return pd.DataFrame(columns=_CONTRIBUTION_COLUMNS)
    rows = rows[rows["at"] <= network.last_observed_at - pd.Timedelta(days=JUDGED_AFTER_DAYS)]
    reactions = network.table("interactions")
    reactions = reactions[reactions["content_id"].notna()]
    if len(reactions):
        counts = _opinions(reactions, rows)
        rows = rows.join(counts, on="content_id").fillna({"n_approving": 0, "n_disapproving": 0})
    else:
        told = rows[["n_likes", "n_comments", "n_shares"]].astype("float64")
        rows = rows.assign(n_approving=told.sum(axis=1, min_count=1), n_disapproving=0.0)
        rows = rows[rows["n_approving"].notna()]
    well = rows["n_approving"] > rows["n_disapproving"]
    return rows.assign(well_received=well)[list(_CONTRIBUTION_COLUMNS)].reset_index(drop=True)


_CONTRIBUTION_COLUMNS = (
    "content_id", "author_id", "topic", "n_approving", "n_disapproving", "well_received",
)  # fmt: skip


def _opinions(reactions: pd.DataFrame, contents: pd.DataFrame) -> pd.DataFrame:
    """Who approved and disapproved of each content in its first days: everybody once, never the author."""
    found = reactions.merge(
        contents[["content_id", "author_id", "at"]], on="content_id", suffixes=("", "_content")
    )
    age = found["at"] - found["at_content"]
    found = found[(age >= pd.Timedelta(0)) & (age < pd.Timedelta(days=JUDGED_AFTER_DAYS))]
    found = found[(found["actor_id"] != found["author_id"]) & found["kind"].isin(APPROVES)]
    against = (found["sentiment"] < 0).fillna(False).astype(bool)
    one_each = (
        found.assign(against=against).groupby(["content_id", "actor_id"])["against"].max().reset_index()
    )
    counts = one_each.groupby("content_id")["against"].agg(["size", "sum"])
    return pd.DataFrame(
        {"n_approving": counts["size"] - counts["sum"], "n_disapproving": counts["sum"]}, dtype=float
    )


def standing(network: Network, take_ups: TakeUps, exposures: Exposures, shares: Floats) -> pd.DataFrame:
    """Everything about the standing of everybody on record, a row each; NA where there is nothing to go by.

    Returns
    -------
    contact_id; credibility, impartiality and share_abroad, each with _low and _high; n_contributions,
        n_take_ups_impartiality and n_take_ups_abroad, what they rest on; credit_abroad; topics (those led, a
        tuple); seeker_score, is_seeker
    """
    seekers = information_seekers(network, take_ups, exposures, shares)
    abroad = reach_abroad(network, take_ups, exposures, shares).drop(columns="credit")
    parts = (
        _named(credibility(network, by_topic=False), "credibility").drop(columns="n_well_received"),
        _named(impartiality(network, take_ups, exposures, shares), "impartiality"),
        _named(abroad, "share_abroad", "abroad"),
        seekers[["contact_id", "score", "is_seeker"]].rename(columns={"score": "seeker_score"}),
    )
    found = pd.DataFrame({"contact_id": network.contact_ids})
    for part in parts:
        found = found.merge(part, on="contact_id", how="left")
    led = topics_led(take_ups, exposures, shares).groupby("contact_id")["topic"].agg(list)
    topics = [tuple(each) if isinstance(each, list) else () for each in led.reindex(found["contact_id"])]
    found.insert(len(found.columns) - 2, "topics", topics)
    return found.assign(is_seeker=found["is_seeker"].eq(True))


def _named(rows: pd.DataFrame, what: str, n_of: str | None = None) -> pd.DataFrame:
    """Interval and number under the name of what they belong to."""
    names = {end: f"{what}_{end}" for end in ("low", "high")}
    return rows.rename(columns={**names, "n_take_ups": f"n_take_ups_{n_of or what}"})


def credibility(network: Network, *, by_topic: bool = True) -> pd.DataFrame:
    """How likely a contribution of each author is to be well received, shrunk towards all authors' rate.

    Returns
    -------
    contact_id, topic (with `by_topic`), n_contributions, n_well_received, credibility, low, high : one row
        per author (and topic) with a contribution that can be judged; a 95 % interval of the posterior
    """
    judged = contributions(network).rename(columns={"author_id": "contact_id"})
    keys = ["contact_id", "topic"] if by_topic else ["contact_id"]
    found = judged.groupby(keys)["well_received"].agg(["size", "sum"]).reset_index()
    found = found.rename(columns={"size": "n_contributions", "sum": "n_well_received"})
    k, n = (found[name].to_numpy(np.float64) for name in ("n_well_received", "n_contributions"))
    mean, low, high = BetaBinomial.fit(k, n).posterior(k, n)
    return found.assign(credibility=mean, low=low, high=high)


def impartiality(network: Network, take_ups: TakeUps, exposures: Exposures, shares: Floats) -> pd.DataFrame:
    """The share of a person's influence that goes to people of other companies.

    Returns
    -------
    contact_id, impartiality, low, high, n_take_ups : of credit where both companies are known; n_take_ups
        others' take-ups that it comes from
    """
    found = _elsewhere(network, "company_id", take_ups, exposures, shares)
    return found.drop(columns=["credit", "credit_elsewhere"]).rename(columns={"share": "impartiality"})


def reach_abroad(network: Network, take_ups: TakeUps, exposures: Exposures, shares: Floats) -> pd.DataFrame:
    """How much of a person's influence goes to people in other countries.

    Returns
    -------
    contact_id, share_abroad, low, high, n_take_ups, credit, credit_abroad : of credit where both countries
        are known
    """
    found = _elsewhere(network, "country", take_ups, exposures, shares)
    return found.rename(columns={"share": "share_abroad", "credit_elsewhere": "credit_abroad"})


def _elsewhere(
    network: Network, attribute: str, take_ups: TakeUps, exposures: Exposures, shares: Floats
) -> pd.DataFrame:
    """Credit between people whose attribute differs, and all credit; Jeffreys' interval for its share.

    It reaches to 0 where there is none, and to 1 where all is (Brown, Cai and DasGupta 2001, section 4.1.2).
    """
    code = pd.factorize(network.latest("contacts", [attribute])[attribute])[0]
    giver, taker = take_ups.contact[exposures.row], take_ups.contact[exposures.take_up]
    known = (code[giver] >= 0) & (code[taker] >= 0) & (shares > 0)
    rows = pd.DataFrame(
        {"giver": giver, "credit": shares, "elsewhere": shares * (code[giver] != code[taker])}
    )
    sums = (
        rows[known]
        .groupby("giver")
        .agg(credit=("credit", "sum"), credit_elsewhere=("elsewhere", "sum"), n_take_ups=("credit", "size"))
    )
    inside = (sums["credit"] - sums["credit_elsewhere"]).clip(lower=0)
    share = sums["credit_elsewhere"] / sums["credit"]
    low, high = (beta.ppf(end, sums["credit_elsewhere"] + 0.5, inside + 0.5) for end in (0.025, 0.975))
    return pd.DataFrame(
        {
            "contact_id": take_ups.contact_ids[sums.index.to_numpy()],
            "share": share.to_numpy(),
            "low": np.where(share <= 0, 0.0, low),
            "high": np.where(share >= 1, 1.0, high),
            "n_take_ups": sums["n_take_ups"].to_numpy(),
            "credit": sums["credit"].to_numpy(),
            "credit_elsewhere": sums["credit_elsewhere"].to_numpy(),
        }
    )


def topics_led(take_ups: TakeUps, exposures: Exposures, shares: Floats) -> pd.DataFrame:
    """Who leads which topic: the `LEADS` of those active on it with most credit for take-ups of that topic.

    Returns
    -------
    topic, rank, contact_id, credit, share_of_topic, n_take_ups : topics in order, the most credited first;
        who has the same credit shares the mean rank, and leads together or not at all
    """
    topic = take_ups.topic[exposures.take_up]
    known = (topic >= 0) & (shares > 0)
    rows = pd.DataFrame({"topic": topic, "giver": take_ups.contact[exposures.row], "credit": shares})[known]
    sums = rows.groupby(["topic", "giver"])["credit"].agg(["sum", "size"]).reset_index()
    active = (
        pd.DataFrame({"topic": take_ups.topic, "who": take_ups.contact}).groupby("topic")["who"].nunique()
    )
    places = np.ceil(LEADS * active.reindex(sums["topic"]).to_numpy())
    by_topic = sums.groupby("topic")["sum"]
    leads = (by_topic.rank(ascending=False, method="max") <= places) & (sums["sum"] >= FEWEST_CREDIT - 1e-9)
    found = pd.DataFrame(
        {
            "topic": take_ups.topics[sums["topic"].to_numpy()],
            "rank": by_topic.rank(ascending=False, method="average"),
            "contact_id": take_ups.contact_ids[sums["giver"].to_numpy()],
            "credit": sums["sum"],
            "share_of_topic": sums["sum"] / by_topic.transform("sum"),
            "n_take_ups": sums["size"],
        }
    )
    return found[leads].sort_values(["topic", "rank", "contact_id"], ignore_index=True)

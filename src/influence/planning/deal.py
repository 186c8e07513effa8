"""A deal as two networks: buying centre and selling team, who knows whom, who goes first.

Source of the words: Webster & Wind (1972), "A general model for understanding organizational buying
behavior".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data import Network
from influence.errors import ConfigError
from influence.markup import face, plain
from influence.planning.introductions.listing import ARROW, Guide, Wish
from influence.texts import first_few, text

BETWEEN = "; "
"""Between several names in one cell."""


@dataclass(frozen=True)
class Deal:
    """The two-network view of a deal, as known strictly before a moment.

    Attributes
    ----------
    buying
        One row per member of the buying centre: contact_id, role, seniority, job_function, known_by (those
        of ours connected with it, the likeliest to be answered first), n_known_by.
    selling
        One row per member of the selling team: contact_id, role, n_known (members of the buying centre that
        it is connected with).
    ties
        One row per pair that is connected: seller_id, buyer_id, p_answers, that the buyer answers the seller.
    roles
        One row per side and role: n_people of this deal, share_of_won and share_of_lost (of the other
        closed deals, those in which somebody had it), is_missing (a won deal had it, this one has not).
    approach
        Who of ours should approach whom, in order: step, role, and the columns of the introductions.
    sentences
        All this in words.
    """

    buying: pd.DataFrame
    selling: pd.DataFrame
    ties: pd.DataFrame
    roles: pd.DataFrame
    approach: pd.DataFrame
    sentences: tuple[str, ...]

    def _repr_html_(self) -> str:
        return face("Deal", self.sentences, self.approach)

    def __repr__(self) -> str:
        return plain("Deal", self.sentences, self.approach)


def view(known: Network, deal_id: str, guide: Guide, wish: Wish, team: Sequence[str]) -> Deal:
    """The view of one deal.

    Parameters
    ----------
    known
        Contacts, deals and roles as known by then.
    wish
        Its senders approach, or, where it names none, the selling team, or the own team where there is none;
        its targets are those of the deal.
    team
        The own team.

    Raises
    ------
    ConfigError
        If nobody could approach anybody.
    """
    roles = known.table("deal_roles")
    own = roles[roles["deal_id"] == deal_id]
    own = own[["side", "contact_id", "role"]].sort_values("contact_id")
    sides = {side: own.loc[own["side"] == side, ["contact_id", "role"]] for side in ("buy", "sell")}
    sellers = sides["sell"]["contact_id"].tolist()
    senders = list(wish.senders) or sellers or list(team)
    if not senders:
        raise ConfigError(
            f"Nobody sells in deal {deal_id!r}, and no contact was known as is_own_team by then. "
            "Give `sender_id`."
        )
    ours = sorted({*senders, *sellers, *team})
    buying = sides["buy"][~sides["buy"]["contact_id"].isin(ours)].reset_index(drop=True)
    wish = replace(wish, senders=senders, targets=buying["contact_id"].tolist(), per_target=1)
    table = guide.table(wish)
    approach = _in_order(table)
    approach.insert(
        2, "role", buying.set_index("contact_id")["role"].reindex(approach["target_id"]).to_numpy()
    )
    ties = _ties(guide, ours, buying["contact_id"])
    needed = _roles(known, deal_id)
    approach.attrs["sentences"] = (*_told(buying, ties, needed, approach), *table.attrs["sentences"])
    selling = sides["sell"].reset_index(drop=True)
    selling = selling.assign(n_known=_count(ties["seller_id"], selling["contact_id"]))
    return Deal(_described(known, buying, ties), selling, ties, needed, approach, approach.attrs["sentences"])


def _ties(guide: Guide, ours: Sequence[str], buyers: pd.Series) -> pd.DataFrame:
    """Who of ours is connected with whom of theirs, the likeliest to be answered first."""
    graph = guide.features.graph
    row, other = guide.features.ties["connection"].neighbours(graph.positions(ours), guide.at)
    theirs = np.isin(other, graph.positions(buyers))
    seller, buyer = graph.positions(ours)[row[theirs]], other[theirs]
    found = pd.DataFrame(
        {
            "seller_id": graph.contact_ids[seller],
            "buyer_id": graph.contact_ids[buyer],
            "p_answers": guide.answering(seller, buyer, guide.at),
        }
    )
    return found.sort_values(
        ["p_answers", "buyer_id", "seller_id"], ascending=[False, True, True], ignore_index=True
    )


def _described(known: Network, buying: pd.DataFrame, ties: pd.DataFrame) -> pd.DataFrame:
    who = buying["contact_id"]
    about = known.latest("contacts", ["seniority", "job_function"]).reindex(who).reset_index(drop=True)
    known_by = ties.groupby("buyer_id")["seller_id"].agg(BETWEEN.join).astype("str").reindex(who)
    return pd.concat((buying, about), axis=1).assign(
        known_by=known_by.to_numpy(), n_known_by=_count(ties["buyer_id"], who)
    )


def _count(rows: pd.Series, ids: pd.Series) -> NDArray[np.int64]:
    return np.asarray(rows.value_counts().reindex(ids, fill_value=0), np.int64)


def _roles(known: Network, deal_id: str) -> pd.DataFrame:
    """Which roles this deal has, and in which share of the other closed deals somebody had them."""
    deals, roles = known.table("deals"), known.table("deal_roles").dropna(subset="role")
    here = roles[roles["deal_id"] == deal_id].groupby(["side", "role"]).size().rename("n_people")
    parts: list[pd.Series] = [here]
    for name, won in (("won", True), ("lost", False)):
        closed = deals.loc[(deals["won"] == won).fillna(False) & (deals["deal_id"] != deal_id), "deal_id"]
        inside = roles[roles["deal_id"].isin(closed)]
        share = inside.groupby(["side", "role"])["deal_id"].nunique() / max(len(closed), 1)
        parts.append(share.rename(f"share_of_{name}"))
    found = pd.concat(parts, axis=1).fillna(0).rename_axis(["side", "role"]).reset_index()
    found = found.assign(n_people=found["n_people"].astype("int64"))
    found["is_missing"] = (found["n_people"] == 0) & (found["share_of_won"] > 0)
    return found.sort_values(
        ["side", "share_of_won", "role"], ascending=[True, False, True], ignore_index=True
    )


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """The surest first, but whoever is to endorse somebody before the one endorsed."""
    steps = {
        target: path.split(ARROW)[1:-1]
        for target, path in zip(table["target_id"], table["path"], strict=True)
    }
    order = dict[str, None]()

    def place(target: str, waiting: frozenset[str]) -> None:
        for one in steps[target]:
            if one in steps and one not in order and one not in waiting:
                place(one, waiting | {target})
        order.setdefault(target)

    for target in steps:
        place(target, frozenset())
    found = table.set_index("target_id").loc[list(order)].reset_index()
    found = found[[name for name in table if name != "rank"]]
    found.insert(0, "step", np.arange(1, len(found) + 1))
    return found


def _told(
    buying: pd.DataFrame, ties: pd.DataFrame, roles: pd.DataFrame, approach: pd.DataFrame
) -> Iterator[str]:
    if not len(buying):
        yield text("deal.nobody")
        return
    yield text("deal.connected", n=ties["buyer_id"].nunique(), of=len(buying))
    missing = roles[roles["is_missing"]]
    for side, rows in missing.groupby("side", sort=True):
        shares = zip(rows["role"], rows["share_of_won"], strict=True)
        told = [text("deal.role", role=role, share=share) for role, share in shares]
        yield text(f"deal.missing.{side}", names=first_few(told))
    if len(approach):
        first = approach.iloc[0]
        yield text("deal.first", target=first["target_id"], path=first["path"], chance=first["p_success"])

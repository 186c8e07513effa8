"""What is known of a candidate, and of the pair, when a take-up is to be attributed.

Two groups of columns.  Those known *at the exposure*, the candidate's own take-up, stay what they are while
others make up their minds: the chance that it leads to a take-up may be built on them.  Those known *at the
take-up* (how long ago, who came between) tell candidates of one take-up apart.  Everything is counted
strictly
before the moment it is known at, so that nobody's record is fed by what is being attributed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from influence.contagion.takeups import NO_TOPIC, TakeUps
from influence.data import Network
from influence.graph.temporal import microseconds
from influence.graph.timeline import STATIC, Timeline, position_before

AT_EXPOSURE = (
    "is_author",
    "is_first",
    "log_position",
    "log_reactions_as_author",
    "log_reactions",
    "log_take_ups",
    "log_spread",
    "log_topic_reactions",
    "log_topic_take_ups",
    "log_authored",
    "log_pace_5",
    "log_pace_20",
    "log_pair_reactions",
    "log_days_since_pair",
    "log_pair_returned",
    "log_followed",
    "log_preceded",
    "log_contact_reactions",
    "log_contact_to_authors",
    "log_contact_take_ups",
)
"""Columns known at the candidate's own take-up."""

AT_TAKE_UP = (
    "log_delay",
    "log_share_of_age",
    "log_behind_last",
    "log_n_candidates",
    "rank_share",
    "log_lift_3",
    "log_lift_10",
    "log_lift_30",
    "log_lift_since",
    "log_rate_since",
    "log_pace_now",
)
"""Columns known at the take-up that is attributed."""

COLUMNS = (*AT_EXPOSURE, *AT_TAKE_UP)
SMOOTHING = 1.0
"""Take-ups with the average spread that everybody's record begins with."""
N_OWN = 12
"""The first columns hold for a take-up by itself, whoever is exposed to it."""


@dataclass(frozen=True)
class Covariates:
    """Everything that the columns of a pair are made of.

    Attributes
    ----------
    take_ups : the log that rows refer to
    own : float32 [n_take_ups, N_OWN], the candidate's side of AT_EXPOSURE; `log_spread` is the log of how
        many more reactions per take-up there were to the candidate than to all, both strictly before
    pairs : reactions by pair (who reacted x n_contacts + to whom), for those that occur
    pair_keys : int64 [n_pairs_that_occur], ascending: position is the key in `pairs`
    reacted : reactions by who reacted, valued 1 where they went to the author
    by_contact, place : take-ups by contact, ascending in item: rows and where each contact's begin
    """

    take_ups: TakeUps
    own: NDArray[np.float32]
    pairs: Timeline
    pair_keys: NDArray[np.int64]
    reacted: Timeline
    by_contact: NDArray[np.int64]
    place: NDArray[np.int64]

    @classmethod
    def of(cls, network: Network, take_ups: TakeUps) -> Covariates:
        """The covariates in a network's interactions, contents and take-ups.

        Hide first what may not be known (interactions that name the true parents of what is attributed).
        """
        actor, target, at, topic, to_author = _reactions(network, take_ups)
        n = take_ups.n_contacts
        keys, key = np.unique(actor * n + target, return_inverse=True)
        by_contact = np.argsort(take_ups.contact, kind="stable")
        return cls(
            take_ups,
            _own(network, take_ups, target, at, topic, to_author),
            Timeline.build(key.astype(np.int64), at, len(keys)),
            keys,
            Timeline.build(actor, at, n, to_author.astype(np.float64)),
            by_contact,
            np.searchsorted(take_ups.contact[by_contact], np.arange(n + 1)).astype(np.int64),
        )

    def at_exposure(self, row: NDArray[np.int64], contact: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32 [n, len(AT_EXPOSURE)] of candidates (rows of take-ups) and the contacts exposed to them.

        The contact -1 is nobody in particular: what depends on the pair is NaN.
        """
        found = np.empty((len(row), len(AT_EXPOSURE)), np.float32)
        found[:, :N_OWN] = self.own[row]
        taken = self.take_ups
        _pairs(
            row, contact, taken.contact, taken.at, taken.item, taken.n_contacts, self.pair_keys,
            self.pairs.ptr, self.pairs.at, self.reacted.ptr, self.reacted.at, self.reacted.value_sum,
            self.by_contact, self.place,
            found[:, N_OWN:],
        )  # fmt: skip
        return found

    def n_reactions(self, actor: NDArray[np.int64], target: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64 [n]: how often each actor ever reacted to each target."""
        key = self._key(actor, target)
        counts = np.append(np.diff(self.pairs.ptr), 0)
        return counts[key]

    def n_reactions_before(self, row: NDArray[np.int64], contact: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64 [n]: how often the two had reacted to each other before the candidate's take-up."""
        who, when = self.take_ups.contact[row], self.take_ups.at[row]
        found = [self.pairs.count_before(self._key(a, b), when) for a, b in ((who, contact), (contact, who))]
        return found[0] + found[1]

    def _key(self, actor: NDArray[np.int64], target: NDArray[np.int64]) -> NDArray[np.int64]:
        """The key of each pair in `pairs`; -1 where the actor never reacted to the target."""
        wanted = actor * self.take_ups.n_contacts + target
        place = np.searchsorted(self.pair_keys, wanted)
        if not len(self.pair_keys):
            return np.full(len(wanted), -1)
        place = np.minimum(place, len(self.pair_keys) - 1)
        return np.where(self.pair_keys[place] == wanted, place, -1)

    def at_take_up(
        self, row: NDArray[np.int64], take_up: NDArray[np.int64], n_before: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """float32 [n, len(AT_TAKE_UP)] of candidates and the take-ups that they may have led to.

        `n_before` is the number of each take-up's candidates.
        """
        found = np.empty((len(row), len(AT_TAKE_UP)), np.float32)
        taken = self.take_ups
        begins = taken.ptr[taken.item[take_up]]
        _dynamics(row, take_up, begins, n_before, taken.at, found)
        return found

    def of_pairs(
        self, row: NDArray[np.int64], take_up: NDArray[np.int64], n_before: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """float32 [n, len(COLUMNS)] of candidates and the take-ups that they may have led to."""
        exposure = self.at_exposure(row, self.take_ups.contact[take_up])
        return np.concatenate((exposure, self.at_take_up(row, take_up, n_before)), axis=1)


def _reactions(network: Network, take_ups: TakeUps) -> tuple[NDArray[np.int64], ...]:
    """Who reacted to whom, when and on which topic; nobody reacts to oneself."""
    rows = network.table("interactions")
    rows = rows[rows["target_id"].notna() & (rows["actor_id"] != rows["target_id"])]
    ids = take_ups.contact_ids
    actor, target = (ids.get_indexer(pd.Index(rows[name])) for name in ("actor_id", "target_id"))
    topic = take_ups.topics.get_indexer(pd.Index(rows["topic"]))
    contents = network.table("contents").drop_duplicates("content_id", keep="last")
    author = contents.set_index("content_id")["author_id"].reindex(rows["content_id"]).to_numpy()
    to_author = (rows["target_id"].to_numpy() == author).astype(np.int64)
    return (
        *(x.astype(np.int64) for x in (actor, target)),
        microseconds(rows["at"]),
        topic.astype(np.int64),
        to_author,
    )


def _own(
    network: Network,
    take_ups: TakeUps,
    target: NDArray[np.int64],
    at: NDArray[np.int64],
    topic: NDArray[np.int64],
    to_author: NDArray[np.int64],
) -> NDArray[np.float32]:
    who, when, n = take_ups.contact, take_ups.at, take_ups.n_contacts
    author, authored = _authors(network, take_ups)
    other = to_author == 0
    as_author = Timeline.build(target[~other], at[~other], n).count_before(who, when)
    received = Timeline.build(target[other], at[other], n).count_before(who, when)
    taken = Timeline.build(who, when, n).count_before(who, when)
    mean = np.maximum(_n_before(at[other], when), 1) / np.maximum(_n_before(when, when), 1)
    multiple = (received / mean + SMOOTHING) / (taken + SMOOTHING)
    position = np.arange(len(who)) - take_ups.ptr[take_ups.item]
    columns = (
        author[take_ups.item] == who,
        position == 0,
        np.log1p(position),
        np.log1p(as_author),
        np.log1p(received),
        np.log1p(taken),
        np.log(multiple),
        np.log1p(_on_topic(target, topic, at, take_ups)),
        np.log1p(_on_topic(who, take_ups.topic, when, take_ups)),
        np.log1p(authored.count_before(who, when)),
        *(_pace(take_ups, position, k) for k in (5, 20)),
    )
    return np.column_stack(columns).astype(np.float32)


def _n_before(at: NDArray[np.int64], moment: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.searchsorted(np.sort(at), moment)


def _authors(network: Network, take_ups: TakeUps) -> tuple[NDArray[np.int64], Timeline]:
    """int64 [n_items] who wrote each item, -1 where unknown; and what each contact wrote when."""
    contents = network.table("contents").drop_duplicates("content_id", keep="last")
    author = take_ups.contact_ids.get_indexer(pd.Index(contents["author_id"])).astype(np.int64)
    place = pd.Index(contents["content_id"]).get_indexer(take_ups.items)
    of_item = np.where(place >= 0, author[place] if len(author) else -1, -1)
    return of_item, Timeline.build(author, microseconds(contents["at"]), take_ups.n_contacts)


def _on_topic(
    contact: NDArray[np.int64], topic: NDArray[np.int64], at: NDArray[np.int64], take_ups: TakeUps
) -> NDArray[np.int64]:
    """How often each take-up's contact was counted on the same topic before; 0 where it has none."""
    n_topics = max(len(take_ups.topics), 1)
    known = topic != NO_TOPIC
    key = contact[known] * n_topics + topic[known]
    found = Timeline.build(key, at[known], take_ups.n_contacts * n_topics)
    own = np.where(take_ups.topic == NO_TOPIC, -1, take_ups.contact * n_topics + take_ups.topic)
    return found.count_before(own, take_ups.at)


def _pace(take_ups: TakeUps, position: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    """Log seconds that the item's last k take-ups before each took; NaN for the first k."""
    row = np.arange(len(take_ups))
    earlier = np.where(position >= k, row - k, row)
    return np.where(position >= k, np.log1p((take_ups.at - take_ups.at[earlier]) / 1e6), np.nan)


@njit(cache=True)
def _pairs(  # type: ignore[no-untyped-def]
    row, contact, who, when, item, n_contacts, pair_keys, pair_ptr, pair_at, reacted_ptr, reacted_at,
    reacted_sum,
    by_contact, place, out,
):  # fmt: skip
    """What lay between each candidate and the contact strictly before the candidate's take-up."""
    for i in range(len(row)):
        u, v, moment, this = who[row[i]], contact[i], when[row[i]], item[row[i]]
        if v < 0:
            out[i] = np.nan
            continue
        out[i, 0], out[i, 1], out[i, 2] = 0.0, np.nan, 0.0
        start, end = reacted_ptr[v], reacted_ptr[v + 1]
        by_v = position_before(reacted_at, start, end, moment) - start
        if by_v > 0:
            count, last = _count(pair_keys, pair_ptr, pair_at, v * n_contacts + u, moment)
            out[i, 0] = np.log1p(count)
            if count > 0 and last != STATIC:
                out[i, 1] = np.log1p((moment - last) / 86_400_000_000)
        if reacted_ptr[u + 1] > reacted_ptr[u]:
            count, last = _count(pair_keys, pair_ptr, pair_at, u * n_contacts + v, moment)
            out[i, 2] = np.log1p(count)
        followed, preceded, taken = 0, 0, 0
        a, end_a = place[v], place[v + 1]
        b, end_b = place[u], place[u + 1]
        for k in range(a, end_a):
            taken += when[by_contact[k]] < moment
        if taken > 0:
            while a < end_a and b < end_b:
                row_a, row_b = by_contact[a], by_contact[b]
                if item[row_a] == item[row_b]:
                    if item[row_a] != this and when[row_a] < moment and when[row_b] < moment:
                        followed += when[row_b] < when[row_a]
                        preceded += when[row_b] > when[row_a]
                    a += 1
                    b += 1
                elif item[row_a] < item[row_b]:
                    a += 1
                else:
                    b += 1
        out[i, 3], out[i, 4] = np.log1p(followed), np.log1p(preceded)
        to_authors = 0.0
        if by_v > 0:
            to_authors = reacted_sum[start + by_v - 1] - (reacted_sum[start - 1] if start > 0 else 0.0)
        out[i, 5], out[i, 6], out[i, 7] = np.log1p(by_v), np.log1p(to_authors), np.log1p(taken)


@njit(cache=True)
def _count(keys, ptr, at, key, moment):  # type: ignore[no-untyped-def]
    """How often a pair met strictly before the moment, and when last."""
    place = np.searchsorted(keys, key)
    if place == len(keys) or keys[place] != key:
        return 0, np.int64(0)
    start = ptr[place]
    end = position_before(at, start, ptr[place + 1], moment)
    return end - start, at[max(end - 1, start)]


@njit(cache=True)
def _dynamics(row, take_up, begins, n_before, when, out):  # type: ignore[no-untyped-def]
    """Delay, order and pace of each candidate as seen from the take-up."""
    for i in range(len(row)):
        u, moment, begin, n = row[i], when[take_up[i]], begins[i], n_before[i]
        last = begin + n - 1
        delay = (moment - when[u]) / 1e6
        age = (moment - when[begin]) / 1e6
        out[i, 0] = np.log1p(delay)
        out[i, 1] = np.log1p(delay) - np.log1p(age)
        out[i, 2] = np.log1p(last - u)
        out[i, 3] = np.log1p(n)
        out[i, 4] = (u - begin) / n
        for k in range(3):
            step = (3, 10, 30)[k]
            ahead, back = min(step, last - u), min(step, u - begin)
            after = ((when[u + ahead] if last - u > step else moment) - when[u]) / 1e6
            before = (when[u] - when[u - back]) / 1e6
            out[i, 5 + k] = _log_rate(ahead, after) - _log_rate(back, before) if back > 0 else np.nan
        start = position_before(when, begin, u, when[u] - (moment - when[u]))
        out[i, 8] = np.log((last - u + 0.5) / (u - start + 0.5)) if u > begin else np.nan
        out[i, 9] = _log_rate(last - u, delay)
        out[i, 10] = np.log1p((moment - when[max(last - 4, begin)]) / 1e6)


@njit(cache=True)
def _log_rate(count, seconds):  # type: ignore[no-untyped-def]
    return np.log((count + 0.5) / (seconds + 1.0))

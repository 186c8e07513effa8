"""A plan of invitations: who invites whom, in which week, at which hour, and what is expected of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data import Network
from influence.evaluation.bootstrap import Interval
from influence.graph.loading import QuerySet
from influence.graph.pairs import PairFeatures
from influence.markup import face, plain
from influence.metrics.checks import Floats
from influence.planning.candidates import WEEK_DAYS, Candidates, Past, Room, known_senders
from influence.planning.choice import choose, contenders
from influence.planning.hours import active_hours
from influence.planning.limits import Limits
from influence.planning.worth import N_CALIBRATIONS, N_OUTCOMES, Worth, compare, redrawn_chances
from influence.progress import Tell, silent
from influence.tasks.acceptance import ID_COLUMNS, queries_of
from influence.texts import FEW, first_few, number, text
from influence.training.mixture import Combination

N_LOTS = 10
"""Ways in which the ties of mutual connections are broken, at random, for the plan by these alone."""
MOST_CANDIDATES, MOST_PAIRS = 20_000, 2_000_000
"""Contacts looked at for each sender, and pairs of all senders, unless the caller says otherwise."""
PAIRS_AT_ONCE = 65_536

Predict = Callable[[pd.DataFrame], pd.DataFrame]
"""Pairs of sender_id and recipient_id -> the model's answers in the same order, at the plan's moment."""


@dataclass(frozen=True)
class Plan:
    """Invitations within the limits, and what they are worth.

    Attributes
    ----------
    invitations
        One row for each, best first: rank, sender_id, recipient_id, company_id, week (from 1), send_from
        (when that week begins), send_hour_utc (at which the recipient is usually active; NA with too little
        to say), n_observations (acts behind it), mutual_connections, and the answers of `Model.predict`.
    expected
        Acceptances within three weeks; the interval is one for their number.
    by_mutual_connections
        The same for as many invitations (fewer where that leaves a sender nobody) by number of mutual
        connections alone, under the same limits.
    gain
        The difference of the two.
    sentences
        All this in words, and what the limits or the records took away.
    """

    invitations: pd.DataFrame
    expected: Interval
    by_mutual_connections: Interval
    gain: Interval
    sentences: tuple[str, ...]

    def _repr_html_(self) -> str:
        return face("Plan", self.sentences, self.invitations)

    def __repr__(self) -> str:
        return plain("Plan", self.sentences, self.invitations)


def make_plan(
    network: Network,
    features: PairFeatures,
    combination: Combination,
    predict: Predict,
    senders: str | Sequence[str],
    moment: pd.Timestamp,
    limits: Limits,
    max_candidates: int | None = None,
    tell: Tell = silent,
) -> Plan:
    """The plan with the most expected acceptances within the limits, as of a moment.

    The sum of `p_within_3_weeks` is the highest that any plan within the limits has, of all contacts that
    are looked at.  Where there is a quota,
    the plan takes as many weeks as the senders together need for `k` invitations, and each sender's most
    promising ones come first.  Nothing visible at the moment or later plays a part.

    Parameters
    ----------
    network, features
        The records, and the pair features of these records.
    combination
        The fitted model, recalibrated; values the plan.
    predict
        Its answers at the moment.
    max_candidates
        Contacts looked at for each sender; without it `MOST_CANDIDATES`, fewer where many senders share
        `MOST_PAIRS`.
    tell
        Hears of the progress.

    Raises
    ------
    InfluenceError
        If no sender is named, or one is not in the records.
    """
    past = Past(network.as_of(moment), features, known_senders(senders, network.contact_ids), moment)
    first_week = past.first_week(limits)
    n_weeks = _weeks(first_week, limits)
    room: Room = past.room(limits)
    if max_candidates is None:
        max_candidates = max(limits.k, min(MOST_CANDIDATES, MOST_PAIRS // len(past.senders)))
    candidates = Candidates(past, limits, room, max_candidates)
    room = {**room, "sender_id": first_week + (n_weeks - 1) * (limits.weekly_quota or 0)}
    rng = np.random.default_rng(0)
    pairs, (chances, *by_mutual) = _contenders(candidates, predict, room, limits.k, rng, tell)
    chosen = choose(pairs, chances, room, limits.k)
    others = [choose(pairs, mutual, room, len(chosen)) for mutual in by_mutual]
    worth = _worth(past, pairs, combination, [chosen, *others], rng)
    invitations = _table(past, pairs.iloc[chosen], first_week, limits)
    sentences = (
        *_results(invitations, worth),
        *_reasons(candidates, limits, len(chosen), first_week),
    )
    return Plan(invitations, worth.plan, worth.other, worth.gain, sentences)


def _weeks(first_week: pd.Series, limits: Limits) -> int:
    """The weeks that the senders together need for all invitations."""
    missing = limits.k - int(first_week.sum())
    if not limits.weekly_quota or missing <= 0:
        return 1
    return 1 + -(-missing // (limits.weekly_quota * len(first_week)))


def _contenders(
    candidates: Candidates, predict: Predict, room: Room, k: int, rng: np.random.Generator, tell: Tell
) -> tuple[pd.DataFrame, Floats]:
    """The pairs that plans can do with, and what each is worth to the plan and to every plan by mutual ties.

    Some senders are looked at at a time, so that memory does not grow with their number.
    """
    past = candidates.past
    senders = [sender for sender in past.senders if room["sender_id"][sender] > 0]
    at_once = max(1, PAIRS_AT_ONCE // max(1, min(candidates.max_candidates, len(past.contacts))))
    tables, worths = [], []
    for first in range(0, max(1, len(senders)), at_once):
        tell("whom each sender could invite", first, len(senders))
        pairs = candidates.of(senders[first : first + at_once])
        pairs = pd.concat((pairs, predict(pairs).drop(columns=list(ID_COLUMNS))), axis=1)
        lots = 0.5 * rng.random((N_LOTS, len(pairs))) / k  # together less than one mutual connection
        by_mutual = pairs["mutual_connections"].to_numpy(np.float64) + lots
        worth = np.vstack((pairs["p_within_3_weeks"].to_numpy(np.float64), by_mutual))
        kept = contenders(pairs, worth, room, k)
        tables.append(pairs.iloc[kept])
        worths.append(worth[:, kept])
    tell("whom each sender could invite", len(senders), len(senders))
    return pd.concat(tables, ignore_index=True), np.concatenate(worths, axis=1)


def _worth(
    past: Past,
    pairs: pd.DataFrame,
    combination: Combination,
    plans: Sequence[NDArray[np.int64]],
    rng: np.random.Generator,
) -> Worth:
    rows, place = np.unique(np.concatenate(plans), return_inverse=True)
    asked = pairs.iloc[rows].assign(sent_at=past.moment, has_note=pd.array([pd.NA] * len(rows), "boolean"))
    queries = QuerySet(past.features, queries_of(asked, past.features.graph))
    redrawn = redrawn_chances(combination.calibration, combination.logits(queries), past.at, rng)
    chosen, *others = np.split(place, np.cumsum([len(plan) for plan in plans])[:-1])
    chances = asked["p_within_3_weeks"].to_numpy(np.float64)
    return compare(chances, redrawn, chosen, others, rng.random((N_CALIBRATIONS * N_OUTCOMES, len(rows))))


def _table(past: Past, chosen: pd.DataFrame, first_week: pd.Series, limits: Limits) -> pd.DataFrame:
    chosen = chosen.reset_index(drop=True)
    beyond = chosen.groupby("sender_id").cumcount() - first_week.reindex(chosen["sender_id"]).to_numpy()
    weeks_later = (beyond // (limits.weekly_quota or limits.k) + 1).clip(lower=0).astype(np.int64)
    graph = past.features.graph
    hour, n_acts = active_hours(graph, graph.positions(chosen["recipient_id"]), past.at)
    when = pd.DataFrame(
        {
            "week": weeks_later + 1,
            "send_from": past.moment + pd.to_timedelta(WEEK_DAYS * weeks_later, unit="D"),
            "send_hour_utc": pd.Series(hour).astype("Int64"),
            "n_observations": n_acts,
        }
    )
    who = ["sender_id", "recipient_id", "company_id"]
    table = pd.concat((chosen[who], when, chosen.drop(columns=who)), axis=1)
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return table


def _results(invitations: pd.DataFrame, worth: Worth) -> Iterator[str]:
    if not len(invitations):
        return
    yield text("plan.expected", n=len(invitations), about=_about(worth.plan))
    gain = worth.gain
    yield text("plan.by_mutual", about=_about(worth.other), gain=gain.value, low=gain.low, high=gain.high)


def _about(found: Interval) -> str:
    return text("plan.about", value=found.value, low=found.low, high=found.high)


def _reasons(candidates: Candidates, limits: Limits, n_chosen: int, first_week: pd.Series) -> Iterator[str]:
    """What the limits and the records took away."""
    past = candidates.past
    strangers = sorted(limits.suppress - set(past.contacts))
    if strangers:
        moment = f"{past.moment:%Y-%m-%d %H:%M}"
        names, of = first_few(strangers), len(limits.suppress)
        yield text("plan.strangers", n=len(strangers), of=of, moment=moment, names=names)
    if limits.weekly_quota == 0:
        yield text("plan.no_quota")
        return
    if limits.weekly_quota is not None:
        yield from _sent(past, first_week, limits.weekly_quota)
    if candidates.n_free > candidates.max_candidates:
        yield text("plan.foremost", n=candidates.n_free, kept=candidates.max_candidates)
    if n_chosen < limits.k:
        yield _fewer(candidates, limits, n_chosen)


def _sent(past: Past, first_week: pd.Series, quota: int) -> Iterator[str]:
    """Whose first week is partly used up: some by name, the others counted."""
    begun = first_week[first_week < quota]
    sent = past.sent_within(WEEK_DAYS)["sender_id"].value_counts()
    n_named = len(begun) if len(begun) == FEW + 1 else FEW  # nobody is counted alone
    for sender, left in begun[:n_named].items():
        yield text("plan.sent", sender=sender, n=int(sent[str(sender)]), left=int(left), quota=quota)
    if len(others := begun[n_named:]):
        yield text("plan.sent_others", n=len(others), left=int(others.sum()), quota=quota * len(others))


def _fewer(candidates: Candidates, limits: Limits, n_chosen: int) -> str:
    """Why there are fewer invitations than asked for."""
    found = text("plan.fewer" if n_chosen else "plan.nobody", n=n_chosen, k=limits.k)
    shares = {**candidates.out, "free": candidates.n_free}
    told = (f"{number(n)} {text(f'plan.out.{reason}')}" for reason, n in shares.items() if n)
    reasons = text("separator").join(told) or text("plan.none")
    return text("plan.why_fewer", found=found, n=len(candidates.past.contacts), reasons=reasons)

"""Whom to invite this week, and who can open the door to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from influence.errors import InfluenceError
from influence.planning import Plan
from influence.reporting.asked import Asked
from influence.reporting.blocks import Block, Verbatim, called_as
from influence.reporting.cells import Shown
from influence.tasks.acceptance import NAME
from influence.texts import text

INVITED = (
    Shown("recipient_id", "person"),
    Shown("sender_id", "person"),
    Shown("company_id", "text"),
    Shown("p_within_3_weeks", "percent"),
    Shown("median_days", "days"),
    Shown("send_hour_utc", "hour"),
    Shown("mutual_connections", "count"),
    Shown("reasons", "reasons"),
)
DOORS = (
    Shown("target_id", "person"),
    Shown("ask", "person"),
    Shown("path", "path"),
    Shown("p_success", "percent"),
    Shown("reasons", "words"),
)
N_DOORS = 10


def blocks(asked: Asked) -> Iterator[Block]:
    """Invitations of the coming week with their reasons, and the ways in to those invited."""
    senders = _senders(asked)
    options: dict[str, Any] = {"sender_id": senders, "k": asked.k, "weekly_quota": asked.weekly_quota}
    made_by = called_as("model.plan", NAME, **options, at=asked.at)
    heading = text("sales.invite")
    try:
        plan = asked.model.plan(NAME, **options, at=asked.moment, progress=asked.tell)
    except InfluenceError as error:
        yield Block("invitations", heading, made_by, remark=str(error))
        return
    rows = plan.invitations[plan.invitations["week"] == 1]
    rows = _with_reasons(asked, rows.reset_index(drop=True))
    told = [*_told(plan, rows), *([] if senders is None else [text("sales.no_team", who=senders[0])])]
    yield Block(
        "invitations", heading, made_by, told, rows, INVITED, how=[*plan.sentences, text("reason.legend")]
    )
    if len(rows):
        yield _doors(asked, rows, senders)


def _senders(asked: Asked) -> list[str] | None:
    """None for the own team; where nobody is known as one of it, whoever has sent most so far."""
    if asked.model.acceptance_face.own_team(asked.moment):
        return None
    sent = asked.model.network.as_of(asked.moment).table("invitations")["sender_id"].value_counts()
    return [str(sent.index[0])] if len(sent) else None


def _with_reasons(asked: Asked, rows: pd.DataFrame) -> pd.DataFrame:
    if not len(rows):
        return rows
    why = asked.model.explain(NAME, rows, at=asked.moment)
    return rows.assign(introducers=why["introducers"], reasons=why["reasons"])


def _told(plan: Plan, rows: pd.DataFrame) -> Iterator[str]:
    if not len(rows):
        yield text("sales.invite.nobody")
        return
    first, n = rows.iloc[0], len(plan.invitations)
    yield text(
        "sales.invite.expect", n=n, value=plan.expected.value, low=plan.expected.low, high=plan.expected.high
    )
    if len(rows) < n:
        yield text("sales.invite.this_week", n=len(rows), later=n - len(rows))
    yield text(
        "sales.invite.first",
        who=first["recipient_id"],
        sender=first["sender_id"],
        p=first["p_within_3_weeks"],
    )
    if plan.gain.low > 0:
        yield text("sales.invite.gain", value=plan.by_mutual_connections.value)


def _doors(asked: Asked, invited: pd.DataFrame, senders: Sequence[str] | None) -> Block:
    """Who can put in a word with those invited."""
    options: dict[str, Any] = {
        "contact_id": invited["recipient_id"].tolist(), "sender_id": senders, "k": N_DOORS, "per_target": 1,
    }  # fmt: skip
    told_as = {**options, "contact_id": Verbatim("invitations.recipient_id.tolist()")}
    made_by = called_as("model.recommend", "introductions", **told_as, at=asked.at)
    heading = text("sales.doors")
    try:
        rows = asked.model.recommend("introductions", **options, at=asked.moment)
    except InfluenceError as error:
        return Block("introductions", heading, made_by, remark=str(error))
    said = rows.attrs.get("sentences", ())
    # Where a colleague is connected already, the way in begins with that colleague.
    rows = rows.assign(ask=rows["introducer_id"].fillna(rows["sender_id"])) if len(rows) else rows
    told = [text("sales.doors.lead")]
    if len(rows):
        first = rows.iloc[0]
        told.append(
            text(
                "sales.doors.colleague" if pd.isna(first["introducer_id"]) else "sales.doors.first",
                who=first["ask"],
                target=first["target_id"],
                p=first["p_success"],
            )
        )
    else:
        told = [text("sales.doors.nobody")]
    return Block("introductions", heading, made_by, told, rows, DOORS, how=said)

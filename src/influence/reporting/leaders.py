"""Whom to win as ambassadors, and who leads opinion."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from influence.contagion.evidence import Evidence
from influence.errors import InfluenceError
from influence.evaluation.leaders.figures_ambassadors import cumulative_spread
from influence.reporting.asked import Asked
from influence.reporting.blocks import Block, Drawn, called_as
from influence.reporting.cells import Shown
from influence.tasks.leadership import NAME
from influence.texts import text

AMBASSADORS = (
    Shown("rank", "count"),
    Shown("contact_id", "person"),
    Shown("company_id", "text"),
    Shown("country", "country"),
    Shown("marginal", "one_decimal"),
    Shown("expected", "estimate"),
)
LEADERS = (
    Shown("contact_id", "person"),
    Shown("company_id", "text"),
    Shown("country", "country"),
    Shown("topic", "text"),
    Shown("influence", "estimate"),
    Shown("n_named", "count"),
    Shown("p_most_named", "percent"),
    Shown("moves_most", "people"),
    Shown("responds_at_hour", "hour"),
    Shown("credibility", "percent"),
    Shown("impartiality", "percent"),
)
N_AMBASSADORS = 10


def blocks(asked: Asked, evidence: Evidence | None) -> Iterator[Block]:
    """The people to win together, and the people with most influence."""
    if evidence is not None:
        yield _ambassadors(asked, evidence)
    yield _leaders(asked)


def _ambassadors(asked: Asked, evidence: Evidence) -> Block:
    made_by = called_as("model.ambassadors", k=N_AMBASSADORS, at=asked.at)
    heading = text("sales.ambassadors")
    try:
        found = asked.model.ambassadors(k=N_AMBASSADORS, at=asked.moment)
    except InfluenceError as error:
        return Block("ambassadors", heading, made_by, remark=str(error))
    if not len(found.people):
        return Block("ambassadors", heading, made_by, [text("sales.ambassadors.nobody")], how=found.sentences)
    last = found.people.iloc[-1]
    told = [
        text(
            "sales.ambassadors.expect",
            n=len(found.people),
            value=last["expected"],
            low=last["low"],
            high=last["high"],
        ),
        *([found.caution] if found.caution else []),
        _caution(evidence),
    ]
    rows = found.people.join(_facts(asked), on="contact_id")
    pictures = [Drawn("ambassadors", cumulative_spread(found))]
    return Block("ambassadors", heading, made_by, told, rows, AMBASSADORS, pictures, found.sentences)


def _caution(evidence: Evidence) -> str:
    """How far the records support counting on people to move each other."""
    if not evidence.shuffle.found:
        return text("sales.contagion.none")
    return text("sales.contagion.found" if evidence.within_communities.found else "sales.contagion.open")


def _facts(asked: Asked) -> pd.DataFrame:
    return asked.model.network.as_of(asked.moment).latest("contacts", ["company_id", "country"])


def _leaders(asked: Asked) -> Block:
    made_by = called_as("model.recommend", NAME, k=asked.k, at=asked.at)
    heading = text("sales.leaders")
    try:
        rows = asked.model.recommend(NAME, k=asked.k, at=asked.moment)
    except InfluenceError as error:
        return Block("leaders", heading, made_by, remark=str(error))
    told = [text("sales.leaders.lead")] if len(rows) else [text("sales.leaders.nobody")]
    return Block(
        "leaders", heading, made_by, told, rows, LEADERS, how=rows.attrs.get("sentences", ()), n_shown=10
    )

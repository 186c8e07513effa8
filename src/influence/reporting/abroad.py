"""Which markets and partners abroad, and through whom."""

from __future__ import annotations

from collections.abc import Iterator

from influence.errors import InfluenceError
from influence.evaluation.partners.figures import markets as draw_markets
from influence.evaluation.partners.figures import parts_of_scores
from influence.reporting.asked import Asked
from influence.reporting.blocks import Block, Drawn, called_as
from influence.reporting.cells import Shown
from influence.tasks.partners import NAME
from influence.texts import country, listed, text

MARKETS = (
    Shown("country", "country"),
    Shown("expected", "two_decimals", "partners_expected"),
    Shown("expected_indirect", "two_decimals"),
    Shown("share", "percent"),
    Shown("n_partners", "count"),
    Shown("n_candidates", "count"),
    Shown("log_distance_km", "log_kilometres"),
    Shown("precedents", "people_spaced"),
)
PARTNERS = (
    Shown("target_id", "person", "partner_id"),
    Shown("country", "country"),
    Shown("industry", "text"),
    Shown("p_partner", "percent"),
    Shown("via", "people_spaced"),
    Shown("reasons", "reasons"),
)
N_MARKETS, N_PARTNERS, N_NAMED = 8, 12, 3


def blocks(asked: Asked) -> Iterator[Block]:
    """Countries with most partners to expect, and the partners themselves, for one company or contact."""
    face = asked.model.partners_face
    who = {face.id_name: face.example(asked.moment)}
    yield _markets(asked, who)
    yield _partners(asked, who)


def _markets(asked: Asked, who: dict[str, str]) -> Block:
    made_by = called_as("model.markets", **who, k=N_MARKETS, at=asked.at)
    name, heading = next(iter(who.values())), text("sales.markets")
    try:
        rows = asked.model.markets(**who, k=N_MARKETS, at=asked.moment)
    except InfluenceError as error:
        return Block("markets", heading, made_by, remark=str(error))
    if not len(rows):
        return Block("markets", heading, made_by, [text("partners.left", name=name)])
    first = listed([country(code) for code in rows["country"].head(N_NAMED)])
    told, expected = (
        [text("sales.markets.first", name=name, countries=first)],
        rows["expected"].sum(min_count=1),
    )
    if expected == expected:
        told.append(text("sales.markets.expect", n=expected, between=rows["expected_indirect"].sum()))
    pictures = [Drawn("markets", draw_markets(rows))]
    return Block("markets", heading, made_by, told, rows, MARKETS, pictures, rows.attrs.get("sentences", ()))


def _partners(asked: Asked, who: dict[str, str]) -> Block:
    made_by = called_as("model.recommend", NAME, **who, k=N_PARTNERS, at=asked.at)
    name, heading = next(iter(who.values())), text("sales.partners")
    try:
        rows = asked.model.recommend(NAME, **who, k=N_PARTNERS, at=asked.moment)
    except InfluenceError as error:
        return Block("partners", heading, made_by, remark=str(error))
    said = rows.attrs.get("sentences", ())
    if not len(rows):
        return Block("partners", heading, made_by, [text("sales.partners.nobody", name=name)], how=said)
    told = [text("sales.partners.first", name=name, n=len(rows))]
    if (between := rows["via"].ne("").sum()) > 0:
        told.append(text("sales.partners.via", n=int(between)))
    pictures = [Drawn("parts", parts_of_scores(rows))]
    why = asked.model.explain(NAME, rows, at=asked.moment)
    rows = rows.assign(reasons=why["reasons"].to_numpy())
    return Block(
        "partners", heading, made_by, told, rows, PARTNERS, pictures, [*said, text("reason.legend_partners")]
    )

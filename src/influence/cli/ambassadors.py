"""The command that chooses ambassadors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from influence.cli.app import app
from influence.cli.options import AnsweringRecords, Language, ModelPlace, Moment, Output, Separator
from influence.cli.places import load_model
from influence.cli.terminal import in_place, say, show_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@app.command()
def ambassadors(
    model: ModelPlace,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="At most so many.")] = 10,
    topic: Annotated[str | None, typer.Option(help="What they are to speak about.")] = None,
    by: Annotated[str, typer.Option(help="spread (to come) or credit (of the past).")] = "spread",
    budget: Annotated[float | None, typer.Option(help="What they may cost together.")] = None,
    costs: Annotated[Path | None, typer.Option(help="CSV of contact_id and cost.")] = None,
    per_company: Annotated[int | None, typer.Option(help="At most so many of one company.")] = None,
    country: Annotated[list[str] | None, typer.Option(help="Of this country; may be repeated.")] = None,
    industry: Annotated[list[str] | None, typer.Option(help="Of this industry; may be repeated.")] = None,
    include: Annotated[Path | None, typer.Option(help="File of contacts to choose in any case.")] = None,
    exclude: Annotated[Path | None, typer.Option(help="File of contacts never to choose.")] = None,
    exclude_competitors: Annotated[
        bool, typer.Option("--exclude-competitors", help="Nobody of, or tied to, a competitor.")
    ] = False,
    unit_value: Annotated[float | None, typer.Option(help="What a take-up is worth.")] = None,
    currency: Annotated[str, typer.Option(help="Of the unit value.")] = "",
    mixes: Annotated[
        bool, typer.Option("--mixes", help="Every mix of leaders and information seekers instead.")
    ] = False,
    picture: Annotated[Path | None, typer.Option(help="Draw what they bring here (PNG).")] = None,
    at: Moment = None,
    output: Output = None,
    data: AnsweringRecords = None,
    language: Language = "en",
    separator: Separator = None,
) -> None:
    """Choose whom to win as ambassadors, within limits: what each adds, costs and is worth."""
    from influence.errors import ConfigError
    from influence.evaluation.leaders import figures_ambassadors as figures
    from influence.prediction.influencers import SEPARATOR

    if by not in ("spread", "credit"):
        raise ConfigError(f"--by is {by!r}. Give spread or credit.")
    asked: dict[str, Any] = {
        "k": k,
        "at": at,
        "topic": topic,
        "by": by,
        "budget": budget,
        "costs": costs,
        "per_company": per_company,
        "countries": country or (),
        "industries": industry or (),
        "include": include or (),
        "exclude": exclude or (),
        "exclude_competitors": exclude_competitors,
    }
    loaded = load_model(model, data)
    if mixes:
        frontier = loaded.ambassador_mixes(**asked)
        shown = frontier.assign(contact_ids=[SEPARATOR.join(ids) for ids in frontier["contact_ids"]])
        show_rows(shown, output, separator=separator)
        _draw(figures.mixes, frontier, picture)
        return
    found = loaded.ambassadors(**asked, unit_value=unit_value, currency=currency)
    show_rows(found.people, output, separator=separator, network=loaded.network)
    for sentence in found.sentences:
        say(loaded.network.told(sentence))
    _draw(figures.cumulative_spread, found, picture)


def _draw(figure: Callable[[Any], Figure], of: Any, picture: Path | None) -> None:
    if picture is None:
        return
    from influence.evaluation.picture import png
    from influence.files import atomic

    drawn = png(figure(of))
    earlier = in_place(picture)
    with atomic(picture) as target:
        target.write_bytes(drawn)
    typer.echo(f"The picture is in {picture}{earlier}.")

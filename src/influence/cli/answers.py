"""Commands that ask a trained model: score, recommend."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from influence.cli.app import app
from influence.cli.completion import complete_question, complete_task
from influence.cli.options import (
    AnsweringRecords,
    Explain,
    Language,
    ModelPlace,
    Moment,
    Output,
    Separator,
    check_about,
)
from influence.cli.places import check_moment, check_records, load_model
from influence.cli.terminal import Pace, in_place, say, show_rows
from influence.errors import counted
from influence.progress import bars, one_step

if TYPE_CHECKING:
    import pandas as pd


@app.command()
def score(
    model: ModelPlace,
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT",
            help="Pairs or people: Parquet or CSV, a folder or a pattern of them, ADDRESS#table.",
        ),
    ],
    target: Annotated[
        str, typer.Argument(metavar="OUTPUT", help="Scores: Parquet, CSV, a folder of parts, ADDRESS#table.")
    ],
    task: Annotated[
        str, typer.Option(help="The question to answer.", autocompletion=complete_task)
    ] = "acceptance",
    at: Moment = None,
    explain: Explain = False,
    partition_rows: Annotated[
        int | None, typer.Option(min=1, help="Rows of each part of a folder; 1,048,576, explained 16,384.")
    ] = None,
    data: AnsweringRecords = None,
    engine: Annotated[
        str, typer.Option(help="local, or ray: OUTPUT is a new folder, written by a cluster's workers.")
    ] = "local",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Of Ray; by default as many as the model's `ray.workers`.")
    ] = None,
) -> None:
    """Score every pair of a file or a table.

    A file appears only when all rows are done. A folder (a name without ending, or with / at its end) fills
    part by part, a table batch by batch; run again after an interruption, they go on after the last one.
    On Ray INPUT is Parquet and OUTPUT a new folder of parts.
    """
    from influence import batch
    from influence.addresses import check_model, without_credentials

    # What can be told at once is told at once: all that follows takes its time.
    batch.check_paths(source, target)
    check_model(model)
    check_records(data)
    check_moment(at)
    if engine != "local":
        _score_on_ray(engine, workers, model, data, source, target, task, at, explain)
        return
    batch.check_input(source, task, target, at)
    earlier = in_place(target)
    loaded = load_model(model, data)
    asked: dict[str, Any] = {"task": task, "at": at, "explain": explain, "partition_rows": partition_rows}
    with bars("rows") as report:
        pace = Pace(report)
        n_rows = batch.score(loaded, source, target, **asked, progress=pace)
    typer.echo(f"{counted(n_rows, 'row')} scored into {without_credentials(target)}{earlier}.")
    say(pace.told)


def _score_on_ray(
    engine: str,
    workers: int | None,
    place: str,
    data: str | None,
    source: str,
    target: str,
    task: str,
    at: str | None,
    explain: bool,
) -> None:
    from influence.errors import ConfigError, nearest

    if engine != "ray":
        raise ConfigError(f"There is no engine {engine!r}. {nearest(engine, ('local', 'ray'))}")
    from influence.batch.on_ray import check_places, score_on_ray

    check_places(source, target)
    model = load_model(place, data)
    asked = model.config.ray
    if workers is not None:
        asked = asked.model_copy(update={"workers": workers})
    with one_step(f"scoring on {counted(asked.workers, 'worker')} of Ray"):
        n_rows = score_on_ray(model, source, target, asked, task=task, at=at, explain=explain)
    typer.echo(f"{counted(n_rows, 'row')} scored into {target}.")


@app.command()
def recommend(
    model: ModelPlace,
    task: Annotated[
        str,
        typer.Argument(
            metavar="TASK",
            help="acceptance, introductions, leadership, partners, or a task of your own.",
            autocompletion=complete_question,
        ),
    ],
    sender: Annotated[list[str] | None, typer.Option(help="Who would send; may be repeated.")] = None,
    contact: Annotated[
        list[str] | None, typer.Option(help="Whom to reach, or who looks for partners.")
    ] = None,
    company: Annotated[
        list[str] | None, typer.Option(help="The same, of companies; may be repeated.")
    ] = None,
    deal: Annotated[str | None, typer.Option(help="The deal whose buying centre to reach.")] = None,
    topic: Annotated[str | None, typer.Option(help="The topic to lead.")] = None,
    country: Annotated[list[str] | None, typer.Option(help="Of this country; may be repeated.")] = None,
    industry: Annotated[list[str] | None, typer.Option(help="Of this industry; may be repeated.")] = None,
    own_team: Annotated[bool, typer.Option("--own-team", help="The own people too.")] = False,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="Length of the list.")] = 20,
    at: Moment = None,
    weekly_quota: Annotated[
        int | None, typer.Option(help="Invitations a week of each sender; by default all in one week.")
    ] = None,
    per_recipient: Annotated[int | None, typer.Option(help="Open at a time with one contact; 1.")] = None,
    per_company: Annotated[int | None, typer.Option(help="Open at a time with one company.")] = None,
    per_country: Annotated[int | None, typer.Option(help="Partners of one country.")] = None,
    per_partner: Annotated[int | None, typer.Option(help="Sources that one partner is named to.")] = None,
    linked: Annotated[bool, typer.Option("--linked", help="Partners that one has already too.")] = False,
    max_asks: Annotated[
        int | None, typer.Option(help="Introductions that one person is asked for; 3.")
    ] = None,
    suppress: Annotated[Path | None, typer.Option(help="File of contacts to leave alone.")] = None,
    explain: Explain = False,
    output: Output = None,
    data: AnsweringRecords = None,
    language: Language = "en",
    separator: Separator = None,
) -> None:
    """Name the best candidates for a sender, a company or a topic."""
    asked: dict[str, Any] = {"company_id": _one_or_all(company), "topic": topic}
    asked |= {"per_country": per_country, "per_partner": per_partner}
    asked |= {"industries": industry or None, "own_team": own_team or None, "linked": linked or None}
    asked |= {"countries": country or None, "weekly_quota": weekly_quota, "per_recipient": per_recipient}
    asked |= {"per_company": per_company, "suppress": suppress}
    asked |= {"deal_id": deal, "max_asks": max_asks}
    given = {name: value for name, value in asked.items() if value is not None}
    check_about(task, company, contact, deal)
    check_moment(at)
    loaded = load_model(model, data)
    known = loaded.network  # lists call people by their names, so they may be asked for by them
    if sender:
        given["sender_id"] = [known.id_of(one) for one in sender]
    if contact:
        given["contact_id"] = _one_or_all([known.id_of(one) for one in contact])
    with bars() as tell:
        found = loaded.recommend(task, **given, k=k, at=at, progress=tell)
        rows = _with_reasons(loaded, task, found, at, output) if explain else found
    show_rows(rows, output, separator=separator, network=loaded.network)
    for sentence in found.attrs.get("sentences", ()):
        say(loaded.network.told(sentence))


def _one_or_all(ids: list[str] | None) -> str | list[str] | None:
    """A single id by itself: not every question may be asked of several."""
    return ids[0] if ids is not None and len(ids) == 1 else ids or None


def _with_reasons(
    model: Any, task: str, rows: pd.DataFrame, at: str | None, output: Path | None
) -> pd.DataFrame:
    from influence import batch

    rows = batch.explained(model, task, rows, at)
    if output is not None:
        return rows
    # The sentences say it, and so many columns would hide them.
    return rows[[name for name in rows.columns if not name.startswith("because.")]]

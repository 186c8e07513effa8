"""The command from sources to a list of whom to invite: invite."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from influence.cli.app import app
from influence.cli.options import (
    Language,
    Moment,
    NumberOfInvitations,
    Output,
    Overrides,
    Separator,
    SetAside,
    WeeklyQuota,
)
from influence.cli.places import read_told
from influence.cli.terminal import say, say_notes, show_rows
from influence.errors import DataError
from influence.progress import bars

if TYPE_CHECKING:
    import pandas as pd

    from influence.config import Config
    from influence.data import Network
    from influence.prediction import Model

SHOWN = (
    "rank", "sender_name", "recipient_name", "week", "p_at_once", "p_within_3_weeks", "mutual_connections",
    "reasons",
)  # fmt: skip
"""What a terminal has room for; a file holds every column."""

MORE = (
    "Whom one person knows of is mostly whom that person is connected with or has invited. "
    "Add the archives of colleagues."
)


@app.command()
def invite(
    places: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE...", help="LinkedIn archives of your team, or any other sources."),
    ],
    output: Output = None,
    k: NumberOfInvitations = 20,
    weekly_quota: WeeklyQuota = 10,
    config: Annotated[Path | None, typer.Option(help="Configuration file (YAML) to train with.")] = None,
    at: Moment = None,
    model: Annotated[Path | None, typer.Option(help="Keep the trained model in this folder.")] = None,
    set_aside: SetAside = None,
    overrides: Overrides = None,
    language: Language = "en",
    separator: Separator = None,
) -> None:
    """Name whom your team should invite next week: read sources, learn from them, rank, give reasons."""
    from influence.prediction import suppression

    settings = _settings(config, overrides)
    alone = suppression.listed(settings) or ()
    network = _records(places, settings, set_aside, at)
    # The plan asks again; what is wrong with a list is said before the work, not after it.
    suppression.left_alone(alone, network, {}, settings)
    trained = _trained(network, settings, at)
    if model is not None:
        trained.save(model)
    with bars() as tell:
        plan = trained.plan("acceptance", k=k, weekly_quota=weekly_quota, at=at, progress=tell)
        sentences = [network.told(sentence) for sentence in plan.sentences]
        if not len(plan.invitations):
            raise DataError(f"There is nobody to invite. {MORE}", sentences)
        tell("reasons", 0, 1)
        rows = _with_reasons(trained, network, plan.invitations, at)
    show_rows(rows if output is not None else on_screen(rows), output, separator=separator)
    for sentence in sentences:
        say(sentence)


def on_screen(rows: pd.DataFrame) -> pd.DataFrame:
    """The columns that a terminal has room for; who has no name is called by the id."""
    named = {f"{end}_name": rows[f"{end}_name"].fillna(rows[f"{end}_id"]) for end in ("sender", "recipient")}
    return rows.assign(**named)[list(SHOWN)]


def _settings(path: Path | None, overrides: list[str] | None) -> Config:
    """The configuration, narrowed to acceptance."""
    from influence.config import Config, load_config
    from influence.settings import parse_settings

    if path is not None:
        found = load_config(path, overrides or ())
    else:
        found = parse_settings(Config, {}, overrides or (), "the configuration")
    return found.model_copy(update={"task": "acceptance", "tasks": ()})


def _records(places: list[str], settings: Config, set_aside: Path | None, at: str | None) -> Network:
    """The records of all sources, if anything can be learnt from them; said before the work, not after it."""
    from influence.texts import text

    network = read_told(places, settings.reader, set_aside, settings.reading)
    say(text("notes"))
    say_notes(network)
    sent = (network if at is None else network.as_of(at)).table("invitations")
    if not len(sent):
        raise DataError(
            "These sources hold no invitations to learn from. Add the archives of those who sent some."
        )
    if not (sent["outcome"] == "accepted").any():
        raise DataError(
            f"None of the {len(sent):,} invitations in these sources is known to be accepted. Archives list "
            "acceptances as connections: add one with Connections.csv, or a later archive of the same person "
            "beside this one."
        )
    if not network.table("contacts")["is_own_team"].fillna(False).any():
        raise DataError("Nobody in these sources is of the own team, so that nobody could send.")
    return network


def _trained(network: Network, settings: Config, at: str | None) -> Model:
    from influence import experiment

    with bars() as report:
        return experiment.fit(network, settings, at=at, progress=report).with_network(network)


def _with_reasons(model: Model, network: Network, rows: pd.DataFrame, at: str | None) -> pd.DataFrame:
    """The invitations with names, addresses of profiles, and the reasons in words."""
    why = model.explain("acceptance", rows, at=at)
    rows = rows.assign(introducers=why["introducers"], reasons=why["reasons"])
    return network.with_names(rows).assign(recipient_profile=rows["recipient_id"].map(network.profiles))

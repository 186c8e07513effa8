"""Arguments and options that several commands share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from influence.cli.completion import complete_setting
from influence.errors import ConfigError


def _speak(context: typer.Context, language: str) -> str:
    """Give every text in the language until the command ends."""
    from influence.texts import in_language

    context.with_resource(in_language(language))
    return language


def _known_format(output: Path | None) -> Path | None:
    """See that a list can be written, before the work and not after it."""
    if output is not None:
        from influence.writing import check_format

        check_format(output)
    return output


ARGUMENTS = {
    "sender_id": "--sender",
    "contact_id": "--contact",
    "company_id": "--company",
    "deal_id": "--deal",
    "countries": "--country",
    "industries": "--industry",
    "own_team": "--own-team",
    "weekly_quota": "--weekly-quota",
    "per_recipient": "--per-recipient",
    "per_company": "--per-company",
    "per_country": "--per-country",
    "per_partner": "--per-partner",
    "max_asks": "--max-asks",
    "network": "--data",
    **{name: f"--{name}" for name in ("topic", "linked", "suppress", "k", "at")},
}
"""Argument of `Model` -> the option that gives it."""


def in_options(message: str) -> str:
    """A message with options in the place of the arguments that it names in backticks.

    >>> in_options("Give `sender_id`.")
    'Give --sender.'
    """
    return re.sub(r"`(\w+)`", lambda name: ARGUMENTS.get(name[1], name[0]), message)


ABOUT = {
    "partners": "Name who looks for partners: --company ID or --contact ID.",
    "introductions": "Name whom to reach: --contact ID or NAME, --company ID or --deal ID.",
}
"""Question -> what to say where nobody is named whom it is about."""


def check_about(question: str, *named: object) -> None:
    """See that a question that is about somebody names one, before a model is loaded to answer it.

    Raises
    ------
    ConfigError
        If it does not.
    """
    if question in ABOUT and not any(named):
        raise ConfigError(ABOUT[question])


EVALUATION = "evaluation"
"""The folder inside a model's that holds its evaluation."""

ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="Configuration file (YAML).")]
ModelPlace = Annotated[str, typer.Argument(metavar="MODEL", help="Folder of a model, or models:/NAME@ALIAS.")]
DataFolder = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="FOLDER|ADDRESS",
        help="The data set's own folder or file, or a database; goes before INFLUENCE_DATA.",
    ),
]
AnsweringRecords = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="FOLDER|ADDRESS",
        help="Answer from these records; by default from those stored with the model.",
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Set one key; may be repeated.", autocompletion=complete_setting
    ),
]
SetAside = Annotated[
    Path | None,
    typer.Option("--set-aside", help="Leave rows at fault out and list them in this folder."),
]
Moment = Annotated[
    str | None,
    typer.Option(
        "--at",
        help="Predict from what was visible before this moment (UTC); by default the end of the records.",
    ),
]
Explain = Annotated[
    bool, typer.Option("--explain", help="Add the people and events behind each number, and what each adds.")
]

NumberOfInvitations = Annotated[
    int, typer.Option("--k", "-k", min=1, help="Invitations, of all senders together.")
]
WeeklyQuota = Annotated[int, typer.Option(min=1, help="Invitations a week of each sender.")]
Language = Annotated[
    str,
    typer.Option(callback=_speak, help="en or fr: of reasons and sentences, and of spreadsheets written."),
]
"""Sets the language of the context: commands need not look at it."""
Output = Annotated[
    Path | None, typer.Option(help="Write the rows here (Parquet or CSV).", callback=_known_format)
]
Separator = Annotated[
    str | None,
    typer.Option(
        help="Of cells in CSV: ',' or, with decimal commas, ';'. By default as the language has it."
    ),
]

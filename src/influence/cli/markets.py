"""The command that shortlists countries."""

from __future__ import annotations

from typing import Annotated

import typer

from influence.cli.app import app
from influence.cli.options import (
    AnsweringRecords,
    Language,
    ModelPlace,
    Moment,
    Output,
    Separator,
    check_about,
)
from influence.cli.places import load_model
from influence.cli.terminal import say, show_rows


@app.command()
def markets(
    model: ModelPlace,
    company: Annotated[str | None, typer.Option(help="The company that looks for partners.")] = None,
    contact: Annotated[str | None, typer.Option(help="The contact that looks for partners.")] = None,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="Length of the list.")] = 10,
    at: Moment = None,
    output: Output = None,
    data: AnsweringRecords = None,
    language: Language = "en",
    separator: Separator = None,
) -> None:
    """Name the countries with most partners to expect, directly and through the network."""
    check_about("partners", company, contact)
    loaded = load_model(model, data)
    if contact is not None:
        contact = loaded.network.id_of(contact)  # lists call people by their names
    found = loaded.markets(company_id=company, contact_id=contact, k=k, at=at)
    show_rows(found, output, separator=separator)
    for sentence in found.attrs["sentences"]:
        say(sentence)

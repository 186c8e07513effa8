"""The command that draws the network: visualize."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from influence.cli.app import app
from influence.cli.places import load_model, records_or_model
from influence.cli.terminal import in_place, say
from influence.errors import ConfigError


@app.command()
def visualize(
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="Folder, file or address of records, or a model.")
    ],
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="The page, a name that ends in .html.")],
    model: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="Model that names leaders and ways in; by default PLACE."),
    ] = None,
    at: Annotated[str | None, typer.Option("--at", help="As known before this moment (UTC).")] = None,
    target: Annotated[str | None, typer.Option(help="Contact to whom the best way in is shown.")] = None,
    language: Annotated[str, typer.Option(help="en or fr.")] = "en",
    names: Annotated[bool, typer.Option("--names", help="Call people by their names.")] = False,
) -> None:
    """Draw a map of the network as one page that stands alone: communities, leaders, bridges, ways in."""
    from influence.addresses import MODEL_FILE, REGISTERED
    from influence.texts import in_language, text
    from influence.visualization import network_map, write_page

    if output.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"{str(output)!r}: a map is a page. Use a name that ends in .html.")
    with in_language(language):
        title = text("map.title")
    is_model = place.startswith(REGISTERED) or (Path(place) / MODEL_FILE).is_file()
    answering = load_model(model or place, None) if model or is_model else None
    network = answering.network if answering is not None and is_model else records_or_model(place)
    if names and not len(network.names):
        say("No names are known here: people are called by their ids. Models store none; give the records.")
    target = None if target is None else network.id_of(target)
    drawn = network_map(network, model=answering, at=at, language=language, target=target, names=names)
    earlier = in_place(output)
    write_page(drawn, output, title=title, language=language)
    typer.echo(f"The map of {len(network.contact_ids):,} contacts is in {output}{earlier}.")

"""The command that looks after the model in use: promote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from influence.addresses import REGISTERED, check_model
from influence.cli.app import app
from influence.cli.options import Overrides
from influence.cli.places import check_records, read_records
from influence.cli.terminal import print_table
from influence.errors import CheckpointError, ConfigError

if TYPE_CHECKING:
    from influence.data import Network
    from influence.evaluation.promotion import Contest, PromotionConfig
    from influence.prediction import Model
    from influence.tracking import Registry


@app.command()
def promote(
    candidate: Annotated[
        str | None,
        typer.Argument(metavar="CANDIDATE", help="Folder of a model, runs:/ID/model or models:/influence/N."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER|ADDRESS",
            help="Records to compare on; by default those stored with the candidate.",
        ),
    ] = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="Give back to the champion before.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Take over without a comparison.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare, but move nothing.")] = False,
    json: Annotated[Path | None, typer.Option("--json", help="Write the comparison here.")] = None,
    overrides: Overrides = None,
) -> None:
    """Make a model the champion if it is better, beyond chance, on what neither has seen; else exit status 1.

    Compared on invitations of the records given that were sent after all that either model has used, or
    else on validation rows. `models:/influence@champion` leads to the champion.
    """
    if rollback:
        _roll_back(candidate)
        return
    if candidate is None:
        raise ConfigError("Promote what? Give the folder of a model, or its address; or --rollback.")
    check_model(candidate)
    check_records(data)
    from influence.evaluation.promotion import PromotionConfig
    from influence.settings import parse_settings
    from influence.tracking import Registry

    settings = parse_settings(PromotionConfig, {}, overrides or (), "the promotion")
    registry = Registry()
    model, address = _candidate(registry, candidate)
    champion = registry.champion()
    if address is not None and champion is not None and registry.version_of(address) == champion:
        typer.echo(f"{candidate} is the champion already, version {champion}.")
        return
    takes_over = True
    if champion is None:
        sentence = "There is no champion yet: the candidate is the first."
    elif replace:
        sentence = f"The candidate takes over from version {champion} without a comparison."
    else:
        found = _contest(model, registry.address(champion), data, settings)
        _show(found, champion, json)
        takes_over, sentence = found.takes_over, found.sentence
    typer.echo(sentence)
    if not takes_over:
        typer.echo(f"The champion stays: version {champion}.")
        raise typer.Exit(1)
    if dry_run:
        typer.echo("A dry run: nothing was moved.")
        return
    version = registry.promote(address or _kept(model), sentence)
    typer.echo(f"Version {version} is the champion: models:/influence@champion.")


def _roll_back(candidate: str | None) -> None:
    if candidate is not None:
        raise ConfigError("--rollback goes back to the champion before: name no candidate with it.")
    from influence.tracking import Registry

    before, now = Registry().rollback()
    typer.echo(f"Version {now} is the champion again, instead of version {before}.")


def _candidate(registry: Registry, place: str) -> tuple[Model, str | None]:
    """The model, and the address under which the store knows it; None where it does not."""
    from influence import api
    from influence.provenance import model_digest

    model = api.load(place)
    return model, place if place.startswith(REGISTERED) else registry.kept_as(model_digest(Path(place)))


def _contest(model: Model, champion: str, data: str | None, settings: PromotionConfig) -> Contest:
    from influence import api
    from influence.evaluation.promotion import contest

    records: Network = model.network if data is None else read_records(data, model.config.reading)
    try:
        now = api.load(champion)
    except CheckpointError as error:
        raise CheckpointError(
            f"The champion, {champion}, cannot be compared with: {error} Nothing was moved. To let the "
            "candidate take over without a comparison, add --replace."
        ) from error
    return contest(model, now, records, settings)


def _show(found: Contest, champion: str, json: Path | None) -> None:
    from influence.evaluation.summary import write_json
    from influence.evaluation.terminal import side_by_side

    judged = f"{found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}, {found.figures['n_test']:,} invitations"
    caption = (
        "* best of its column. 95 % intervals over resamples of the invitations. "
        "(+) candidate better by the whole interval."
    )
    title = f"Candidate against champion (version {champion}) on the {found.judged_on}: {judged}"
    print_table(side_by_side(found.figures, "candidate", title=title, caption=caption))
    if json is not None:
        told = {
            "takes_over": found.takes_over,
            "judged_on": found.judged_on,
            "since": found.since.isoformat(),
            "until": found.until.isoformat(),
            "sentence": found.sentence,
        }
        write_json(told | found.figures, json)


def _kept(model: Model) -> str:
    """Keep the model in a run of its own; returns its address."""
    from influence.cli.training import start_run, track

    tracking = model.config.tracking.model_copy(
        update={"enabled": True, "uri": None, "register_model": False}
    )
    config = model.config.model_copy(update={"tracking": tracking})
    with start_run("promote", config, model.network) as tracker:
        address = track(tracker, model, config)
    assert address is not None, "tracking is enabled"
    return address

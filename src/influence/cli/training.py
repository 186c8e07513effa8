"""Commands that train: train, evaluate, audit."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Mapping
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from influence.cli.app import app
from influence.cli.launch import check_alone, launched
from influence.cli.options import EVALUATION, ConfigFile, DataFolder, Overrides, SetAside
from influence.cli.places import prepare
from influence.cli.terminal import print_table
from influence.errors import ConfigError, counted
from influence.progress import Tell, bars, one_step

if TYPE_CHECKING:
    from influence.config import Config
    from influence.data import Network
    from influence.experiment import Evaluation
    from influence.prediction import Model
    from influence.tracking import Tracker
    from influence.training.workers import Workers


@app.command()
def train(
    config: ConfigFile,
    data: DataFolder = None,
    model: Annotated[
        Path | None, typer.Option(help="Store the model here, not in the configuration's `output`.")
    ] = None,
    overrides: Overrides = None,
    set_aside: SetAside = None,
) -> None:
    """Train a model and store it in the configuration's output folder, or in another one.

    Under torchrun several processes train it together: torchrun --nproc_per_node 2 -m influence.cli train ...
    """
    command = _command("train", config, {"--data": data, "--model": model}, overrides)
    overrides = _stored_in(model, overrides)
    with launched() as workers:
        if not workers.is_first:
            _assist(workers, config, data, overrides, set_aside)
            return
        settings, network = prepare(config, data, overrides, set_aside)
        _train(settings, network, workers, command)


def _stored_in(model: Path | None, overrides: list[str] | None) -> list[str]:
    """Overrides under which a place named on the command line is the configuration's output."""
    return [*(overrides or ()), *([] if model is None else [f"output={dumps(str(model))}"])]


def _train(settings: Config, network: Network, workers: Workers, command: str) -> None:
    from influence import experiment

    with start_run("train", settings, network) as tracker:
        with bars() as report:
            if settings.engine == "ray":
                model = _on_ray(settings, network, workers, report)
            else:
                model = experiment.fit(
                    network, settings, progress=report, on_epoch=tracker.epoch, workers=workers
                )
        earlier = ", in place of the earlier one" if settings.output.is_dir() else ""
        described = model.card(command=command)
        model.save(settings.output, described)
        next_step = _next_step(model, settings.output)
        typer.echo(f"The model is in {settings.output}{earlier}. Next: {next_step}")
        track(tracker, model, settings, described)


def _next_step(model: Model, folder: Path) -> str:
    """A command that asks it, by the columns that its first task needs."""
    from influence.tasks import TASKS

    task = model.tasks[0]
    asked = "" if task == "acceptance" else f" --task {task}"
    return f"influence score {folder} rows.csv scores.csv{asked} (rows: {', '.join(TASKS[task].ID_COLUMNS)})"


def _on_ray(settings: Config, network: Network, workers: Workers, report: Tell) -> Model:
    from influence.experiment_on_ray import fit_on_ray

    if workers.n > 1:
        raise ConfigError("Ray starts its workers itself: run `influence train` without torchrun.")
    report(f"training on {counted(settings.ray.workers, 'worker')} of Ray", 0, 1)
    model = fit_on_ray(network, settings)
    report("done", 1, 1)
    return model


def _assist(
    workers: Workers, config: Path, data: str | None, overrides: list[str] | None, set_aside: Path | None
) -> None:
    """The part of a worker other than the first one, which tells and writes for all."""
    import tempfile

    from influence import experiment

    with tempfile.TemporaryDirectory() as folder:
        apart = None if set_aside is None else Path(folder) / "set_aside"
        settings, network = prepare(config, data, overrides, apart, quiet=True)
        experiment.assist(network, settings, workers)


@app.command()
def evaluate(
    config: ConfigFile,
    data: DataFolder = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    predictions: Annotated[Path | None, typer.Option(help="Write every prediction here (Parquet).")] = None,
    model: Annotated[Path | None, typer.Option(help="Store the model and its evaluation here.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="Evaluate as of this moment, blind to what came later (UTC).")
    ] = None,
    overrides: Overrides = None,
    set_aside: SetAside = None,
) -> None:
    """Train under the configuration's protocol; score the model and every baseline on the same rows."""
    check_alone("evaluate")
    settings, network = prepare(config, data, _stored_in(model, overrides), set_aside)
    network = network if at is None else network.as_of(at)
    from influence import experiment
    from influence.evaluation import summary, terminal

    command = _command("evaluate", config, {"--data": data, "--at": at}, overrides)
    with start_run("evaluate", settings, network) as tracker:
        with bars() as report:
            kept = model is not None or settings.tracking.enabled
            result = experiment.evaluate(
                network, settings, progress=report, on_epoch=tracker.epoch, with_model=kept
            )
        if json is not None:
            summary.write_json(result.summary, json)
        if predictions is not None:
            summary.write_predictions(result.predictions, predictions)
        if model is not None:
            if result.model is None:
                raise ConfigError(
                    f"This protocol leaves no model to keep. Train one: influence train {config}"
                )
            result.model.save(model, result.model.card(result.summary, command))
            keep(result, model, card(settings, network, command))
        print_table(terminal.table(result.summary))
        with one_step("tracking the figures"):
            tracker.log_evaluation(result.summary, result.predictions)
        if result.model is not None:
            track(tracker, result.model, settings, result.model.card(result.summary, command))


@app.command()
def audit(
    config: ConfigFile, data: DataFolder = None, overrides: Overrides = None, set_aside: SetAside = None
) -> None:
    """Alter the future of the records and see that no earlier prediction moves, retraining included."""
    check_alone("audit")
    settings, network = prepare(config, data, overrides, set_aside)
    from influence import experiment

    with bars() as report:
        result = experiment.audit(network, settings, progress=report)
    for sentence in result.sentences:
        typer.echo(sentence)
    typer.echo(f"{result.n_moved:,} of {result.n_checked:,} predictions moved.")
    if result.n_moved:
        raise typer.Exit(1)


def _command(name: str, config: Path, options: Mapping[str, Any], overrides: list[str] | None) -> str:
    """The line that does so again."""
    given = [(option, str(value)) for option, value in options.items() if value is not None]
    given += [("--set", value) for value in overrides or ()]
    return shlex.join(["influence", name, str(config), *itertools.chain.from_iterable(given)])


def card(config: Config, network: Network, command: str) -> dict[str, Any]:
    """What the report tells about the model and its making."""
    from importlib.metadata import version

    from influence.config import dump

    return {
        "command": command,
        "version": version("influence"),
        "departures_from_defaults": dump(config, departures_only=True),
        "settings": dump(config),
        "records": {"fingerprint": network.fingerprint, "notes": list(network.notes)},
    }


def keep(result: Evaluation, model: Path, card: Mapping[str, Any]) -> None:
    """Lay the evaluation beside the model's own files, for `report`."""
    from influence.evaluation import summary

    kept = model / EVALUATION
    summary.write_json(card, kept / "card.json")
    summary.write_predictions(result.predictions, kept / "predictions.parquet")
    summary.write_json(result.summary, kept / "summary.json")


def start_run(command: str, config: Config, network: Network) -> Tracker:
    """The tracked run of a command."""
    from influence import tracking
    from influence.config import dump

    with one_step("opening a tracked run"):
        return tracking.start(config.tracking, command=command, config=dump(config), network=network)


def track(tracker: Tracker, model: Model, config: Config, card: str | None = None) -> str | None:
    """Keep the model in the tracked run, and return its address; results have been written by then."""
    from influence import tracking

    if not config.tracking.enabled:
        return None
    answers = {task: model.predict(task, tracking.example(task)) for task in model.tasks}
    with one_step("tracking the model"):
        return tracker.log_model(lambda folder: model.save(folder, card), answers)

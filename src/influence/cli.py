"""The command line.  Results go to standard output, progress and complaints to standard error."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Protocol

import typer

from influence.errors import ConfigError, DataError, InfluenceError

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from influence.config import Config
    from influence.data import Network
    from influence.experiment import Evaluation
    from influence.prediction import Model
    from influence.tracking import Tracker

EVALUATION = "evaluation"
"""The folder inside a model's that holds its evaluation."""

# Everything heavy is imported inside the commands, so that `--help` answers at once.

app = typer.Typer(
    help="Who will accept, who leads opinion, and which partners to approach: from a team's own records.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="Configuration file (YAML).")]
ModelPlace = Annotated[str, typer.Argument(metavar="MODEL", help="Folder of a model, or models:/NAME@ALIAS.")]
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="The data set's own folder; goes before INFLUENCE_DATA.")
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set one key; may be repeated."),
]
SetAside = Annotated[
    Path | None,
    typer.Option("--set-aside", help="Leave rows at fault out and list them in this folder."),
]
Moment = Annotated[
    str | None, typer.Option("--at", help="Predict for this moment, from what was visible before it (UTC).")
]


class Report(Protocol):
    """Told how far a piece of work has come."""

    def __call__(self, description: str, done: int, total: int) -> None:
        """`done` of `total` steps of what `description` names."""
        ...


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line.

    Exit status 2 and one message for what the user can mend, 1 where an audit fails, 130 when
    interrupted; anything else is a bug and shows as one.
    """
    try:
        app(args=arguments, prog_name="influence")
    except InfluenceError as error:
        _say(str(error), style="red")
        raise SystemExit(2) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    raise SystemExit(0)


@app.command()
def synth(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for the tables, and truth/ below it.")],
    contacts: Annotated[int, typer.Option(help="People in the world.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Seed of every random draw.")] = 0,
    no_effect: Annotated[bool, typer.Option("--no-effect", help="The graph explains nothing.")] = False,
    overrides: Overrides = None,
) -> None:
    """Write a synthetic world: tables as a team would have them, and the truth apart."""
    from influence.settings import parse_settings
    from influence.synthesis import WorldConfig, simulate, write_world

    asked = {"n_contacts": contacts, "seed": seed, "effect": not no_effect}
    config = parse_settings(WorldConfig, asked, overrides or (), "the world")
    if out.is_dir() and any(out.iterdir()):  # told before the work, not after it
        raise ConfigError(f"{str(out)!r} exists already. Name a new folder, or empty it.")
    with _progress() as report:
        report("simulating", 0, 1)
        world = simulate(config)
        report("simulating", 1, 1)
        write_world(world, out)
    typer.echo(f"A world of {config.n_contacts:,} contacts is in {out}; its truth is in {out / 'truth'}.")


@app.command()
def train(
    config: ConfigFile, data: DataFolder = None, overrides: Overrides = None, set_aside: SetAside = None
) -> None:
    """Train a model and store it in the configuration's output folder."""
    settings, network = _prepare(config, data, overrides, set_aside)
    from influence import experiment

    with _tracker("train", settings, network) as tracker:
        with _progress() as report:
            model = experiment.fit(network, settings, progress=report, on_epoch=tracker.epoch)
        model.save(settings.output)
        next_step = f"influence score {settings.output} pairs.csv scores.csv"
        typer.echo(f"The model is in {settings.output}. Next: {next_step}")
        _track(tracker, model, settings)


@app.command()
def evaluate(
    config: ConfigFile,
    data: DataFolder = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    predictions: Annotated[Path | None, typer.Option(help="Write every prediction here (Parquet).")] = None,
    model: Annotated[Path | None, typer.Option(help="Store the model and its evaluation here.")] = None,
    overrides: Overrides = None,
    set_aside: SetAside = None,
) -> None:
    """Train under the configuration's protocol; score the model and every baseline on the same rows."""
    settings, network = _prepare(config, data, overrides, set_aside)
    from influence import experiment
    from influence.evaluation import summary, terminal

    with _tracker("evaluate", settings, network) as tracker:
        with _progress() as progress:
            result = experiment.evaluate(network, settings, progress=progress, on_epoch=tracker.epoch)
        if json is not None:
            summary.write_json(result.summary, json)
        if predictions is not None:
            summary.write_predictions(result.predictions, predictions)
        if model is not None:
            result.model.save(model)
            words = ["influence", "evaluate", str(config), *(["--data", str(data)] if data else [])]
            command = shlex.join([*words, *(word for value in overrides or () for word in ("--set", value))])
            _keep(result, model, _card(settings, network, command))
        _print(terminal.table(result.summary))
        tracker.log_evaluation(result.summary, result.predictions)
        _track(tracker, result.model, settings)


@app.command()
def score(
    model: ModelPlace,
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="Pairs: Parquet or CSV.")],
    target: Annotated[Path, typer.Argument(metavar="OUTPUT", help="Scores: Parquet or CSV.")],
    task: Annotated[str, typer.Option(help="The question to answer.")] = "acceptance",
    at: Moment = None,
    data: DataFolder = None,
) -> None:
    """Score every pair of a file; the output appears only when all rows are done."""
    from influence import batch

    batch.check_paths(source, target)
    loaded = _load(model, data)
    with _progress() as report:
        n_rows = batch.score(loaded, source, target, task=task, at=at, progress=report)
    typer.echo(f"{n_rows:,} rows scored into {target}.")


@app.command()
def recommend(
    model: ModelPlace,
    task: Annotated[str, typer.Argument(metavar="TASK", help="The question to answer.")],
    sender: Annotated[str | None, typer.Option(help="The contact who would send the invitations.")] = None,
    company: Annotated[str | None, typer.Option(help="The company that looks for partners.")] = None,
    topic: Annotated[str | None, typer.Option(help="The topic to lead.")] = None,
    country: Annotated[list[str] | None, typer.Option(help="Target country; may be repeated.")] = None,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="Length of the list.")] = 20,
    at: Moment = None,
    output: Annotated[Path | None, typer.Option(help="Write the list here (Parquet or CSV).")] = None,
    data: DataFolder = None,
) -> None:
    """Name the best candidates for a sender, a company or a topic."""
    from influence import batch

    asked = {"sender_id": sender, "company_id": company, "topic": topic, "countries": country or None}
    given = {name: value for name, value in asked.items() if value is not None}
    if output is not None:
        batch.check_format(output)
    loaded = _load(model, data)
    _check_options(loaded.recommend, given, task)
    _show(loaded.recommend(task, **given, k=k, at=at), output)


@app.command()
def report(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Folder of an evaluated model.")],
    output: Annotated[Path | None, typer.Option(help="By default report.html beside the model.")] = None,
) -> None:
    """Write one HTML page about an evaluated model, pictures inline."""
    kept = model / EVALUATION
    if not kept.is_dir():
        remedy = f"Make one: influence evaluate CONFIG --model {model}"
        raise DataError(f"There is no evaluation of the model in {str(model)!r}. {remedy}")
    import json

    import pandas as pd

    from influence.evaluation.report import write_report

    summary, card = (json.loads((kept / name).read_text("utf-8")) for name in ("summary.json", "card.json"))
    page = model.parent / "report.html" if output is None else output
    write_report(summary, pd.read_parquet(kept / "predictions.parquet"), page, model_card=card)
    typer.echo(f"The report is in {page}.")


@app.command()
def audit(
    config: ConfigFile, data: DataFolder = None, overrides: Overrides = None, set_aside: SetAside = None
) -> None:
    """Alter the future of the records and see that no earlier prediction moves, retraining included."""
    settings, network = _prepare(config, data, overrides, set_aside)
    from influence import experiment

    with _progress() as report:
        result = experiment.audit(network, settings, progress=report)
    for sentence in result.sentences:
        typer.echo(sentence)
    typer.echo(f"{result.n_moved:,} of {result.n_checked:,} predictions moved.")
    if result.n_moved:
        raise typer.Exit(1)


@app.command("list")
def list_everything() -> None:
    """Name the tasks, relations, readers and baselines, with the file that defines each."""
    from influence import schema
    from influence.evaluation.baselines import BASELINES
    from influence.readers import READERS
    from influence.tasks import TASKS

    _list("task", {name: _file_of(task) for name, task in TASKS.items()})
    _list("relation", dict.fromkeys(schema.RELATIONS, schema.__file__))
    _list("reader", {name: _file_of(reader.read) for name, reader in READERS.items()})
    _list("baseline", {name: _file_of(baseline) for name, baseline in BASELINES.items()})


def _list(kind: str, files: Mapping[str, str]) -> None:
    here = Path.cwd()
    for name, file in files.items():
        path = Path(file).resolve()
        shown = path.relative_to(here) if path.is_relative_to(here) else path
        typer.echo(f"{kind:<10}{name:<22}{shown}")


def _file_of(thing: Any) -> str:
    """The file that defines a module, a class, a function, or the class of any other object."""
    import inspect

    itself = inspect.ismodule(thing) or inspect.isroutine(thing) or inspect.isclass(thing)
    return inspect.getfile(thing if itself else type(thing))


def _prepare(
    path: Path, data: Path | None, overrides: list[str] | None, set_aside: Path | None = None
) -> tuple[Config, Network]:
    """The resolved configuration and the network that it asks for."""
    from influence.config import load_config, resolve_data

    config = load_config(path, overrides or ())
    folder = resolve_data(config, data)
    from influence import readers

    network = readers.read(folder, config.reader, set_aside)
    for note in network.notes:
        _say(note)
    return config.named(folder.name), network


def _card(config: Config, network: Network, command: str) -> dict[str, Any]:
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


def _keep(result: Evaluation, model: Path, card: Mapping[str, Any]) -> None:
    """Lay the evaluation beside the model's own files, for `report`."""
    from influence.evaluation import summary

    kept = model / EVALUATION
    summary.write_json(card, kept / "card.json")
    summary.write_predictions(result.predictions, kept / "predictions.parquet")
    summary.write_json(result.summary, kept / "summary.json")


def _tracker(command: str, config: Config, network: Network) -> Tracker:
    from influence import tracking
    from influence.config import dump

    return tracking.start(config.tracking, command=command, config=dump(config), network=network)


def _track(tracker: Tracker, model: Model, config: Config) -> None:
    """Keep the model in the tracked run; results have been written by then."""
    import tempfile

    from influence import tracking

    if not config.tracking.enabled:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "model"
        model.save(folder)
        tracker.log_model(folder, model.predict(config.task, tracking.example()))


def _load(place: str, data: Path | None) -> Any:
    from influence import api, readers

    return api.load(place, network=None if data is None else readers.read(data))


def _check_options(recommend: Any, given: Mapping[str, Any], task: str) -> None:
    """Refuse what the task cannot heed, instead of leaving it unheeded."""
    import inspect

    known = inspect.signature(recommend).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        return
    if unknown := [name for name in given if name not in known]:
        raise ConfigError(f"recommend {task} does not heed {', '.join(unknown)}. Leave it out.")


def _show(rows: pd.DataFrame, output: Path | None) -> None:
    from influence import batch

    if output is None:
        typer.echo(rows.to_string(index=False))
    else:
        batch.write_table(rows, output)
        typer.echo(f"{len(rows):,} rows in {output}.")


def _print(table: Table) -> None:
    """A table on standard output, unsqueezed where no terminal limits its width."""
    from rich.console import Console

    console = Console()
    (console if console.is_terminal else Console(width=160)).print(table)


def _say(message: str, style: str = "dim") -> None:
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True, soft_wrap=True).print(Text(message, style=style))


@contextmanager
def _progress() -> Iterator[Report]:
    """Bars with the time left on standard error.

    Work within work, such as epochs within methods, has another number of steps: one bar for each.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    reached: dict[int, tuple[TaskID, int]] = {}
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def report(description: str, done: int, total: int) -> None:
            bar, before = reached[total] if total in reached else (bars.add_task(description), 0)
            if done < before:
                bars.reset(bar)
            bars.update(bar, description=description, completed=done, total=total)
            reached[total] = bar, done

        yield report


if __name__ == "__main__":
    main()

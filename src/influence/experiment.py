"""Fits, evaluates and audits: the configuration wired to the parts."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from influence.config import Config, dump
from influence.data import Network, moment_of
from influence.errors import ConfigError, DataError, nearest
from influence.evaluation.audit import AuditResult, audit_future
from influence.evaluation.protocol import Study, compare
from influence.evaluation.summary import summarise
from influence.prediction import Model
from influence.prediction.heads import HEADS, stage_of
from influence.progress import Tell, silent
from influence.tasks import acceptance
from influence.training.loop import Progress
from influence.training.networks import NetworkForecaster
from influence.training.parts import MODEL, PARTS, EpochListener, Recipe
from influence.training.workers import ALONE, Workers


def _unheard(part: str, epoch: Progress) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Evaluation:
    """The result of `evaluate`.

    `summary` is the content of `--json`, `predictions` that of `--predictions`, and `model` the model
    of the first seed, fitted on train and validation; None where the task leaves none to keep.
    """

    summary: dict[str, Any]
    predictions: pd.DataFrame
    model: Model | None


def fit(
    network: Network,
    config: Config,
    *,
    at: str | pd.Timestamp | None = None,
    progress: Tell = silent,
    on_epoch: EpochListener = _unheard,
    workers: Workers = ALONE,
    snapshots: Path | None = None,
) -> Model:
    """Train a model on everything that was visible strictly before `at`.

    It learns to answer `config.tasks`, or `config.task` where none are named.  For acceptance, the latest
    share of the invitations chooses (epochs, rounds, mix), and a rehearsal the memory of recalibration; then
    all of them train, what is open at `at` censored there.

    Parameters
    ----------
    at
        The end of what the model may know; by default the end of the records.
    progress, on_epoch
        Hear what is done, and how each network's training stands (under names such as `seed_0.gnn`).
    workers
        The processes that train the network of acceptance together: this is the first one, the others
        `assist`.  Everything else is done here.
    snapshots
        Where trainings keep their snapshots; by default beside the configuration's output.

    Raises
    ------
    InfluenceError
        If the task is unknown, the records are too few to learn from, or the workers differ in them.
    """
    _check_task(config)
    until, known = known_by(network, at)
    _check_alike(workers, known, config)
    heads = {}
    for task in (name for name in HEADS if name in (config.tasks or (config.task,))):
        progress(task, 0, 1)
        with _snapshots(config, known, f"fit {task} until {until}", snapshots) as folder:
            recipe = recipe_of(config, config.seeds[0], folder, progress, on_epoch, workers)
            heads[task] = HEADS[task].fit(known, config, recipe, until, progress)
        progress("done", 1, 1)
    return Model(known, config, heads, until)


def assist(
    network: Network,
    config: Config,
    workers: Workers,
    *,
    at: str | pd.Timestamp | None = None,
) -> None:
    """What every worker but the first one does while that one runs `fit` with the same arguments.

    It takes its share of every batch of the acceptance network, and follows in what the first one decides;
    nothing is validated, and nothing is written.

    Raises
    ------
    InfluenceError
        As `fit`.
    """
    _check_task(config)
    until, known = known_by(network, at)
    _check_alike(workers, known, config)
    if acceptance.NAME not in (config.tasks or (config.task,)):
        return
    stage = stage_of(known, config, until)
    recipe = recipe_of(config, config.seeds[0], None, workers=workers)
    for name in MODEL:
        forecaster = PARTS[name](recipe)
        if isinstance(forecaster, NetworkForecaster):
            forecaster.select(stage.train, stage.train_outcomes, stage.validation, stage.validation_outcomes)
            forecaster.refit(stage.everything, stage.everything_outcomes)


def known_by(network: Network, at: str | pd.Timestamp | None) -> tuple[pd.Timestamp, Network]:
    """The end of what may be known, and what was known by then."""
    until = moment_of(network, at)
    return until, network.as_of(until) if at is not None else network


def _check_alike(workers: Workers, known: Network, config: Config) -> None:
    """See that all workers learn from the same records under the same configuration."""
    own = known.fingerprint, json.dumps(dump(config), sort_keys=True)
    if workers.n > 1 and workers.told(lambda: own) != own:
        raise ConfigError(
            f"Worker {workers.rank} reads other records, or another configuration, than the first one. "
            "Give all of them the same files."
        )


def evaluate(
    network: Network,
    config: Config,
    *,
    progress: Tell = silent,
    on_epoch: EpochListener = _unheard,
    with_model: bool = True,
) -> Evaluation:
    """Run the protocol of the configuration: the model and every baseline on the same test rows.

    Parameters
    ----------
    progress, on_epoch
        As for `fit`.
    with_model
        False: without the model, where that takes a training of its own.

    Raises
    ------
    InfluenceError
        If the task is unknown, or the records are too few to divide by time.
    """
    _check_task(config)
    with _snapshots(config, network, "evaluate") as folder:

        def recipe(seed: int) -> Recipe:
            return recipe_of(config, seed, folder, progress, on_epoch)

        if config.task != acceptance.NAME:
            return _evaluate_by_protocol(network, config, recipe, progress, with_model)
        found = compare(Study.of(network), config.split, config.calibration, recipe, config.seeds, progress)
    summary = summarise(
        found.predictions,
        task=config.task,
        dataset=config.dataset or "unnamed",
        counts=found.counts,
        slices=found.slices,
        costs=found.costs,
    )
    model = Model(network, config, {config.task: found.model}, trained_until=found.split.test_from)
    return Evaluation(summary, found.predictions, model)


def _evaluate_by_protocol(
    network: Network, config: Config, recipe: Callable[[int], Recipe], progress: Tell, with_model: bool
) -> Evaluation:
    head = HEADS[config.task]
    if head.protocol is None:
        raise ConfigError(f"There is no protocol by which {config.task} could be judged. Give its head one.")
    protocol, settings = head.protocol(network, config)
    found = protocol.compare(network, settings, recipe, config.seeds, progress)
    summary = summarise(
        found.predictions,
        task=config.task,
        dataset=config.dataset or "unnamed",
        counts=found.counts,
        slices=found.slices,
        costs=found.costs,
        judge=found.judge,
        by=found.by,
    )
    model = None
    if with_model and found.until is not None:
        learnt = head.fit(network, config, recipe(config.seeds[0]), found.until, progress)
        model = Model(network, config, {config.task: learnt}, found.until)
    told = {**summary, "protocol": protocol.name, **found.told}
    written = [found.predictions, *([] if found.candidates is None else [found.candidates])]
    return Evaluation(told, pd.concat(written, ignore_index=True), model)


def audit(
    network: Network, config: Config, *, n_cuts: int = 2, n_pairs: int = 200, progress: Tell = silent
) -> AuditResult:
    """Alter the records from several moments on, train anew, and see whether any earlier prediction moves.

    Parameters
    ----------
    n_cuts
        Moments to try, spread over the later half of the invitations, or of the take-ups.
    n_pairs
        Pairs, or people, asked about at each.

    Raises
    ------
    InfluenceError
        If the task is unknown, nothing is to be asked, or the records before a cut are too few to learn from.
    """
    _check_task(config)
    for name, number in (("n_cuts", n_cuts), ("n_pairs", n_pairs)):
        if number < 1:
            raise ConfigError(f"{name} is {number}. Ask for at least one.")
    audited = HEADS[config.task].audited
    if audited is None:
        raise ConfigError(f"Nothing is known that an audit of {config.task} could ask. Tell its head.")
    times = network.table(audited.table)[audited.at].dropna()
    if not len(times):
        raise DataError(f"There are no {audited.table} to audit. Give a table {audited.table}.")
    cuts = [times.quantile(q, interpolation="nearest") for q in np.linspace(0.6, 0.9, n_cuts)]
    done = itertools.count()
    alone = config.model_copy(update={"tasks": ()})

    def answer(records: Network, cut: pd.Timestamp, rows: pd.DataFrame) -> pd.DataFrame:
        progress(f"training as of {cut:%Y-%m-%d}", next(done), 3 * n_cuts)
        return fit(records, alone, at=cut).with_network(records).predict(config.task, rows, at=cut)

    return audit_future(network, cuts, answer, n_pairs, config.seeds[0], audited)


@contextmanager
def _snapshots(config: Config, network: Network, purpose: str, place: Path | None = None) -> Iterator[Path]:
    """Where trainings keep their snapshots: the same command on the same records takes them up again.

    After a kill they stay; once all is done they are removed.
    """
    same = json.dumps(dump(config), sort_keys=True) + network.fingerprint + purpose
    place = place if place is not None else config.output.parent / ".training"
    folder = place / hashlib.sha256(same.encode()).hexdigest()[:16]
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # others may train beside
        folder.parent.rmdir()


def recipe_of(
    config: Config,
    seed: int,
    folder: Path | None,
    progress: Tell = silent,
    on_epoch: EpochListener = _unheard,
    workers: Workers = ALONE,
) -> Recipe:
    """What the parts of one seed are made with: as many members as the configuration says, seeds apart."""
    members = config.ensemble_members

    def told(part: str, epoch: Progress) -> None:
        on_epoch(f"seed_{seed}.{part}", epoch)
        described = f"seed {seed}: {part}, epoch {epoch.epoch}, {epoch.max_epochs} at most"
        progress(described, epoch.max_epochs if epoch.is_last else epoch.epoch, epoch.max_epochs)

    return Recipe(
        config.encoder,
        config.trees,
        config.training,
        tuple(seed * members + i for i in range(members)),
        folder / f"seed-{seed}" if folder is not None else None,
        (told,),
        workers,
    )


def _check_task(config: Config) -> None:
    for task in (config.task, *config.tasks):
        if task not in HEADS:
            raise ConfigError(f"There is no task {task!r} to learn. {nearest(task, HEADS)}")

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
from influence.evaluation.audit import AUDITED, AuditResult, audit_future
from influence.evaluation.ground_truth import GroundTruth
from influence.evaluation.leaders import protocol_for as leaders_protocol
from influence.evaluation.partners import protocol_for as partners_protocol
from influence.evaluation.protocol import Study, compare
from influence.evaluation.summary import summarise
from influence.prediction import Model
from influence.progress import Tell
from influence.tasks import TASKS, acceptance, leadership, partners
from influence.training.leaders import Leaders
from influence.training.loop import Progress
from influence.training.memory import with_rehearsed_memory
from influence.training.mixture import Combination, Stage, develop
from influence.training.networks import NetworkForecaster
from influence.training.partner_head import Partners
from influence.training.parts import MODEL, PARTS, EpochListener, Recipe
from influence.training.workers import ALONE, Workers


def _silent(what: str, done: int, total: int) -> None:
    """Nobody listens."""


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
    progress: Tell = _silent,
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
    tasks = config.tasks or (config.task,)

    @contextmanager
    def recipe(of: str) -> Iterator[Recipe]:
        with _snapshots(config, known, f"fit{of} until {until}", snapshots) as folder:
            yield recipe_of(config, config.seeds[0], folder, progress, on_epoch, workers)

    combination, leaders, partnering = None, None, None
    if acceptance.NAME in tasks:
        with recipe("") as made:
            combination = _fit_acceptance(known, config, made, until, progress)
    if leadership.NAME in tasks:
        with recipe(" leaders") as made:
            leaders = _fit_leaders(known, config, made, until, progress)
    if partners.NAME in tasks:
        with recipe(" partners") as made:
            partnering = _fit_partners(known, config, made, until, progress)
    return Model(known, config, combination, until, leaders, partnering)


def assist(
    network: Network,
    config: Config,
    workers: Workers,
    *,
    at: str | pd.Timestamp | None = None,
    on_epoch: EpochListener = _unheard,
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
    recipe = recipe_of(config, config.seeds[0], None, on_epoch=on_epoch, workers=workers)
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


def _fit_partners(
    network: Network, config: Config, recipe: Recipe, until: pd.Timestamp, progress: Tell
) -> Partners:
    progress("partners", 0, 1)
    found = Partners.fit(network, config.partners, recipe, until)
    progress("done", 1, 1)
    return found


def _fit_leaders(
    network: Network, config: Config, recipe: Recipe, until: pd.Timestamp, progress: Tell
) -> Leaders:
    progress("leaders", 0, 1)
    leaders = Leaders.fit(network, config.leadership, recipe, until)
    progress("done", 1, 1)
    return leaders


def _fit_acceptance(
    known: Network, config: Config, recipe: Recipe, until: pd.Timestamp, progress: Tell
) -> Combination:
    stage, parts = stage_of(known, config, until), {}
    for done, name in enumerate(MODEL):
        progress(name, done, len(MODEL))
        parts[name] = develop(PARTS[name](recipe), stage)
    progress("done", len(MODEL), len(MODEL))
    return Combination.of(parts, stage, with_rehearsed_memory(config.calibration, stage, config.trees))


def stage_of(known: Network, config: Config, until: pd.Timestamp | None = None) -> Stage:
    """What acceptance is developed on: of all invitations the latest share chooses, then all of them train.

    Parameters
    ----------
    until
        Where what is still open is censored; by default at the end of the records.
    """
    study, until = Study.of(known), moment_of(known, until)
    split = study.split(config.split.model_copy(update={"test": 0.0}))
    return study.stage(split.train, split.validation, split.validation_from, until, config.split.max_rows)


def evaluate(
    network: Network,
    config: Config,
    *,
    progress: Tell = _silent,
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
    model = Model(network, config, found.model, trained_until=found.split.test_from)
    return Evaluation(summary, found.predictions, model)


def _evaluate_by_protocol(
    network: Network, config: Config, recipe: Callable[[int], Recipe], progress: Tell, with_model: bool
) -> Evaluation:
    protocol, settings = _protocol_of(network, config)
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
        made = network, config, recipe(config.seeds[0]), found.until, progress
        leaders = _fit_leaders(*made) if config.task == leadership.NAME else None
        partnering = _fit_partners(*made) if config.task == partners.NAME else None
        model = Model(network, config, None, found.until, leaders, partnering)
    told = {**summary, "protocol": protocol.name, **found.told}
    written = [found.predictions, *([] if found.candidates is None else [found.candidates])]
    return Evaluation(told, pd.concat(written, ignore_index=True), model)


def _protocol_of(network: Network, config: Config) -> tuple[GroundTruth[Any], Any]:
    """How the task is judged on these records, and the settings that its protocols heed."""
    if config.task == leadership.NAME:
        return leaders_protocol(network, config.leadership.protocol), config.leadership
    return partners_protocol(network, config.partners.protocol), config.partners


def audit(
    network: Network, config: Config, *, n_cuts: int = 2, n_pairs: int = 200, progress: Tell = _silent
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
    audited = AUDITED[config.task]
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
    progress: Tell = _silent,
    on_epoch: EpochListener = _unheard,
    workers: Workers = ALONE,
) -> Recipe:
    """What the parts of one seed are made with: as many members as the configuration says, seeds apart."""
    members = config.ensemble_members

    def told(part: str, epoch: Progress) -> None:
        on_epoch(f"seed_{seed}.{part}", epoch)
        progress(
            f"seed {seed}: epoch {epoch.epoch}, about {epoch.seconds_left:.0f} s left at most",
            epoch.epoch,
            epoch.max_epochs,
        )

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
    if config.task not in TASKS:
        raise ConfigError(f"There is no task {config.task!r}. {nearest(config.task, TASKS)}")

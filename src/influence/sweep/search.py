"""The search itself: optuna asked and told step by step, everything stored as soon as it is known."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from influence.config import Config, dump
from influence.data import Network
from influence.errors import ConfigError
from influence.files import atomic, unwritable
from influence.progress import Tell, silent
from influence.sweep.config import SEARCHED, Range, SweepConfig, is_whole, with_settings
from influence.sweep.subject import Subject, validation_loss
from influence.writing import write_table

STORE = "sweep.db"
"""Every trial so far, in optuna's own format (SQLite); what a resumed sweep reads."""
BEST, TRIALS = "best.yaml", "trials.csv"
FEWEST_FOR_IMPORTANCE = 10
"""Whole trials below which nothing is said of importance."""


class Listener(Protocol):
    """Hears of every trial that has ended."""

    def trial(
        self, number: int, settings: Mapping[str, Any], losses: Mapping[str, float], state: str
    ) -> None:
        """A trial's settings, its losses relative to the base's, and how it ended."""
        ...


@dataclass(frozen=True)
class SweepResult:
    """What a sweep found."""

    trials: pd.DataFrame
    """One row per trial: number, state, value (mean relative loss), its settings, and its relative loss on
    each data set (means over the seeds)."""
    departures: dict[str, Any]
    """Where the best trial, or the base if none beat it, departs from the defaults, nested."""
    best: pd.Series | None
    """The row of the best trial; none if none beat the base settings."""
    importance: dict[str, float]
    """Share of each key in the variation of the value, the largest first; empty below ten whole trials."""

    def write(self, folder: Path) -> None:
        """Write the table of trials, and what to train with as a configuration."""
        import yaml

        write_table(self.trials, folder / TRIALS)
        told = "no trial beat the base settings, which these are, seeds left out"
        if self.best is not None:
            told = f"trial {self.best['trial']}, {self.best['value']:.4f} of the base settings' loss"
        text = f"# Chosen by `influence sweep` on validation rows: {told}.\n"
        if self.departures:
            text += yaml.safe_dump(self.departures, sort_keys=False)
        else:
            text += "# They are the defaults, from which nothing departs.\n"
        with atomic(folder / BEST) as path:
            path.write_text(text, encoding="utf-8")


def run(
    networks: Mapping[str, Network],
    config: SweepConfig,
    *,
    progress: Tell = silent,
    listener: Listener | None = None,
    anew: bool = False,
) -> SweepResult:
    """Search, or take an interrupted search in the same output folder up again.

    Parameters
    ----------
    networks
        Records by name, as `config.data` and `config.worlds` ask for.
    progress
        Hears what is done, and steps done and to do; a step is one data set under one seed.
    listener
        Hears of every trial that ends now; not again of those of an earlier, interrupted run.
    anew
        Forget what an earlier sweep left in the output folder.

    Raises
    ------
    InfluenceError
        If optuna is missing, the folder holds another sweep, records are too few to learn from, or no
        trial could be scored.
    """
    if not networks:
        raise ConfigError("The sweep names no records. Give data or worlds in its file, or --data FOLDER.")
    optuna = _optuna()
    subjects = [Subject.of(name, network, config.base) for name, network in networks.items()]
    store = config.output / STORE
    unusable = (optuna.exceptions.StorageInternalError, import_module("sqlalchemy.exc").SQLAlchemyError)
    try:
        return _Search(optuna, _opened(optuna, store, anew), config, subjects, progress, listener).run()
    except unusable as error:
        why = f"{str(store)!r} cannot be read or written as a sweep"
        raise ConfigError(f"{why}. Name another output, or start anew with --anew.") from error


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise ConfigError("Sweeps need optuna. Install it with: pip install 'influence[hpo]'.") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def _opened(optuna: Any, store: Path, anew: bool) -> Any:
    """The study kept in a file, made where it is missing."""
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        if anew:
            store.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(store.parent, error) from error
    if not store.exists():
        with atomic(store) as new:  # a kill must not leave half of the tables
            optuna.create_study(storage=f"sqlite:///{new}", study_name="sweep")
    return optuna.load_study(storage=f"sqlite:///{store}", study_name="sweep")


@dataclass
class _Search:
    """One search: every step is stored when it is done, and never done twice."""

    optuna: Any
    study: Any
    config: SweepConfig
    subjects: list[Subject]
    progress: Tell
    listener: Listener | None

    def run(self) -> SweepResult:
        """Measure the base, take up what was interrupted, then try until there are enough trials."""
        self._check_definition()
        if self.config.prune:
            self.study.pruner = self.optuna.pruners.MedianPruner()
        else:
            self.study.pruner = self.optuna.pruners.NopPruner()
        for seed, subject in self.steps:
            key = f"base.{_step(seed, subject)}"
            if key not in self.study.user_attrs:
                self._tell("base settings", seed, subject, 0)
                self.study.set_user_attr(key, self._loss(self.config.base, seed, subject))
        running = self.optuna.trial.TrialState.RUNNING
        for trial in self.study.get_trials(states=(running,)):  # killed midway
            self.study.tell(trial.number, state=self.optuna.trial.TrialState.FAIL)
            if trial.params.keys() == self.config.space.keys():
                self.study.enqueue_trial(trial.params, user_attrs=trial.user_attrs)
        while (ended := len(self._ended())) < self.config.trials:
            own_seed = np.random.SeedSequence([self.config.random_seed, ended]).generate_state(1)[0]
            self.study.sampler = self.optuna.samplers.TPESampler(seed=int(own_seed))
            self._try(self.study.ask(), ended)
        total = (self.config.trials + 1) * len(self.steps)
        self.progress("done", total, total)
        return self._result()

    @property
    def steps(self) -> list[tuple[int, Subject]]:
        """Every seed on every data set; a whole round of them before the next seed."""
        return [(seed, subject) for seed in self.config.base.seeds for subject in self.subjects]

    def _try(self, trial: Any, ended: int) -> None:
        """Score one trial, step by step, until it is whole, falls behind, or is refused."""
        state = self.optuna.trial.TrialState
        began, relative = time.perf_counter(), list[float]()
        for key, wanted in self.config.space.items():
            self._suggest(trial, key, wanted)
        chosen = self._chosen(trial)
        try:
            config = with_settings(self.config.base, chosen)
        except ConfigError as error:  # each value is sound, their combination is not
            trial.set_user_attr("refused", str(error))
            self.study.tell(trial, state=state.PRUNED)
            return
        for position, (seed, subject) in enumerate(self.steps):
            key = _step(seed, subject)
            if key not in trial.user_attrs:
                self._tell(f"trial {ended + 1} of {self.config.trials}", seed, subject, ended + 1)
                trial.set_user_attr(key, self._loss(config, seed, subject))
            relative.append(trial.user_attrs[key] / self.study.user_attrs[f"base.{key}"])
            trial.report(float(np.mean(relative)), position)
            if position + 1 < len(self.steps) and trial.should_prune():
                self.study.tell(trial, state=state.PRUNED)
                break
        else:
            self.study.tell(trial, float(np.mean(relative)))
        if self.listener is not None:
            told = self.study.get_trials(deepcopy=False)[trial.number]
            losses = {"relative_loss": float(np.mean(relative)), "seconds": time.perf_counter() - began}
            self.listener.trial(trial.number, chosen, losses, told.state.name.lower())

    def _suggest(self, trial: Any, key: str, wanted: Range | tuple[Any, ...]) -> None:
        if not isinstance(wanted, Range):
            trial.suggest_categorical(key, [json.dumps(value) for value in wanted])
        elif is_whole(self.config.base, key):
            trial.suggest_int(key, int(wanted.low), int(wanted.high), log=wanted.log)
        else:
            trial.suggest_float(key, wanted.low, wanted.high, log=wanted.log)

    def _loss(self, config: Config, seed: int, subject: Subject) -> float:
        return validation_loss(config, self.config.method, subject, seed, self.progress)

    def _tell(self, what: str, seed: int, subject: Subject, trials_before: int) -> None:
        position = [_step(*step) for step in self.steps].index(_step(seed, subject))
        done = trials_before * len(self.steps) + position
        self.progress(f"{what}: {subject.name}", done, (self.config.trials + 1) * len(self.steps))

    def _ended(self) -> list[Any]:
        """Trials that were scored or given up; those that were killed have been tried again."""
        state = self.optuna.trial.TrialState
        return self.study.get_trials(deepcopy=False, states=(state.COMPLETE, state.PRUNED))

    def _check_definition(self) -> None:
        """Refuse to go on with trials of another space, base, seed or other records."""
        told = self.config.model_dump(mode="json", include={"space", "method", "random_seed", "prune"})
        base = dump(self.config.base)
        told["base"] = {k: v for k, v in base.items() if k not in ("output", "tracking", "data", "dataset")}
        told["records"] = {subject.name: subject.fingerprint for subject in self.subjects}
        kept = self.study.user_attrs.get("definition")
        if kept is None:
            self.study.set_user_attr("definition", told)
            return
        now, before = _leaves(told), _leaves(kept)
        changed = sorted(key for key in now.keys() | before.keys() if now.get(key) != before.get(key))
        if changed:
            raise ConfigError(
                f"{str(self.config.output)!r} holds a sweep that differs in {', '.join(changed)}. "
                "Go on with the same settings and records, name another output, or start anew with --anew."
            )

    def _result(self) -> SweepResult:
        rows = [self._row(trial) for trial in self._ended()]
        trials = pd.DataFrame(rows)
        whole = trials[trials["state"] == "complete"]
        if whole.empty:
            reasons = {trial.user_attrs.get("refused") for trial in self._ended()} - {None}
            raise ConfigError(f"None of {len(trials)} trials could be scored. {' '.join(sorted(reasons))}")
        best = whole.iloc[int(whole["value"].argmin())]
        if best["value"] >= 1:
            return SweepResult(trials, _departures(self.config.base), None, self._importance(whole))
        trial = next(trial for trial in self._ended() if trial.number == best["trial"])
        chosen = with_settings(self.config.base, self._chosen(trial))
        return SweepResult(trials, _departures(chosen), best, self._importance(whole))

    def _row(self, trial: Any) -> dict[str, Any]:
        relative: dict[str, list[float]] = {subject.name: [] for subject in self.subjects}
        for seed, subject in self.steps:
            key = _step(seed, subject)
            if key in trial.user_attrs:
                loss = trial.user_attrs[key] / self.study.user_attrs[f"base.{key}"]
                relative[subject.name].append(loss)
        scores = {name: float(np.mean(found)) if found else np.nan for name, found in relative.items()}
        value = np.nan if trial.value is None else trial.value
        told = {"trial": trial.number, "state": trial.state.name.lower(), "value": value}
        return told | {key: trial.params.get(key) for key in self.config.space} | scores

    def _chosen(self, trial: Any) -> dict[str, Any]:
        """A trial's settings as the configuration takes them."""
        drawn = {key: isinstance(wanted, Range) for key, wanted in self.config.space.items()}
        return {key: value if drawn[key] else json.loads(value) for key, value in trial.params.items()}

    def _importance(self, whole: pd.DataFrame) -> dict[str, float]:
        if len(whole) < FEWEST_FOR_IMPORTANCE or np.ptp(whole["value"]) == 0:
            return {}
        return dict(self.optuna.importance.get_param_importances(self.study))


def _step(seed: int, subject: Subject) -> str:
    return f"{subject.name}.seed_{seed}"


def _departures(config: Config) -> dict[str, Any]:
    """Where it departs from the defaults in what may be searched: records and seeds are no settings."""
    departing = dump(config, departures_only=True)
    return {name: value for name, value in departing.items() if name in SEARCHED}


def _leaves(values: Any, before: str = "") -> dict[str, Any]:
    """Nested values by dotted key."""
    if not isinstance(values, dict):
        return {before: values}
    nested = (_leaves(value, f"{before}.{key}" if before else key) for key, value in values.items())
    return reduce(lambda found, more: found | more, nested, {})

"""Records of runs: settings, figures, pictures and the model.

Results are written first and tracked afterwards: a store that fails costs the record, never the result.
"""

from __future__ import annotations

import io
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from influence.errors import ConfigError
from influence.evaluation.model_card import CARD_FILE
from influence.provenance import flat_params, model_digest, requirements, tags_of
from influence.tracking.registry import DIGEST, register
from influence.tracking.signature import MODEL_CODE, example, signature
from influence.tracking.store import TrackingConfig, local_folder, opened, quiet_mlflow, untracked, using

if TYPE_CHECKING:
    import pandas as pd

    from influence.data import Network
    from influence.training.loop import Progress

NOTE, LONGEST_NOTE = "mlflow.note.content", 5_000
"""The tag that MLflow shows as a description, in Markdown, and what every store takes of it."""
BATCH = {"metrics": 1000, "params": 100}  # what MLflow takes at a time


class Tracker:
    """Hears of a run.  This one keeps nothing; `start` gives the one that does."""

    def __enter__(self) -> Tracker:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """The run is over."""

    def epoch(self, part: str, progress: Progress) -> None:
        """An epoch of a part's training is over; never fails, for training must go on."""

    def log_evaluation(self, summary: Mapping[str, Any], predictions: pd.DataFrame) -> None:
        """Keep the figures, pictures and predictions of an evaluation; errors as of `log_model`."""

    def log_model(self, save: Callable[[Path], None], answers: Mapping[str, pd.DataFrame]) -> str | None:
        """Keep a model as a pyfunc from code.

        Parameters
        ----------
        save
            Writes it into a folder, as `Model.save` does; where the store's files lie on a disk that is
            reached from here, at once where it stays.
        answers
            Task -> the model's answer to `example(task)`, for the signature; the first task is answered
            where none is named.

        Returns
        -------
        str or None
            The address that `download` knows it by; None where nothing is kept.

        Raises
        ------
        ConfigError
            If the store does not take it.
        """


def start(settings: TrackingConfig, *, command: str, config: Mapping[str, Any], network: Network) -> Tracker:
    """Begin a run: its configuration, the state of the code, and the records' fingerprint are kept at once.

    Parameters
    ----------
    command
        What is run: `train`, `evaluate`.
    config
        The resolved configuration as plain values.

    Raises
    ------
    ConfigError
        If the store cannot be reached or written to: told before the work begins, not after.
    """
    return _MlflowTracker(settings, command, config, network) if settings.enabled else Tracker()


class _MlflowTracker(Tracker):
    def __init__(
        self, settings: TrackingConfig, command: str, config: Mapping[str, Any], network: Network
    ) -> None:
        self.settings, self.store, self.network, self.config = settings, settings.store, network, config
        self.dataset = str(config.get("dataset") or "unnamed")
        self.mlflow = quiet_mlflow()
        self.failure: str | None = None
        self.last_epochs: dict[str, tuple[int, int]] = {}
        with self._telling():
            self.client, experiment = opened(settings)
            tags = tags_of(command, self.dataset, network)
            run = self.client.create_run(experiment, run_name=f"{command} {self.dataset}", tags=tags)
            self.run_id: str = run.info.run_id
            self._log_config()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        is_killed = kind is not None and issubclass(kind, KeyboardInterrupt | SystemExit)
        status = "KILLED" if is_killed else "FINISHED" if kind is None else "FAILED"
        with suppress(self.mlflow.exceptions.MlflowException, OSError):  # everything else is kept by now
            self.client.set_terminated(self.run_id, status)

    def epoch(self, part: str, progress: Progress) -> None:
        phase = "refit" if math.isnan(progress.criterion) else "select"
        member, last = self.last_epochs.get(f"{part}.{phase}", (0, 0))
        member += progress.epoch <= last
        self.last_epochs[f"{part}.{phase}"] = member, progress.epoch
        name = f"training.{part}.{phase}_{member}"
        values = {f"{name}.train_loss": progress.train_loss, f"{name}.criterion": progress.criterion}
        if self.failure is None:
            with suppress(ConfigError), self._telling():  # told at the end: training must go on
                self._log_metrics(values, progress.epoch)

    def log_evaluation(self, summary: Mapping[str, Any], predictions: pd.DataFrame) -> None:
        from influence.evaluation.figures import all_figures
        from influence.evaluation.picture import png
        from influence.evaluation.record import flat_metrics
        from influence.evaluation.summary import write_json, write_predictions

        with self._telling(), tempfile.TemporaryDirectory() as name:
            self._log_metrics(flat_metrics(summary))
            self._log_methods(summary)
            self._log_inputs(summary)
            folder = Path(name)
            write_json(summary, folder / "evaluation.json")
            write_predictions(predictions, folder / "predictions.parquet")
            (folder / "figures").mkdir()
            for figure, drawn in all_figures(summary, predictions).items():
                (folder / "figures" / f"{figure}.png").write_bytes(png(drawn))
            self.client.log_artifacts(self.run_id, str(folder))

    def log_model(self, save: Callable[[Path], None], answers: Mapping[str, pd.DataFrame]) -> str | None:
        address = f"runs:/{self.run_id}/model"
        with self._telling(), using(self.store), tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "model"
            is_near = local_folder(self.client.get_run(self.run_id).info.artifact_uri) is not None
            # MLflow copies what it logs, twice: an empty folder of a model that can be written in its place.
            folder.mkdir() if is_near else save(folder)
            place = local_folder(self._log_pyfunc(folder, answers))
            if is_near:
                assert place is not None, "models lie beside what else is kept of their run"
                folder = place / "artifacts" / folder.name
                save(folder)
            if self.settings.register_model:
                register(address)
            self.client.set_tag(self.run_id, DIGEST, model_digest(folder))
            self._log_card(folder / CARD_FILE)
        return address

    def _log_pyfunc(self, folder: Path, answers: Mapping[str, pd.DataFrame]) -> str:
        """Log the code around a model's folder; returns the address where all of it is kept."""
        code = folder.with_name("influence_model.py")
        code.write_text(MODEL_CODE, encoding="utf-8")
        # MLflow warns that types are not hinted, which no filter hushes; the signature tells them.
        with self.mlflow.start_run(run_id=self.run_id, nested=True), redirect_stderr(io.StringIO()):
            logged = self.mlflow.pyfunc.log_model(
                name="model",
                python_model=str(code),
                artifacts={"model": str(folder)},
                signature=signature(answers),
                input_example=example(next(iter(answers))),
                pip_requirements=requirements(),
            )
        return str(logged.artifact_path)

    def _log_card(self, file: Path) -> None:
        """The model card as an artifact, and as the description that MLflow shows of the run."""
        if file.is_file():
            self.client.log_artifact(self.run_id, str(file))
            self.client.set_tag(self.run_id, NOTE, file.read_text("utf-8")[:LONGEST_NOTE])

    def _log_config(self) -> None:
        entities = self.mlflow.entities
        params = [entities.Param(key, value) for key, value in flat_params(self.config).items()]
        for i in range(0, len(params), BATCH["params"]):
            self.client.log_batch(self.run_id, params=params[i : i + BATCH["params"]])
        self.client.log_dict(self.run_id, dict(self.config), "config.json")

    def _log_metrics(self, values: Mapping[str, float], step: int = 0, run_id: str | None = None) -> None:
        logged_at = int(time.time() * 1000)  # MLflow orders by it; no figure depends on it
        known = {key: value for key, value in values.items() if math.isfinite(value)}
        metrics = [self.mlflow.entities.Metric(*one, logged_at, step) for one in known.items()]
        for i in range(0, len(metrics), BATCH["metrics"]):
            self.client.log_batch(run_id or self.run_id, metrics=metrics[i : i + BATCH["metrics"]])

    def _log_methods(self, summary: Mapping[str, Any]) -> None:
        """Each method as a run below this one, under the names of the metrics alone.

        MLflow lays runs side by side, metric by metric: so it shows the model beside its baselines.
        """
        from influence.evaluation.record import method_metrics

        experiment = self.client.get_run(self.run_id).info.experiment_id
        for method in summary["methods"]:
            tags = {"mlflow.parentRunId": self.run_id, "method": method, "dataset": self.dataset}
            run_id = self.client.create_run(experiment, run_name=method, tags=tags).info.run_id
            self._log_metrics(method_metrics(summary, method), run_id=run_id)
            self.client.set_terminated(run_id)

    def _log_inputs(self, summary: Mapping[str, Any]) -> None:
        """The records as an input of each part of the split, with its dates and rows."""
        from influence.evaluation.record import periods

        entities, inputs = self.mlflow.entities, []
        is_acceptance = summary["task"] == "acceptance"
        spans = periods(self.network, self.config) if is_acceptance else summary.get("periods", {})
        for part, (since, until) in spans.items():
            told = {"from": since, "until": until, "rows": str(summary[f"n_{part}"])}
            dataset = entities.Dataset(
                name=f"{self.dataset}.{part}",
                digest=self.network.fingerprint[:36],
                source_type="code",
                source=json.dumps({"tags": told}),
            )
            tags = [entities.InputTag("mlflow.data.context", part)]
            inputs.append(entities.DatasetInput(dataset, tags))
            for name, value in told.items():
                self.client.set_tag(self.run_id, f"data.{part}.{name}", value)
        self.client.log_inputs(self.run_id, datasets=inputs)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Turns a failure of the store into a message; one that came earlier in the run is told, too."""
        if self.failure is not None:
            raise ConfigError(self.failure)
        try:
            yield
        except (self.mlflow.exceptions.MlflowException, OSError) as error:
            told = untracked("run", self.store, error)
            self.failure = str(told)
            raise told from error

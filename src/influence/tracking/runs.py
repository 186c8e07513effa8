"""Records of runs: settings, figures, pictures and the model.

Results are written first and tracked afterwards: a store that fails costs the record, never the result.
"""

from __future__ import annotations

import io
import json
import math
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from influence.addresses import without_credentials
from influence.errors import ConfigError
from influence.provenance import (
    flat_params,
    model_digest,
    requirements,
    sentence,
    tags_of,
)
from influence.tracking.registry import DIGEST, REGISTERED_NAME
from influence.tracking.store import URI_VARIABLE, TrackingConfig, experiment_id, prepare, quiet_mlflow, using

if TYPE_CHECKING:
    import pandas as pd

    from influence.data import Network
    from influence.training.loop import Progress

BATCH = {"metrics": 1000, "params": 100}  # what MLflow takes at a time

MODEL_CODE = '''"""The model as MLflow serves it: a DataFrame of raw ids in, a DataFrame of answers out."""

import warnings

import mlflow

import influence

warnings.filterwarnings("ignore", ".*Add type hints to the `predict` method")  # the signature tells the types


class InfluenceModel(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.model = influence.load(context.artifacts["model"])

    def predict(self, context, model_input, params=None):
        asked = params or {}
        task = asked.get("task") or self.model.tasks[0]
        return self.model.predict(task, model_input, asked.get("at") or None)


mlflow.models.set_model(InfluenceModel())
'''
EXAMPLES = {
    "acceptance": {"sender_id": ["ana", "ana"], "recipient_id": ["bo", "cy"]},
    "leadership": {"contact_id": ["ana", "bo"]},
    "partners": {"source_id": ["acme", "acme"], "target_id": ["bolt", "cog"]},
}
"""Task -> made-up rows: an example must not show anybody's."""
OPTIONAL = {"acceptance": ("sent_at", "has_note"), "leadership": ("topic",), "partners": ()}
"""Task -> columns that rows may have."""


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

    def log_model(self, folder: Path, answers: Mapping[str, pd.DataFrame]) -> str | None:
        """Keep what `Model.save` wrote into a folder, as a pyfunc from code.

        Parameters
        ----------
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


def example(task: str) -> pd.DataFrame:
    """The input example that is stored with every model of a task."""
    import pandas as pd

    return pd.DataFrame(EXAMPLES[task], dtype="str")


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
            prepare(self.store)
            self.client = self.mlflow.MlflowClient(tracking_uri=self.store)
            run = self.client.create_run(
                experiment_id(self.client, settings.experiment, self.store),
                run_name=f"{command} {self.dataset}",
                tags=tags_of(command, self.dataset, network),
            )
            self.run_id: str = run.info.run_id
            self._log_config()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        status = "FINISHED" if kind is None else "KILLED" if issubclass(kind, KeyboardInterrupt) else "FAILED"
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
        from influence.evaluation.figures import all_figures, png
        from influence.evaluation.record import flat_metrics
        from influence.evaluation.summary import write_json, write_predictions

        with self._telling(), tempfile.TemporaryDirectory() as name:
            self._log_metrics(flat_metrics(summary))
            self._log_inputs(summary)
            folder = Path(name)
            write_json(summary, folder / "evaluation.json")
            write_predictions(predictions, folder / "predictions.parquet")
            (folder / "figures").mkdir()
            for figure, drawn in all_figures(summary, predictions).items():
                (folder / "figures" / f"{figure}.png").write_bytes(png(drawn))
            self.client.log_artifacts(self.run_id, str(folder))

    def log_model(self, folder: Path, answers: Mapping[str, pd.DataFrame]) -> str | None:
        with self._telling(), using(self.store), tempfile.TemporaryDirectory() as name:
            code = Path(name) / "influence_model.py"
            code.write_text(MODEL_CODE, encoding="utf-8")
            # MLflow warns that types are not hinted, which no filter hushes; the signature tells them.
            with self.mlflow.start_run(run_id=self.run_id, nested=True), redirect_stderr(io.StringIO()):
                self.mlflow.pyfunc.log_model(
                    name="model",
                    python_model=str(code),
                    artifacts={"model": str(folder)},
                    signature=_signature(answers),
                    input_example=example(next(iter(answers))),
                    pip_requirements=requirements(),
                    registered_model_name=REGISTERED_NAME if self.settings.register_model else None,
                )
            self.client.set_tag(self.run_id, DIGEST, model_digest(folder))
        return f"runs:/{self.run_id}/model"

    def _log_config(self) -> None:
        entities = self.mlflow.entities
        params = [entities.Param(key, value) for key, value in flat_params(self.config).items()]
        for i in range(0, len(params), BATCH["params"]):
            self.client.log_batch(self.run_id, params=params[i : i + BATCH["params"]])
        self.client.log_dict(self.run_id, dict(self.config), "config.json")

    def _log_metrics(self, values: Mapping[str, float], step: int = 0) -> None:
        logged_at = int(time.time() * 1000)  # MLflow orders by it; no figure depends on it
        known = {key: value for key, value in values.items() if math.isfinite(value)}
        metrics = [self.mlflow.entities.Metric(*one, logged_at, step) for one in known.items()]
        for i in range(0, len(metrics), BATCH["metrics"]):
            self.client.log_batch(self.run_id, metrics=metrics[i : i + BATCH["metrics"]])

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
            self.failure = (
                f"The run cannot be tracked in {without_credentials(self.store)}: {sentence(error)} "
                f"Set tracking.uri or {URI_VARIABLE} to a store that answers, or tracking.enabled to false."
            )
            raise ConfigError(self.failure) from error


def _signature(answers: Mapping[str, pd.DataFrame]) -> Any:
    """Of several tasks no id is required, since each has its own."""
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
    from mlflow.types.schema import AnyType

    first = next(iter(answers))
    inputs = [
        ColSpec("string", name, required=len(answers) == 1) for task in answers for name in EXAMPLES[task]
    ]
    # MLflow's own datetime refuses time zones, and its boolean refuses NA.
    inputs += [ColSpec(AnyType(), name, required=False) for task in answers for name in OPTIONAL[task]]
    params = ParamSchema([ParamSpec("task", "string", first), ParamSpec("at", "string", "")])
    return ModelSignature(Schema(inputs), infer_signature(answers[first]).inputs, params)

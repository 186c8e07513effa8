"""Runs, figures and models kept by MLflow: the only module that imports it, and only once it is asked to.

Results are written first and tracked afterwards: a store that fails costs the record, never the result.
"""

from __future__ import annotations

import atexit
import importlib
import json
import logging
import math
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import field_validator

from influence.errors import CheckpointError, ConfigError
from influence.provenance import flat_params, requirements, sentence, tags_of, without_credentials
from influence.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from influence.data import Network
    from influence.training.loop import Progress

REGISTERED_NAME = "influence"
"""The one registered model."""
MODEL_FILE = "model.json"
URI_VARIABLE = "MLFLOW_TRACKING_URI"
LOCAL_STORE = "sqlite:///mlflow.db"
ENVIRONMENT = {
    # Nothing leaves the machine but what is tracked; an absent server is told at once, not after minutes.
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    # Standard output belongs to the results, standard error to our own words.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}
"""Set before MLflow is imported, unless the user has set them."""
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
        return self.model.predict(asked.get("task") or "acceptance", model_input, asked.get("at") or None)


mlflow.models.set_model(InfluenceModel())
'''
EXAMPLE = {"sender_id": ["ana", "ana"], "recipient_id": ["bo", "cy"]}
"""Made-up ids: an example must not show anybody's."""


class TrackingConfig(Settings):
    """Where runs are recorded."""

    enabled: bool = True
    """Record the runs of `influence train` and `influence evaluate`."""
    uri: str | None = None
    """`sqlite:///PATH`, or a server's address; by default MLFLOW_TRACKING_URI, or else mlflow.db here."""
    experiment: str = "influence"
    """The experiment that receives the runs."""
    register_model: bool = False
    """Make the model a new version of the registered model `influence`."""

    @field_validator("uri")
    @classmethod
    def _holds_no_password(cls, uri: str | None) -> str | None:
        if uri is not None and "@" in uri.partition("://")[2].partition("/")[0]:
            raise ValueError(
                "it would be stored, user and password included, with every model. "
                f"Set {URI_VARIABLE} in the environment instead"
            )
        return uri

    @property
    def store(self) -> str:
        """The address in use."""
        return self.uri or os.environ.get(URI_VARIABLE) or LOCAL_STORE


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

    def log_model(self, folder: Path, answer: pd.DataFrame) -> None:
        """Keep what `Model.save` wrote into a folder, as a pyfunc from code.

        Parameters
        ----------
        answer
            The model's answer to `example()`, for the signature.

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


def download(uri: str) -> Path:
    """The folder that `Model.load` reads, fetched from MLflow; it lives until the process ends.

    Parameters
    ----------
    uri
        `models:/influence@champion`, `models:/influence/3` or `runs:/ID/model`.

    Raises
    ------
    CheckpointError
        If there is no such model, or the store cannot be reached.
    """
    store = os.environ.get(URI_VARIABLE) or LOCAL_STORE
    path = _sqlite_path(store)
    if path is not None and not path.exists():
        raise CheckpointError(
            f"{uri!r} cannot be looked up: there is no {str(path)!r} here. Set {URI_VARIABLE}."
        )
    mlflow = _mlflow()
    folder = Path(tempfile.mkdtemp(prefix="influence-model-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        with _using(store):
            mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(folder))
    except (mlflow.exceptions.MlflowException, OSError) as error:
        why = f"{sentence(error)} {_remedy(error, store)}"
        raise CheckpointError(f"{uri!r} cannot be had from {without_credentials(store)}: {why}") from error
    found = next(folder.rglob(MODEL_FILE), None)
    if found is None:
        raise CheckpointError(f"{uri!r} is no model of influence: it holds no {MODEL_FILE}.")
    return found.parent


def example() -> pd.DataFrame:
    """The input example that is stored with every model."""
    import pandas as pd

    return pd.DataFrame(EXAMPLE, dtype="str")


class _MlflowTracker(Tracker):
    def __init__(
        self, settings: TrackingConfig, command: str, config: Mapping[str, Any], network: Network
    ) -> None:
        self.settings, self.store, self.network, self.config = settings, settings.store, network, config
        self.dataset = str(config.get("dataset") or "unnamed")
        self.mlflow = _mlflow()
        self.failure: str | None = None
        self.last_epochs: dict[str, tuple[int, int]] = {}
        with self._telling():
            _prepare(self.store)
            self.client = self.mlflow.MlflowClient(tracking_uri=self.store)
            run = self.client.create_run(
                _experiment(self.client, settings.experiment, self.store),
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

    def log_model(self, folder: Path, answer: pd.DataFrame) -> None:
        with self._telling(), _using(self.store), tempfile.TemporaryDirectory() as name:
            code = Path(name) / "influence_model.py"
            code.write_text(MODEL_CODE, encoding="utf-8")
            with self.mlflow.start_run(run_id=self.run_id, nested=True):
                self.mlflow.pyfunc.log_model(
                    name="model",
                    python_model=str(code),
                    artifacts={"model": str(folder)},
                    signature=_signature(answer),
                    input_example=example(),
                    pip_requirements=requirements(),
                    registered_model_name=REGISTERED_NAME if self.settings.register_model else None,
                )

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
        for part, (since, until) in periods(self.network, self.config).items():
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


def _signature(answer: pd.DataFrame) -> Any:
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
    from mlflow.types.schema import AnyType

    inputs = [ColSpec("string", name) for name in EXAMPLE]
    # MLflow's own datetime refuses time zones, and its boolean refuses NA.
    inputs += [ColSpec(AnyType(), name, required=False) for name in ("sent_at", "has_note")]
    params = ParamSchema([ParamSpec("task", "string", "acceptance"), ParamSpec("at", "string", "")])
    return ModelSignature(Schema(inputs), infer_signature(answer).inputs, params)


def _experiment(client: Any, name: str, store: str) -> str:
    """The id of the experiment, made where it is missing; artifacts of a local store lie beside it."""
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        path = _sqlite_path(store)
        place = None if path is None else (path.resolve().parent / "mlruns").as_uri()
        try:
            return str(client.create_experiment(name, artifact_location=place))
        except MlflowException:  # another process may have been quicker
            found = client.get_experiment_by_name(name)
    if found is None:
        raise ConfigError(f"The experiment {name!r} can be neither found nor made. Name another one.")
    return str(found.experiment_id)


def _prepare(store: str) -> None:
    """Make a local store, whole or not at all: processes that start together must not meet half of one."""
    path = _sqlite_path(store)
    if path is None or path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}-{uuid.uuid4().hex[:8]}")
    try:
        _mlflow().MlflowClient(tracking_uri=f"sqlite:///{new}").search_experiments(max_results=1)
        with suppress(FileExistsError):
            os.link(new, path)
    finally:
        new.unlink(missing_ok=True)


def _mlflow() -> Any:
    """MLflow, quiet and without telemetry."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    mlflow = importlib.import_module("mlflow")
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return mlflow


@contextmanager
def _using(store: str) -> Iterator[None]:
    """Makes a store MLflow's default, and gives back the user's own."""
    mlflow = _mlflow()
    variable = os.environ.get(URI_VARIABLE)
    before = mlflow.get_tracking_uri() if mlflow.tracking.is_tracking_uri_set() else None
    mlflow.set_tracking_uri(store)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(before)
        if variable is None:
            os.environ.pop(URI_VARIABLE, None)
        else:
            os.environ[URI_VARIABLE] = variable


def _remedy(error: Exception, store: str) -> str:
    """What the registry holds, where it answers."""
    mlflow = _mlflow()
    if getattr(error, "error_code", "") not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
        return f"Set {URI_VARIABLE} to a store that answers."
    client = mlflow.MlflowClient(tracking_uri=store)
    try:
        names = [f"@{alias}" for alias in client.get_registered_model(REGISTERED_NAME).aliases]
        names += [f"/{one.version}" for one in client.search_model_versions(f"name='{REGISTERED_NAME}'")]
    except mlflow.exceptions.MlflowException:
        return f"No model {REGISTERED_NAME!r} is registered: train with --set tracking.register_model=true."
    return f"Known: {', '.join(f'models:/{REGISTERED_NAME}{name}' for name in names)}."


def _sqlite_path(store: str) -> Path | None:
    return Path(store.removeprefix("sqlite:///")) if store.startswith("sqlite:///") else None

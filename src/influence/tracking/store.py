"""Where runs are recorded: the address in use, a local store made whole, and MLflow kept quiet."""

from __future__ import annotations

import importlib
import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pydantic import field_validator

from influence.addresses import holds_password, without_credentials
from influence.errors import ConfigError
from influence.provenance import sentence
from influence.settings import Settings

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
        if uri is not None and ("@" in uri.partition("://")[2].partition("/")[0] or holds_password(uri)):
            raise ValueError(
                "it would be stored, user and password included, with every model. "
                f"Set {URI_VARIABLE} in the environment instead"
            )
        return uri

    @property
    def store(self) -> str:
        """The address in use."""
        return self.uri or store_in_use()


def store_in_use() -> str:
    """The store that the environment names, or else the local one."""
    return os.environ.get(URI_VARIABLE) or LOCAL_STORE


@contextmanager
def answering(store: str) -> Iterator[None]:
    """Turns a failure of the store into a message.

    Raises
    ------
    ConfigError
        If it cannot be reached, or refuses what is asked.
    """
    mlflow = quiet_mlflow()
    try:
        yield
    except (mlflow.exceptions.MlflowException, OSError) as error:
        raise ConfigError(
            f"{without_credentials(store)} does not answer: {sentence(error)} "
            f"Set {URI_VARIABLE} to a store that does."
        ) from error


def opened(settings: TrackingConfig) -> tuple[Any, str]:
    """A client of the store in use, and the id of the experiment; either is made where it is missing."""
    prepare(settings.store)
    client = quiet_mlflow().MlflowClient(tracking_uri=settings.store)
    return client, _experiment_id(client, settings.experiment, settings.store)


def untracked(what: str, store: str, error: Exception, key: str = "tracking") -> ConfigError:
    """What to say when a store does not take a run or a sweep; `key` is where its settings stand."""
    return ConfigError(
        f"The {what} cannot be tracked in {without_credentials(store)}: {sentence(error)} "
        f"Set {key}.uri or {URI_VARIABLE} to a store that answers, or {key}.enabled to false."
    )


def _experiment_id(client: Any, name: str, store: str) -> str:
    """The id of the experiment, made where it is missing; artifacts of a local store lie beside it."""
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        path = sqlite_path(store)
        place = None if path is None else (path.resolve().parent / "mlruns").as_uri()
        try:
            return str(client.create_experiment(name, artifact_location=place))
        except MlflowException:  # another process may have been quicker
            found = client.get_experiment_by_name(name)
    if found is None:
        raise ConfigError(f"The experiment {name!r} can be neither found nor made. Name another one.")
    return str(found.experiment_id)


def prepare(store: str) -> None:
    """Make a local store, whole or not at all: processes that start together must not meet half of one."""
    path = sqlite_path(store)
    if path is None or path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}-{uuid.uuid4().hex[:8]}")
    try:
        make_tables(new)
        with suppress(FileExistsError):
            os.link(new, path)
    finally:
        new.unlink(missing_ok=True)


def make_tables(file: Path) -> None:
    """An empty store in a new file; it takes MLflow a second or more."""
    quiet_mlflow().MlflowClient(tracking_uri=f"sqlite:///{file}").search_experiments(max_results=1)


def quiet_mlflow() -> Any:
    """MLflow, quiet and without telemetry."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    mlflow = importlib.import_module("mlflow")
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return mlflow


@contextmanager
def using(store: str) -> Iterator[None]:
    """Makes a store MLflow's default, and gives back the user's own."""
    mlflow = quiet_mlflow()
    variable = os.environ.get(URI_VARIABLE)
    # What the environment names stays there alone: set in MLflow, too, it would outlive the variable.
    is_fixed = variable is None and mlflow.tracking.is_tracking_uri_set()
    before = mlflow.get_tracking_uri() if is_fixed else None
    mlflow.set_tracking_uri(store)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(before)
        if variable is None:
            os.environ.pop(URI_VARIABLE, None)
        else:
            os.environ[URI_VARIABLE] = variable


def local_folder(place: str) -> Path | None:
    """The folder that an address of artifacts means on this machine; None where they lie on a server."""
    from mlflow.utils.file_utils import local_file_uri_to_path
    from mlflow.utils.uri import is_local_uri

    return Path(local_file_uri_to_path(place)) if is_local_uri(place, False) else None


def sqlite_path(store: str) -> Path | None:
    """The file of a local store; None for a server."""
    return Path(store.removeprefix("sqlite:///")) if store.startswith("sqlite:///") else None

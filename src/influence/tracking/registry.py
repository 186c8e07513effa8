"""The registered model `influence`: its versions, and which of them is the champion.

The alias `champion` names the version in use; a tag of the registered model lists those that held it, so that
a rollback knows where to go.
"""

from __future__ import annotations

import atexit
import io
import shutil
import tempfile
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

from influence.addresses import MODEL_FILE, without_credentials
from influence.errors import CheckpointError, ConfigError
from influence.provenance import sentence
from influence.tracking.store import (
    URI_VARIABLE,
    answering,
    local_folder,
    prepare,
    quiet_mlflow,
    sqlite_path,
    store_in_use,
    using,
)

REGISTERED_NAME = "influence"
"""The one registered model."""
CHAMPION = "champion"
"""The alias of the version in use."""
CHAMPIONS = "champions"
"""Tag of the registered model: versions that held the alias, the latest last."""
DIGEST = "model_digest"
"""Tag of a run: what the model that it keeps is recognised by."""
WHY = "promoted_because"
"""Tag of a version: why it became the champion."""
LONGEST_LINE = 50
"""Champions remembered."""


class Registry:
    """The registered model in a store, by default the one in use; only `promote` and `rollback` write.

    Raises
    ------
    ConfigError
        From every method, if the store does not answer.
    """

    def __init__(self, store: str | None = None) -> None:
        self.store = store or store_in_use()

    def address(self, version: str) -> str:
        """What `influence.load` takes for a version."""
        return f"models:/{REGISTERED_NAME}/{version}"

    def addresses(self) -> tuple[str, ...]:
        """What `influence.load` takes for what is registered: aliases, then versions, the latest first."""
        if self._is_absent():
            return ()
        with answering(self.store):
            versions = sorted((int(one.version) for one in self._versions()), reverse=True)
        aliases = [f"models:/{REGISTERED_NAME}@{alias}" for alias in sorted(self._aliases())]
        return (*aliases, *(self.address(str(version)) for version in versions))

    def champion(self) -> str | None:
        """The version that is the champion; None where there is none yet."""
        return self._aliases().get(CHAMPION)

    def champions(self) -> tuple[str, ...]:
        """Versions that held the alias, the present one last."""
        now = self.champion()
        line = tuple(str(self._model().tags.get(CHAMPIONS, "")).split()) if now is not None else ()
        return line if now is None or line[-1:] == (now,) else (*line, now)  # moved by other hands

    def kept_as(self, digest: str) -> str | None:
        """The address of a model of that digest in any finished run; None where none keeps it."""
        if self._is_absent():
            return None
        with answering(self.store):
            client = self._client()
            experiments = [one.experiment_id for one in client.search_experiments()]
            found = client.search_runs(experiments, f"tags.{DIGEST} = '{digest}'", max_results=1)
        return f"runs:/{found[0].info.run_id}/model" if found else None

    def version_of(self, address: str) -> str | None:
        """The version that an address leads to; None where it is not registered yet.

        Raises
        ------
        ConfigError
            If it is registered under another name.
        """
        name, _, version = address.removeprefix("models:/").replace("@", "/").rpartition("/")
        if address.startswith("models:/") and name not in (REGISTERED_NAME, ""):
            raise ConfigError(f"{address!r} is registered under another name than {REGISTERED_NAME!r}.")
        if self._is_absent():
            return None
        with answering(self.store):
            if address.startswith("runs:/"):
                run_id = address.removeprefix("runs:/").partition("/")[0]
                found = [one for one in self._versions() if one.run_id == run_id]
                return str(found[0].version) if found else None
            if not name:  # MLflow's own id of a logged model
                return None
            return self._aliases().get(version) if "@" in address else version

    def promote(self, address: str, why: str) -> str:
        """Make a model the champion, registered first where it is not; returns its version."""
        line, version = self.champions(), self.version_of(address)
        with answering(self.store), using(self.store):
            prepare(self.store)
            if version is None:
                version = register(address)
            self._crown(version, (*line, version))
            self._client().set_model_version_tag(REGISTERED_NAME, version, WHY, why)
        return version

    def rollback(self) -> tuple[str, str]:
        """Give the alias back to the champion before; returns (version that held it, version that holds it).

        Raises
        ------
        ConfigError
            If there was none before.
        """
        line = self.champions()
        if len(line) < 2:
            known = f"version {line[0]} is the first champion" if line else "there is no champion"
            raise ConfigError(f"There is nothing to roll back to: {known}. Promote a model first.")
        with answering(self.store):
            self._crown(line[-2], line[:-1])
        return line[-1], line[-2]

    def _crown(self, version: str, line: tuple[str, ...]) -> None:
        client = self._client()
        client.set_registered_model_alias(REGISTERED_NAME, CHAMPION, version)
        client.set_registered_model_tag(REGISTERED_NAME, CHAMPIONS, " ".join(line[-LONGEST_LINE:]))

    def _aliases(self) -> dict[str, str]:
        model = self._model()
        return {} if model is None else {alias: str(version) for alias, version in model.aliases.items()}

    def _model(self) -> Any:
        """The registered model; None where there is none."""
        if self._is_absent():
            return None
        with answering(self.store):
            found = self._client().search_registered_models(f"name = '{REGISTERED_NAME}'")
        return found[0] if found else None

    def _versions(self) -> list[Any]:
        return list(self._client().search_model_versions(f"name = '{REGISTERED_NAME}'"))

    def _is_absent(self) -> bool:
        """Whether a local store has not been made; looking must not make one."""
        path = sqlite_path(self.store)
        return path is not None and not path.exists()

    def _client(self) -> Any:
        return quiet_mlflow().MlflowClient(tracking_uri=self.store)


def register(address: str) -> str:
    """Make a logged model a version of the registered one, in the store that MLflow uses; returns it."""
    with redirect_stderr(io.StringIO()):  # MLflow tells of every version that it makes
        return str(quiet_mlflow().register_model(address, REGISTERED_NAME).version)


def download(uri: str) -> Path:
    """The folder that `Model.load` reads: where MLflow keeps it, if that is on a disk reached from here.

    Else it is fetched into a folder that lives until the process ends.

    Parameters
    ----------
    uri
        `models:/influence@champion`, `models:/influence/3` or `runs:/ID/model`.

    Raises
    ------
    CheckpointError
        If there is no such model, or the store cannot be reached.
    """
    store = store_in_use()
    path = sqlite_path(store)
    if path is not None and not path.exists():
        raise CheckpointError(
            f"{uri!r} cannot be looked up: there is no {str(path)!r} here. Set {URI_VARIABLE}."
        )
    mlflow = quiet_mlflow()
    try:
        with using(store):
            folder = local_folder(mlflow.models.get_model_info(uri).artifact_path) or _fetched(uri)
    except (mlflow.exceptions.MlflowException, OSError) as error:
        why = f"{sentence(error)} {_remedy(error, store)}"
        raise CheckpointError(f"{uri!r} cannot be had from {without_credentials(store)}: {why}") from error
    found = next(folder.rglob(MODEL_FILE), None)
    if found is None:
        raise CheckpointError(f"{uri!r} is no model of influence: it holds no {MODEL_FILE}.")
    return found.parent


def _fetched(uri: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="influence-model-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    quiet_mlflow().artifacts.download_artifacts(artifact_uri=uri, dst_path=str(folder))
    return folder


def fetch(uri: str) -> tuple[Path, str | None]:
    """The folder as `download` gives it, and the version that it is, such as influence/3; None for none.

    An alias is followed once, so that folder and version agree while others promote.

    Raises
    ------
    CheckpointError
        As `download` does.
    """
    try:
        version = Registry().version_of(uri)
    except ConfigError:  # of another name, or in a store that does not answer, as `download` will tell
        version = None
    if version is None or not version.isdigit():
        return download(uri), None
    return download(f"models:/{REGISTERED_NAME}/{version}"), f"{REGISTERED_NAME}/{version}"


def _remedy(error: Exception, store: str) -> str:
    """What the registry holds, where it answers."""
    mlflow = quiet_mlflow()
    if getattr(error, "error_code", "") not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
        return f"Set {URI_VARIABLE} to a store that answers."
    client = mlflow.MlflowClient(tracking_uri=store)
    try:
        names = [f"@{alias}" for alias in client.get_registered_model(REGISTERED_NAME).aliases]
        names += [f"/{one.version}" for one in client.search_model_versions(f"name='{REGISTERED_NAME}'")]
    except mlflow.exceptions.MlflowException:
        return f"No model {REGISTERED_NAME!r} is registered: train with --set tracking.register_model=true."
    return f"Known: {', '.join(f'models:/{REGISTERED_NAME}{name}' for name in names)}."

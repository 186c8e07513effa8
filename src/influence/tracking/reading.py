"""What was recorded: the latest runs, and the evaluation that one of them keeps."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from influence.errors import ConfigError, nearest
from influence.tracking.store import URI_VARIABLE, answering, quiet_mlflow, sqlite_path, store_in_use

if TYPE_CHECKING:
    import pandas as pd

KEPT = ("config.json", "evaluation.json", "predictions.parquet")
"""The artifacts of an evaluation; a training keeps only the first."""


@dataclass(frozen=True)
class TrackedRun:
    """A run as its store tells of it."""

    run_id: str
    command: str
    dataset: str
    started_at: str
    """UTC, to the minute."""
    status: str
    commit: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]


def latest_runs(dataset: str | None = None, limit: int = 20) -> list[TrackedRun]:
    """The latest runs of the store in use, newest first.

    Raises
    ------
    ConfigError
        If there is no store, or it does not answer.
    """
    wanted = "tags.command != ''"
    if dataset is not None:
        wanted += " and tags.dataset = '{}'".format(dataset.replace("'", ""))
    return [_told(run) for run in _search(wanted, limit)]


def recorded(name: str) -> tuple[dict[str, Any] | None, pd.DataFrame | None, dict[str, Any]]:
    """The summary, the predictions and the settings of a run; None for what it does not keep.

    Parameters
    ----------
    name
        The run's id, or its first letters.

    Raises
    ------
    ConfigError
        If no run, or more than one, is called so.
    """
    import pandas as pd

    run_id = _run_id(name)
    client, store = _client(), store_in_use()
    with answering(store), tempfile.TemporaryDirectory() as folder:
        kept = {one.path for one in client.list_artifacts(run_id)}
        paths = {one: Path(client.download_artifacts(run_id, one, folder)) for one in KEPT if one in kept}
        summary, settings = (
            json.loads(paths[one].read_text("utf-8")) if one in paths else None
            for one in ("evaluation.json", "config.json")
        )
        predictions = pd.read_parquet(paths[KEPT[2]]) if KEPT[2] in paths else None
    return summary, predictions, settings or {}


def _run_id(name: str) -> str:
    known = [run.info.run_id for run in _search("tags.command != ''", 1_000)]
    found = [run_id for run_id in known if run_id.startswith(name)]
    if len(found) == 1:
        return str(found[0])
    if found:
        raise ConfigError(f"{len(found)} runs begin with {name!r}. Give more letters of the id.")
    raise ConfigError(f"There is no run {name!r}. {nearest(name, (one[:8] for one in known))}")


def _search(wanted: str, limit: int) -> list[Any]:
    store = store_in_use()
    path = sqlite_path(store)
    if path is not None and not path.exists():
        raise ConfigError(
            f"There are no runs: there is no {str(path)!r} here. Train first, or set {URI_VARIABLE}."
        )
    with answering(store):
        client = _client()
        experiments = [one.experiment_id for one in client.search_experiments()]
        return list(client.search_runs(experiments, wanted, max_results=limit, order_by=["start_time DESC"]))


def _told(run: Any) -> TrackedRun:
    import datetime

    tags, started = run.data.tags, datetime.datetime.fromtimestamp(run.info.start_time / 1000, datetime.UTC)
    return TrackedRun(
        run.info.run_id,
        tags.get("command", ""),
        tags.get("dataset", ""),
        f"{started:%Y-%m-%d %H:%M}",
        run.info.status.lower(),
        tags.get("git_commit", "unknown"),
        dict(run.data.params),
        dict(run.data.metrics),
    )


def _client() -> Any:
    return quiet_mlflow().MlflowClient(tracking_uri=store_in_use())

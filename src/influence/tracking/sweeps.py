"""A sweep as runs of MLflow: one for the sweep, a nested one for every trial."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from influence.tracking.store import TrackingConfig, opened, quiet_mlflow, untracked

SWEEP_TAG = "influence.sweep"
"""The tag that names the folder of a sweep."""


class SweepTracker:
    """Hears of a sweep.  This one keeps nothing; `start_sweep` gives the one that does."""

    def __enter__(self) -> SweepTracker:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """The sweep is over, or interrupted."""

    def trial(
        self, number: int, settings: Mapping[str, Any], figures: Mapping[str, float], state: str
    ) -> None:
        """A trial has ended; never fails, for the sweep must go on."""


def start_sweep(
    settings: TrackingConfig, output: Path, definition: Mapping[str, Any], anew: bool = False
) -> SweepTracker:
    """Begin a sweep's run, with a nested run per trial; a sweep that is resumed goes on in its first run.

    Parameters
    ----------
    output
        The sweep's folder: what it is recognised by.
    definition
        The sweep's settings as plain values.
    anew
        Begin a new run even where the folder has one.

    Raises
    ------
    ConfigError
        If the store cannot be reached or written to.
    """
    return _MlflowSweepTracker(settings, output, definition, anew) if settings.enabled else SweepTracker()


class _MlflowSweepTracker(SweepTracker):
    def __init__(
        self, settings: TrackingConfig, output: Path, definition: Mapping[str, Any], anew: bool
    ) -> None:
        self.errors = (quiet_mlflow().exceptions.MlflowException, OSError)
        try:
            self.client, self.experiment = opened(settings)
            place = str(output.resolve()).replace("'", "_")
            earlier = [] if anew else self._earlier(place)
            self.run_id: str = (
                earlier[0] if earlier else self._run(f"sweep {output.name}", {SWEEP_TAG: place})
            )
            self.client.log_dict(self.run_id, dict(definition), "sweep.json")
        except self.errors as error:
            raise untracked("sweep", settings.store, error, "base.tracking") from error

    def _earlier(self, place: str) -> list[str]:
        """The runs of a sweep's folder, the latest first."""
        found = self.client.search_runs([self.experiment], f"tags.`{SWEEP_TAG}` = '{place}'", max_results=1)
        return [run.info.run_id for run in found]

    def _run(self, name: str, tags: Mapping[str, str]) -> str:
        return str(self.client.create_run(self.experiment, run_name=name, tags=dict(tags)).info.run_id)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with suppress(*self.errors):
            self.client.set_terminated(self.run_id, "FINISHED" if kind is None else "KILLED")

    def trial(
        self, number: int, settings: Mapping[str, Any], figures: Mapping[str, float], state: str
    ) -> None:
        with suppress(*self.errors):
            tags = {"mlflow.parentRunId": self.run_id, "influence.state": state}
            run_id = self._run(f"trial {number}", tags)
            for key, value in settings.items():
                self.client.log_param(run_id, key, value)
            for key, figure in figures.items():
                self.client.log_metric(run_id, key, figure)
            self.client.set_terminated(run_id)

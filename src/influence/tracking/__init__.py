"""Runs, figures and models kept by MLflow: the only package that imports it, and only once it is asked to.

`runs` and `sweeps` record, `registry` moves the champion, `reading` finds what was recorded, `store` reaches
the place.
"""

from influence.tracking.reading import TrackedRun, latest_runs, recorded
from influence.tracking.registry import Registry, download, fetch
from influence.tracking.runs import Tracker, start
from influence.tracking.signature import example
from influence.tracking.store import TrackingConfig

__all__ = [
    "Registry",
    "TrackedRun",
    "Tracker",
    "TrackingConfig",
    "download",
    "example",
    "fetch",
    "latest_runs",
    "recorded",
    "start",
]

"""Runs, figures and models kept by MLflow: the only package that imports it, and only once it is asked to.

`runs` records, `registry` moves the champion, `reading` finds what was recorded, `store` reaches the place.
"""

from influence.tracking.reading import TrackedRun, recorded, runs
from influence.tracking.registry import Registry, download
from influence.tracking.runs import Tracker, example, start
from influence.tracking.store import TrackingConfig

__all__ = [
    "Registry",
    "TrackedRun",
    "Tracker",
    "TrackingConfig",
    "download",
    "example",
    "recorded",
    "runs",
    "start",
]

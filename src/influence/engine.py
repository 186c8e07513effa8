"""Where the work runs: in this process, or on the workers of a Ray cluster (extra `ray`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from influence.errors import ConfigError, InfluenceError
from influence.settings import Settings

Engine = Literal["local", "ray"]


class RayConfig(Settings):
    """The cluster, and how much of it one piece of work takes."""

    address: str | None = None
    """The cluster's address; RAY_ADDRESS where it is not given, and without both a cluster of this machine
    alone, started for the purpose."""
    workers: PositiveInt = 2
    """Processes that train one network together, or that score."""
    cpus_per_worker: PositiveFloat = 1.0
    """Processors reserved for each of them."""
    gpus_per_worker: NonNegativeFloat = 0.0
    """GPUs reserved for each of them."""
    max_failures: NonNegativeInt = 3
    """How often a training starts its workers anew, from the latest snapshot, after one of them was lost."""


@contextmanager
def ray_session(config: RayConfig) -> Iterator[Any]:
    """Ray, connected; what was started for the purpose is stopped at the end.

    Raises
    ------
    ConfigError
        If the extra is missing, or the cluster does not answer.
    """
    # Ray reads it when it is imported, and its workers inherit it: nothing is told to anybody.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise ConfigError(
            "engine: ray needs the extra `ray`. Run pip install 'influence[ray]', or set engine to local."
        ) from error
    if ray.is_initialized():  # whoever did that ends it
        yield ray
        return
    address = config.address or os.environ.get("RAY_ADDRESS")
    try:
        own = _own(config) if address is None else {}
        ray.init(address, logging_level="WARNING", log_to_driver=False, **own)
    except ConnectionError as error:
        raise ConfigError(
            f"No Ray cluster answers at {address}: {error} Start one with `ray start --head`, or correct "
            "ray.address or RAY_ADDRESS."
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _own(config: RayConfig) -> dict[str, Any]:
    """How to start a cluster of this machine: with room for the workers, however few its processors."""
    n_cpus = max(os.cpu_count() or 1, int(-(-config.workers * config.cpus_per_worker // 1)) + 1)
    return {"num_cpus": n_cpus, "include_dashboard": False}


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turns what Ray says of a worker's complaint back into the complaint.

    Raises
    ------
    InfluenceError
        The complaint.
    """
    try:
        yield
    except Exception as error:
        if (complaint := next(_complaints(error), None)) is None:
            raise
        raise complaint from error


def _complaints(error: BaseException | None) -> Iterator[InfluenceError]:
    """Complaints among an error, its causes, and those of the workers that it tells of."""
    while error is not None:
        if isinstance(error, InfluenceError):
            yield error
        for of_worker in getattr(error, "worker_failures", {}).values():
            yield from _complaints(of_worker)
        error = getattr(error, "cause", None) or error.__cause__

"""Training on a Ray cluster: the same program on every worker, started anew where one is lost.

Ray Train starts the workers and connects them; what they do is `influence.experiment`, as under torchrun.
The first one keeps its snapshots beside the configuration's output: a place that all machines must see.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from influence import experiment
from influence.config import Config
from influence.data import Network
from influence.engine import ray_session, told_plainly
from influence.prediction import Model
from influence.training.workers import Workers

MODEL = "model"


def fit_on_ray(network: Network, config: Config, *, at: str | pd.Timestamp | None = None) -> Model:
    """What `influence.experiment.fit` gives, trained by the workers that `config.ray` asks for.

    The records travel to the workers through Ray's object store.  When a worker is lost, all of them start
    anew from the latest snapshot, `config.ray.max_failures` times at most.

    Raises
    ------
    InfluenceError
        As `influence.experiment.fit`; or if the extra `ray` is missing, or no cluster answers.
    """
    until, known = experiment.known_by(network, at)
    shared = config.output.parent.absolute()
    shared.mkdir(parents=True, exist_ok=True)
    with (
        ray_session(config.ray) as ray,
        told_plainly(),
        tempfile.TemporaryDirectory(dir=shared, prefix=".ray-", ignore_cleanup_errors=True) as name,
    ):
        records = ray.put(dict(known.tables))
        asked = {"records": records, "config": config, "until": until, "shared": shared, "folder": Path(name)}
        _trainer(config, asked).fit()
        return Model.load(Path(name) / MODEL, known)


def _trainer(config: Config, asked: dict[str, Any]) -> Any:
    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.torch import TorchConfig, TorchTrainer

    wanted = config.ray
    resources = {"CPU": wanted.cpus_per_worker, "GPU": wanted.gpus_per_worker}
    return TorchTrainer(
        _work,
        train_loop_config=asked,
        torch_config=TorchConfig("cpu:gloo,cuda:nccl" if wanted.gpus_per_worker else "gloo"),
        scaling_config=ScalingConfig(
            num_workers=wanted.workers,
            use_gpu=wanted.gpus_per_worker > 0,
            resources_per_worker={name: n for name, n in resources.items() if n},
        ),
        run_config=RunConfig(
            storage_path=str(asked["folder"] / "ray"),
            failure_config=FailureConfig(max_failures=wanted.max_failures),
        ),
    )


def _work(asked: dict[str, Any]) -> None:
    """The part of one worker; the first one writes the model."""
    import ray
    import ray.train.torch
    import torch

    context, config = ray.train.get_context(), asked["config"]
    workers = Workers(context.get_world_rank(), context.get_world_size())
    if config.ray.gpus_per_worker:
        torch.cuda.set_device(ray.train.torch.get_device())
    # What lies in Ray's object store is read-only; the copies are the worker's own.
    tables = {name: rows.copy() for name, rows in ray.get(asked["records"]).items()}
    network = Network(MappingProxyType(tables))
    if not workers.is_first:
        experiment.assist(network, config, workers, at=asked["until"])
        return
    snapshots = asked["shared"] / ".training"
    model = experiment.fit(network, config, at=asked["until"], workers=workers, snapshots=snapshots)
    model.save(asked["folder"] / MODEL)

"""Two workers against one process: what a training comes to, and what Ray costs on one machine.

    python -m benchmarks.cluster [--contacts 2000] [--seeds 3] [--pairs 200000]

Prints, of each seed, the validation loss that one process and two workers (gloo) reach, and the seconds of
an epoch; then the seconds that scoring the same pairs takes in this process and on Ray's workers, the start
of Ray and of its workers included, and whether the answers are the same.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from influence import batch, experiment, read, synthesize
from influence.config import Config, parse_config
from influence.training.workers import ALONE, Workers

CONFIG = {
    "seeds": [0],
    "training": {"max_epochs": 6, "device": "cpu"},
    "trees": {"max_rounds": 60},
}


def main() -> None:
    """Run both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--contacts", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=200_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        from influence.readers import write_tables

        write_tables(synthesize(asked.contacts), folder / "world")
        for seed in range(asked.seeds):
            _compare_trainings(folder, seed)
        if asked.pairs:
            _compare_scoring(folder, asked.pairs)


def _compare_trainings(folder: Path, seed: int) -> None:
    from torch import multiprocessing

    multiprocessing.spawn(_worker, (1, folder, seed), nprocs=1)
    multiprocessing.spawn(_worker, (2, folder, seed), nprocs=2)
    told = [json.loads((folder / f"{n}-{seed}.json").read_text()) for n in (1, 2)]
    for n, one in zip((1, 2), told, strict=True):
        losses = " ".join(f"{loss:.4f}" for loss in one["criterion"])
        print(
            f"seed {seed}, {n} worker(s): best validation loss {min(one['criterion']):.4f} "
            f"+- {one['error']:.4f} (standard error), by epoch {losses}; {one['seconds']:.2f} s an epoch"
        )


def _worker(rank: int, n: int, folder: Path, seed: int) -> None:
    import torch
    from torch import distributed

    torch.set_num_threads(1)
    config, heard = _config(folder, seed), []
    network = read(folder / "world")
    if n > 1:
        distributed.init_process_group(
            "gloo", init_method=f"file://{folder}/meet-{seed}", rank=rank, world_size=n
        )
    workers = Workers(rank, n) if n > 1 else ALONE
    stage = experiment.stage_of(network, config, network.last_observed_at)
    recipe = experiment.recipe_of(config, seed, None, on_epoch=lambda _, p: heard.append(p), workers=workers)
    forecaster = recipe.network("gnn", config.encoder)
    forecaster.select(stage.train, stage.train_outcomes, stage.validation, stage.validation_outcomes)
    if rank == 0:
        from influence.model.calibration import recalibrated_losses

        losses = recalibrated_losses(
            forecaster.logits(stage.validation), stage.validation_outcomes, stage.centre
        )
        told = {
            "criterion": [p.criterion for p in heard],
            "seconds": float(np.median([p.seconds for p in heard])),
            "error": float(losses.std() / np.sqrt(len(losses))),
        }
        (folder / f"{n}-{seed}.json").write_text(json.dumps(told))


def _compare_scoring(folder: Path, n_pairs: int) -> None:
    from influence.batch.on_ray import score_on_ray

    network = read(folder / "world")
    model = experiment.fit(network, _config(folder, 0))
    ids, draw = network.table("contacts")["contact_id"].unique(), np.random.default_rng(0)
    pairs = pd.DataFrame(draw.choice(ids, (n_pairs, 2)), columns=["sender_id", "recipient_id"])
    pairs.to_parquet(folder / "pairs.parquet", index=False)
    chunk = max(1, min(65_536, n_pairs // 4))
    began = time.perf_counter()
    batch.score(model, folder / "pairs.parquet", folder / "local.parquet", chunk_rows=chunk)
    local = time.perf_counter() - began
    began = time.perf_counter()
    score_on_ray(model, folder / "pairs.parquet", folder / "parts", model.config.ray, chunk_rows=chunk)
    on_ray = time.perf_counter() - began
    found = pd.read_parquet(folder / "parts")
    same = found.equals(pd.read_parquet(folder / "local.parquet"))
    print(
        f"{n_pairs:,} pairs: local {local:.1f} s, Ray with {model.config.ray.workers} workers {on_ray:.1f} s "
        f"({on_ray / local:.1f} times); answers {'the same, bit for bit' if same else 'differ'}"
    )


def _config(folder: Path, seed: int) -> Config:
    return parse_config(CONFIG | {"seeds": [seed], "output": str(folder / "model")})


if __name__ == "__main__":
    main()

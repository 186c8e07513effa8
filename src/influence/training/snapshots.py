"""Snapshots of a training under way: tensors in safetensors, the rest in JSON, swapped in atomically."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor

from influence.errors import CheckpointError

if TYPE_CHECKING:
    from influence.training.loop import Trainer

PARTS = ("module", "average", "best")


def store(trainer: Trainer) -> None:
    """Write the trainer's state into its folder; a kill at any moment leaves the earlier snapshot."""
    folder = trainer.folder
    assert folder is not None
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"{part}.{name}": t for part in PARTS for name, t in getattr(trainer, part).state_dict().items()
    }
    tensors |= _moments(trainer)
    if trainer.best_losses is not None:
        tensors["best_losses"] = torch.from_numpy(trainer.best_losses)
    name = f"epoch-{trainer.state.epoch:04d}.safetensors"
    save_file({key: tensor.detach().cpu().contiguous() for key, tensor in tensors.items()}, folder / name)
    state = dataclasses.asdict(trainer.state) | {"seed": trainer.seed, "tensors": name}
    (folder / "state.json.new").write_text(json.dumps(state))
    (folder / "state.json.new").replace(folder / "state.json")
    for old in folder.glob("epoch-*.safetensors"):
        if old.name != name:
            old.unlink()


def restore(trainer: Trainer) -> None:
    """Take up the latest snapshot in the trainer's folder, if there is one.

    Of several workers the first one reads it and sends it to the others, which need not see its disk.

    Raises
    ------
    CheckpointError
        If the snapshot is damaged, or was made with another seed or another shape of network.
    """
    folder = trainer.folder
    found = trainer.workers.told(lambda: _latest(folder))
    if found is None:
        return
    try:
        saved, tensors = found[0], load(found[1])
        seed = saved.pop("seed")
    except (KeyError, SafetensorError) as error:
        raise _damaged(folder, error) from error
    if seed != trainer.seed:
        raise CheckpointError(
            f"{folder} holds a training with another seed. Remove the folder, or resume with its seed."
        )
    try:
        for part in PARTS:
            prefix = part + "."
            state = {
                key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)
            }
            getattr(trainer, part).load_state_dict(state)
    except RuntimeError as error:
        raise CheckpointError(
            f"{folder} holds a training of another network ({str(error).splitlines()[-1].strip()}). "
            "Remove the folder to start anew."
        ) from error
    _set_moments(trainer, tensors)
    if "best_losses" in tensors:
        trainer.best_losses = tensors["best_losses"].numpy()
    trainer.state = dataclasses.replace(trainer.state, **saved)


def _latest(folder: Path | None) -> tuple[dict[str, Any], bytes] | None:
    """The latest snapshot's state, and its tensors as they were written."""
    if folder is None or not (folder / "state.json").exists():
        return None
    try:
        saved = json.loads((folder / "state.json").read_text())
        return saved, (folder / saved.pop("tensors")).read_bytes()
    except (OSError, ValueError, KeyError) as error:
        raise _damaged(folder, error) from error


def _damaged(folder: Path | None, error: Exception) -> CheckpointError:
    return CheckpointError(
        f"{folder} holds a damaged snapshot of a training ({error}). Remove the folder to start anew."
    )


def _moments(trainer: Trainer) -> dict[str, Tensor]:
    state = trainer.optimizer.state_dict()["state"]
    return {f"optimizer.{i}.{name}": value for i, values in state.items() for name, value in values.items()}


def _set_moments(trainer: Trainer, tensors: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        if key.startswith("optimizer."):
            _, position, name = key.split(".")
            state.setdefault(int(position), {})[name] = torch.clone(tensor)
    full = trainer.optimizer.state_dict()
    trainer.optimizer.load_state_dict({"state": state, "param_groups": full["param_groups"]})

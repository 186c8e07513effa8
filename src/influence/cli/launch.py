"""Whether this process was launched as one of several: torchrun says so in the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from influence.errors import ConfigError

if TYPE_CHECKING:
    from influence.training.workers import Workers


def n_launched() -> int:
    """How many processes torchrun launched for this command; 1 without it."""
    return int(os.environ["WORLD_SIZE"]) if "RANK" in os.environ and "WORLD_SIZE" in os.environ else 1


def check_alone(command: str) -> None:
    """See that torchrun launched a single process.

    Raises
    ------
    ConfigError
        If not: each of them would do, and write, the same.
    """
    if n_launched() > 1:
        raise ConfigError(f"`influence {command}` runs in one process. torchrun is for `influence train`.")


@contextmanager
def launched() -> Iterator[Workers]:
    """The process among those that torchrun launched, connected with each other; alone without it."""
    from influence.training.workers import ALONE, Workers

    if n_launched() == 1:
        yield ALONE
        return
    import torch
    from torch import distributed
    from torch.distributed.rendezvous import rendezvous

    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
    store, rank, n = next(rendezvous("env://"))
    # After a restart torchrun's store still holds the addresses of the workers that are gone.
    store = distributed.PrefixStore(f"attempt-{os.environ.get('TORCHELASTIC_RESTART_COUNT', 0)}", store)
    backend = "cpu:gloo,cuda:nccl" if on_gpu else "gloo"
    distributed.init_process_group(backend, store=store, rank=rank, world_size=n)
    try:
        yield Workers(rank, n)
    finally:
        distributed.destroy_process_group()

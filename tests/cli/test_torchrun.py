"""Training in several processes, as a user launches them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from influence import load
from influence.cli.launch import n_launched

CONFIG = {
    "seeds": [0],
    "encoder": {"width": 16, "heads": 2, "fan_out": [8], "dropout": 0.0, "input_dropout": 0.0},
    "training": {"batch_size": 64, "max_epochs": 3, "device": "cpu"},
    "trees": {"max_rounds": 20, "min_data_in_leaf": 10},
    "tracking": {"enabled": False},
}
"""Without dropout: then the arithmetic of two workers is that of one but for rounding."""

TORCHRUN = (
    sys.executable, "-m", "torch.distributed.run", "--local-addr", "127.0.0.1", "--nproc_per_node", "2",
)  # fmt: skip
COMMAND = ("-m", "influence.cli", "train", "config.yaml", "--data", "world")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a world, a configuration, and the model that one process trains."""
    folder = tmp_path_factory.mktemp("torchrun")
    synth = (sys.executable, "-m", "influence.cli", "synth", "world", "--contacts", "300")
    subprocess.run(synth, cwd=folder, check=True, timeout=300)
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    train = (sys.executable, *COMMAND, "--set", "output=alone/model")
    subprocess.run(train, cwd=folder, check=True, timeout=300)
    return folder


def forecasts(model: Path) -> np.ndarray:
    """What the network alone gives, for fifty invitations of the records."""
    one = load(model)
    face = one.acceptance_face
    asked = one.network.table("invitations")[["sender_id", "recipient_id", "sent_at"]].tail(50)
    from influence.graph.loading import QuerySet
    from influence.tasks.acceptance import queries_of

    rows = asked.assign(has_note=pd.Series(pd.NA, index=asked.index, dtype="boolean"))
    queries = QuerySet(face.features, queries_of(rows, face.features.graph))
    return face.combination.forecasters["gnn"].logits(queries)


def second_workers(parent: int) -> Iterator[int]:
    """Children of torchrun that were told RANK=1."""
    for children in Path(f"/proc/{parent}/task").glob("*/children"):
        for pid in children.read_text().split():
            if b"\0RANK=1\0" in Path(f"/proc/{pid}/environ").read_bytes():
                yield int(pid)


@pytest.mark.slow
def test_train__two_workers__the_model_of_one_told_once(place: Path) -> None:
    ended = subprocess.run(
        (*TORCHRUN, *COMMAND, "--set", "output=two/model"),
        cwd=place, check=True, timeout=300, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.stdout.count("The model is in two/model") == 1
    assert sorted(path.name for path in (place / "two").iterdir()) == ["model"]
    np.testing.assert_allclose(
        forecasts(place / "two" / "model"), forecasts(place / "alone" / "model"), atol=2e-3
    )


@pytest.mark.slow
def test_train__a_worker_killed_midway__restarts_from_the_snapshot_and_ends_the_same(place: Path) -> None:
    command = (*TORCHRUN, "--max-restarts", "1", *COMMAND, "--set", "output=killed/model")
    with subprocess.Popen(command, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as launcher:
        deadline, snapshots = time.monotonic() + 240, place / "killed" / ".training"
        while not list(snapshots.glob("*/*/*/*/state.json")):
            assert launcher.poll() is None and time.monotonic() < deadline
            time.sleep(0.005)
        (victim,) = second_workers(launcher.pid)
        os.kill(victim, signal.SIGKILL)
        told = launcher.communicate(timeout=240)[1].decode()
    assert launcher.returncode == 0, told
    assert "Signal 9" in told or "signal 9" in told or "exitcode: -9" in told, told
    np.testing.assert_allclose(
        forecasts(place / "killed" / "model"), forecasts(place / "alone" / "model"), atol=2e-3
    )
    assert not snapshots.exists()


@pytest.mark.parametrize("command", ["evaluate", "audit", "sweep"])
def test_command_of_one_process__launched_by_torchrun__refused_before_anything_is_read(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from influence.cli import main

    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(SystemExit) as ended:
        main([command, str(tmp_path / "none.yaml")])
    assert ended.value.code == 2
    assert "torchrun is for `influence train`" in capsys.readouterr().err


def test_n_launched__a_world_size_without_a_rank__says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANK", raising=False)
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert n_launched() == 1

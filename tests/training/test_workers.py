"""Workers that train one network together: two processes against one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from tests.training.together import Told, judged, run, trained
from torch import multiprocessing

from influence.graph.loading import batches
from influence.training.mixture import Stage
from influence.training.workers import ALONE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Told, Told]:
    folder = tmp_path_factory.mktemp("workers")
    multiprocessing.spawn(run, (folder,), nprocs=2)
    first, second = (dict(np.load(folder / f"worker-{rank}.npz")) for rank in range(2))
    assert not (folder / "disk-1").exists(), "only the first worker writes"
    return first, second


def test_fit__two_workers__the_weights_and_losses_of_one(two: tuple[Told, Told]) -> None:
    alone = trained(ALONE)
    np.testing.assert_allclose(two[0]["trained.weights"], alone["weights"], rtol=1e-5, atol=1e-6)
    # The single row of the last batch counts once for each worker, in what is reported.
    np.testing.assert_allclose(two[0]["trained.losses"], alone["losses"], rtol=0.03)


@pytest.mark.parametrize("scene", ["trained", "judged", "resumed"])
def test_fit__two_workers__the_very_same_weights_on_both(scene: str, two: tuple[Told, Told]) -> None:
    for name in ("weights", "losses", "epochs"):
        np.testing.assert_array_equal(two[0][f"{scene}.{name}"], two[1][f"{scene}.{name}"])


def test_fit__only_the_first_worker_validates__all_stop_and_keep_the_same_epoch(
    two: tuple[Told, Told],
) -> None:
    assert two[1]["judged.epochs"].tolist() == judged(ALONE)["epochs"].tolist() == [4, 2]


def test_fit__second_worker_without_the_snapshot__resumes_with_the_first_one_s(
    two: tuple[Told, Told],
) -> None:
    np.testing.assert_array_equal(two[1]["resumed.weights"], two[0]["trained.weights"])


def rows_of(stage: Stage, share: tuple[int, int], size: int) -> list[list[int]]:
    generator = torch.Generator().manual_seed(3)
    return [batch.query.tolist() for batch in batches(stage.train, (3,), size, generator, share=share)]


@pytest.mark.parametrize("n", [2, 3])
def test_batches__shares_of_equal_generators__the_batches_of_one_process(n: int, stage: Stage) -> None:
    whole = rows_of(stage, (0, 1), 64)
    parts = [rows_of(stage, (k, n), 64) for k in range(n)]
    assert len(whole) > 3
    for batch, *own in zip(whole, *parts, strict=True):
        assert sorted(itertools.chain(*own)) == sorted(batch)
        assert max(map(len, own)) - min(map(len, own)) <= 1


def test_batches__fewer_rows_than_shares__everybody_takes_them_all(stage: Stage) -> None:
    size = len(stage.train) - 1
    assert rows_of(stage, (1, 3), size)[-1] == rows_of(stage, (0, 1), size)[-1]
    assert len(rows_of(stage, (1, 3), size)[-1]) == 1

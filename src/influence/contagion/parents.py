"""Attribution where true parents are known for the past: the chance that each candidate is the parent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from influence.contagion.covariates import AT_EXPOSURE, AT_TAKE_UP
from influence.contagion.excitation import EXCITATION
from influence.contagion.likelihood import NO_OUTSIDE, CandidateHazard, log_total

COLUMNS = (*AT_EXPOSURE, *AT_TAKE_UP, *EXCITATION)
"""What parents are told by."""
LOG_DELAY, IS_FIRST, LOG_N = (COLUMNS.index(name) for name in ("log_delay", "is_first", "log_n_candidates"))
ROWS_AT_A_TIME = 250_000
"""Pairs scored at once: 64 MB a layer."""


@dataclass(frozen=True)
class Choices:
    """Take-ups whose parent is known, with the candidates it was one of.

    Attributes
    ----------
    columns : float32 [n_pairs, len(COLUMNS)]
    ptr : int64 [n_take_ups + 1]
    offset : float32 [n_pairs], log of how many candidates each stands for
    chosen : int64 [n_take_ups], the pair that the parent is in
    """

    columns: NDArray[np.float32]
    ptr: NDArray[np.int64]
    offset: NDArray[np.float32]
    chosen: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.chosen)


def joined(parts: list[Choices]) -> Choices:
    """Choices one after another."""
    begins = np.cumsum([0, *(len(part.columns) for part in parts)])
    return Choices(
        np.concatenate([part.columns for part in parts]),
        np.concatenate([[0], *(part.ptr[1:] + begin for part, begin in zip(parts, begins, strict=False))]),
        np.concatenate([part.offset for part in parts]),
        np.concatenate([part.chosen + begin for part, begin in zip(parts, begins, strict=False)]),
    )


def base(columns: NDArray[np.float32], p_first: float) -> NDArray[np.float64]:
    """float64 [n_pairs], log weights that give the first candidate the chance p_first, the others the rest.

    Where training begins: a tree's step is far too long from equal weights when nearly all parents are first.
    """
    others = np.maximum(np.expm1(columns[:, LOG_N].astype(np.float64)) - 1, 1.0)
    return np.where(columns[:, IS_FIRST] > 0, np.log(p_first / (1 - p_first) * others), 0.0)


def share_first(choices: Choices) -> float:
    """How many of the parents came first, kept away from 0 and 1."""
    first = choices.columns[choices.chosen, IS_FIRST].sum()
    return float((first + 1) / (len(choices) + 2))


def normalised(score: NDArray[np.float64], ptr: NDArray[np.int64]) -> NDArray[np.float64]:
    """Softmax within each take-up; every one must have a candidate."""
    counts = np.diff(ptr)
    weight = np.exp(score - np.repeat(np.maximum.reduceat(score, ptr[:-1]), counts))
    return weight / np.repeat(np.add.reduceat(weight, ptr[:-1]), counts)


class ParentNetwork:
    """The hazard of every candidate as a network of its columns, fitted by the true parents' likelihood.

    Parameters
    ----------
    seed : of the first weights and the order of take-ups
    learning_rate, batch_size : of AdamW at the start; take-ups per step
    max_epochs : after how many passes the learning rate would be nothing; a training may end before
    """

    def __init__(
        self, seed: int, learning_rate: float = 2e-3, batch_size: int = 256, max_epochs: int = 8
    ) -> None:
        self.seed, self.learning_rate, self.batch_size = seed, learning_rate, batch_size
        self.max_epochs = max_epochs
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.hazard = CandidateHazard(len(AT_EXPOSURE), len(COLUMNS) - len(AT_EXPOSURE), 0)
        self.p_first = 0.5

    def fit(
        self, choices: Choices, n_epochs: int, after: Callable[[int], bool] = lambda epoch: False
    ) -> ParentNetwork:
        """Train; `after` hears of every epoch, counted from 1, and ends the training by saying True."""
        self.hazard.fit_scaler(torch.from_numpy(choices.columns))
        self.p_first = share_first(choices)
        offset = torch.from_numpy((choices.offset + base(choices.columns, self.p_first)).astype(np.float32))
        optimizer = torch.optim.AdamW(self.hazard.parameters(), lr=self.learning_rate, weight_decay=1e-2)
        steps = self.max_epochs * -(-len(choices) // self.batch_size)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        generator = torch.Generator().manual_seed(self.seed)
        for epoch in range(n_epochs):
            for pairs, position, chosen in _batches(choices, self.batch_size, generator):
                each = self._log_hazard(torch.from_numpy(choices.columns[pairs])) + offset[pairs]
                total = log_total(each, position, torch.full((len(chosen),), NO_OUTSIDE))
                optimizer.zero_grad()
                (total - each[chosen]).mean().backward()
                torch.nn.utils.clip_grad_norm_(self.hazard.parameters(), 1.0)
                optimizer.step()
                schedule.step()
            if after(epoch + 1):
                break
        return self

    def score(self, columns: NDArray[np.float32]) -> NDArray[np.float64]:
        """float64 [n_pairs], log weights."""
        with torch.inference_mode():
            parts = [
                self._log_hazard(torch.from_numpy(columns[start : start + ROWS_AT_A_TIME]))
                for start in range(0, len(columns), ROWS_AT_A_TIME)
            ]
        found = torch.cat(parts).double().numpy() if parts else np.empty(0)
        return found + base(columns, self.p_first)

    def _log_hazard(self, columns: Tensor) -> Tensor:
        return self.hazard.log_hazard(columns, torch.expm1(columns[:, LOG_DELAY]))


def _batches(
    choices: Choices, size: int, generator: torch.Generator
) -> Iterator[tuple[NDArray[np.int64], Tensor, Tensor]]:
    """Pairs of a batch, the position of each one's take-up, and where the parents are."""
    order = torch.randperm(len(choices), generator=generator).numpy()
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        counts = choices.ptr[rows + 1] - choices.ptr[rows]
        begins = np.concatenate(([0], counts.cumsum()[:-1]))
        pairs = np.arange(counts.sum()) + np.repeat(choices.ptr[rows] - begins, counts)
        position = np.repeat(np.arange(len(rows)), counts)
        chosen = choices.chosen[rows] - choices.ptr[rows] + begins
        yield pairs, torch.from_numpy(position), torch.from_numpy(chosen)

"""Boosted trees on the same hazard: LightGBM over person-periods, one row per bin that was watched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Self

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from influence.errors import CheckpointError
from influence.model.calibration import clearly_better
from influence.model.forest import Forest
from influence.model.hazard import ACCEPT, DECLINE, N_BINS, Outcomes, base_logits, person_periods
from influence.settings import Settings

MANY_ROWS = 1024
"""From so many rows on, trees are laid out for them first; the numbers are the same."""

MANY_NUMBERS = 2**27
"""More than half a gigabyte of features is never written out a second time."""

NO_DECLINES = -12.0
"""The decline logit where the records show no declines."""


class TreesConfig(Settings):
    """How trees are boosted."""

    learning_rate: PositiveFloat = 0.05
    """Shrinkage of each tree."""
    num_leaves: int = Field(default=7, ge=2)
    """Leaves per tree."""
    min_data_in_leaf: PositiveInt = 100
    """Person-periods a leaf must hold."""
    feature_fraction: float = Field(default=0.25, gt=0, le=1)
    """Share of the columns that each tree may use."""
    bagging_fraction: float = Field(default=0.7, gt=0, le=1)
    """Share of the rows that each tree sees."""
    lambda_l2: NonNegativeFloat = 20.0
    """Ridge penalty on leaf values."""
    max_rounds: PositiveInt = 400
    """Trees at most."""
    check_every: PositiveInt = 20
    """Rounds between two looks at the validation criterion."""

    def boosting(self, n_rows: int, seed: int, **more: object) -> dict[str, object]:
        """LightGBM's parameters: these settings, what makes boosting repeatable, and what a method adds."""
        own = self.model_dump(exclude={"max_rounds", "check_every"})
        fixed = {
            "bagging_freq": 1,
            "verbose": -1,
            "deterministic": True,
            "force_row_wise": True,
            "seed": seed,
            # LightGBM refuses a bag without a row.
            "bagging_fraction": min(1.0, max(self.bagging_fraction, 2 / max(n_rows, 1))),
        }
        return own | fixed | more


class HazardTrees:
    """Accept hazards as trees on top of the marginal hazard of each bin, declines beside them.

    Parameters
    ----------
    config, seed
        How to boost, and the seed of bagging and column sampling.
    """

    def __init__(self, config: TreesConfig, seed: int) -> None:
        self.config, self.seed = config, seed
        self.base = np.zeros(N_BINS + 1)
        self.accept: lgb.Booster | None = None
        self.decline: lgb.Booster | None = None
        self._laid_out: tuple[int | None, tuple[Forest, Forest] | None] | None = None

    def fit(self, x: NDArray[np.float32], outcomes: Outcomes, n_rounds: int) -> HazardTrees:
        """Boost `n_rounds` trees on features [n, columns] and their (possibly censored) outcomes."""
        self.base, self._laid_out = base_logits(outcomes), None
        row, period = person_periods(outcomes)
        is_last = period == outcomes.n_at_risk[row] - 1
        accepted = is_last & (outcomes.event[row] == ACCEPT)
        self.accept = self._boost(_person_period_rows(x, row, period), accepted, self.base[period], n_rounds)
        if (outcomes.event == DECLINE).any():
            over = (outcomes.n_at_risk == N_BINS) & (outcomes.event != ACCEPT)
            declined = outcomes.event[over] == DECLINE
            self.decline = self._boost(x[over], declined, np.full(over.sum(), self.base[N_BINS]), n_rounds)
        else:
            self.base[N_BINS] = NO_DECLINES
        return self

    def logits(self, *parts: NDArray[np.float32], n_rounds: int | None = None) -> NDArray[np.float64]:
        """Hazard logits [n, N_BINS + 1], of the first `n_rounds` trees or of all.

        Parameters
        ----------
        parts : float32 [n, ...] each, together the columns of the rows
        """
        n = len(parts[0])
        if n < MANY_ROWS or (forests := self._forests(n_rounds)) is None:
            return self.base + self._margins(np.concatenate(parts, axis=1), 0, n_rounds)
        out = np.tile(self.base, (n, 1))
        out[:, :N_BINS] += forests[0](*parts)
        if self.decline is not None:
            out[:, N_BINS:] += forests[1](*parts)
        return out

    def _margins(self, x: NDArray[np.float32], first: int, n_rounds: int | None) -> NDArray[np.float64]:
        """What `n_rounds` trees from the `first` on add to the logits, [n, N_BINS + 1]."""
        assert self.accept is not None, "fit the trees first"
        out, of = np.zeros((len(x), N_BINS + 1)), {"start_iteration": first, "num_iteration": n_rounds}
        rows = np.column_stack((x, np.zeros(len(x), np.float32)))
        for period in range(N_BINS):
            rows[:, -1] = period
            out[:, period] = self.accept.predict(rows, raw_score=True, **of)
        if self.decline is not None:
            out[:, N_BINS] = self.decline.predict(x, raw_score=True, **of)
        return out

    def rounds_to_keep(
        self, x: NDArray[np.float32], losses: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ) -> int:
        """The number of trees beyond which the losses on these rows do not get clearly better."""
        assert self.accept is not None, "fit the trees first"
        boosted = max(self.accept.current_iteration(), 1)
        best, kept = boosted, None
        logits, before = np.tile(self.base, (len(x), 1)), 0
        for n_rounds in (*range(self.config.check_every, boosted, self.config.check_every), boosted):
            logits, before = logits + self._margins(x, before, n_rounds - before), n_rounds
            found = losses(logits)
            if clearly_better(found, kept):
                best, kept = n_rounds, found
        return best

    def _forests(self, n_rounds: int | None) -> tuple[Forest, Forest] | None:
        """The trees laid out for many rows; kept until others are asked for."""
        if self._laid_out is None or self._laid_out[0] != n_rounds:
            accept = Forest.of(self.accept, n_rounds, N_BINS)
            decline = Forest.of(self.decline, n_rounds) if self.decline is not None else accept
            self._laid_out = n_rounds, None if accept is None or decline is None else (accept, decline)
        return self._laid_out[1]

    def _boost(
        self,
        x: NDArray[np.float32] | lgb.Sequence,
        y: NDArray[np.bool_],
        offset: NDArray[np.float64],
        n_rounds: int,
    ) -> lgb.Booster:
        given = self.config.boosting(len(x), self.seed, objective="binary", boost_from_average=False)
        data = lgb.Dataset(x, y.astype(np.float32), init_score=offset)
        return lgb.train(given, data, num_boost_round=n_rounds)

    def save(self, folder: Path) -> None:
        """Write the trees as LightGBM's own text, and the base logits, into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savetxt(folder / "base.txt", self.base)
        for name in ("accept", "decline"):
            booster = getattr(self, name)
            if booster is not None:
                booster.save_model(folder / f"{name}.txt")

    @classmethod
    def load(cls, folder: Path, config: TreesConfig, seed: int) -> HazardTrees:
        """Read what `save` wrote.

        Raises
        ------
        CheckpointError
            If a file is missing or damaged.
        """
        trees = cls(config, seed)
        trees.base = _read_base(folder / "base.txt")
        trees.accept = read_booster(folder / "accept.txt")
        if trees.base[N_BINS] != NO_DECLINES:
            trees.decline = read_booster(folder / "decline.txt")
        return trees


def _read_base(path: Path) -> NDArray[np.float64]:
    try:
        base = np.array(path.read_text().split(), dtype=np.float64)
    except (OSError, ValueError) as error:
        raise _unreadable(path) from error
    if base.shape != (N_BINS + 1,):
        raise _unreadable(path)
    return base


class OneBooster:
    """What is learnt as one LightGBM model, and kept as its text.

    Parameters
    ----------
    config, seed
        How to boost, and the seed of bagging and column sampling.
    """

    def __init__(self, config: TreesConfig, seed: int) -> None:
        self.config, self.seed = config, seed
        self.booster: lgb.Booster | None = None

    @property
    def trees(self) -> lgb.Booster:
        """What was fitted."""
        assert self.booster is not None, "fit the trees first"
        return self.booster

    def save(self, path: Path) -> None:
        """Write the trees as LightGBM's own text."""
        self.trees.save_model(path)

    @classmethod
    def load(cls, path: Path, config: TreesConfig, seed: int) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        CheckpointError
            If the file is missing or damaged.
        """
        trees = cls(config, seed)
        trees.booster = read_booster(path)
        return trees


def read_booster(path: Path) -> lgb.Booster:
    """Trees from LightGBM's own text.

    Raises
    ------
    CheckpointError
        If the file is missing or damaged.
    """
    try:
        text = path.read_text()
        if "end of trees" not in text:  # LightGBM itself would take half of a file for a smaller model
            raise _unreadable(path)
        return lgb.Booster(model_str=text)
    except (OSError, UnicodeDecodeError, lgb.basic.LightGBMError) as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> CheckpointError:
    return CheckpointError(f"{path} is missing or damaged. Train the model anew, or copy it whole.")


def _person_period_rows(
    x: NDArray[np.float32], row: NDArray[np.int64], period: NDArray[np.int64]
) -> NDArray[np.float32] | lgb.Sequence:
    """Rows of features with the bin watched as one column more.

    Written out where they are few: of a Sequence LightGBM drops columns by its own default of
    `min_data_in_leaf`, whatever is asked for.
    """
    if len(row) * (x.shape[1] + 1) > MANY_NUMBERS:
        return _PersonPeriods(x, row, period)
    return np.column_stack((x[row], period.astype(np.float32)))


class _PersonPeriods(lgb.Sequence):
    """Rows of features with the bin watched as one column more, made a few at a time.

    Millions of them are never written out: LightGBM keeps a byte of each number.
    """

    batch_size = 4096

    def __init__(self, x: NDArray[np.float32], row: NDArray[np.int64], period: NDArray[np.int64]) -> None:
        self.x, self.row, self.period = x, row, period.astype(np.float32)

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, place: int | slice | list[int]) -> NDArray[np.floating]:
        if isinstance(place, int | np.integer):  # one of the sample that bins are made of: in doubles
            return np.append(self.x[self.row[place]], self.period[place]).astype(np.float64)
        return np.column_stack((self.x[self.row[place]], self.period[place]))

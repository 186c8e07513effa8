"""How far the inputs of a model moved from one window of time to the next.

Records grow, so that any two periods differ: a classifier tells adjacent windows of one training apart almost
without error.  What is asked instead is whether a new window moved further from the one before it than the
training's own windows did, as on a control chart.  Rates, which need not grow, are compared by their means.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from influence import metrics
from influence.data import Network
from influence.evaluation.held_out import is_decided
from influence.evaluation.protocol import Study
from influence.graph.pairs import PairFeatures
from influence.metrics.checks import Floats

GROUPS: Mapping[str, str] = {
    "sender": "the sender's own history",
    "recipient": "the recipient's own history",
    "there": "what passed between the two",
    "back": "what passed between the two",
    "connection": "mutual connections",
    "contact": "mutual contacts",
    "kind": "how their kind has answered",
    "hour_sin": "time of day and week",
    "hour_cos": "time of day and week",
    "weekday_sin": "time of day and week",
    "weekday_cos": "time of day and week",
    "has_note": "invitations with a note",
}
"""First word of a pair feature -> what it tells of."""
ALIKE = "how alike the two are"
"""What all other pair features tell of."""
RATE, COLD = "acceptance rate", "share of recipients never met before"

Windows = Sequence[NDArray[np.floating]]


@dataclass(frozen=True)
class Move:
    """How far something moved since the training."""

    name: str
    distance: float
    """Of a group of features: the mean of their Kolmogorov-Smirnov distances from one window to the next,
    where that is largest.  Of a rate: the absolute change from the training's windows to the new ones."""
    usual: float
    """What the training's own windows move by at most, as a prediction bound."""
    before: float = float("nan")
    """The rate in the training's windows; NaN for a group of features."""
    now: float = float("nan")
    """The rate in the new windows; NaN for a group of features."""
    most_moved: str = ""
    """The feature of the group that moved most; empty for a rate."""

    @property
    def is_unusual(self) -> bool:
        """Whether it moved further than the training's own windows do."""
        return self.distance > self.usual

    @property
    def told(self) -> str:
        """The move in words."""
        if np.isnan(self.before):
            return (
                f"{self.name} (by {self.distance:.2f}, usually up to {self.usual:.2f}; "
                f"most of all {self.most_moved})"
            )
        return f"{self.name} (from {self.before:.0%} to {self.now:.0%}, usually by up to {self.usual:.0%})"


@dataclass(frozen=True)
class Inputs:
    """Invitations in the order of time, as a model meets them.

    Attributes
    ----------
    features : float32 [n, len(PairFeatures.columns)]
    accepted : float64, 1 or 0 for each of those whose outcome is known
    is_cold : float64 [n], whether the recipient had never been met
    """

    features: NDArray[np.float32]
    accepted: Floats
    is_cold: Floats

    @classmethod
    def of(cls, records: Network, since: pd.Timestamp | None = None) -> Inputs:
        """The invitations of some records, sent at a moment or later."""
        study = Study.of(records)
        rows = np.ones(len(study.invitations), dtype=bool)
        if since is not None:
            rows = (study.invitations["sent_at"] >= since).to_numpy()
        queries = study.queries[rows]
        known = is_decided(study.invitations[rows]).to_numpy()
        accepted = metrics.accepted_within(study.outcomes[rows].classes)[1]
        met = queries.features.graph.incidence.met(queries.queries.recipient, queries.queries.at)
        return cls(queries.pair, accepted[known].astype(float), (~met).astype(float))

    def __len__(self) -> int:
        return len(self.features)


def moves(training: Inputs, new: Inputs, n: int, n_windows: int, level: float) -> tuple[Move, ...]:
    """From the training's last window on through the new ones, beside those within the training.

    Parameters
    ----------
    n
        Invitations in a window.
    n_windows
        Moves within the training that tell what is usual, and new windows looked at at most.
    level
        Chance that any move at all is called unusual where nothing has changed.
    """
    windows = _windows(training.features, n, n_windows + 1)
    past, found = _steps(windows), _steps([windows[-1], *_windows(new.features, n, n_windows)])
    rates = {RATE: (training.accepted, new.accepted), COLD: (training.is_cold, new.is_cold)}
    groups = _columns_of_groups()
    share = level / (len(groups) + len(rates))
    by_group = []
    for name, columns in groups.items():
        steps = found[:, columns].mean(axis=1)
        furthest = found[steps.argmax(), columns]
        usual = prediction_bound(past[:, columns].mean(axis=1), share / len(steps))
        most_moved = PairFeatures.columns[columns[furthest.argmax()]]
        by_group.append(
            Move(name, float(steps.max()), max(usual, _of_single_rows(share, n)), most_moved=most_moved)
        )
    return (*by_group, *(_rate(name, *own, n, n_windows, share) for name, own in rates.items()))


def prediction_bound(past: Floats, level: float, n_future: int = 1) -> float:
    """What the mean of some further values exceeds with a given chance; values are independent and normal.

    Student's one-sided prediction bound, as of control charts (Hahn & Meeker 1991, "Statistical Intervals");
    infinite for fewer than two values.
    """
    n = len(past)
    if n < 2:
        return float("inf")
    quantile = stats.t.ppf(1 - level, n - 1)
    return float(np.mean(past) + quantile * np.std(past, ddof=1) * np.sqrt(1 / n_future + 1 / n))


def _rate(name: str, training: Floats, new: Floats, n: int, n_windows: int, level: float) -> Move:
    """A rate can be averaged over windows: its mean in the new ones against its mean in the training's."""
    past = np.array([window.mean() for window in _windows(training, n, n_windows + 1)])
    found = [window.mean() for window in _windows(new, n, n_windows)]
    if not len(past) or not found:  # too few outcomes are known
        return Move(name, float("nan"), float("nan"))
    before, now = float(past.mean()), float(np.mean(found))
    usual = prediction_bound(past - before, level / 2, len(found))
    return Move(name, abs(now - before), max(usual, _of_single_rows(level, n)), before, now)


def _of_single_rows(level: float, n: int) -> float:
    """What single rows among n make of a share that was constant: no move below it is unusual."""
    return float(stats.norm.ppf(1 - level) * np.sqrt(2) / n)


def _steps(windows: Windows) -> Floats:
    """[steps, columns] Kolmogorov-Smirnov distances from each window to the next."""
    return np.stack([_distances(before, after) for before, after in itertools.pairwise(windows)])


def _windows(values: NDArray[np.floating], n: int, count: int) -> Windows:
    """The latest windows of n rows, in the order of time; as many as there are, `count` at most."""
    k = min(count, len(values) // n)
    return np.split(values[len(values) - k * n :], k) if k else []


def _distances(before: NDArray[np.floating], after: NDArray[np.floating]) -> Floats:
    """The Kolmogorov-Smirnov distance of each column: SciPy's statistic, without its costly p-value."""
    lowest = float(np.finfo(np.float32).min)  # a quantity that came to be unknown has moved, too
    a, b = (np.sort(np.nan_to_num(rows, nan=lowest), axis=0).T for rows in (before, after))

    def share(own: NDArray[np.floating], both: NDArray[np.floating]) -> Floats:
        return own.searchsorted(both, side="right") / len(own)

    both = np.concatenate([a, b], axis=1)
    return np.array([np.abs(share(x, z) - share(y, z)).max() for x, y, z in zip(a, b, both, strict=True)])


def _columns_of_groups() -> dict[str, NDArray[np.int64]]:
    """What features tell of -> their positions."""
    group = pd.Series([GROUPS.get(name.partition(".")[0], ALIKE) for name in PairFeatures.columns])
    return {str(name): np.asarray(rows) for name, rows in group.groupby(group, sort=False).indices.items()}

"""What paths are worth: the chance that everybody asked passes it on, and that the target accepts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from influence.explanation.people import log_dealings
from influence.graph.pairs import PairFeatures
from influence.planning.introductions.answering import Answering
from influence.planning.introductions.endorsement import Endorsement
from influence.planning.introductions.paths import Paths

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Accepts = Callable[[Ints, Ints], Floats]
"""(Senders, recipients), positions [n] each -> the model's chances of acceptance at the moment asked."""


@dataclass(frozen=True)
class Worth:
    """The factors of each path, float64 [n] each; NaN where a path has no such step.

    `target` is the chance that the target accepts the sender, or, where the two are tied already, answers it.
    """

    first: Floats
    second: Floats
    target: Floats

    def __getitem__(self, rows: Ints) -> Worth:
        return Worth(self.first[rows], self.second[rows], self.target[rows])

    @property
    def p_success(self) -> Floats:
        """The product of the factors."""
        return np.nan_to_num(self.first, nan=1.0) * np.nan_to_num(self.second, nan=1.0) * self.target


def worth_of(
    paths: Paths,
    features: PairFeatures,
    answering: Answering,
    endorsement: Endorsement,
    accepts: Accepts,
    at: int,
) -> Worth:
    """Value every path as of a moment (microseconds); each tie and each pair is valued once."""

    def answers(asker: Ints, asked: Ints) -> Floats:
        return answering(asker, asked, at)

    direct = paths.first < 0
    target = np.empty(len(paths))
    target[direct] = _each_once(answers, paths.sender[direct], paths.target[direct])
    rest = paths[~direct]
    closeness = log_dealings(features, rest.endorser, rest.target, np.full(len(rest), at))
    target[~direct] = endorsement(_each_once(accepts, rest.sender, rest.target), closeness)
    return Worth(
        _where(~direct, answers, paths.sender, paths.first),
        _where(paths.second >= 0, answers, paths.first, paths.second),
        target,
    )


def _where(rows: NDArray[np.bool_], chance: Accepts, one: Ints, other: Ints) -> Floats:
    found = np.full(len(rows), np.nan)
    found[rows] = _each_once(chance, one[rows], other[rows])
    return found


def _each_once(chance: Accepts, one: Ints, other: Ints) -> Floats:
    """[n] chances of pairs, each different pair computed once."""
    if not len(one):
        return np.empty(0)
    pairs, code = np.unique(np.column_stack((one, other)), axis=0, return_inverse=True)
    return chance(*pairs.T)[code.ravel()]

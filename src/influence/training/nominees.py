"""Learners of how much a person is named, each chosen and judged on whole communities that it has not seen.

What is learned is the logarithm of the nominations that a person receives, relative to the mean of those compared:
every person teaches something, not only those at the edge of the top tenth.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import lightgbm as lgb
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import nnls
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch_geometric.data import Data

from influence.model.calibration import clearly_better
from influence.model.nominees import NomineeNetwork
from influence.model.trees import TreesConfig
from influence.training.loop import Trainer, TrainingConfig, device_of

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

N_FOLDS = 3
"""Groups of training communities, each left out once to choose."""
SHRINKAGE = 50
"""People by whose worth the weights of a mixture are drawn towards equal ones."""
UNUSED = 1e9
"""A ridge penalty that silences a column."""
RIDGES: tuple[tuple[float, float], ...] = (
    (100.0, UNUSED), (1_000.0, UNUSED), (100.0, 10_000.0), (1_000.0, 10_000.0), (100.0, 3_000.0), (1_000.0, 3_000.0),
)  # fmt: skip
"""Ridge penalties of (standing, attributes) to choose from."""
INVERSE_PENALTIES = (0.0003, 0.001, 0.003)
"""Inverse ridge strengths of the logistic regression to choose from."""


@dataclass(frozen=True)
class People:
    """People as rows, once for each topic; whatever of a topic is visible to itself is already left out.

    Attributes
    ----------
    attributes : float [n, a], who they are
    standing : float [topics, n, s], how they stand in the visible relations; NaN where not visible
    surroundings : float32 [topics, n, p], the states of those around them
    wanted : float [topics, n], what is learned
    leads : bool [topics, n], what is judged
    community : int64 [n]
    """

    attributes: Floats
    standing: Floats
    surroundings: NDArray[np.float32]
    wanted: Floats
    leads: Mask
    community: NDArray[np.int64]

    @property
    def n_topics(self) -> int:
        """How many topics there are."""
        return len(self.wanted)


class Learner(Protocol):
    """A method with several settings, fitted on some communities and asked about others."""

    def scores(self, train: Mask, asked: Mask) -> Floats:
        """[settings, topics, n_asked], the simplest setting first; `train` and `asked` choose people."""

    def losses(self, scores: Floats, rows: Mask) -> Floats:
        """[topics * n_rows] losses of one setting's scores [topics, n_rows]."""


@dataclass(frozen=True)
class Fitted:
    """A learner's held-out scores [topics, n_train] on the training people, and those of the people asked about."""

    held_out: Floats
    asked: Floats


def fit(learner: Learner, people: People, train: Mask, asked: Mask) -> Fitted:
    """Choose a setting on training communities held out in turn, then fit on all of them.

    With fewer than two training communities there is nothing to choose on: the simplest setting is taken.
    """
    paths = np.full((0, people.n_topics, len(train)), np.nan)
    for fold in folds(people.community, train):
        found = learner.scores(train & ~fold, fold)
        if not len(paths):
            paths = np.full((len(found), people.n_topics, len(train)), np.nan)
        paths[:, :, fold] = found
    final = learner.scores(train, asked)
    if not len(paths):
        return Fitted(np.zeros((people.n_topics, int(train.sum()))), final[0])
    best, kept = 0, None
    for setting, scores in enumerate(paths[:, :, train]):
        losses = learner.losses(scores, train)
        if clearly_better(losses, kept):
            best, kept = setting, losses
    return Fitted(paths[best][:, train], final[best])


def folds(community: NDArray[np.int64], train: Mask) -> list[Mask]:
    """Training communities dealt out to at most `N_FOLDS` groups, the largest first; none if there is only one."""
    codes, sizes = np.unique(community[train], return_counts=True)
    if len(codes) < 2:
        return []
    dealt = codes[np.argsort(-sizes, kind="stable")]
    n_folds = min(N_FOLDS, len(codes))
    return [train & np.isin(community, dealt[k::n_folds]) for k in range(n_folds)]


def mixed(parts: Sequence[Fitted], wanted: Floats) -> Floats:
    """[topics, n_asked] parts mixed topic by topic, by weights that fit what is wanted [topics, n_train].

    Weights are not negative (Breiman 1996, "Stacked regressions") and drawn towards equal ones.
    """
    rows = []
    for topic, truth in enumerate(wanted):
        known = np.column_stack([part.held_out[topic] for part in parts])
        asked = np.column_stack([part.asked[topic] for part in parts])
        centred = known - known.mean(axis=0)
        pull = np.sqrt(SHRINKAGE * centred.var(axis=0).mean())
        left = np.vstack((centred, pull * np.eye(len(parts))))
        right = np.concatenate((truth - truth.mean(), np.full(len(parts), pull / len(parts))))
        weights = nnls(left, right)[0]
        rows.append(asked @ (weights if weights.any() else np.full(len(parts), 1 / len(parts))))
    return np.stack(rows)


class _Squared:
    """Judged by the squared error of what is wanted."""

    people: People

    def losses(self, scores: Floats, rows: Mask) -> Floats:
        return ((scores - self.people.wanted[:, rows]) ** 2).ravel()


class Linear(_Squared):
    """Ridge regression for each topic, attributes and standing under penalties of their own.

    Columns are scaled over all people; that sees the features of those asked about, never what they are named.
    """

    def __init__(self, people: People) -> None:
        self.people = people
        own = _scaled(people.attributes)
        self.columns = [np.column_stack((_scaled(standing), own)) for standing in people.standing]
        n_standing = people.standing.shape[2]
        self.penalties = [
            np.repeat(pair, (n_standing, own.shape[1])) for pair in RIDGES[: None if own.shape[1] else 2]
        ]

    def scores(self, train: Mask, asked: Mask) -> Floats:
        out = np.empty((len(self.penalties), self.people.n_topics, int(asked.sum())))
        for topic, x in enumerate(self.columns):
            y = self.people.wanted[topic, train]
            centre, level = x[train].mean(axis=0), y.mean()
            known = x[train] - centre
            gram, told = known.T @ known, known.T @ (y - level)
            for k, penalty in enumerate(self.penalties):
                weights = np.linalg.solve(gram + np.diag(penalty), told)
                out[k, topic] = (x[asked] - centre) @ weights + level
        return out


class Logistic:
    """Logistic regression on being a leader, for each topic."""

    def __init__(self, people: People) -> None:
        self.people = people
        own = _scaled(people.attributes)
        self.columns = [np.column_stack((_scaled(standing), own)) for standing in people.standing]

    def scores(self, train: Mask, asked: Mask) -> Floats:
        out = np.zeros((len(INVERSE_PENALTIES), self.people.n_topics, int(asked.sum())))
        for topic, x in enumerate(self.columns):
            y = self.people.leads[topic, train]
            if y.all() or not y.any() or not x.shape[1]:
                continue
            for k, strength in enumerate(INVERSE_PENALTIES):
                regression = LogisticRegression(C=strength, max_iter=100, tol=1e-3)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", ConvergenceWarning)  # close enough, given the rows' noise
                    out[k, topic] = regression.fit(x[train], y).decision_function(x[asked])
        return out

    def losses(self, scores: Floats, rows: Mask) -> Floats:
        sign = np.where(self.people.leads[:, rows], 1.0, -1.0)
        return np.logaddexp(0.0, -sign * scores).ravel()


class Trees(_Squared):
    """Boosted trees over the rows of all topics; settings are how many trees are used."""

    def __init__(self, people: People, config: TreesConfig, seeds: Sequence[int]) -> None:
        self.people, self.config, self.seeds = people, config, tuple(seeds)
        topics = range(people.n_topics)
        self.x = np.stack([
            np.column_stack((people.standing[k], people.attributes, np.full(len(people.attributes), k)))
            for k in topics
        ]).astype(np.float32)  # fmt: skip

    def scores(self, train: Mask, asked: Mask) -> Floats:
        return np.mean([self._scores(train, asked, seed) for seed in self.seeds], axis=0)

    def _scores(self, train: Mask, asked: Mask, seed: int) -> Floats:
        x, y = self.x[:, train], self.people.wanted[:, train]
        last = x.shape[-1] - 1
        data = lgb.Dataset(x.reshape(-1, last + 1), y.ravel(), categorical_feature=[last])
        own = self.config.model_dump(exclude={"max_rounds", "check_every"})
        fixed = {"objective": "regression", "bagging_freq": 1, "verbose": -1, "deterministic": True,
                 "force_row_wise": True, "seed": seed}  # fmt: skip
        booster = lgb.train(own | fixed, data, num_boost_round=self.config.max_rounds)
        rows = self.x[:, asked].reshape(-1, last + 1)
        steps = range(self.config.check_every, self.config.max_rounds + 1, self.config.check_every)
        found = [booster.predict(rows, num_iteration=n_rounds) for n_rounds in steps]
        return np.stack(found).reshape(len(found), len(y), -1)


class PeopleNetwork(_Squared):
    """A network on people, their standing and their surroundings; settings are its epochs."""

    def __init__(
        self, people: People, width: int, dropout: float, input_dropout: float, config: TrainingConfig,
        seeds: Sequence[int],
    ) -> None:  # fmt: skip
        self.people, self.config, self.seeds = people, config, tuple(seeds)
        self.shape = (width, dropout, input_dropout)
        self.x = [
            torch.from_numpy(
                np.column_stack((people.standing[k], people.attributes, people.surroundings[k])).astype(np.float32)
            )
            for k in range(people.n_topics)
        ]

    def scores(self, train: Mask, asked: Mask) -> Floats:
        return np.mean([self._scores(train, asked, seed) for seed in self.seeds], axis=0)

    def _scores(self, train: Mask, asked: Mask, seed: int) -> Floats:
        known = self._rows(train)
        wanted = torch.from_numpy(self.people.wanted[:, train].ravel().astype(np.float32))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = NomineeNetwork(known.x.shape[1], self.people.n_topics, *self.shape)
        network.fit_scaler(known.x, float(wanted.mean()))

        def loss(scores: Tensor, batch: Data) -> Tensor:
            return ((scores - wanted[batch.query.cpu()].to(scores.device)) ** 2).mean()

        def batches(generator: torch.Generator) -> list[Data]:
            order = torch.randperm(len(wanted), generator=generator)
            return [_part(known, rows) for rows in order.split(self.config.batch_size)]

        trainer, rows = Trainer(network, loss, self.config, seed), self._rows(asked)
        found = []
        for epoch in range(1, self.config.max_epochs + 1):
            module = trainer.fit(batches, n_epochs=epoch)
            with torch.inference_mode():
                found.append(module(rows.to(device_of(self.config))).cpu().numpy().astype(np.float64))
        return np.stack(found).reshape(len(found), self.people.n_topics, -1)

    def _rows(self, chosen: Mask) -> Data:
        picked = torch.from_numpy(np.flatnonzero(chosen))
        topic = torch.arange(self.people.n_topics).repeat_interleave(len(picked))
        x = torch.cat([own[picked] for own in self.x])
        return Data(x=x, topic=topic, query=torch.arange(len(topic)))


def _part(rows: Data, chosen: Tensor) -> Data:
    return Data(x=rows.x[chosen], topic=rows.topic[chosen], query=rows.query[chosen])


def _scaled(columns: Floats) -> Floats:
    """Columns to mean 0 and standard deviation 1, clipped at 5; missing values become 0."""
    known = ~np.isnan(columns)
    n = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, columns, 0.0)
    centred = np.where(known, columns - filled.sum(axis=0) / n, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / n)
    return np.clip(np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-9), -5, 5)



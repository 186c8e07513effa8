"""Learners of how much a person is named, each chosen and judged on whole communities that it has not seen.

What is learned is the logarithm of the nominations that a person receives, relative to the mean of those
compared: every person teaches something, not only those at the edge of the top tenth.
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
from torch.nn.functional import binary_cross_entropy_with_logits
from torch_geometric.data import Data

from influence.contagion.asking import Pairs
from influence.contagion.nominations import mean_within
from influence.model.asking import AskingNetwork
from influence.model.calibration import clearly_better
from influence.model.trees import TreesConfig
from influence.training.loop import Trainer, TrainingConfig

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

N_FOLDS = 3
"""Groups of training communities, each left out once to choose."""
MOST_LEFT_OUT = 50
"""Trainings at most; where there are more communities, several are left out together."""
SHRINKAGE = 50
"""People by whose worth the weights of a mixture are drawn towards equal ones."""
UNUSED = 1e9
"""A ridge penalty that silences a column."""
RIDGES: tuple[tuple[float, float], ...] = (
    (100.0, UNUSED), (1_000.0, UNUSED),
    (100.0, 10_000.0), (1_000.0, 10_000.0),
    (100.0, 3_000.0), (1_000.0, 3_000.0),
)  # fmt: skip
"""Ridge penalties of (standing, attributes) to choose from."""
NEGATIVES = 4
"""Pairs that do not ask, for each that does, on which the network is trained at most."""
INVERSE_PENALTIES = (0.0003, 0.001, 0.003)
"""Inverse ridge strengths of the logistic regression to choose from."""


@dataclass(frozen=True)
class People:
    """People as rows, once for each topic; whatever of a topic is visible to itself is already left out.

    Attributes
    ----------
    attributes : float [n, a], who they are
    standing : float [topics, n, s], how they stand in the visible relations; NaN where not visible
    wanted : float [topics, n], what is learned
    leads : bool [topics, n], what is judged
    community : int64 [n]
    level : float [topics], what a person receives on average, where all are compared, else None
    """

    attributes: Floats
    standing: Floats
    wanted: Floats
    leads: Mask
    community: NDArray[np.int64]
    level: Floats | None = None

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
    """Held-out scores of the training people [topics, n_train], and those of the people asked about."""

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


def left_out(community: NDArray[np.int64]) -> list[Mask]:
    """Whom to leave out in turn: each community; of very many, groups of whole communities."""
    n_groups = min(int(community.max()) + 1, MOST_LEFT_OUT)
    return [community % n_groups == group for group in range(n_groups)]


def folds(community: NDArray[np.int64], train: Mask) -> list[Mask]:
    """Training communities dealt out to at most `N_FOLDS` groups, the largest first; none if there is one."""
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

    Columns are scaled over all people: that sees what is known of those asked about, never their nominations.
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
        given = self.config.boosting(y.size, seed, objective="regression")
        booster = lgb.train(given, data, num_boost_round=self.config.max_rounds)
        rows = self.x[:, asked].reshape(-1, last + 1)
        steps = range(self.config.check_every, self.config.max_rounds + 1, self.config.check_every)
        found = [booster.predict(rows, num_iteration=n_rounds) for n_rounds in steps]
        return np.stack(found).reshape(len(found), len(y), -1)


class AskingForecaster(_Squared):
    """A network of who asks whom, summed over those who may ask; settings are its epochs."""

    def __init__(
        self, people: People, pairs: Sequence[Pairs], shape: tuple[int, float, float], config: TrainingConfig,
        seeds: Sequence[int],
    ) -> None:  # fmt: skip
        """`shape`: hidden units, dropout, input dropout of the network; `pairs`: one for each topic."""
        self.people, self.shape, self.config, self.seeds = people, shape, config, tuple(seeds)
        topic = [np.full(len(own.asker), code) for code, own in enumerate(pairs)]
        self.topic = torch.from_numpy(np.concatenate(topic).astype(np.int64))
        self.x = torch.from_numpy(np.concatenate([own.columns for own in pairs]))
        self.asks = torch.from_numpy(np.concatenate([own.asks for own in pairs]).astype(np.float32))
        self.asked = np.concatenate([own.asked for own in pairs])

    def scores(self, train: Mask, asked: Mask) -> Floats:
        return np.mean([self._scores(train, asked, seed) for seed in self.seeds], axis=0)

    def _scores(self, train: Mask, asked: Mask, seed: int) -> Floats:
        # A pair belongs to the community of who may be asked: it teaches, or is scored, with that.
        known, rows = (torch.from_numpy(np.flatnonzero(mask[self.asked])) for mask in (train, asked))
        known, kept_share = self._thinned(known, seed)
        trainer = self._trainer(known, seed)

        def batches(generator: torch.Generator) -> list[Data]:
            order = known[torch.randperm(len(known), generator=generator)]
            return [self._part(part) for part in order.split(self.config.batch_size)]

        whole, found = self._part(rows).to(trainer.device), []
        for epoch in range(1, self.config.max_epochs + 1):
            module = trainer.fit(batches, n_epochs=epoch)
            with torch.inference_mode():
                # What was left out were pairs that do not ask: the odds are corrected for it.
                logits = module(whole) + float(np.log(kept_share))
                chance = logits.sigmoid().cpu().numpy().astype(np.float64)
            found.append(self._expected(rows.numpy(), chance)[:, asked])
        return np.stack(found)

    def _thinned(self, known: Tensor, seed: int) -> tuple[Tensor, float]:
        """All pairs that ask, some that do not, and the share of the latter that was kept."""
        silent = known[self.asks[known] == 0]
        n_kept = NEGATIVES * max(len(known) - len(silent), 1)
        if n_kept >= len(silent):
            return known, 1.0
        order = torch.randperm(len(silent), generator=torch.Generator().manual_seed(seed))
        kept = torch.cat((known[self.asks[known] == 1], silent[order[:n_kept]])).sort().values
        return kept, n_kept / len(silent)

    def _trainer(self, known: Tensor, seed: int) -> Trainer:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = AskingNetwork(self.x.shape[1], self.people.n_topics, *self.shape)
        network.fit_scaler(self.x[known], float(self.asks[known].mean()))

        def loss(logits: Tensor, batch: Data) -> Tensor:
            return binary_cross_entropy_with_logits(logits, batch.asks)

        return Trainer(network, loss, self.config, seed)

    def _part(self, chosen: Tensor) -> Data:
        return Data(x=self.x[chosen], topic=self.topic[chosen], asks=self.asks[chosen], query=chosen)

    def _expected(self, rows: NDArray[np.int64], chance: Floats) -> Floats:
        """[topics, n] the nominations expected, as what is wanted is written."""
        expected = np.zeros(self.people.wanted.shape)
        np.add.at(expected, (self.topic.numpy()[rows], self.asked[rows]), chance)
        level = self.people.level
        mean = mean_within(expected.T, self.people.community).T if level is None else level[:, None]
        return np.log1p(np.divide(expected, mean, out=np.zeros_like(expected), where=mean > 0))


def _scaled(columns: Floats) -> Floats:
    """Columns to mean 0 and standard deviation 1, clipped at 5; missing values become 0."""
    known = ~np.isnan(columns)
    n = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, columns, 0.0)
    centred = np.where(known, columns - filled.sum(axis=0) / n, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / n)
    return np.clip(np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-9), -5, 5)

"""Rankers of partners: a network and boosted trees whose scores are sums of four parts.

Both learn which candidate of a list was chosen, by the softmax over the list (McFadden 1974, "Conditional
logit analysis of qualitative choice behavior"), the chance that a candidate was drawn taken out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import lightgbm as lgb
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from torch import Tensor, nn
from torch.nn.functional import embedding_bag
from torch_geometric.data import Data
from torch_geometric.utils import scatter, softmax

from influence.graph.partner_columns import GROUPS, PairColumns
from influence.graph.partners import Ints, PartnerGraph
from influence.model.encoder import EncoderConfig
from influence.model.scaling import Standardizer
from influence.model.trees import OneBooster

Floats = NDArray[np.float64]
FIT = GROUPS.index("fit")


def list_losses(score: Floats, hit: NDArray[np.bool_], query: Ints) -> Floats:
    """Minus the log of each hit's share of its list, other hits of the list left out; [hits]."""
    exp = np.exp(score - np.maximum.reduceat(score, _starts(query))[query])
    others = np.bincount(query, np.where(hit, 0.0, exp))[query]
    return np.asarray(-np.log(exp / (exp + others))[hit])


def choice_loss(score: Tensor, hit: Tensor, query: Tensor) -> Tensor:
    """The mean of `list_losses`, differentiable; scores [rows], hits bool [rows], query int64 [rows]."""
    top = scatter(score.detach(), query, reduce="max")[query]
    exp = (score - top).exp()
    others = scatter(torch.where(hit, 0.0, exp), query, reduce="sum")[query]
    return -((score - top) - (exp + others).log())[hit].mean()


@dataclass(frozen=True)
class EntityBlocks:
    """What is known of every entity and around it, as sparse words.

    Attributes
    ----------
    blocks : float32 CSR [n, n_words] each: own words, and the means over those linked with, hop by hop
    """

    blocks: tuple[csr_matrix, ...]

    @classmethod
    def of(cls, graph: PartnerGraph, vocabulary: Sequence[str], hops: int) -> EntityBlocks:
        """Propagate the words of a vocabulary, ahead of training (Frasca et al. 2020, "SIGN")."""
        place = graph.word_names.get_indexer(list(vocabulary))
        own = csr_matrix((len(graph), len(place)), dtype=np.float32)
        known = np.flatnonzero(place >= 0)
        if len(known):
            into = csr_matrix(
                (np.ones(len(known), np.float32), (place[known], known)),
                shape=(len(graph.word_names), len(place)),
            )
            own = (graph.words @ into).tocsr()
        mean = diags(1 / np.maximum(graph.degree, 1)).astype(np.float32) @ graph.ties
        blocks = [own]
        for _ in range(hops):
            blocks.append((mean @ blocks[-1]).tocsr())
        return cls(tuple(blocks))

    def bags(self, entities: Ints) -> dict[str, Tensor]:
        """The rows of some entities as bags for `torch.nn.functional.embedding_bag`."""
        found: dict[str, Tensor] = {}
        for number, block in enumerate(self.blocks):
            rows = block[entities]
            found[f"words_{number}"] = torch.from_numpy(rows.indices.astype(np.int64))
            found[f"starts_{number}"] = torch.from_numpy(rows.indptr[:-1].astype(np.int64))
            found[f"weights_{number}"] = torch.from_numpy(rows.data.astype(np.float32))
        return found


class PartnerNetwork(nn.Module):
    """Parts of a pair's score: one small network per group of columns, and the two ends' similarity.

    An end's embedding is a linear map of its words and of the means of those it is linked with, source and
    target by maps of their own: a low-rank affinity of words.  Whoever shares words with those seen in
    training has a meaningful embedding; there are none of ids.

    Parameters
    ----------
    columns
        Of the pairs; which group each belongs to is in their names.
    n_words, n_blocks
        Of the entities; no block leaves the similarity out.
    """

    def __init__(self, columns: Sequence[str], n_words: int, n_blocks: int, config: EncoderConfig) -> None:
        super().__init__()
        self.n_blocks = n_blocks
        self.places = [
            [i for i, name in enumerate(columns) if name.startswith(f"{group}.")] for group in GROUPS
        ]
        self.scaler = Standardizer(len(columns))
        self.bent = nn.ModuleList(_bent(2 * len(own), config) for own in self.places)
        self.straight = nn.ModuleList(nn.Linear(2 * len(own), 1, bias=False) for own in self.places)
        self.dropout = nn.Dropout(config.input_dropout)
        shape = (n_blocks, n_words, config.width)
        self.source, self.target = (nn.Parameter(torch.randn(shape) * 0.1) for _ in range(2))
        for layer in self.straight:
            nn.init.zeros_(layer.weight)

    def fit_statistics(self, x: Tensor) -> None:
        """Take the statistics of pair columns [rows, columns]."""
        self.scaler.fit(x)

    def forward(self, batch: Data) -> Tensor:
        """Parts [rows, len(GROUPS)] of a batch: `x` [rows, columns], bags of entities, `ends` [2, rows]."""
        scaled = self.scaler(batch.x)
        half = scaled.shape[1] // 2
        parts = []
        for own, bent, straight in zip(self.places, self.bent, self.straight, strict=True):
            mine = scaled[:, own + [half + i for i in own]]
            parts.append((bent(self.dropout(mine)) + straight(mine)).squeeze(1))
        if self.n_blocks:
            parts[FIT] = parts[FIT] + self.similarity(batch)
        return torch.stack(parts, 1)

    def similarity(self, batch: Data) -> Tensor:
        """z_source . z_target of each row, [rows]."""
        z_source, z_target = self.embeddings(batch)
        return (self.dropout(z_source)[batch.ends[0]] * z_target[batch.ends[1]]).sum(1)

    def embeddings(self, batch: Data) -> tuple[Tensor, Tensor]:
        """Every entity of the batch as a source and as a target, each [entities, width]."""
        found = []
        for maps in (self.source, self.target):
            read = [
                embedding_bag(
                    batch[f"words_{i}"], maps[i], batch[f"starts_{i}"], mode="sum",
                    per_sample_weights=batch[f"weights_{i}"],
                )
                for i in range(self.n_blocks)
            ]  # fmt: skip
            found.append(torch.stack(read).sum(0))
        return found[0], found[1]


def _bent(n_inputs: int, config: EncoderConfig) -> nn.Sequential:
    last = nn.Linear(config.width, 1)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(n_inputs, config.width), nn.ReLU(), nn.Dropout(config.dropout), last)


class PartnerTrees(OneBooster):
    """The same choice by boosted trees on the pair columns."""

    def fit(
        self, x: NDArray[np.float32], hit: NDArray[np.bool_], query: Ints, log_q: NDArray[np.float32], n: int
    ) -> Self:
        """Boost `n` trees on rows [rows, columns] of lists; `query` ascends from 0."""

        def gradient(score: Floats, _: lgb.Dataset) -> tuple[Floats, Floats]:
            share = softmax(torch.from_numpy(score), torch.from_numpy(query)).numpy()
            n_hits = np.bincount(query, hit)[query]
            return n_hits * share - hit, np.maximum(n_hits * share * (1 - share), 1e-6)

        given = self.config.boosting(len(x), self.seed, objective=gradient)
        data = lgb.Dataset(x, hit.astype(np.float32), init_score=-log_q.astype(np.float64))
        self.booster = lgb.train(given, data, num_boost_round=n)
        return self

    def score(self, x: NDArray[np.float32], n: int | None = None) -> Floats:
        """Scores [rows] of the first `n` trees, or of all: the sums of the parts."""
        return np.asarray(self.trees.predict(x, raw_score=True, num_iteration=n), np.float64) - self._typical

    @cached_property
    def _typical(self) -> float:
        """The mean score that the trees learnt from: no column adds it; a choice knows differences only."""
        nothing = np.zeros((1, self.trees.num_feature()))
        return float(np.asarray(self.trees.predict(nothing, pred_contrib=True))[0, -1])

    def parts(self, columns: PairColumns) -> Floats:
        """[rows, len(GROUPS)] what each group of columns adds (TreeSHAP: Lundberg et al. 2018)."""
        if not len(columns.values):  # which LightGBM divides by
            return np.zeros((0, len(GROUPS)))
        told = np.asarray(self.trees.predict(columns.values, pred_contrib=True), np.float64)
        return np.column_stack([told[:, columns.of_group(group)].sum(1) for group in GROUPS])


def _starts(query: Ints) -> Ints:
    return np.flatnonzero(np.diff(query, prepend=-1))

"""Judged by true parents: who, of all who had gone before, did each one take the item up from.

One row per query (a take-up whose parent is known): `candidate_id` is the true parent, `score` the share that
the method gives it, `hit` whether it was ranked first (candidates that tie for it share it), `top_share` the
share of the candidate that was.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence import metrics
from influence.data import Network
from influence.evaluation.ground_truth import GroundTruth, Scored, Tell
from influence.evaluation.kernels import Counts
from influence.evaluation.leaders.parent_methods import Batch, batches_of, methods_of
from influence.evaluation.leaders.trees import ParentLog
from influence.evaluation.summary import Judge, summarise
from influence.metrics.acceptance import clip
from influence.metrics.checks import Floats
from influence.tasks.leadership import NAME, LeadershipConfig
from influence.training.parts import Recipe

BINS = (0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Of the table of reliability, finer where nearly all shares are."""


class ParentShares:
    """One method's shares of the true parents, ready to be scored on many resamples at once."""

    def __init__(self, score: Floats, hit: Floats) -> None:
        self._each = np.column_stack((hit, -np.log(clip(score))))
        means = self._each.mean(axis=0) if len(score) else np.full(2, np.nan)
        self.values = {"parent_top1": float(means[0]), "log_loss": float(means[1])}

    def resampled(self, counts: Counts) -> Mapping[str, Floats]:
        """Metric -> (b,) its values on each of b resamples."""
        means = (counts @ self._each) / counts.sum(axis=1)[:, None]
        return dict(zip(self.values, means.T, strict=True))


def _judge(rows: pd.DataFrame, _: int) -> ParentShares:
    return ParentShares(rows["score"].to_numpy(np.float64), rows["hit"].to_numpy(np.float64))


JUDGE = Judge(("score", "hit"), _judge, lambda rows: {})


def recognises(network: Network) -> bool:
    """Whether shares name whom a take-up came from, of items that are on record."""
    shares = network.table("interactions")
    named = shares.loc[shares["kind"] == "share", "content_id"].dropna()
    items = network.table("adoptions")["item"]
    return bool(len(items)) and float(items.isin(set(named)).mean()) > 0.5


def compare(
    network: Network,
    config: LeadershipConfig,
    recipe: Callable[[int], Recipe],
    seeds: tuple[int, ...],
    tell: Tell,
) -> Scored:
    """Every method on all candidates of the test's take-ups.

    Raises
    ------
    DataError
        If no parents are known, or the items are too few to divide by time.
    """
    log = ParentLog.of(network)
    validation_from, test_from = log.boundaries()
    judging = log.covariates(test_from), log.excitation(test_from)
    methods, told, seconds = methods_of(log, validation_from, test_from, recipe, seeds, tell)
    queries = log.queries(test_from, log.n_items)
    is_other = log.parent[queries] != log.take_ups.ptr[log.take_ups.item[queries]]
    found, others = _Found(len(queries)), _Found(int(is_other.sum()))
    for place, batch in batches_of(log, *judging, queries):
        tell("scoring the test", int(place[0]), len(queries))
        among = (np.cumsum(is_other) - 1)[place[is_other[place]]]
        for (name, seed), method in methods.items():
            started = time.perf_counter()
            share = method.of(batch)
            found.take(name, seed, place, batch, share)
            if len(among):
                others.take(name, seed, among, batch.others, method.of_others(batch, share))
            seconds[name].append(time.perf_counter() - started)
    tell("done", 1, 1)
    names = _names(log, queries)
    counts = {
        "n_train": len(log.queries(0, validation_from)),
        "n_validation": len(log.queries(validation_from, test_from)),
        "n_test": len(queries),
    }
    told |= {"reliability": found.reliability(), "ece_of_top_share": found.calibration()}
    of_others = {name: values[is_other] for name, values in names.items()}
    told["given_not_the_first"] = _summary(others.predictions(of_others), counts)
    return Scored(
        predictions=found.predictions(names),
        counts=counts,
        judge=JUDGE,
        by="sender",
        slices={"parent_is_not_the_first": pd.Series(is_other, index=names["query_id"])},
        costs={name: {"seconds": [sum(spent) / len(seeds)]} for name, spent in seconds.items()},
        told=told,
    )


def _summary(predictions: pd.DataFrame, counts: Mapping[str, int]) -> dict[str, object]:
    """What the methods make of the parents that did not come first, when told that it was not the first."""
    if predictions.empty:
        return {}
    found = summarise(
        predictions, task=NAME, dataset="", counts=counts, judge=JUDGE, by="sender", n_resamples=1_000
    )
    n_queries = int(predictions["query_id"].nunique())
    return {"n_test": n_queries, "methods": found["methods"], "differences": found["differences"]}


class _Found:
    """What every method under every seed made of the queries."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.rows: dict[tuple[str, int], NDArray[np.float64]] = {}
        self.bins: dict[str, NDArray[np.float64]] = defaultdict(lambda: np.zeros((3, len(BINS) - 1)))

    def take(self, name: str, seed: int, place: NDArray[np.int64], batch: Batch, share: Floats) -> None:
        """Keep what scoring needs of one batch's shares."""
        ptr, chosen = batch.choices.ptr, batch.choices.chosen
        score, hit, top = _judged(share, ptr, chosen)
        self.rows.setdefault((name, seed), np.empty((3, self.n)))[:, place] = score, hit, top
        true = np.zeros(len(share))
        true[chosen] = 1.0
        which = np.clip(np.searchsorted(BINS, share, side="right") - 1, 0, len(BINS) - 2)
        for row, weight in enumerate((np.ones(len(share)), share, true)):
            self.bins[name][row] += np.bincount(which, weight, minlength=len(BINS) - 1)

    def predictions(self, names: Mapping[str, NDArray[np.object_]]) -> pd.DataFrame:
        """One row per query, method and seed."""
        frames = [
            pd.DataFrame(
                {
                    **names,
                    "method": name,
                    "seed": seed,
                    "label": 1,
                    "score": score,
                    "hit": hit,
                    "top_share": top,
                }
            )
            for (name, seed), (score, hit, top) in self.rows.items()
        ]
        return pd.concat(frames, ignore_index=True) if self.n else pd.DataFrame()

    def reliability(self) -> dict[str, list[dict[str, float]]]:
        """Of candidates given shares from `low` to `high`: how many, their mean share, how many were it."""
        return {
            name: [
                {"low": low, "high": high, "n": n, "mean_share": total / n, "observed": true / n}
                for low, high, n, total, true in zip(BINS, BINS[1:], *bins, strict=False)
                if n
            ]
            for name, bins in self.bins.items()
        }

    def calibration(self) -> dict[str, float]:
        """The calibration error of the share of the candidate that was ranked first, mean over seeds."""
        each = defaultdict(list)
        for (name, _), (_, hit, top) in self.rows.items():
            each[name].append(metrics.ece(hit >= 0.5, np.clip(top, 0, 1)))
        return {name: float(np.mean(values)) for name, values in each.items()}


def _judged(
    share: Floats, ptr: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    """The true parent's share, whether it was ranked first, and the highest share of each query."""
    top = np.maximum.reduceat(share, ptr[:-1])
    is_top = share >= np.repeat(top, np.diff(ptr))
    n_top = np.add.reduceat(is_top.astype(np.float64), ptr[:-1])
    return share[chosen], is_top[chosen] / n_top, top


def _names(log: ParentLog, queries: NDArray[np.int64]) -> dict[str, NDArray[np.object_]]:
    taken = log.take_ups
    item = np.asarray(taken.items[taken.item[queries]], dtype=object)
    who = np.asarray(taken.contact_ids[taken.contact[queries]], dtype=object)
    parent = np.asarray(taken.contact_ids[taken.contact[log.parent[queries]]], dtype=object)
    return {"query_id": item + "/" + who, "candidate_id": parent, "group": item}


PARENTS = GroundTruth(
    "parents",
    "adoptions, and interactions of kind share whose content_id is the item and target_id the true parent",
    recognises,
    compare,
)

"""Future credit: who, of those active before a cut in event time, is credited with the take-ups after it.

The cut is a quantile of the take-ups' times.  The label is the credit of every take-up from the cut on,
shared equally among the adopter's neighbours who had gone before; labels for training lie in windows before
the cut.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from influence.contagion import centrality
from influence.contagion.position import position_at
from influence.contagion.takeups import TakeUps, ties_of
from influence.data import Network
from influence.errors import DataError
from influence.evaluation.ground_truth import GroundTruth, Scored, Tell
from influence.evaluation.leaders.ranking import AmountRanking
from influence.evaluation.summary import MODEL, Judge
from influence.graph.temporal import TemporalGraph
from influence.tasks.leadership import Candidates, History, LeadershipConfig, candidates_at
from influence.training.credit import Floats, Rows, rank_quality
from influence.training.credit_mix import COMBINATIONS, PARTS, CreditMix, CreditPart, CreditStage, develop
from influence.training.parts import Recipe

NAME = "future_credit"


def _recognises(network: Network) -> bool:
    return bool(len(network.table("adoptions"))) and any(
        len(network.table(name)) for name in ("connections", "interactions")
    )


def _score(rows: pd.DataFrame, seed: int) -> AmountRanking:
    return AmountRanking(rows["label"].to_numpy(np.float64), rows["score"].to_numpy(np.float64))


def _size(rows: pd.DataFrame) -> Mapping[str, int]:
    return {"n_credited": int((rows["label"] > 0).sum())}


JUDGE = Judge(("score",), _score, _size)

PLACES: Mapping[str, Callable[[csr_matrix], Floats]] = {
    "degree": centrality.degrees,
    "eigenvector_centrality": centrality.eigenvector_centrality,
    "pagerank": centrality.pagerank,
    "k_core": centrality.k_core,
    "voterank": centrality.voterank,
    "neighbour_degree": centrality.neighbour_degrees,
}
"""What is commonly taken for influence: method -> score of every contact from the matrix of ties."""


@dataclass(frozen=True)
class _Test:
    """What is foretold: the candidates at the cut, and what they were credited with from then on."""

    candidates: Candidates
    label: Floats
    told: Mapping[str, Any]

    @classmethod
    def of(cls, network: Network, config: LeadershipConfig) -> tuple[_Test, pd.Timestamp]:
        history = History.of(network)
        moment = history.moment(config.cut)
        cut = pd.Timestamp(moment, unit="us", tz="UTC")
        candidates = candidates_at(network, cut, config)
        label, _ = history.labels(candidates)
        if not label.any():
            raise DataError(
                f"adoptions: from {cut:%Y-%m-%d} on nobody followed a neighbour of before: there is no "
                "credit to foretell. Lower leadership.cut, or give later take-ups."
            )
        after = history.take_ups.at >= moment
        # The shares of one take-up sum to 1: the total is the number of take-ups that had any candidate.
        total = float(history.credit.between(moment, int(history.take_ups.at.max()) + 1).share.sum())
        told = {
            "cut": cut.isoformat(),
            "n_take_ups_after_cut": int(after.sum()),
            "share_without_active_neighbour": 1 - total / int(after.sum()),
            "share_of_credit_to_newcomers": 1 - float(label.sum()) / total,
        }
        return cls(candidates, label, told), cut

    def frame(self, method: str, seed: int, score: Floats) -> pd.DataFrame:
        """One method's predictions; the query is the topic."""
        topic = pd.Series(self.candidates.topic, dtype="str").fillna("all")
        return pd.DataFrame(
            {
                "query_id": topic,
                "candidate_id": pd.Series(self.candidates.contact_id, dtype="str"),
                "method": method,
                "seed": seed,
                "label": self.label,
                "score": np.asarray(score, np.float64),
            }
        )


def recent_column(stage: CreditStage, config: LeadershipConfig) -> str:
    """The credit of the past window, all but the longest, that ranked the validation rows best."""
    prefix = _prefix(stage.latest)
    y = stage.validation[1]

    def quality(name: str) -> float:
        return rank_quality(y, np.expm1(stage.latest.column(name).astype(np.float64)))

    return max((f"{prefix}log_credit_{share:g}" for share in config.past_windows[:-1]), key=quality)


def baselines(known: Network, test: Candidates, recent: str, config: LeadershipConfig) -> dict[str, Floats]:
    """What needs no training: places among the ties at the cut, all credit so far, and the recent one."""
    graph = TemporalGraph(known)
    ties = position_at(TakeUps.of(known), ties_of(graph), test.at, config.past_windows).ties
    place = graph.contact_ids.get_indexer(pd.Index(test.contact_id))
    found = {name: score(ties)[place] for name, score in PLACES.items()}
    for name, column in (("past_credit", f"{_prefix(test)}log_credit_1"), ("recent_credit", recent)):
        found[name] = np.expm1(test.column(column).astype(np.float64))
    return found


def _prefix(candidates: Candidates) -> str:
    """Of the columns of credit: where there are topics, of the row's own."""
    return "whom_one_knows." + ("topic_" if candidates.topic[0] is not None else "")


def compare(
    network: Network,
    config: LeadershipConfig,
    recipe: Callable[[int], Recipe],
    seeds: tuple[int, ...],
    tell: Tell,
) -> Scored:
    """Choose on the latest window before the cut, fit again on all of them, foretell what follows the cut.

    Raises
    ------
    DataError
        If the records before the cut are too few to learn from, or nothing follows it.
    """
    tell("cutting", 0, len(seeds))
    test, cut = _Test.of(network, config)
    known = network.as_of(cut)
    stage = CreditStage.of(known, config)
    recent = recent_column(stage, config)
    frames = [
        test.frame(name, seeds[0], score)
        for name, score in baselines(known, test.candidates, recent, config).items()
    ]
    costs: dict[str, list[float]] = {}
    told: list[Mapping[str, Any]] = []
    for done, seed in enumerate(seeds):
        tell(f"seed {seed}", done, len(seeds))
        frames.append(test.frame("random", seed, np.random.default_rng([seed, 5]).random(len(test.label))))
        for name, mixed, seconds in _methods(stage, recipe(seed), seed):
            started = time.perf_counter()
            members = mixed.members(Rows.of([test.candidates]))
            frames.append(test.frame(name, seed, mixed.expectation.log_mean(members.mean(0))))
            costs.setdefault(name, []).append(seconds + time.perf_counter() - started)
            if name == MODEL:
                told.append(_calibration(mixed, members, test) | {"weights": dict(mixed.weights)})
    tell("done", len(seeds), len(seeds))
    model_first = [frame for frame in frames if frame["method"].iloc[0] == MODEL]
    others = [frame for frame in frames if frame["method"].iloc[0] != MODEL]
    predictions = pd.concat([*model_first, *others], ignore_index=True)
    counts = {
        "n_train": len(stage.train[0]),
        "n_validation": len(stage.validation[0]),
        "n_test": len(test.label),
    }
    return Scored(
        predictions,
        counts,
        JUDGE,
        "candidate",
        costs={name: {"seconds": seconds} for name, seconds in costs.items()},
        told={**test.told, "recent_credit": recent, "model_by_seed": told},
        until=cut,
    )


def _methods(stage: CreditStage, recipe: Recipe, seed: int) -> Iterator[tuple[str, CreditMix, float]]:
    """Every trained method with the seconds that its parts took."""
    parts: dict[str, CreditPart] = {}
    seconds: dict[str, float] = {}
    for name, build in PARTS.items():
        started = time.perf_counter()
        parts[name] = develop(build(recipe, stage.latest.columns), stage)
        seconds[name] = time.perf_counter() - started
    for method, used in COMBINATIONS.items():
        chosen = {name: parts[name] for name in used}
        mixed = CreditMix.of(chosen, stage, seed)
        yield method, mixed, sum(seconds[name] for name in used)


def _calibration(mixed: CreditMix, members: Floats, test: _Test) -> dict[str, Any]:
    """Whether the forecast's totals and intervals held."""
    score, n = members.mean(0), test.candidates.n_observations
    low, high = mixed.expectation.interval(score, members.var(0), n)
    within = (test.label >= low - 1e-9) & (test.label <= high + 1e-9)
    return {
        "expected_credit": float(np.exp(mixed.expectation.log_mean(score)).sum()),
        "credited": float(test.label.sum()),
        "coverage_of_intervals": float(within.mean()),
        "coverage_of_intervals_where_credited": float(within[test.label > 0].mean()),
    }


FUTURE_CREDIT = GroundTruth(
    NAME, "adoptions, and ties between contacts (connections or interactions)", _recognises, compare
)

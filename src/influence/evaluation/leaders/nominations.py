"""Opinion leaders as people name them: the most asked for advice of a community that was left out whole.

Two tracks.  In `nominations` the other relations of the held-out community are visible, and the nominations
received in them are the baseline `degree`.  In `nominations_hidden` no nomination into any of its members is
visible, in any relation; since people name within their community, nothing is left there but who they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from influence.contagion.asking import Pairs, components, pairs
from influence.contagion.nominations import Nominations, mean_within
from influence.contagion.prestige import MEASURES
from influence.data import Network
from influence.errors import DataError
from influence.evaluation.bootstrap import Judged
from influence.evaluation.forecast import Ranking
from influence.evaluation.ground_truth import GroundTruth, Scored, Tell
from influence.evaluation.kernels import Counts
from influence.evaluation.summary import Judge
from influence.metrics.checks import Floats
from influence.tasks.leadership import LeadershipConfig
from influence.training.named import people_of, visible_to
from influence.training.nominees import (
    AskingForecaster,
    Fitted,
    Learner,
    Linear,
    Logistic,
    People,
    Trees,
    fit,
    left_out,
    mixed,
)
from influence.training.parts import Recipe

METRICS = ("auc", "ap")
Scores = dict[tuple[str, int], Floats]
"""(method, seed) -> [topics, n_people]; a method that no seed changes stands under the first one."""
COMBINATIONS: Mapping[str, tuple[str, ...]] = {
    "model": ("gnn", "linear_regression", "boosted_trees"),
    "gnn": ("gnn",),
    "model_without_gnn": ("linear_regression", "boosted_trees"),
    "linear_regression": ("linear_regression",),
    "boosted_trees": ("boosted_trees",),
    "logistic_regression": ("logistic_regression",),
}
"""Method -> the parts that it mixes."""


def recognises(network: Network) -> bool:
    """Whether anyone is named for advice."""
    return len(network.table("nominations")) > 0


def compare(
    network: Network,
    config: LeadershipConfig,
    recipe: Callable[[int], Recipe],
    seeds: tuple[int, ...],
    tell: Tell,
    *,
    hidden: bool = False,
) -> Scored:
    """Leave out one community after another; every method is chosen and fitted on the others alone."""
    nominations = Nominations.of(network)
    if len(nominations.communities) < 2:
        raise DataError(
            f"There is one community only ({nominations.communities[0]}); judging leaves one out and learns "
            "from the others. Give at least two in contacts.company_id."
        )
    people, may_ask = _people(network, nominations, config, hidden)
    scores = _measured(nominations, people, seeds[0], hidden)
    steady = _left_out(people, _steady(people), partial(tell, "methods without a seed"))
    costs: dict[str, list[float]] = {}
    for seed in seeds:
        drawn = _left_out(people, _drawn(people, may_ask, recipe(seed)), partial(tell, f"seed {seed}"))
        for method, parts in COMBINATIONS.items():
            if seed == seeds[0] or not set(parts) <= set(steady):
                own = [(steady | drawn)[part] for part in parts]
                scores[method, seed] = _combined(people, [part.fitted for part in own])
                costs.setdefault(method, []).append(sum(part.seconds for part in own))
    return _scored(nominations, people, scores, costs, config, hidden)


def _people(
    network: Network, nominations: Nominations, config: LeadershipConfig, hidden: bool
) -> tuple[People, list[Pairs]]:
    """People as rows of every topic, and the pairs of them that may ask."""
    people = people_of(network, nominations, config.compared_with, hidden=hidden)
    who, n_topics = components(people.attributes), people.n_topics
    may_ask = [
        pairs(nominations, topic, visible_to(topic, n_topics, hidden), who) for topic in range(n_topics)
    ]
    return people, may_ask


@dataclass(frozen=True)
class _LeftOut:
    """One learner's results, community by community."""

    fitted: list[Fitted]
    seconds: float


def _steady(people: People) -> dict[str, Learner]:
    """Learners that no seed changes."""
    return {"linear_regression": Linear(people), "logistic_regression": Logistic(people)}


def _drawn(people: People, may_ask: list[Pairs], recipe: Recipe) -> dict[str, Learner]:
    shape = (recipe.encoder.width, recipe.encoder.dropout, recipe.encoder.input_dropout)
    return {
        "gnn": AskingForecaster(people, may_ask, shape, recipe.training, recipe.seeds),
        "boosted_trees": Trees(people, recipe.trees, recipe.seeds),
    }


def _left_out(
    people: People, learners: Mapping[str, Learner], tell: Callable[[int, int], None]
) -> dict[str, _LeftOut]:
    """Every community left out in turn, by every learner."""
    parts, found = left_out(people.community), {}
    for number, (name, learner) in enumerate(learners.items()):
        started, fitted = time.perf_counter(), []
        for done, asked in enumerate(parts):
            tell(number * len(parts) + done, len(learners) * len(parts))
            fitted.append(fit(learner, people, ~asked, asked))
        found[name] = _LeftOut(fitted, time.perf_counter() - started)
    return found


def _combined(people: People, parts: Sequence[Sequence[Fitted]]) -> Floats:
    """[topics, n] scores of a mixture, each community's weights learned from the others."""
    scores = np.empty(people.wanted.shape)
    for asked, *own in zip(left_out(people.community), *parts, strict=True):
        scores[:, asked] = own[0].asked if len(own) == 1 else mixed(own, people.wanted[:, ~asked])
    return scores


def _measured(nominations: Nominations, people: People, seed: int, hidden: bool) -> Scores:
    """Methods that learn nothing; where nominations are hidden, no measure of them is defined."""
    topics = range(people.n_topics)
    empty = csr_matrix((nominations.n_people, nominations.n_people))
    scores = {("random", seed): np.random.default_rng([seed, 2]).random(people.wanted.shape)}
    for name, measure in () if hidden else MEASURES.items():
        others = [sum((nominations.matrices[k] for k in topics if k != topic), empty) for topic in topics]
        scores[name, seed] = np.stack([measure(asks, people.community) for asks in others])
    return scores


def _scored(
    nominations: Nominations, people: People, scores: Scores, costs: dict[str, list[float]],
    config: LeadershipConfig, hidden: bool,
) -> Scored:  # fmt: skip
    """All rows but those of communities in which nobody is named on the topic: there is nothing to find."""
    anyone = mean_within(nominations.received, people.community).T > 0
    topic, person = np.nonzero(anyone)
    community = nominations.communities[people.community[person]].astype(str)
    rows = pd.DataFrame(
        {
            "query_id": nominations.topics[topic].astype(str) + " in " + community,
            "candidate_id": nominations.people[person],
            "label": people.leads[topic, person].astype(np.int64),
            "topic": nominations.topics[topic],
            "group": community,
        }
    )
    frames = [rows.assign(method=name, seed=seed, score=own[anyone]) for (name, seed), own in scores.items()]
    queries = rows.drop_duplicates("query_id").set_index("query_id")["topic"]
    n_queries = anyone.shape[0] * len(nominations.communities)
    return Scored(
        predictions=pd.concat(frames, ignore_index=True),
        counts={"n_train": len(rows) - int(rows.groupby("group").size().max()), "n_validation": 0,
                "n_test": len(rows)},
        judge=JUDGE,
        by="sender",
        slices={name: queries == name for name in nominations.topics},
        costs={name: {"seconds": spent} for name, spent in costs.items()},
        told={
            "track": 1 if hidden else 2,
            "compared_with": config.compared_with,
            "n_communities": len(nominations.communities),
            "n_queries_without_nominations": n_queries - len(queries),
            "n_nominations_without_community": nominations.n_dropped,
            "overlap_of_leaders": nominations.overlap(),
        },
    )  # fmt: skip


class ByTopic:
    """Rankings of each topic's people, all communities together; the figures are means over topics.

    Parameters
    ----------
    rows
        topic, label and score.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        parts = [np.asarray(own) for own in rows.groupby("topic").indices.values()]
        label, score = rows["label"].to_numpy(np.int64), rows["score"].to_numpy(np.float64)
        self.parts = [(own, Ranking(label[own], score[own])) for own in parts]
        self.values = {
            name: float(_mean([np.array([ranking.values[name]]) for _, ranking in self.parts])[0])
            for name in METRICS
        }
        """Metric -> its mean over the topics."""

    def resampled(self, counts: Counts) -> dict[str, Floats]:
        """Metric -> (b,) its values on each of b resamples."""
        found = [ranking.resampled(np.ascontiguousarray(counts[:, own])) for own, ranking in self.parts]
        return {name: _mean([one[name] for one in found]) for name in METRICS}


def _mean(values: list[Floats]) -> Floats:
    """The mean over those topics where the figure is defined."""
    stacked = np.stack(values)
    known = ~np.isnan(stacked)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    return np.divide(total, known.sum(axis=0), out=np.full(len(total), np.nan), where=known.any(axis=0))


def _by_topic(rows: pd.DataFrame, seed: int) -> Judged:
    return ByTopic(rows)


JUDGE = Judge(("topic", "score"), _by_topic, lambda rows: {"n_leaders": int(rows["label"].sum())})
"""Area under the curve and average precision on each topic, and their means."""

NOMINATIONS = GroundTruth(
    "nominations", "a table nominations (who asks whom for advice, on what)", recognises, compare
)
NOMINATIONS_HIDDEN = GroundTruth(
    "nominations_hidden",
    "the same, and lets nothing be seen of those who are named by a community left out",
    recognises,
    partial(compare, hidden=True),
)

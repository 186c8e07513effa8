"""The protocol of evaluation: choose on validation, fit again on everything before the test, test once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.data import Network
from influence.data.splits import HORIZON_DAYS, Split, SplitConfig, split_in_time, watched_until
from influence.errors import DataError
from influence.evaluation.baselines import BASELINES, DETERMINISTIC
from influence.graph.loading import QuerySet
from influence.graph.pairs import PairFeatures
from influence.graph.temporal import moment_code
from influence.model.calibration import CalibrationConfig
from influence.model.hazard import ACCEPT, Outcomes
from influence.progress import Tell, silent
from influence.tasks.acceptance import outcomes_of, queries_of
from influence.training.memory import with_rehearsed_memory
from influence.training.mixture import Combination, Part, Stage, develop
from influence.training.parts import COMBINATIONS, PARTS, Recipe

FEWEST = 10
"""With fewer training invitations than these nothing is learnt, and nothing is promised."""


@dataclass(frozen=True)
class Study:
    """The invitations of a network as queries with outcomes."""

    invitations: pd.DataFrame
    queries: QuerySet
    outcomes: Outcomes

    @classmethod
    def of(cls, network: Network) -> Study:
        """Take a network's invitations in the order of time.

        Raises
        ------
        DataError
            If there are none.
        """
        if not len(network.table("invitations")):
            raise DataError("There are no invitations to learn from. Give a table invitations.")
        invitations = network.table("invitations").sort_values(
            ["sent_at", "invitation_id"], ignore_index=True
        )
        features = PairFeatures(network)
        return cls(
            invitations, QuerySet(features, queries_of(invitations, features.graph)), outcomes_of(invitations)
        )

    def split(self, config: SplitConfig) -> Split:
        """Divide the invitations by time."""
        return split_in_time(self.invitations["sent_at"], watched_until(self.invitations), config)

    def stage(
        self,
        train: NDArray[np.int64],
        validation: NDArray[np.int64],
        since: pd.Timestamp,
        until: pd.Timestamp,
        most: int | None = None,
    ) -> Stage:
        """What is developed on, censored at the boundaries: of many rows at most `most`, evenly spread.

        Raises
        ------
        DataError
            If the training rows are too few, or show no acceptance or nothing but acceptances.
        """
        everything = np.flatnonzero(self.queries.queries.at < moment_code(until))
        if most is not None and len(everything) > most:
            everything = everything[np.linspace(0, len(everything) - 1, most).astype(np.int64)]
            train, validation = train[np.isin(train, everything)], validation[np.isin(validation, everything)]
        stage = Stage.cut(
            self.queries, self.outcomes, train, validation, moment_code(since), moment_code(until), everything
        )
        _check_trainable(stage.train_outcomes, since)
        return stage


@dataclass(frozen=True)
class Comparison:
    """Every method's test predictions, and what they were made of."""

    predictions: pd.DataFrame
    counts: Mapping[str, int]
    slices: Mapping[str, pd.Series]
    costs: Mapping[str, Mapping[str, list[float]]]
    model: Combination
    """The model of the first seed, as fitted on train and validation."""
    split: Split


def compare(
    study: Study,
    split_config: SplitConfig,
    calibration: CalibrationConfig,
    recipe_of: Callable[[int], Recipe],
    seeds: tuple[int, ...],
    tell: Tell = silent,
) -> Comparison:
    """Develop the model and every baseline under the same protocol, and forecast the test rows.

    Parameters
    ----------
    recipe_of
        Seed -> what the parts are made with.
    """
    split = study.split(split_config)
    if not len(split.test):
        raise DataError("There are no test rows. Set split.test above 0.")
    stage = study.stage(
        split.train, split.validation, split.validation_from, split.test_from, split_config.max_rows
    )
    calibration = with_rehearsed_memory(calibration, stage, recipe_of(seeds[0]).trees)
    methods = {**COMBINATIONS, **{name: (name,) for name in BASELINES}}
    frames, costs, model = [], dict[str, dict[str, list[float]]](), None
    builders = {**PARTS, **BASELINES}
    n_steps = len(builders) + (len(seeds) - 1) * len(builders.keys() - DETERMINISTIC)
    done = 0
    for seed in seeds:
        parts, seconds = dict[str, Part](), dict[str, float]()
        for name, build in builders.items():
            if seed != seeds[0] and name in DETERMINISTIC:
                continue
            tell(f"seed {seed}: {name}", done, n_steps)
            started = time.perf_counter()
            parts[name] = develop(build(recipe_of(seed)), stage)
            seconds[name] = time.perf_counter() - started
            done += 1
        test_logits = {
            name: part.forecaster.logits(study.queries[split.test]) for name, part in parts.items()
        }
        for method, names in methods.items():
            if not set(names) <= parts.keys():
                continue
            combination = Combination.of({name: parts[name] for name in names}, stage, calibration)
            frames.append(forecasts_of(study, split, combination, test_logits, method, seed))
            costs.setdefault(method, {"seconds": []})["seconds"].append(sum(seconds[name] for name in names))
            model = combination if model is None else model
    assert model is not None
    tell("done", n_steps, n_steps)
    counts = {"n_train": len(split.train), "n_validation": len(split.validation), "n_test": len(split.test)}
    return Comparison(
        pd.concat(frames, ignore_index=True), counts, _slices(study, split.test), costs, model, split
    )


def forecasts_of(
    study: Study,
    split: Split,
    combination: Combination,
    test_logits: Mapping[str, NDArray[np.float64]],
    method: str,
    seed: int,
) -> pd.DataFrame:
    """A method's recalibrated forecasts of the test rows, as `summarise` takes them."""
    rows, at = split.test, study.queries.queries.at[split.test]
    logits = combination.mixed(test_logits)
    follow = combination.following(logits, at, study.outcomes[rows])
    forecast = follow.forecast(logits, at)
    invitations = study.invitations.iloc[rows]
    return pd.DataFrame(
        {
            "query_id": invitations["invitation_id"].to_numpy(),
            "candidate_id": invitations["recipient_id"].to_numpy(),
            "method": method,
            "seed": seed,
            "label": study.outcomes[rows].classes,
            "p_at_once": forecast.p_at_once,
            "p_within_3_weeks": forecast.p_within_3_weeks,
            "p_declined": forecast.p_declined,
            "group": invitations["sender_id"].to_numpy(),
            "sent_at": invitations["sent_at"].to_numpy(),
        }
    )


def _slices(study: Study, rows: NDArray[np.int64]) -> dict[str, pd.Series]:
    """Parts of the test rows that users ask about; empty ones are left out."""
    column = dict(zip(PairFeatures.columns, study.queries.pair[rows].T, strict=True))
    met = [
        values
        for name, values in column.items()
        if name.startswith("recipient.") and name.endswith(".log_count")
    ]
    masks = {
        "cold_contacts": np.sum(met, axis=0) == 0,
        "cross_border": column["same_country"] == 0,
        "first_time_senders": column["sender.invited_out.log_count"] == 0,
    }
    ids = study.invitations["invitation_id"].iloc[rows]
    return {name: pd.Series(mask, index=ids) for name, mask in masks.items() if mask.any()}


def _check_trainable(known: Outcomes, since: pd.Timestamp) -> None:
    accepted, watched = known.event == ACCEPT, int((known.n_at_risk > 0).sum())
    if watched < FEWEST:
        raise DataError(
            f"invitations: {watched} sent before {since:%Y-%m-%d %H:%M} were watched for an hour or longer "
            f"by then, too few to learn from. Give at least {FEWEST}."
        )
    if not accepted.any():
        raise DataError(
            f"invitations: none of the {len(known)} sent before {since:%Y-%m-%d %H:%M} was seen to be "
            f"accepted within {HORIZON_DAYS:g} days by then. "
            "Give more or earlier invitations, with their answers."
        )
    if (accepted & (known.n_at_risk == 1)).sum() == watched:
        raise DataError(
            f"invitations: none of the {len(known)} sent before {since:%Y-%m-%d %H:%M} was seen to be "
            "left open for an hour. Give those without an acceptance too."
        )

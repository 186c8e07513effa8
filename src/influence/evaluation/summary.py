"""From predictions to the figures of the `evaluate` contract.

The predictions frame has one row for each query, candidate, method and seed; a task's judge scores one
method's rows.  Every task has the first five columns; those of acceptance:

================== ==============================================================================
query_id           the invitation; rows of different methods are matched by query_id, candidate_id
candidate_id       whom it went to
method, seed       what made the forecast; a method under a single seed stands for all seeds
label              what became of it: a code of `metrics.Outcome` (0 neither, 1 accepted within a
                   day, 2 accepted within 1-21 days, 3 declined)
p_at_once          P(accepted within 1 day)
p_within_3_weeks   P(accepted within 21 days), contains p_at_once
p_declined         P(declined); shown, not scored
score              optional; ranks the rows of a method whose probabilities are all missing
group              optional; the sender, for resampling by sender
sent_at            optional; when it was sent, for the plans of a week (`yield_at_20pct`)
================== ==============================================================================
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from influence.errors import DataError
from influence.evaluation.bootstrap import Interval, Judged, Sampled, bootstrap
from influence.evaluation.forecast import Forecast, Ranking
from influence.files import atomic
from influence.metrics import metric
from influence.metrics.checks import Outcome

MODEL = "model"
"""The method that ships; differences are model minus baseline."""
KEY = ["query_id", "candidate_id"]
MONDAY = pd.Timestamp("1970-01-05", tz="UTC")
COLUMNS = (*KEY, "method", "seed", "label")
"""What the predictions of every task have."""

Unit = Literal["query", "sender", "candidate"]
"""What is drawn with replacement: a query with all its rows, all rows of a `group`, or a row."""
Costs = Mapping[str, Mapping[str, Sequence[float]]]
"""Method -> metric (`seconds`, `peak_mib`) -> one value for each seed."""


@dataclass(frozen=True)
class Judge:
    """How a task's predictions become figures.

    Attributes
    ----------
    columns : beside `COLUMNS`, what its predictions have
    score : one method's rows and a seed for redraws -> its metrics, on all rows and on resamples
    size : the rows -> counts to tell beside n_test
    """

    columns: tuple[str, ...]
    score: Callable[[pd.DataFrame, int], Judged]
    size: Callable[[pd.DataFrame], Mapping[str, int]]


@dataclass(frozen=True)
class _Plan:
    """How to score and resample."""

    judge: Judge
    n_resamples: int
    seed: int
    by: Unit


def summarise(
    predictions: pd.DataFrame,
    *,
    task: str,
    dataset: str,
    counts: Mapping[str, int],
    slices: Mapping[str, pd.Series] | None = None,
    n_resamples: int = 1_000,
    seed: int = 0,
    by: Unit = "query",
    costs: Costs | None = None,
    judge: Judge | None = None,
) -> dict[str, Any]:
    """Every metric of every method with a 95 % interval, and the paired differences to `model`.

    Parameters
    ----------
    predictions
        As described at the top of this module.
    counts
        n_train, n_validation, n_test.
    slices
        Name -> bool, indexed by query_id: parts of the test rows to be summarised too.
    n_resamples, seed, by
        Of the paired bootstrap; `sender` draws all rows of a `group` together.
    costs
        Figures measured while running, added to the methods' metrics with their range over seeds.
    judge
        How the rows are scored; by default as invitations.

    Returns
    -------
    dict
        The contract's keys task, dataset, n_train, n_validation, n_test, seeds, methods and
        differences; beside them the judge's counts (for invitations n_accepted_1d and n_accepted_21d),
        resampled_by, n_resamples and slices (name -> n_test, counts, methods, differences).

    Raises
    ------
    DataError
        If the predictions contradict each other or the methods were not scored on the same rows.
    """
    plan = _Plan(judge or INVITATIONS, n_resamples, seed, by)
    _check(predictions, plan)
    wide = _by_method(predictions)
    rows = wide[next(iter(wide))][0]
    return {
        "task": task,
        "dataset": dataset,
        **{name: int(counts[name]) for name in ("n_train", "n_validation", "n_test")},
        "seeds": sorted(int(s) for s in predictions["seed"].unique()),
        **_with_costs(_part(wide, np.ones(len(rows), dtype=bool), plan), costs or {}),
        "resampled_by": by,
        "n_resamples": n_resamples,
        "slices": {
            name: _part(wide, _mask(name, chosen, rows), plan) for name, chosen in (slices or {}).items()
        },
    }


def figures(
    predictions: pd.DataFrame, first: str, *, n_resamples: int = 1_000, seed: int = 0, by: Unit = "query"
) -> dict[str, Any]:
    """Every metric of every method with its interval, and the paired differences of one method to the others.

    Parameters
    ----------
    predictions
        As described at the top of this module.
    first
        The method that differences are taken from: first minus other.
    n_resamples, seed, by
        As in `summarise`.

    Returns
    -------
    dict
        n_test, n_accepted_1d, n_accepted_21d, methods and differences.

    Raises
    ------
    DataError
        If the predictions contradict each other or the methods were not scored on the same rows.
    """
    plan = _Plan(INVITATIONS, n_resamples, seed, by)
    _check(predictions, plan)
    wide = _by_method(predictions, first)
    return _part(wide, np.ones(len(wide[first][0]), dtype=bool), plan, first)


def write_json(summary: Mapping[str, Any], path: str | Path) -> None:
    """Write the summary as JSON, whole or not at all; what is not defined becomes null."""
    with atomic(path) as target:
        target.write_text(json.dumps(_plain(summary), indent=2, allow_nan=False) + "\n", encoding="utf-8")


def write_predictions(frame: pd.DataFrame, path: str | Path) -> None:
    """Write the predictions as Parquet, whole or not at all."""
    with atomic(path) as target:
        frame.to_parquet(target, index=False)


def _part(
    wide: Mapping[str, list[pd.DataFrame]], mask: NDArray[np.bool_], plan: _Plan, first: str = MODEL
) -> dict[str, Any]:
    """The figures of the rows that `mask` chooses."""
    rows = next(iter(wide.values()))[0][mask]
    size = {"n_test": len(rows), **plan.judge.size(rows)}
    if not len(rows):
        return {**size, "methods": {name: {} for name in wide}, "differences": {}}
    forecasts = {
        name: [_judged(name, frame[mask], plan) for frame in frames] for name, frames in wide.items()
    }
    units = _units(rows, plan.by)
    sampled = bootstrap(forecasts, units, plan.n_resamples, np.random.default_rng([plan.seed, 0]))
    return {
        **size,
        "methods": {name: _asdict(one.intervals()) for name, one in sampled.items()},
        "differences": _differences(sampled, first),
    }


def _differences(sampled: Mapping[str, Sampled], first: str) -> dict[str, Any]:
    if first not in sampled:
        return {}
    return {name: _asdict(sampled[first].minus(other)) for name, other in sampled.items() if name != first}


def _units(rows: pd.DataFrame, by: Unit) -> NDArray[np.int64]:
    if by == "candidate":
        return np.arange(len(rows))
    return pd.factorize(rows["group" if by == "sender" else "query_id"])[0].astype(np.int64)


def _judged(method: str, rows: pd.DataFrame, plan: _Plan) -> Judged:
    try:
        return plan.judge.score(rows, plan.seed)
    except DataError as error:
        raise DataError(f"Predictions of {method!r}: {error}") from error


def _forecast(rows: pd.DataFrame, seed: int) -> Ranking:
    outcome = rows["label"].to_numpy(np.int64)
    p_1d, p_21d = (rows[name].to_numpy(np.float64) for name in ("p_at_once", "p_within_3_weeks"))
    week = _weeks(rows["sent_at"]) if "sent_at" in rows else None
    if "score" in rows and np.isnan(p_21d).all() and np.isnan(p_1d).all():
        return Ranking(outcome, rows["score"].to_numpy(np.float64), week)
    # The same redraws for every method: what chance explains depends on the forecast alone.
    return Forecast(outcome, p_1d, p_21d, np.random.default_rng([seed, 1]), week)


def _n_accepted(rows: pd.DataFrame) -> dict[str, int]:
    return {
        "n_accepted_1d": int((rows["label"] == Outcome.AT_ONCE).sum()),
        "n_accepted_21d": int(rows["label"].isin([Outcome.AT_ONCE, Outcome.LATER]).sum()),
    }


INVITATIONS = Judge(("p_at_once", "p_within_3_weeks"), _forecast, _n_accepted)
"""Predictions of the acceptance task."""


def _weeks(sent_at: pd.Series) -> NDArray[np.int64]:
    """(n,) codes from 0 of calendar weeks, Monday to Sunday in UTC."""
    days = (sent_at - MONDAY) // pd.Timedelta(days=1)
    return np.unique(days.to_numpy(np.int64) // 7, return_inverse=True)[1].astype(np.int64)


def _check(predictions: pd.DataFrame, plan: _Plan) -> None:
    required = (*COLUMNS, *plan.judge.columns, *(("group",) if plan.by == "sender" else ()))
    missing = [name for name in required if name not in predictions]
    if missing:
        raise DataError(
            f"The predictions lack the columns {', '.join(missing)}. Give all of {', '.join(required)}."
        )
    if predictions.empty:
        raise DataError("There are no predictions to evaluate. Is there any test row after the split?")
    twice = predictions.duplicated([*KEY, "method", "seed"])
    if twice.any():
        first = predictions.loc[twice, [*KEY, "method", "seed"]].iloc[0].tolist()
        raise DataError(f"{int(twice.sum())} predictions are there twice, first {first}. Keep one each.")


def _by_method(predictions: pd.DataFrame, first: str = MODEL) -> dict[str, list[pd.DataFrame]]:
    """Method -> one frame for each seed, all with the same rows in the same order."""
    frames = {
        str(method): [
            rows.sort_values(KEY, kind="stable").reset_index(drop=True) for _, rows in own.groupby("seed")
        ]
        for method, own in predictions.groupby("method", sort=False)
    }
    reference = frames[first][0] if first in frames else next(iter(frames.values()))[0]
    n_seeds = max(len(own) for own in frames.values())
    for method, own in frames.items():
        if len(own) not in (1, n_seeds):
            raise DataError(
                f"{method!r} was run under {len(own)} of {n_seeds} seeds. Run it under one seed, or all."
            )
        for rows in own:
            if not rows[[*KEY, "label"]].equals(reference[[*KEY, "label"]]):
                raise DataError(
                    f"The {len(rows)} predictions of {method!r} are not for the same {len(reference)} rows, "
                    "with the same labels, as the others. Score every method on the same test rows."
                )
    return frames


def _mask(name: str, chosen: pd.Series, rows: pd.DataFrame) -> NDArray[np.bool_]:
    if not chosen.index.is_unique:
        raise DataError(f"The slice {name!r} names a query twice. Index it by unique query_id.")
    found = chosen.reindex(rows["query_id"])
    n_lacking = int(found.isna().sum())
    if n_lacking:
        raise DataError(f"The slice {name!r} lacks {n_lacking} of {len(rows)} queries. Index it by query_id.")
    return found.to_numpy(dtype=bool)


def _with_costs(part: dict[str, Any], costs: Costs) -> dict[str, Any]:
    for method, own in costs.items():
        for name, values in own.items():
            interval = Interval(float(np.mean(values)), float(np.min(values)), float(np.max(values)))
            part["methods"].setdefault(method, {})[metric(name).name] = asdict(interval)
    return part


def _asdict(intervals: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    return {name: asdict(interval) for name, interval in intervals.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value

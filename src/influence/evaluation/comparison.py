"""Evaluations side by side: figures, paired differences where they forecast the same rows, and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from influence.errors import DataError
from influence.evaluation.summary import KEY, MODEL, figures
from influence.provenance import flat_params

ASIDE = ("output", "tracking.")
"""Settings that decide where results go, not what they are."""


@dataclass(frozen=True)
class Evaluated:
    """One evaluation, as `evaluate` left it."""

    name: str
    summary: Mapping[str, Any]
    """The content of `--json`."""
    predictions: pd.DataFrame | None
    """The content of `--predictions`, where it was kept."""
    settings: Mapping[str, Any]
    """The resolved configuration; empty where it was not kept."""


@dataclass(frozen=True)
class Comparison:
    """What `side_by_side` shows, and what sets the evaluations apart."""

    figures: dict[str, Any]
    """n_test, methods (one for each evaluation) and differences (first minus other), as in `evaluate`;
    differences only where all are scored on the same rows."""
    departures: pd.DataFrame
    """Settings in which they differ: one row each, one column for each evaluation."""
    knows_settings: bool
    """Whether all of them kept their settings."""
    sentence: str
    """On which rows they are compared, in plain words."""


def compare(evaluated: Sequence[Evaluated], *, n_resamples: int = 1_000, seed: int = 0) -> Comparison:
    """The model of each evaluation on the rows that all of them forecast, the first against the others.

    Where predictions are missing or no rows are shared, each keeps the figures of its own test rows and
    nothing is subtracted.

    Raises
    ------
    DataError
        If fewer than two are given, two have one name, or the same row has different labels.
    """
    names = [one.name for one in evaluated]
    if len(names) < 2 or len(set(names)) < len(names):
        raise DataError(f"Compare two or more different evaluations; given: {', '.join(names) or 'none'}.")
    departures, knows_settings = _departures(evaluated), all(one.settings for one in evaluated)
    frames = [_of_model(one) for one in evaluated]
    shared = _shared([frame for frame in frames if frame is not None])
    if any(frame is None for frame in frames) or not len(shared):
        missing = [one.name for one, frame in zip(evaluated, frames, strict=True) if frame is None]
        why = f"no predictions were kept of {', '.join(missing)}" if missing else "they share no test row"
        own = {
            "n_test": None,
            "methods": {one.name: dict(one.summary["methods"][MODEL]) for one in evaluated},
            "differences": {},
        }
        sentence = f"Each on its own test rows, so nothing is subtracted: {why}."
        return Comparison(own, departures, knows_settings, sentence)
    seeds = min(frame["seed"].nunique() for frame in frames if frame is not None)
    chosen = [_first_seeds(frame.merge(shared, on=KEY), seeds) for frame in frames if frame is not None]
    rows = pd.concat([frame.assign(method=name) for name, frame in zip(names, chosen, strict=True)])
    found = figures(rows, names[0], n_resamples=n_resamples, seed=seed)
    sizes = ", ".join(f"{one.summary['n_test']:,}" for one in evaluated)
    sentence = (
        f"On the {len(shared):,} test rows that all share (of {sizes}), {seeds} seed{'s' * (seeds > 1)} each."
    )
    return Comparison(found, departures, knows_settings, sentence)


def _of_model(one: Evaluated) -> pd.DataFrame | None:
    if one.predictions is None:
        return None
    return one.predictions[one.predictions["method"] == MODEL]


def _shared(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows (query_id, candidate_id) that every frame forecasts."""
    if not frames:
        return pd.DataFrame(columns=KEY)
    shared = frames[0][KEY].drop_duplicates()
    for frame in frames[1:]:
        shared = shared.merge(frame[KEY].drop_duplicates(), on=KEY)
    return shared


def _first_seeds(frame: pd.DataFrame, n: int) -> pd.DataFrame:
    return frame[frame["seed"].isin(sorted(frame["seed"].unique())[:n])]


def _departures(evaluated: Sequence[Evaluated]) -> pd.DataFrame:
    """Among those whose settings were kept."""
    told = pd.DataFrame(
        {one.name: pd.Series(flat_params(one.settings), dtype="str") for one in evaluated if one.settings}
    )
    told = told[[not name.startswith(ASIDE) for name in map(str, told.index)]].fillna("-")
    return told[told.nunique(axis=1) > 1].rename_axis("setting").reset_index()

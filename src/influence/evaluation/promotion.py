"""A candidate against the champion, on invitations that neither of them had seen.

On a promotion window later than everything that either model has used, where enough outcomes are known
there; else on rows that both forecast unseen, validation rows among them; never on the rows of a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field, PositiveInt

from influence.data import Network
from influence.errors import DataError
from influence.evaluation.held_out import Fitted, later_forecasts, unused_from, validation_forecasts
from influence.evaluation.summary import KEY, figures
from influence.metrics import accepted_within
from influence.metrics.acceptance import clip, likelihood_3class
from influence.metrics.checks import Floats
from influence.model.calibration import clearly_better
from influence.settings import Settings

CANDIDATE, CHAMPION = "candidate", "champion"
DECISIVE = "log_loss_3class"
"""The metric that decides: proper, and of the three classes that are reported."""

BY = {"promotion window": "by more than one standard error", "validation": "by its whole interval"}
"""What it takes, in words: what was judged on -> how much better the candidate must be."""


class PromotionConfig(Settings):
    """When a candidate takes over."""

    fewest: PositiveInt = 100
    """Invitations with a known outcome that a comparison needs."""
    n_resamples: int = Field(default=1_000, ge=2)
    """Of the paired bootstrap behind the intervals."""
    seed: int = 0
    """Of its draws."""


@dataclass(frozen=True)
class Contest:
    """What the comparison found."""

    takes_over: bool
    """Whether the candidate is better by more than chance explains."""
    judged_on: Literal["promotion window", "validation"]
    since: pd.Timestamp
    """The first invitation compared on."""
    until: pd.Timestamp
    """The last one."""
    figures: dict[str, Any]
    """n_test, n_accepted_21d, methods and differences (candidate minus champion), as in `evaluate`."""
    sentence: str
    """The verdict in plain words."""


def contest(
    candidate: Fitted, champion: Fitted, records: Network, config: PromotionConfig | None = None
) -> Contest:
    """Compare two models on the same invitations, both forecasting from the same records.

    The candidate takes over if its `log_loss_3class` is lower by more than the standard error of the paired
    difference: what the rows cannot tell apart stays as it is (Breiman et al. 1984).  Validation rows
    favour whoever chose settings on them: there the whole 95 % interval must lie below zero.

    Parameters
    ----------
    records
        Records up to date, the past included; each forecast uses what was visible strictly before it.

    Raises
    ------
    DataError
        If too few outcomes are known that both models forecast unseen.
    """
    config = config or PromotionConfig()
    since = max(unused_from(candidate), unused_from(champion))
    window = _paired(later_forecasts(candidate, records, since), later_forecasts(champion, records, since))
    if _is_enough(window, config.fewest):
        return _judge(window, "promotion window", len(window), config)
    both = _paired(_unseen(candidate, records), _unseen(champion, records))
    if not _is_enough(both, config.fewest):
        raise DataError(
            f"Candidate and champion cannot be compared: {len(window)} invitations sent since "
            f"{since:%Y-%m-%d}, after all that either has used, have a known outcome, and {len(both)} were "
            f"forecast unseen by both, validation included. It takes {config.fewest}, accepted and not. "
            "Give later records with --data, or --set fewest=NUMBER."
        )
    return _judge(both, "validation", len(window), config)


def _unseen(model: Fitted, records: Network) -> pd.DataFrame:
    """Every forecast that is fair to judge the model by."""
    later = later_forecasts(model, records, unused_from(model))
    parts = [part for part in (validation_forecasts(model), later) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else later


def _paired(candidate: pd.DataFrame, champion: pd.DataFrame) -> pd.DataFrame:
    """Both models' forecasts of the invitations that both have forecast."""
    return candidate.merge(
        champion[[*KEY, "p_at_once", "p_within_3_weeks"]], on=KEY, suffixes=(f"_{CANDIDATE}", f"_{CHAMPION}")
    )


def _is_enough(rows: pd.DataFrame, fewest: int) -> bool:
    accepted = accepted_within(rows["label"].to_numpy(np.int64))[1]
    return len(rows) >= fewest and bool(accepted.any()) and not bool(accepted.all())


def _judge(
    rows: pd.DataFrame,
    judged_on: Literal["promotion window", "validation"],
    n_window: int,
    config: PromotionConfig,
) -> Contest:
    forecasts = {name: _of(rows, name) for name in (CANDIDATE, CHAMPION)}
    losses = {name: _losses(frame) for name, frame in forecasts.items()}
    found = figures(
        pd.concat([frame.assign(method=name, seed=0) for name, frame in forecasts.items()]),
        CANDIDATE,
        n_resamples=config.n_resamples,
        seed=config.seed,
    )
    difference = found["differences"][CHAMPION][DECISIVE]
    takes_over = clearly_better(losses[CANDIDATE], losses[CHAMPION])
    if judged_on == "validation":
        takes_over = difference["high"] < 0
    since, until = rows["sent_at"].min(), rows["sent_at"].max()
    where = f"{len(rows):,} invitations sent from {since:%Y-%m-%d} to {until:%Y-%m-%d}"
    sentence = _verdict(takes_over, BY[judged_on], difference, where)
    if judged_on == "validation":
        sentence += (
            f" They are rows that both forecast unseen but that settings were chosen on: of those later than "
            f"all that either has used, {n_window:,} have a known outcome, and it takes {config.fewest:,}."
        )
    return Contest(takes_over, judged_on, since, until, found, sentence)


def _of(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    own = {column: rows[f"{column}_{name}"] for column in ("p_at_once", "p_within_3_weeks")}
    return rows[[*KEY, "label"]].assign(**own)


def _losses(frame: pd.DataFrame) -> Floats:
    likelihood = likelihood_3class(
        *(frame[name].to_numpy() for name in ("label", "p_at_once", "p_within_3_weeks"))
    )
    return np.asarray(-np.log(clip(likelihood)))


def _verdict(takes_over: bool, by: str, difference: dict[str, float], where: str) -> str:
    value, low, high = (difference[name] for name in ("value", "low", "high"))
    found = f"better {by}" if takes_over else f"not better {by}" if value < 0 else "not better"
    ends = f"{value:+.4f} [{low:+.4f}, {high:+.4f}] nats"
    return f"The candidate is {found}: {DECISIVE} {ends} against the champion's, on {where}."

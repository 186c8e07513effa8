"""What plans are worth: acceptances expected within three weeks, with an interval for their number.

The interval holds two uncertainties: chance, since each invitation is accepted or not, and the level of the
percentages, since the recalibration was fitted on a limited number of outcomes. It holds neither drift nor
whatever sets people whom nobody thought of inviting apart from those who were invited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from influence.data.splits import HORIZON_DAYS
from influence.evaluation.bootstrap import LEVEL, Interval
from influence.graph.timeline import MICROSECONDS_PER_DAY
from influence.metrics.checks import Floats
from influence.model.calibration import History, Prequential
from influence.model.hazard import Forecast

Ints = NDArray[np.int64]

N_CALIBRATIONS = 200
"""Bootstrap resamples of the recalibration's history."""
N_OUTCOMES = 10
"""Outcomes drawn under each of them."""


@dataclass(frozen=True)
class Worth:
    """Acceptances of a plan, of the plan that it is compared with, and the difference of the two."""

    plan: Interval
    other: Interval
    gain: Interval


def compare(chances: Floats, redrawn: Floats, plan: Ints, others: Sequence[Ints], draw: Floats) -> Worth:
    """Value a plan beside several versions of another one, on the same draws.

    An invitation that both plans hold is accepted in both or in neither.

    Parameters
    ----------
    chances
        (n,) chance that each invitation is accepted.
    redrawn
        (c, n) the chances under c other recalibrations.
    plan
        Positions of the plan's invitations.
    others
        Positions of the other plan's, once for each way in which its ties could fall.
    draw
        (d, n) uniform numbers; the first c rows meet the recalibrations and one of the versions, and so on.
    """
    turn, calibration = np.divmod(np.arange(len(draw)), len(redrawn))
    is_accepted = draw < redrawn[calibration]
    own = is_accepted[:, plan].sum(1)
    rival = np.empty(len(draw))
    for i, version in enumerate(others):
        mine = turn % len(others) == i
        rival[mine] = is_accepted[np.ix_(mine, version)].sum(1)
    value, beside = chances[plan].sum(), np.mean([chances[version].sum() for version in others])
    return Worth(_interval(value, own), _interval(beside, rival), _interval(value - beside, own - rival))


def _interval(value: float, drawn: Floats | NDArray[np.int64]) -> Interval:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="closest_observation")
    return Interval(float(value), float(low), float(high))


def redrawn_chances(
    calibration: Prequential, logits: Floats, moment: int, rng: np.random.Generator, n: int = N_CALIBRATIONS
) -> Floats:
    """Chances of acceptance within the horizon under recalibrations fitted on resampled histories.

    Parameters
    ----------
    logits
        (m, N_LOGITS) of queries at the moment, not yet recalibrated.
    moment
        Microseconds; only forecasts made before it are drawn.

    Returns
    -------
    float64 [n, m]
    """
    history = _before(calibration, moment)
    at = np.full(len(logits), moment)
    found = np.empty((n, len(logits)))
    for i in range(n):
        rows = rng.integers(0, max(len(history.sent_at), 1), len(history.sent_at))
        again = replace(calibration, history=_rows(history, rows))
        found[i] = Forecast.from_logits(again(logits, at)).p_within_3_weeks
    return found


def _before(calibration: Prequential, moment: int) -> History:
    """The forecasts whose outcomes weigh anything at a moment, in the order of time."""
    history = calibration.history
    # Ten half-lives leave a thousandth of the weight: `Prequential` drops what weighs less.
    memory_days = HORIZON_DAYS + 10 * calibration.half_life_days
    is_used = (history.sent_at < moment) & (history.sent_at >= moment - memory_days * MICROSECONDS_PER_DAY)
    rows = np.flatnonzero(is_used)
    return _rows(history, rows[np.argsort(history.sent_at[rows], kind="stable")])


def _rows(history: History, rows: Ints) -> History:
    return History(history.logits[rows], history.sent_at[rows], history.outcomes[rows])

"""Figures about ambassadors.  Each function returns a matplotlib figure and touches no global state."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from influence.contagion.ambassadors import Ambassadors
from influence.errors import DataError
from influence.evaluation.figures import GREY, numbers, plain, shares
from influence.evaluation.picture import Picture
from influence.texts import text

BLUE, ORANGE = "#0072B2", "#D55E00"


def cumulative_spread(found: Ambassadors) -> Figure:
    """Expected take-ups after each chosen person, with their 95 % interval, and what each adds.

    Raises
    ------
    DataError
        If nobody was chosen.
    """
    people = found.people
    if not len(people):
        raise DataError(f"There is nothing to draw. {' '.join(found.sentences)}")
    figure = Picture(figsize=(9, 4.2), layout="constrained")
    total, added = figure.subplots(1, 2)
    rank = people["rank"].to_numpy(np.int64)
    total.plot(rank, people["expected"], color=BLUE, linewidth=2)
    total.fill_between(rank, people["low"], people["high"], color=BLUE, alpha=0.2, linewidth=0)
    total.set(title=text("figure.ambassadors.title"), ylabel=text("figure.ambassadors.y"))
    added.bar(rank, people["marginal"], color=BLUE)
    added.set(title=text("figure.ambassadors.added"), ylabel=text("figure.ambassadors.added_y"))
    for axes in (total, added):
        axes.set_xlabel(text("figure.ambassadors.x"))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        _from_zero(axes)
    return figure


def mixes(frontier: pd.DataFrame) -> Figure:
    """Expected take-ups of each mix of leaders and information seekers, as `mix_frontier` gives them.

    Raises
    ------
    DataError
        If no mix holds anybody.
    """
    if not (frontier["n_leaders"] + frontier["n_seekers"]).any():
        raise DataError("There is nothing to draw: no mix holds anybody.")
    figure = Picture(figsize=(6.5, 4.2), layout="constrained")
    axes = figure.subplots()
    share, expected = frontier["share_of_seekers"].to_numpy(), frontier["expected"].to_numpy()
    reach = np.array([expected - frontier["low"], frontier["high"] - expected])
    axes.errorbar(share, expected, yerr=np.nan_to_num(reach), color=GREY, linewidth=1, capsize=2, zorder=1)
    efficient = frontier["is_efficient"].to_numpy(bool)
    axes.scatter(share[~efficient], expected[~efficient], color=GREY, zorder=2)
    axes.scatter(
        share[efficient], expected[efficient], color=ORANGE, zorder=3, label=text("figure.mixes.efficient")
    )
    axes.set(xlabel=text("figure.mixes.share"), ylabel=text("figure.ambassadors.y"))
    axes.set_title(text("figure.mixes.title"))
    axes.xaxis.set_major_formatter(shares())
    axes.legend(frameon=False)
    _from_zero(axes)
    return figure


def _from_zero(axes: Axes) -> None:
    plain(axes)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(numbers())

"""Pictures of partners: what a score is made of, and where partners are to be expected."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from influence.evaluation.figures import GREY, STYLES, numbers
from influence.evaluation.picture import Picture
from influence.graph.partner_columns import GROUPS
from influence.texts import country, text

COLOURS = dict(zip(GROUPS, (STYLES[name][0] for name in list(STYLES)[: len(GROUPS)]), strict=True))


def parts_of_scores(rows: pd.DataFrame) -> Figure:
    """What lifts each recommended partner above the last of the list, part by part.

    Parameters
    ----------
    rows : as `recommend("partners")` gives them for one source
    """
    drawn = Picture(figsize=(6.0, 1.3 + 0.3 * len(rows)), layout="constrained")
    axes = drawn.subplots()
    place = np.arange(len(rows))[::-1]
    left, right = np.zeros(len(rows)), np.zeros(len(rows))
    for group in GROUPS:
        width = rows[group].to_numpy(np.float64)
        start = np.where(width < 0, left, right)
        axes.barh(place, width, left=start, color=COLOURS[group], label=text(f"partner.{group}"))
        left, right = left + np.minimum(width, 0), right + np.maximum(width, 0)
    axes.axvline(0, color=GREY, linewidth=1)
    axes.xaxis.set_major_formatter(numbers())
    pairs = zip(rows["target_id"], rows["country"], strict=True)
    axes.set_yticks(place, [f"{name} ({country(land)})" for name, land in pairs])
    axes.set(title=text("figure.parts.title"), xlabel=text("figure.parts.x"))
    drawn.legend(frameon=False, fontsize="small", loc="outside lower center", ncols=len(GROUPS))
    return drawn


def markets(rows: pd.DataFrame) -> Figure:
    """Partners to expect in each country, directly and through the network.

    Parameters
    ----------
    rows : as `Model.markets` gives them
    """
    is_dated = rows["expected"].notna().any()
    names = ("expected_direct", "expected_indirect") if is_dated else ("share",)
    labels = ("nobody_between", "somebody_between") if is_dated else ("share_of_all",)
    drawn = Picture(figsize=(6.0, 0.9 + 0.3 * len(rows)), layout="constrained")
    axes = drawn.subplots()
    place, left = np.arange(len(rows))[::-1], np.zeros(len(rows))
    for name, label, group in zip(names, labels, ("gravity", "indirect"), strict=False):
        axes.barh(place, rows[name], left=left, color=COLOURS[group], label=text(f"figure.{label}"))
        left = left + rows[name].to_numpy(np.float64)
    axes.xaxis.set_major_formatter(numbers())
    axes.set_yticks(place, [country(code) for code in rows["country"]])
    axes.set(
        title=text("figure.markets.title"), xlabel=text(f"figure.markets.{'x' if is_dated else 'share'}")
    )
    axes.legend(frameon=False, fontsize="small")
    return drawn

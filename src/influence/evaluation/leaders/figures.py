"""One figure for each kind of evidence; each function returns it and touches no global state."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from influence.contagion.evidence import BackTest, Concentration, Evidence, MatchedEstimate, ShuffleTest
from influence.contagion.evidence.words import days
from influence.evaluation.figures import BLACK, GREY, STYLES, numbers, shares
from influence.evaluation.picture import Picture
from influence.texts import text

BLUE, ORANGE = STYLES["model"][0], STYLES["boosted_trees"][0]
SIZE = (6.0, 3.6)


def evidence_figures(evidence: Evidence) -> dict[str, Figure]:
    """Name -> figure, for all that the data allow."""
    drawn = {
        "shuffle": shuffle(evidence.shuffle, "all"),
        "within_communities": shuffle(evidence.within_communities, "community"),
        "concentration": concentration(evidence.concentration),
        "back_test": back_test(evidence.back_test),
        "matched": matched(evidence.matched),
    }
    return {name: figure for name, figure in drawn.items() if figure is not None}


def shuffle(found: ShuffleTest, among: Literal["all", "community"]) -> Figure | None:
    """Take-ups soon after one by somebody tied, on record and by dates dealt out anew; None without it."""
    if not len(found.window_days):
        return None
    figure, axes = _new(text(f"figure.shuffle.title.{among}"))
    place = np.arange(len(found.window_days))
    reach = np.array([found.expected - found.low, found.high - found.expected])
    axes.errorbar(
        place, found.expected, yerr=np.maximum(reach, 0), color=GREY, marker="s", linestyle="none", capsize=4,
        label=text("figure.shuffle.dealt"),
    )  # fmt: skip
    axes.plot(place, found.followed, color=BLUE, marker="o", linestyle="none", label=text("figure.on_record"))
    names = [days(value) for value in found.window_days[:-1]] + [text("figure.any_time")]
    axes.set_xticks(place, names)
    axes.set(xlabel=text("figure.within"), ylabel=text("figure.take_ups"))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(numbers())
    axes.legend(frameon=False, loc="upper left")
    return figure


def concentration(found: Concentration) -> Figure | None:
    """The Lorenz curve of credit beside that under equal influence; None where nobody earned any."""
    if not len(found.people):
        return None
    figure, axes = _new(text("figure.concentration.title"))
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label=text("figure.everybody_same"))
    axes.plot(found.people, found.expected_lorenz, color=ORANGE, linewidth=2, label=text("figure.all_alike"))
    axes.plot(found.people, found.lorenz, color=BLUE, linewidth=2, label=text("figure.on_record"))
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel=text("figure.people"), ylabel=text("figure.share_of_credit"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(shares())
    axes.legend(frameon=False, loc="upper left")
    return figure


def back_test(found: BackTest) -> Figure | None:
    """What yesterday's leaders earned afterwards; None where that cannot be told."""
    if np.isnan(found.share):
        return None
    figure, axes = _new(text("figure.back_test.title"))
    names = [text(f"figure.{one}") for one in ("by_lot", "most_ties", "most_credit")]
    axes.barh(names, [found.chance, found.by_degree, found.share], color=[GREY, ORANGE, BLUE], height=0.55)
    reach = [[found.share - found.low], [found.high - found.share]]
    axes.errorbar([found.share], [2], xerr=reach, color=BLACK, capsize=4, linestyle="none")
    axes.xaxis.set_major_formatter(shares())
    axes.set(xlabel=text("figure.back_test.x"))
    return figure


def matched(found: MatchedEstimate) -> Figure | None:
    """The matched rate ratio, the crude one and the E-value; None without a ratio."""
    if np.isnan(found.ratio):
        return None
    figure, axes = _new(text("figure.matched.title"))
    axes.axvline(1, color=GREY, linewidth=1, linestyle="--")
    axes.plot(found.crude, 0, color=GREY, marker="s", markersize=8, linestyle="none")
    axes.plot(found.ratio, 1, color=BLUE, marker="o", markersize=8, linestyle="none")
    if not np.isnan(found.low):
        axes.plot([found.low, found.high], [1, 1], color=BLUE, linewidth=2)
    axes.plot(found.e_value, 2, color=ORANGE, marker="D", markersize=8, linestyle="none")
    axes.set_yticks(
        [0, 1, 2], [text(f"figure.{one}") for one in ("without_matching", "matched.label", "e_value")]
    )
    axes.set_ylim(-0.5, 2.5)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(numbers())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set(xlabel=text("figure.matched.x", days=days(found.window_days)))
    return figure


def _new(title: str) -> tuple[Figure, Axes]:
    figure = Picture(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes

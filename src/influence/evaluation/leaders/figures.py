"""One figure for each kind of evidence; each function returns it and touches no global state."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, PercentFormatter, StrMethodFormatter

from influence.contagion.evidence import BackTest, Concentration, Evidence, MatchedEstimate, ShuffleTest
from influence.contagion.evidence.words import days
from influence.evaluation.figures import BLACK, GREY, STYLES

BLUE, ORANGE = STYLES["model"][0], STYLES["boosted_trees"][0]
SIZE = (6.0, 3.6)


def evidence_figures(evidence: Evidence) -> dict[str, Figure]:
    """Name -> figure, for all that the data allow."""
    drawn = {
        "shuffle": shuffle(evidence.shuffle, "all people of an item"),
        "within_communities": shuffle(evidence.within_communities, "people of an item and community"),
        "concentration": concentration(evidence.concentration),
        "back_test": back_test(evidence.back_test),
        "matched": matched(evidence.matched),
    }
    return {name: figure for name, figure in drawn.items() if figure is not None}


def shuffle(found: ShuffleTest, among: str) -> Figure | None:
    """Take-ups soon after one by somebody tied, on record and by dates dealt out anew; None without it."""
    if not len(found.window_days):
        return None
    figure, axes = _new(f"Take-ups that follow those of tied people\n(dates dealt out anew among {among})")
    place = np.arange(len(found.window_days))
    reach = np.array([found.expected - found.low, found.high - found.expected])
    axes.errorbar(
        place, found.expected, yerr=np.maximum(reach, 0), color=GREY, marker="s", linestyle="none", capsize=4,
        label="dates dealt out anew (95 %)",
    )  # fmt: skip
    axes.plot(place, found.followed, color=BLUE, marker="o", linestyle="none", label="on record")
    names = [days(value) for value in found.window_days[:-1]] + ["any time"]
    axes.set_xticks(place, names)
    axes.set(xlabel="within", ylabel="take-ups")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, loc="upper left")
    return figure


def concentration(found: Concentration) -> Figure | None:
    """The Lorenz curve of credit beside that under equal influence; None where nobody earned any."""
    if not len(found.people):
        return None
    figure, axes = _new("How credit is spread")
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="everybody the same")
    axes.plot(found.people, found.expected_lorenz, color=ORANGE, linewidth=2, label="if all swayed alike")
    axes.plot(found.people, found.lorenz, color=BLUE, linewidth=2, label="on record")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="people, least credit first", ylabel="share of the credit")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.legend(frameon=False, loc="upper left")
    return figure


def back_test(found: BackTest) -> Figure | None:
    """What yesterday's leaders earned afterwards; None where that cannot be told."""
    if np.isnan(found.share):
        return None
    figure, axes = _new("Credit earned after the cut by 5 % of the people")
    names = ("drawn by lot", "most ties at the cut", "most credit before the cut")
    axes.barh(names, [found.chance, found.by_degree, found.share], color=[GREY, ORANGE, BLUE], height=0.55)
    reach = [[found.share - found.low], [found.high - found.share]]
    axes.errorbar([found.share], [2], xerr=reach, color=BLACK, capsize=4, linestyle="none")
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set(xlabel="share of the credit after the cut (95 % interval)")
    return figure


def matched(found: MatchedEstimate) -> Figure | None:
    """The matched rate ratio, the crude one and the E-value; None without a ratio."""
    if np.isnan(found.ratio):
        return None
    figure, axes = _new("Take-up by people with somebody tied before them,\nagainst people alike without")
    axes.axvline(1, color=GREY, linewidth=1, linestyle="--")
    axes.plot(found.crude, 0, color=GREY, marker="s", markersize=8, linestyle="none")
    axes.plot(found.ratio, 1, color=BLUE, marker="o", markersize=8, linestyle="none")
    if not np.isnan(found.low):
        axes.plot([found.low, found.high], [1, 1], color=BLUE, linewidth=2)
    axes.plot(found.e_value, 2, color=ORANGE, marker="D", markersize=8, linestyle="none")
    axes.set_yticks([0, 1, 2], ["without matching", "matched", "E-value"])
    axes.set_ylim(-0.5, 2.5)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set(xlabel=f"times as often, within {days(found.window_days)} (95 % interval by item)")
    return figure


def _new(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes

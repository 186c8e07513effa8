"""Figures of an evaluation.  Each function returns a matplotlib figure and touches no global state.

Where a method was run under several seeds, curves show the first one: an average over seeds would
be another, better calibrated forecast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from scipy.stats import rankdata

from influence.evaluation.picture import Picture
from influence.evaluation.terminal import ARROWS, defined, shown
from influence.metrics import accepted_within, metric
from influence.metrics.acceptance import N_BINS
from influence.metrics.checks import Bools, Floats
from influence.texts import in_language, language_now, number, percent, term, text

# Okabe and Ito's palette: told apart under all common kinds of colour blindness.
GREY, BLACK = "#8C8C8C", "#222222"
STYLES: Mapping[str, tuple[str, str]] = {
    "model": ("#0072B2", "o"),
    "boosted_trees": ("#D55E00", "s"),
    "gnn": ("#009E73", "^"),
    "model_without_gnn": ("#CC79A7", "D"),
}
"""Method -> colour and marker; the others are grey."""
COMPARED = ("model", "boosted_trees")
HORIZONS_DAYS: Mapping[str, float] = {
    "p_within_1h": 1 / 24,
    "p_at_once": 1.0,
    "p_within_3d": 3.0,
    "p_within_7d": 7.0,
    "p_within_3_weeks": 21.0,
}
"""Cumulative probabilities that a predictions frame may hold, with their horizon."""
TICKS_DAYS = (1 / 24, 1 / 3, 1.0, 3.0, 7.0, 21.0)
Z = 1.96
"""Half width of a 95 % interval in standard errors."""


def all_figures(summary: Mapping[str, Any], predictions: pd.DataFrame) -> dict[str, Figure]:
    """Every figure that the data allow, by name: comparison, reliability, gains, delay, slices."""
    if summary["task"] != "acceptance":
        return {"comparison": comparison(summary, shown(summary)[:3])}
    figures = {
        "comparison": comparison(summary),
        "reliability": reliability(predictions),
        "gains": gains(predictions),
        "delay": delay(predictions),
    }
    if _slices_with_figures(summary):
        figures["slices"] = slices(summary)
    return figures


def reliability(predictions: pd.DataFrame, methods: Sequence[str] = COMPARED) -> Figure:
    """Observed against predicted acceptance in 10 equal-count bins, within 1 day and within 21 days."""
    figure = Picture(figsize=(9, 4.6), layout="constrained")
    panels = figure.subplots(1, 2)
    for axes, column, days in ((panels[0], "p_at_once", "1d"), (panels[1], "p_within_3_weeks", "21d")):
        top = 0.05
        for offset, (name, rows) in enumerate(_shown(predictions, methods).items()):
            happened = _happened(rows)[0 if column == "p_at_once" else 1]
            bins = _bins(happened, rows[column].to_numpy(np.float64))
            _draw_bins(axes, name, *bins, offset)
            top = max(top, float(bins[0].max()), float(bins[3].max()))
        top = min(1.0, 1.04 * top)
        axes.plot(
            [0, top],
            [0, top],
            color=GREY,
            linewidth=1,
            linestyle="--",
            zorder=0,
            label=text("figure.perfect"),
        )
        axes.set(xlim=(0, top), ylim=(0, top), aspect="equal", title=text(f"figure.accepted_{days}"))
        _label(axes, text("figure.predicted"), text("figure.observed_interval"))
    panels[0].legend(frameon=False, loc="upper left")
    return figure


def gains(predictions: pd.DataFrame, methods: Sequence[str] = COMPARED) -> Figure:
    """If you invite only the most promising x %: acceptances kept, and the rate among those invited."""
    figure = Picture(figsize=(9, 4.2), layout="constrained")
    kept, rate = figure.subplots(1, 2)
    kept.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label=text("figure.at_random"))
    for name, rows in _shown(predictions, methods).items():
        happened = _happened(rows)[1]
        if not happened.any():
            continue
        invited, accepted = gain_curve(happened, _ranking(rows))
        style: dict[str, Any] = {"color": _colour(name), "linewidth": 2, "label": _text(name)}
        kept.plot(invited / len(rows), accepted / accepted[-1], **style)
        enough = invited >= max(20, 0.02 * len(rows))  # the first few rows give rates of a handful
        rate.plot(invited[enough] / len(rows), accepted[enough] / invited[enough], **style)
        rate.axhline(happened.mean(), color=GREY, linewidth=1, linestyle="--", zorder=0)
    kept.set(xlim=(0, 1), ylim=(0, 1.01), title=text("figure.kept"))
    rate.set(xlim=(0, 1), title=text("figure.rate"))
    rate.set_ylim(bottom=0)
    _label(kept, text("figure.sent"), text("figure.share_of_acceptances"))
    _label(rate, text("figure.sent"), text("figure.within_21d"))
    kept.legend(frameon=False, loc="lower right")
    return figure


def delay(predictions: pd.DataFrame, methods: Sequence[str] = COMPARED) -> Figure:
    """Share accepted by each delay: observed, and the mean of the predictions.

    With a column `delay_days` (days until the acceptance, NA without one) the observed curve is drawn
    at every delay, otherwise at 1 and 21 days only.  Every test row is observed for 21 days, so that
    the plain share is the Aalen-Johansen estimate.
    """
    figure = Picture(figsize=(6.5, 4.2), layout="constrained")
    axes = figure.subplots()
    shown = _shown(predictions, methods)
    if shown:
        _draw_observed(axes, next(iter(shown.values())))
    for name, rows in shown.items():
        known = [column for column in HORIZONS_DAYS if column in rows and rows[column].notna().all()]
        days, means = [HORIZONS_DAYS[c] for c in known], [float(rows[c].mean()) for c in known]
        style: dict[str, Any] = {
            "color": _colour(name),
            "marker": _marker(name),
            "linestyle": "--",
            "markersize": 7,
        }
        axes.plot(days, means, label=text("figure.mean_prediction", method=_text(name)), **style)
    axes.set_xscale("log")
    start = 1 / 48 if _knows_delays(predictions) else 0.5
    axes.set(xlim=(start, 26), title=text("figure.delay.title"))
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(FixedLocator(TICKS_DAYS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([_delay(days) for days in TICKS_DAYS])
    _label(axes, text("figure.delay.x"), text("figure.delay.y"), percent="y")
    axes.legend(frameon=False, loc="upper left")
    return figure


def comparison(
    summary: Mapping[str, Any], names: Sequence[str] = ("auc", "log_loss_3class", "ece_21d")
) -> Figure:
    """Every method's value with its 95 % interval, one panel for each metric."""
    methods = list(summary["methods"])
    figure = Picture(figsize=(3.4 * len(names) + 1.2, 0.34 * len(methods) + 1.5), layout="constrained")
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        for height, method in enumerate(methods):
            _draw_interval(
                axes, summary["methods"][method].get(name), height, _colour(method), _marker(method)
            )
        about = metric(name)
        axes.set_title(f"{name.replace('_', ' ')} {ARROWS[about.direction]}")
        axes.set_xlabel(text(f"metric.direction.{about.direction}"))
        plain(axes)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(numbers())
        axes.grid(axis="x", color="#E5E5E5", linewidth=0.8)
    panels[0].set_yticks(range(len(methods)), [_text(method) for method in methods])
    panels[0].invert_yaxis()
    return figure


def slices(summary: Mapping[str, Any], name: str = "auc", methods: Sequence[str] = COMPARED) -> Figure:
    """One metric on all test rows and on each slice, with 95 % intervals."""
    parts = {"all": summary, **_slices_with_figures(summary)}
    figure = Picture(figsize=(7, 0.6 * len(parts) + 1.6), layout="constrained")
    axes = figure.subplots()
    for height, part in enumerate(parts.values()):
        for offset, method in enumerate(methods):
            own = part["methods"].get(method, {}).get(name)
            _draw_interval(axes, own, height + 0.22 * offset - 0.11, _colour(method), _marker(method))
    for method in methods:
        axes.plot([], [], color=_colour(method), marker=_marker(method), label=_text(method))
    labels = [
        f"{term('slice', part)}\n{text('figure.requests', n=own['n_test'])}" for part, own in parts.items()
    ]
    axes.set_yticks(range(len(parts)), labels)
    axes.invert_yaxis()
    axes.set(
        title=text("figure.slices.title", metric=name.replace("_", " ")),
        xlabel=text(f"metric.direction.{metric(name).direction}"),
    )
    plain(axes)
    axes.xaxis.set_major_formatter(numbers())
    axes.grid(axis="x", color="#E5E5E5", linewidth=0.8)
    figure.legend(frameon=False, loc="outside lower center", ncols=len(methods))
    return figure


def gain_curve(happened: Bools, score: Floats) -> tuple[Floats, Floats]:
    """(g + 1,) invitations sent and acceptances among them after each of g groups of equal scores."""
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])) + 1, len(score))
    accepted = np.cumsum(happened[order])[ends - 1]
    return np.append(0.0, ends), np.append(0.0, accepted)


def wilson(n_happened: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Ends of the 95 % score interval of a share (Wilson, 1927, JASA 22)."""
    share, spread = n_happened / n, Z**2 / n
    middle = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * np.sqrt(share * (1 - share) / n + spread / (4 * n))
    return middle - half, middle + half


def _bins(happened: Bools, probability: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """(b,) mean prediction, observed share and its interval in each equal-count bin; ties share a bin."""
    place = rankdata(probability, method="average") - 0.5
    codes = np.unique((place * N_BINS / len(place)).astype(np.int64), return_inverse=True)[1]
    sizes = np.bincount(codes).astype(np.float64)
    observed = np.bincount(codes, weights=happened).astype(np.float64)
    return np.bincount(codes, weights=probability) / sizes, observed / sizes, *wilson(observed, sizes)


def _draw_bins(
    axes: Axes, name: str, predicted: Floats, observed: Floats, low: Floats, high: Floats, nth: int
) -> None:
    reach = np.array([observed - low, high - observed])
    style: dict[str, Any] = {
        "color": _colour(name),
        "marker": _marker(name),
        "markersize": 5,
        "linewidth": 1.2,
        "elinewidth": 1,
    }
    axes.errorbar(
        predicted, observed, yerr=np.maximum(reach, 0), capsize=2, label=_text(name), zorder=3 - nth, **style
    )


def _draw_observed(axes: Axes, rows: pd.DataFrame) -> None:
    n = len(rows)
    if _knows_delays(rows):
        delays = np.sort(rows["delay_days"].dropna().to_numpy(np.float64))
        delays = delays[delays <= TICKS_DAYS[-1]]
        share = np.arange(1, len(delays) + 1) / n
        error = Z * np.sqrt(share * (1 - share) / n)
        axes.step(delays, share, where="post", color=BLACK, linewidth=1.8, label=text("figure.observed"))
        axes.fill_between(
            delays, share - error, share + error, step="post", color=BLACK, alpha=0.12, linewidth=0
        )
        return
    shares = np.array([happened.mean() for happened in _happened(rows)])
    low, high = wilson(shares * n, np.full(2, float(n)))
    style: dict[str, Any] = {
        "color": BLACK,
        "marker": "_",
        "markersize": 16,
        "linestyle": "none",
        "capsize": 3,
    }
    axes.errorbar(
        [1, 21], shares, yerr=[shares - low, high - shares], label=text("figure.observed_interval"), **style
    )


def _knows_delays(rows: pd.DataFrame) -> bool:
    return "delay_days" in rows and bool(rows["delay_days"].notna().any())


def _draw_interval(
    axes: Axes, own: Mapping[str, Any] | None, height: float, colour: str, marker: str
) -> None:
    if own is None or not defined(own):
        return
    if defined({"value": own["low"]}):
        axes.plot(
            [own["low"], own["high"]], [height, height], color=colour, linewidth=2, solid_capstyle="butt"
        )
    axes.plot(own["value"], height, color=colour, marker=marker, markersize=7)


def _label(axes: Axes, x: str, y: str, percent: str = "xy") -> None:
    axes.set(xlabel=x, ylabel=y)
    for letter in percent:
        (axes.xaxis if letter == "x" else axes.yaxis).set_major_formatter(shares())
    plain(axes)


def plain(axes: Axes) -> None:
    """No frame above and to the right, and a title of moderate size."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.title.set_fontsize(11)


def _shown(predictions: pd.DataFrame, methods: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The first seed's rows of each method that is there and states probabilities."""
    shown = {}
    for name in methods:
        rows = predictions[predictions["method"] == name]
        rows = rows[rows["seed"] == rows["seed"].min()]
        if len(rows) and rows["p_within_3_weeks"].notna().all():
            shown[name] = rows
    return shown


def _slices_with_figures(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in summary.get("slices", {}).items() if part["n_test"] > 0}


def _happened(rows: pd.DataFrame) -> tuple[Bools, Bools]:
    return accepted_within(rows["label"].to_numpy(np.int64))


def _ranking(rows: pd.DataFrame) -> Floats:
    return np.asarray(rows["p_within_3_weeks"].to_numpy(np.float64))


def _colour(method: str) -> str:
    return STYLES.get(method, (GREY, "o"))[0]


def _marker(method: str) -> str:
    return STYLES.get(method, (GREY, "o"))[1]


def _text(method: str) -> str:
    return term("method", method)


def _delay(days: float) -> str:
    return text("duration.days", n=round(days)) if days >= 1 else text("duration.hours", n=round(24 * days))


def shares() -> FuncFormatter:
    """Ticks of an axis that are shares, as the language of this moment writes them."""
    language = language_now()

    def written(share: float, place: int | None = None) -> str:
        with in_language(language):
            return percent(share)

    return FuncFormatter(written)


def numbers(decimals: int | None = None) -> FuncFormatter:
    """Ticks of an axis that are numbers, as the language of this moment writes them."""
    language = language_now()

    def written(value: float, place: int | None = None) -> str:
        with in_language(language):
            return number(value, decimals)

    return FuncFormatter(written)

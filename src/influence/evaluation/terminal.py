"""The summary as a table for the terminal."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from influence.metrics import metric

SHOWN = ("auc", "yield_at_20pct", "log_loss_3class", "ece_excess_1d", "ece_excess_21d")
"""What fits a terminal of 100 columns; the JSON holds all."""
UNITS = {"query": "queries", "sender": "senders", "candidate": "candidates"}
"""What was drawn with replacement, in words."""
ARROWS = {"higher": "↑", "lower": "↓"}


def table(summary: Mapping[str, Any], metrics: Sequence[str] | None = None) -> Table:
    """The methods of an evaluation as `side_by_side` shows them; differences are model minus baseline."""
    return side_by_side(
        summary, "model", title=_title(summary), caption=_caption(summary), metrics=metrics or shown(summary)
    )


def shown(summary: Mapping[str, Any]) -> Sequence[str]:
    """The metrics of an evaluation that come first: as many as fit a terminal, costs aside."""
    if summary["task"] == "acceptance":
        return SHOWN
    found = dict.fromkeys(itertools.chain.from_iterable(summary["methods"].values()))
    return [name for name in found if metric(name).needs != "cost"][: len(SHOWN)]


def side_by_side(
    figures: Mapping[str, Any], first: str, *, title: str, caption: str, metrics: Sequence[str] = SHOWN
) -> Table:
    """Methods against metrics with 95 % intervals; the best of each column is marked, differences below.

    A difference (first minus other) whose interval lies on one side of zero is marked with + where the
    first is better and with - where it is worse.

    Parameters
    ----------
    figures
        `methods` and `differences`, as in the contract of `evaluate`.
    """
    metrics = [name for name in metrics if any(name in own for own in figures["methods"].values())]
    grid = Table(title=title, caption=caption, box=box.SIMPLE_HEAD, title_justify="left")
    grid.caption_justify = "left"
    grid.add_column("method", no_wrap=True)
    for name in metrics:
        grid.add_column(f"{name.replace('_', ' ')} {ARROWS[metric(name).direction]}", justify="right")
    best = {name: best_method(figures["methods"], name) for name in metrics}
    for method, own in figures["methods"].items():
        grid.add_row(method, *(_cell(own.get(name), method == best[name]) for name in metrics))
    grid.add_section()
    if figures["differences"]:
        grid.add_row(Text(f"{first} minus ...", style="italic"))
    for other, own in figures["differences"].items():
        cells = (_difference(name, own.get(name)) for name in metrics)
        grid.add_row(other, *cells)
    return grid


def best_method(methods: Mapping[str, Mapping[str, Any]], name: str) -> str | None:
    """The method with the best value of a metric; None where no value is defined."""
    values = {method: own[name]["value"] for method, own in methods.items() if defined(own.get(name))}
    if not values:
        return None
    choose = max if metric(name).higher_is_better else min
    return choose(values, key=lambda method: values[method])


def defined(interval: Mapping[str, Any] | None) -> bool:
    """Whether there is a value: neither absent, nor null as in the JSON, nor NaN."""
    return interval is not None and interval["value"] is not None and interval["value"] == interval["value"]


def verdict(name: str, difference: Mapping[str, Any] | None) -> int:
    """1 where the model is better beyond its interval, -1 where worse, 0 where that is open."""
    if not defined(difference) or difference is None or not defined({"value": difference["low"]}):
        return 0
    sign = int(difference["low"] > 0) - int(difference["high"] < 0)
    return sign if metric(name).higher_is_better else -sign


def _title(summary: Mapping[str, Any]) -> str:
    sizes = ", ".join(f"{summary[f'n_{part}']:,} {part}" for part in ("train", "validation", "test"))
    seeds = ", ".join(map(str, summary["seeds"]))
    return f"{summary['task']} on {summary['dataset']}: {sizes}; seeds: {seeds}"


def _caption(summary: Mapping[str, Any]) -> str:
    return (
        f"* best of its column. 95 % intervals over {summary['n_resamples']:,} resamples of "
        f"{UNITS[summary['resampled_by']]} and seeds. "
        "Below the line: paired differences; (+) model better, (-) model worse."
    )


def _cell(interval: Mapping[str, Any] | None, is_best: bool) -> Text:
    if interval is None or not defined(interval):
        return Text("-", style="dim")
    mark = "*" if is_best else ""
    text = Text(f"{mark}{interval['value']:.3f}", style="bold green" if is_best else "")
    return text.append(f"\n{_ends(interval, '.3f')}", style="dim not bold")


def _difference(name: str, interval: Mapping[str, Any] | None) -> Text:
    if interval is None or not defined(interval):
        return Text("-", style="dim")
    sign = verdict(name, interval)
    mark = {1: "(+) ", 0: "", -1: "(-) "}[sign]
    text = Text(f"{mark}{interval['value']:+.3f}", style={1: "green", 0: "", -1: "red"}[sign])
    return text.append(f"\n{_ends(interval, '+.3f')}", style="dim")


def _ends(interval: Mapping[str, Any], form: str) -> str:
    if not defined({"value": interval["low"]}):
        return "[-]"
    return f"{interval['low']:{form}}..{interval['high']:{form}}"

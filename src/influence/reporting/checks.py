"""For those who check: every method with its intervals, what the figures mean, how the model was made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from influence.evaluation.figures import comparison
from influence.evaluation.terminal import ARROWS, best_method, defined, shown, verdict
from influence.metrics import METRICS, metric
from influence.reporting.blocks import Drawn, Part
from influence.reporting.evaluated import Evaluated
from influence.reporting.evidence import PREDICTIONS
from influence.reporting.page import details, paragraph, section, table
from influence.tasks import acceptance
from influence.texts import listed, number, term, text

HIDDEN = ("command", "limits", "settings")
"""Entries of a card that have places of their own, or say the same as its departures from the defaults."""
STYLES = {1: "better", 0: "", -1: "worse"}


def part(evaluated: Evaluated) -> Part:
    """The chapter of figures behind the sentences."""
    summary = evaluated.summary
    known = [name for name in METRICS if any(name in own for own in summary["methods"].values())]
    drawn = (
        comparison(summary) if evaluated.task == acceptance.NAME else comparison(summary, shown(summary)[:3])
    )
    blocks: list[Drawn | str] = [
        Drawn("comparison", drawn, PREDICTIONS),
        section(text("checks.methods"), methods(summary, known) + paragraph(_footnote(summary), "note"), 3),
        section(text("checks.differences"), differences(summary, known), 3),
        *(_slice(name, own, known) for name, own in summary.get("slices", {}).items() if own["n_test"]),
        section(text("checks.columns"), glossary(known), 3),
        section(text("checks.model"), paragraph(text("checks.card"), "note") + _card(evaluated.card), 3),
        section(text("checks.again"), _command(evaluated.card), 3),
    ]
    return Part("checks", text("checks"), blocks)


def methods(part: Mapping[str, Any], known: Sequence[str]) -> str:
    """Every method and metric with intervals."""
    best = {name: best_method(part["methods"], name) for name in known}
    rows = [
        [
            f"<td>{escape(term('method', method))}</td>",
            *(_cell(own.get(name), "best" if best[name] == method else "") for name in known),
        ]
        for method, own in part["methods"].items()
    ]
    return table(_header(known), rows, text("checks.methods"), numbers=range(1, len(known) + 1))


def differences(part: Mapping[str, Any], known: Sequence[str]) -> str:
    """Model minus every baseline."""
    known = [name for name in known if any(name in own for own in part["differences"].values())]
    rows = [
        [
            f"<td>{escape(term('method', baseline))}</td>",
            *(_cell(own.get(name), STYLES[verdict(name, own.get(name))], signed=True) for name in known),
        ]
        for baseline, own in part["differences"].items()
    ]
    shown = table(_header(known), rows, text("checks.differences"), numbers=range(1, len(known) + 1))
    return shown + paragraph(text("checks.colours"), "note")


def _slice(name: str, part: Mapping[str, Any], known: Sequence[str]) -> str:
    told = text("checks.rows", n=part["n_test"])
    if "n_accepted_21d" in part:
        told = text("checks.rows_accepted", n=part["n_test"], accepted=part["n_accepted_21d"])
    body = paragraph(told, "note") + methods(part, known) + differences(part, known)
    return details(text("checks.slice", name=term("slice", name)), body)


def _header(known: Sequence[str]) -> list[str]:
    return [
        text("checks.method"),
        *(
            f'{escape(name)} <span role="img" aria-label="{escape(_direction(name))}">'
            f"{ARROWS[metric(name).direction]}</span>"
            for name in known
        ),
    ]


def _direction(name: str) -> str:
    return text(f"metric.direction.{metric(name).direction}")


def _cell(interval: Mapping[str, Any] | None, style: str, *, signed: bool = False) -> str:
    if interval is None or not defined(interval):
        return '<td class="number">-</td>'
    ends = ""
    if defined({"value": interval["low"]}):
        low, high = (number(interval[end], 4, signed=signed) for end in ("low", "high"))
        ends = f"<small>{text('interval', low=low, high=high)}</small>"
    return f'<td class="number {style}">{number(interval["value"], 4, signed=signed)}{ends}</td>'


def _footnote(summary: Mapping[str, Any]) -> str:
    """How values and intervals were made."""
    seeds = listed([str(seed) for seed in summary["seeds"]])
    units = text(f"unit.{summary['resampled_by']}")
    return text("checks.footnote", seeds=seeds, n=summary["n_resamples"], units=units)


def glossary(known: Sequence[str]) -> str:
    """What each metric means."""
    rows = [[f"<td>{escape(name)}</td>", f"<td>{escape(metric(name).meaning)}</td>"] for name in known]
    return table([text("checks.metric"), text("checks.meaning")], rows, text("checks.columns"))


def _card(card: Mapping[str, Any]) -> str:
    """What is told about the model, under the names that its files use."""
    told = "".join(_entries({name: value for name, value in card.items() if name not in HIDDEN}))
    return f'<dl lang="en">{told}</dl>'


def _entries(card: Mapping[str, Any]) -> Iterator[str]:
    for name, value in card.items():
        nested = isinstance(value, Mapping | list | tuple)
        shown = (
            f"<pre>{escape(json.dumps(value, indent=1, default=str))}</pre>" if nested else escape(str(value))
        )
        yield f"<dt>{escape(str(name).replace('_', ' '))}</dt><dd>{shown}</dd>"


def _command(card: Mapping[str, Any]) -> str:
    """The line that makes it again."""
    command = card.get("command")
    return (
        f'<pre tabindex="0">{escape(str(command))}</pre>' if command else paragraph(text("checks.no_command"))
    )

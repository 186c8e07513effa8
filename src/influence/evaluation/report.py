"""The evaluation as one HTML file: pictures inline, no script, no request to anywhere."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from influence.evaluation.figures import all_figures, png
from influence.evaluation.sentences import findings, limits
from influence.evaluation.terminal import ARROWS, best_method, defined, verdict
from influence.files import atomic
from influence.metrics import METRICS, metric

FIGURES = {
    "gains": (
        "If you invite only the most promising",
        "Left: the share of all acceptances that is kept when only the most promising requests are sent. "
        "Right: how many of those invited accept. The dashed line is inviting at random.",
    ),
    "reliability": (
        "Can the percentages be trusted?",
        "Requests in ten groups of equal size, by predicted chance. On the dashed line, of 100 requests "
        "rated 30 %, 30 are accepted. Bars show what chance allows.",
    ),
    "delay": ("How soon", "The share accepted by each delay: observed, and what was predicted on average."),
    "slices": ("For whom it works", "The same test for parts of the requests. Longer bars: fewer requests."),
    "comparison": ("Against other methods", "Every method on the same test requests, with 95 % intervals."),
}
"""Figure -> heading and caption, in the order of the report."""
PLAIN_FIGURES = ("gains", "reliability", "delay", "slices")

STYLE = """
body { font: 16px/1.55 system-ui, sans-serif; color: #222; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.7rem; margin-bottom: .2rem; } h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; }
.sub, figcaption, .note { color: #555; font-size: .92rem; } li { margin: .35rem 0; }
.findings { background: #f3f7fb; border-left: 4px solid #0072B2; padding: .6rem 1rem .6rem 2rem; }
figure { margin: 1rem 0 1.6rem; } img { max-width: 100%; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid #e5e5e5; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } td small { display: block; color: #666; }
.best { font-weight: 700; } .better { color: #00664b; } .worse { color: #a63c00; }
pre { background: #f6f6f6; padding: .8rem; overflow-x: auto; font-size: .85rem; }
dt { font-weight: 600; margin-top: .5rem; } dd { margin: 0 0 0 1rem; }
"""


def write_report(
    summary: Mapping[str, Any],
    predictions: pd.DataFrame,
    path: str | Path,
    *,
    model_card: Mapping[str, Any],
    examples: pd.DataFrame | None = None,
) -> None:
    """Write the report, whole or not at all.

    Parameters
    ----------
    summary, predictions
        From `summarise`, and the frame it was given.
    model_card
        Shown as it is, nested mappings as JSON; `command` (how to reproduce it) and `limits` (further
        sentences on what the data cannot show) have places of their own.
    examples
        Rows to show as they come, for instance predictions with names.
    """
    with atomic(path) as target:
        target.write_text(
            render(summary, predictions, model_card=model_card, examples=examples), encoding="utf-8"
        )


def render(
    summary: Mapping[str, Any],
    predictions: pd.DataFrame,
    *,
    model_card: Mapping[str, Any],
    examples: pd.DataFrame | None = None,
) -> str:
    """The report as HTML; arguments as in `write_report`."""
    pictures = {name: png(figure) for name, figure in all_figures(summary, predictions).items()}
    title = (
        f"Who will accept: {summary['dataset']}" if summary["task"] == "acceptance" else str(summary["task"])
    )
    known = [name for name in METRICS if any(name in own for own in summary["methods"].values())]
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="sub">{escape(_sizes(summary))}</p>',
        f'<ul class="findings">{_items(findings(summary, predictions))}</ul>',
        *(_figure(name, pictures[name]) for name in PLAIN_FIGURES if name in pictures),
        _section("Examples", _frame(examples)) if examples is not None and len(examples) else "",
        _section(
            "What these data could not show",
            f"<ul>{_items([*limits(summary), *model_card.get('limits', ())])}</ul>",
        ),
        "<hr><h1>For those who check</h1>",
        _figure("comparison", pictures["comparison"]),
        _section("Methods", _methods(summary, known) + _footnote(summary)),
        _section("Model minus baseline, paired", _differences(summary, known)),
        *(_slice(name, part, known) for name, part in summary.get("slices", {}).items() if part["n_test"]),
        _section("What the columns mean", _glossary(known)),
        _section("The model", _card(model_card)),
        _section("How to reproduce", _command(model_card)),
    ]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n'
        + "\n".join(filter(None, parts))
        + "\n</body></html>\n"
    )


def _sizes(summary: Mapping[str, Any]) -> str:
    train, validation, test = (f"{summary[f'n_{part}']:,}" for part in ("train", "validation", "test"))
    return (
        f"{train} requests to learn from, {validation} to choose by, {test} to test on, in the order of time."
    )


def _section(heading: str, body: str) -> str:
    return f"<h2>{escape(heading)}</h2>\n{body}"


def _figure(name: str, picture: bytes) -> str:
    heading, caption = FIGURES[name]
    data = base64.b64encode(picture).decode("ascii")
    image = f'<img alt="{escape(heading)}" src="data:image/png;base64,{data}">'
    return _section(heading, f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>")


def _items(sentences: Iterable[str]) -> str:
    return "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; header and cells are HTML already."""
    head = "".join(f"<th>{cell}</th>" for cell in header)
    body = "".join("<tr>" + "".join(row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _methods(part: Mapping[str, Any], known: Sequence[str]) -> str:
    best = {name: best_method(part["methods"], name) for name in known}
    rows = [
        [
            f"<td>{escape(method)}</td>",
            *(_cell(own.get(name), "best" if best[name] == method else "") for name in known),
        ]
        for method, own in part["methods"].items()
    ]
    return _table(_header(known), rows)


def _differences(part: Mapping[str, Any], known: Sequence[str]) -> str:
    known = [name for name in known if any(name in own for own in part["differences"].values())]
    words = {1: "better", 0: "", -1: "worse"}
    rows = [
        [
            f"<td>{escape(baseline)}</td>",
            *(_cell(own.get(name), words[verdict(name, own.get(name))], "+.4f") for name in known),
        ]
        for baseline, own in part["differences"].items()
    ]
    note = "Green: the model is better and the interval does not include zero; orange: worse."
    return _table(_header(known), rows) + f'<p class="note">{note}</p>'


def _slice(name: str, part: Mapping[str, Any], known: Sequence[str]) -> str:
    accepted = f"{part['n_test']:,} test requests, {part['n_accepted_21d']:,} accepted within 21 days."
    body = f'<p class="note">{accepted}</p>{_methods(part, known)}{_differences(part, known)}'
    return f"<details><summary>Slice: {escape(name.replace('_', ' '))}</summary>{body}</details>"


def _header(known: Sequence[str]) -> list[str]:
    return ["", *(f"{escape(name)} {ARROWS[metric(name).direction]}" for name in known)]


def _cell(interval: Mapping[str, Any] | None, style: str, form: str = ".4f") -> str:
    if interval is None or not defined(interval):
        return "<td>-</td>"
    ends = ""
    if defined({"value": interval["low"]}):
        ends = f"<small>{interval['low']:{form}} to {interval['high']:{form}}</small>"
    return f'<td class="{style}">{interval["value"]:{form}}{ends}</td>'


def _footnote(summary: Mapping[str, Any]) -> str:
    units = "senders" if summary["resampled_by"] == "sender" else "queries"
    seeds = ", ".join(str(seed) for seed in summary["seeds"])
    text = (
        f"Value: mean over seeds {seeds}. Interval: 95 %, {summary['n_resamples']:,} paired bootstrap "
        f"resamples of {units} and of seeds; for calibration errors, which resampling inflates, "
        "centred on the value. seconds and peak_mib: range over seeds. Bold: best of its column. "
        "Curves show the first seed."
    )
    return f'<p class="note">{escape(text)}</p>'


def _glossary(known: Sequence[str]) -> str:
    rows = [[f"<td>{escape(name)}</td>", f"<td>{escape(metric(name).meaning)}</td>"] for name in known]
    return _table(["metric", "meaning"], rows)


def _frame(rows: pd.DataFrame) -> str:
    cells = [[f"<td>{escape(_value(value))}</td>" for value in row] for row in rows.itertuples(index=False)]
    return _table([escape(str(name)) for name in rows.columns], cells)


def _value(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.3g}"
    return "" if value is None or value is pd.NA or value is pd.NaT else str(value)


def _card(card: Mapping[str, Any]) -> str:
    entries = []
    for name, value in card.items():
        if name in ("command", "limits"):
            continue
        nested = isinstance(value, (Mapping, list, tuple))
        text = (
            f"<pre>{escape(json.dumps(value, indent=2, default=str))}</pre>" if nested else escape(str(value))
        )
        entries.append(f"<dt>{escape(str(name).replace('_', ' '))}</dt><dd>{text}</dd>")
    return f"<dl>{''.join(entries)}</dl>"


def _command(card: Mapping[str, Any]) -> str:
    command = card.get("command")
    return f"<pre>{escape(str(command))}</pre>" if command else "<p>No command was recorded.</p>"

"""An HTML page that stands alone: pictures inline, no script, no request to anywhere."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from influence.evaluation.figures import png
from influence.evaluation.terminal import ARROWS, UNITS, best_method, defined, verdict
from influence.metrics import METRICS, metric

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


def page(title: str, parts: Iterable[str]) -> str:
    """The whole page; parts are HTML already, empty ones are left out."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n'
        + "\n".join(filter(None, parts))
        + "\n</body></html>\n"
    )


def for_those_who_check(summary: Mapping[str, Any], model_card: Mapping[str, Any]) -> list[str]:
    """The parts that every evaluation ends with: figures of all methods, the model, how to reproduce."""
    known = [name for name in METRICS if any(name in own for own in summary["methods"].values())]
    return [
        section("Methods", methods(summary, known) + footnote(summary)),
        section("Model minus baseline, paired", differences(summary, known)),
        *(_slice(name, part, known) for name, part in summary.get("slices", {}).items() if part["n_test"]),
        section("What the columns mean", glossary(known)),
        section("The model", card(model_card)),
        section("How to reproduce", command(model_card)),
    ]


def figure(heading: str, caption: str, drawn: Figure) -> str:
    """A picture under its heading."""
    data = base64.b64encode(png(drawn)).decode("ascii")
    image = f'<img alt="{escape(heading)}" src="data:image/png;base64,{data}">'
    return section(heading, f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>")


def _slice(name: str, part: Mapping[str, Any], known: Sequence[str]) -> str:
    accepted = f", {part['n_accepted_21d']:,} accepted within 21 days" if "n_accepted_21d" in part else ""
    told = f"{part['n_test']:,} test rows{accepted}."
    body = f'<p class="note">{told}</p>{methods(part, known)}{differences(part, known)}'
    return f"<details><summary>Slice: {escape(name.replace('_', ' '))}</summary>{body}</details>"


def section(heading: str, body: str) -> str:
    """A heading and what is below it."""
    return f"<h2>{escape(heading)}</h2>\n{body}"


def items(sentences: Iterable[str]) -> str:
    """Sentences as items of a list."""
    return "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; header and cells are HTML already."""
    head = "".join(f"<th>{cell}</th>" for cell in header)
    body = "".join("<tr>" + "".join(row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def methods(part: Mapping[str, Any], known: Sequence[str]) -> str:
    """Every method and metric with intervals."""
    best = {name: best_method(part["methods"], name) for name in known}
    rows = [
        [
            f"<td>{escape(method)}</td>",
            *(_cell(own.get(name), "best" if best[name] == method else "") for name in known),
        ]
        for method, own in part["methods"].items()
    ]
    return _table(_header(known), rows)


def differences(part: Mapping[str, Any], known: Sequence[str]) -> str:
    """Model minus every baseline."""
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


def _header(known: Sequence[str]) -> list[str]:
    return ["", *(f"{escape(name)} {ARROWS[metric(name).direction]}" for name in known)]


def _cell(interval: Mapping[str, Any] | None, style: str, form: str = ".4f") -> str:
    if interval is None or not defined(interval):
        return "<td>-</td>"
    ends = ""
    if defined({"value": interval["low"]}):
        ends = f"<small>{interval['low']:{form}} to {interval['high']:{form}}</small>"
    return f'<td class="{style}">{interval["value"]:{form}}{ends}</td>'


def footnote(summary: Mapping[str, Any]) -> str:
    """How values and intervals were made."""
    units = UNITS[summary["resampled_by"]]
    seeds = ", ".join(str(seed) for seed in summary["seeds"])
    text = (
        f"Value: mean over seeds {seeds}. Interval: 95 %, {summary['n_resamples']:,} paired bootstrap "
        f"resamples of {units} and of seeds; for calibration errors, which resampling inflates, "
        "centred on the value. seconds and peak_mib: range over seeds. Bold: best of its column. "
        "Curves show the first seed."
    )
    return f'<p class="note">{escape(text)}</p>'


def glossary(known: Sequence[str]) -> str:
    """What each metric means."""
    rows = [[f"<td>{escape(name)}</td>", f"<td>{escape(metric(name).meaning)}</td>"] for name in known]
    return _table(["metric", "meaning"], rows)


def frame(rows: pd.DataFrame) -> str:
    """Rows as a table."""
    cells = [[f"<td>{escape(_value(value))}</td>" for value in row] for row in rows.itertuples(index=False)]
    return _table([escape(str(name)) for name in rows.columns], cells)


def _value(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.3g}"
    return "" if value is None or value is pd.NA or value is pd.NaT else str(value)


def card(card: Mapping[str, Any]) -> str:
    """What is told about the model."""
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


def command(card: Mapping[str, Any]) -> str:
    """The line that makes it again."""
    command = card.get("command")
    return f"<pre>{escape(str(command))}</pre>" if command else "<p>No command was recorded.</p>"

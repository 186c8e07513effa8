"""The map as a part of any page: controls, picture, and the same in tables for those who cannot see it."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

import pandas as pd

from influence.texts import in_language, number, percent
from influence.visualization.colours import OTHER, OUTLINE, PALETTE, UNKNOWN
from influence.visualization.content import NOBODY, Content
from influence.visualization.figure import SYMBOLS, Drawing
from influence.visualization.texts import word

ARROW = " → "
MARKS = {"square": "M2 2h12v12H2z", "diamond": "M8 1l7 7-7 7-7-7z",
         "star": "M8 1l2.1 4.6 5 .6-3.7 3.4 1 5L8 12.1 3.6 14.6l1-5L.9 6.2l5-.6z"}  # fmt: skip


def fragment(content: Content, language: str = "en", *, is_target: bool = False) -> str:
    """The map's element, style and script included; `plotly_script` must stand on the page too.

    Parameters
    ----------
    is_target
        Whether the first way was asked for, and is shown at once.

    Raises
    ------
    ConfigError
        If the map does not speak the language.
    """
    with in_language(language):
        inner = "".join(_parts(Drawing(content), is_target))
    return f'<section class="influence-map" lang="{language}">{inner}</section>'


def _parts(drawing: Drawing, is_target: bool) -> Iterable[str]:
    """Style, controls, picture, tables and script, in their order."""
    label = word("figure_label", n=len(drawing.content.communities))
    return (
        f"<style>{_file('map.css')}</style>",
        f"<p>{_escaped(_summary(drawing))} {_escaped(word('how'))}</p>",
        _controls(drawing, is_target),
        f'<div class="picture" role="img" aria-label="{_escaped(label)}">{_discs(drawing)}</div>',
        '<ul class="legend"></ul><p class="status" role="status"></p>',
        f'<div class="scroll people" hidden {_region(word("people"))}></div>',
        *_tables(drawing),
        f'<script type="application/json">{_json(_told(drawing))}</script>',
        f"<script>{_file('map.js')}</script>",
    )


def _discs(drawing: Drawing) -> str:
    """The communities alone, to be seen before plotly draws them, or where no script runs."""
    (left, right), (low, high) = drawing.ranges(None)
    circles = "".join(
        f'<circle cx="{(one["x0"] + one["x1"]) / 2:.4f}" cy="{-(one["y0"] + one["y1"]) / 2:.4f}" '
        f'r="{(one["x1"] - one["x0"]) / 2:.4f}" fill="{one["fillcolor"]}"/>'
        for one in drawing.shapes(next(iter(drawing.colourings)))
    )
    view = f"{left} {-high} {right - left:.4f} {high - low:.4f}"
    return f'<svg class="discs" viewBox="{view}" fill-opacity="0.35" aria-hidden="true">{circles}</svg>'


def _file(name: str) -> str:
    return files("influence.visualization").joinpath(name).read_text(encoding="utf-8")


def _escaped(text: object) -> str:
    return html.escape(str(text))


def _json(told: Mapping[str, Any]) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace(
        "<", "\\u003c"
    )


def _summary(drawing: Drawing) -> str:
    content = drawing.content
    at = word("at_the_end") if content.at is None else f"{content.at:%Y-%m-%d %H:%M} UTC"
    said = word("summary", at=at, people=content.n_people, ties=content.n_ties)
    if content.n_not_drawn or content.n_alone:
        left = {"communities": content.n_not_drawn, "people": content.n_people_not_drawn}
        said += " " + word("left_out", alone=content.n_alone, **left)
    return said


def _controls(drawing: Drawing, is_target: bool) -> str:
    content = drawing.content
    communities = [
        (row["community"], drawing.community(row)) for row in content.communities.to_dict("records")
    ]
    controls = [
        _select("choose", word("choose"), [("", word("all")), *communities]),
        _select("colour", word("colour"), [(fact, word(fact)) for fact in drawing.colourings]),
    ]
    if len(content.ways):
        ways = list(enumerate(map(str, drawing.labels(content.ways["target_id"]))))
        chosen = ' data-chosen="true"' if is_target else ""
        controls.append(_select("way", word("way"), [("", word("no_way")), *ways], chosen))
    controls += [
        _checkbox(name, word(name)) for name in ("own", "leaders", "bridges") if name in content.marked
    ]
    controls += [
        f'<button type="button" class="{name}">{_escaped(word(name))}</button>'
        for name in ("closer", "further")
    ]
    return f'<div class="controls">{"".join(controls)}</div>'


def _select(name: str, label: str, options: Iterable[tuple[object, str]], more: str = "") -> str:
    listed = "".join(
        f'<option value="{_escaped(value)}">{_escaped(text)}</option>' for value, text in options
    )
    return f'<label>{_escaped(label)}<select class="{name}"{more}>{listed}</select></label>'


def _checkbox(name: str, label: str) -> str:
    symbol, _, colour = SYMBOLS[name]
    drawn = f'<path d="{MARKS[symbol]}" fill="{colour}" stroke="{OUTLINE}"/>'
    mark = f'<svg width="16" height="16" aria-hidden="true">{drawn}</svg>'
    box = f'<input type="checkbox" checked data-trace="{name}">'
    return f'<label class="mark">{box}{mark}{_escaped(label)}</label>'


def _told(drawing: Drawing) -> dict[str, Any]:
    """Everything that the script swaps in."""
    content, by = drawing.content, list(drawing.colourings)
    figure = drawing.figure(by[0])
    figure["data"] = [
        {**each, "x": [], "y": []} if each["name"] == "way" else each for each in figure["data"]
    ]
    return {
        "figure": figure,
        "by": by,
        "range": drawing.ranges(None),
        "said": "",
        "discs": {fact: drawing.colourings[fact](content.communities[fact]) for fact in by},
        "labels": {fact: drawing.disc_labels(fact) for fact in by},
        "numbers": drawing.disc_labels(None),
        "legend": {fact: _legend(drawing, fact) for fact in by},
        "columns": [word("person"), *(word(fact) for fact in drawing.colourings), word("ties_inside")],
        "people": {str(code): _inside(drawing, code) for code in content.communities["community"].tolist()},
        "ways": [_way(drawing, row) for row in content.ways.to_dict("records")],
    }


def _legend(drawing: Drawing, fact: str) -> list[tuple[str, str]]:
    """Each value with its colour; what the others have in common at the end."""
    colours, found = drawing.colourings[fact], []
    values = drawing.content.people[fact]
    for value, colour in colours.colours.items():
        found.append((drawing.value(fact, value), colour))
    if values.nunique() > len(PALETTE):
        found.append((word("others"), OTHER))
    if values.isna().any() or drawing.content.communities[fact].isna().any():
        found.append((word("unknown"), UNKNOWN))
    return found


def _inside(drawing: Drawing, code: int) -> dict[str, Any]:
    """The people of a community: places, words, colours, and rows of the table."""
    content = drawing.content
    own = content.people[content.people["community"] == code]
    rows = [
        [
            row["label"],
            *(drawing.value(fact, row[fact]) for fact in drawing.colourings),
            str(row["n_ties_inside"]),
        ]
        for row in own.to_dict("records")
    ]
    community = content.communities.set_index("community").loc[code].to_dict()
    return {
        **drawing.inside(code),
        "range": drawing.ranges(code),
        "rows": rows,
        "caption": word("people_table", community=drawing.community({"community": code, **community})),
        "said": word("people_note", shown=len(own), all=int(community["n_people"])),
    }


def _way(drawing: Drawing, row: Mapping[Any, Any]) -> dict[str, Any]:
    path = ARROW.join(drawing.labels(pd.Series(row["path"])))
    way = drawing.way(row["path"])
    return {
        **way,
        "range": drawing.ranges(None),
        "said": f"{path}: {percent(row['p_success'])}",
    }


def _tables(drawing: Drawing) -> Iterable[str]:
    """Communities, leaders, bridges and ways as tables."""
    yield _communities(drawing)
    if len(drawing.content.leaders):
        yield _leaders(drawing)
    else:
        yield f"<p>{_escaped(word('no_leaders'))}</p>"
    if len(drawing.content.bridges):
        yield _bridges(drawing)
    if len(drawing.content.ways):
        yield _ways(drawing)


def _communities(drawing: Drawing) -> str:
    facts, sizes = list(drawing.colourings), [*drawing.sizes, "ties"]
    told = [word(name) for name in (*facts, *drawing.sizes)]
    head = [word("community"), *told, word("ties_inside")]
    rows = []
    for row in drawing.content.communities.to_dict("records"):
        code = row["community"]
        label = word("people_table", community=str(code))
        button = (
            f'<button type="button" data-community="{code}" aria-label="{_escaped(label)}">{code}</button>'
        )
        values = [_escaped(drawing.value(fact, row[fact])) for fact in facts]
        rows.append([button, *values, *(number(row[f"n_{name}"]) for name in sizes)])
    return _table(word("communities_table"), head, rows, 1 + len(facts))


def _leaders(drawing: Drawing) -> str:
    rows = []
    head = [word("person"), word("community"), word("topic"), word("influence"), word("interval")]
    for row in drawing.content.leaders.to_dict("records"):
        influence, low, high = (_number(row[name]) for name in ("influence", "low", "high"))
        topic = _escaped(drawing.value("topic", row["topic"]))
        rows.append([*_who(drawing, row["contact_id"]), topic, influence, f"{low} – {high}"])
    return _table(word("leaders"), head, rows, 3)


def _bridges(drawing: Drawing) -> str:
    counts = {"n_communities": "reaches", "n_countries": "abroad", "n_pairs": "pairs"}
    if "countries" not in drawing.sizes:
        del counts["n_countries"]
    head = [word("person"), word("community"), *map(word, counts.values())]
    rows = [
        [*_who(drawing, row["contact_id"]), *(number(row[name]) for name in counts)]
        for row in drawing.content.bridges.to_dict("records")
    ]
    return _table(word("bridges"), head, rows, 2)


def _ways(drawing: Drawing) -> str:
    head = [word("target"), word("path"), word("reasons"), word("success")]
    rows = []
    for row in drawing.content.ways.to_dict("records"):
        path = drawing.labels(pd.Series(row["path"]))
        reasons = f'<div class="words">{_escaped(row["reasons"])}</div>'
        rows.append(
            [
                _escaped(path[-1]),
                _escaped(ARROW.join(path)),
                reasons,
                percent(row["p_success"]),
            ]
        )
    return _table(word("ways"), head, rows, 3)


def _who(drawing: Drawing, contact_id: str) -> tuple[str, str]:
    row = drawing.content.people.set_index("contact_id").loc[contact_id]
    code = row["community"]
    return _escaped(row["label"]), _escaped(word("none") if code == NOBODY else code)


def _region(label: str) -> str:
    """What makes a part that scrolls by itself reachable with the keyboard."""
    return f'role="region" tabindex="0" aria-label="{_escaped(label)}"'


def _number(value: float) -> str:
    return "–" if pd.isna(value) else number(value, 2)


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], n_texts: int) -> str:
    """A table that scrolls by itself; cells are mark-up already, those from `n_texts` on numbers."""

    def line(cells: Sequence[str], tag: str, more: str = "") -> str:
        kinds = ["" if place < n_texts else ' class="number"' for place in range(len(cells))]
        inner = "".join(f"<{tag}{kind}{more}>{cell}</{tag}>" for cell, kind in zip(cells, kinds, strict=True))
        return f"<tr>{inner}</tr>"

    top = line([_escaped(name) for name in head], "th", ' scope="col"')
    body = "".join(line(row, "td") for row in rows)
    return (
        f'<div class="scroll" {_region(caption)}><table><caption>{_escaped(caption)}</caption>'
        f"<thead>{top}</thead><tbody>{body}</tbody></table></div>"
    )

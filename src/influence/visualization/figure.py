"""The map as a plotly figure: what notebooks and the app show, and what the page begins with."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from influence.texts import country, in_language, number
from influence.visualization import colours
from influence.visualization.colours import Colouring, colourings
from influence.visualization.content import FACTS, NOBODY, Content
from influence.visualization.texts import word

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TRACES = (
    "ties_0",
    "ties_1",
    "ties_2",
    "communities",
    "acquaintances",
    "people",
    "own",
    "bridges",
    "leaders",
    "way",
    "labels",
)
"""What is drawn, from beneath to above."""
WIDTHS = (0.6, 1.6, 3.5)
"""Pixels of the lines between communities: few, more and most ties."""
SYMBOLS = {"own": ("square", 9, colours.OWN), "bridges": ("diamond", 10, colours.BRIDGE),
           "leaders": ("star", 14, colours.LEADER)}  # fmt: skip
N_LABELLED = 15
"""Communities whose label says more than their number."""
SMALLEST_LABELLED = 0.12
"""Radius, the largest being 1, below which discs have no label: it would cover its neighbours."""
MARGIN = 0.15


def network_figure(
    content: Content, *, language: str = "en", by: str = "country", community: int | None = None
) -> Figure:
    """The map as a figure of its own, for notebooks.

    Parameters
    ----------
    content
        As `content_of` gives.
    by
        What colours tell apart: country, topic or industry.
    community
        Whose people are shown; without one, the communities alone.

    Raises
    ------
    ConfigError
        If the map does not speak the language.
    """
    from plotly.graph_objects import Figure

    with in_language(language):
        drawing = Drawing(content)
        known = by if by in drawing.colourings else next(iter(drawing.colourings))
        return Figure(**drawing.figure(known, community))


class Drawing:
    """The content as traces, shapes and words in the language of the context."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.colourings: dict[str, Colouring] = colourings(content)
        self._rows = pd.Series(np.arange(len(content.people)), content.people["contact_id"])

    @property
    def sizes(self) -> list[str]:
        """How communities are counted: not in companies or countries, where none is on record."""
        names = ("people", "companies", "countries")
        return [name for name in names if self.content.communities[f"n_{name}"].any()]

    def figure(self, by: str, community: int | None = None) -> dict[str, Any]:
        """`data` and `layout` as plain values."""
        inside = self.inside(community)
        traces = {
            **self._ties(),
            "communities": self._communities(),
            "acquaintances": _lines(inside["lines"], 0.7, "#8c8c8c"),
            "people": _points(inside, 9, "circle", inside["colour"][by]),
            "labels": self._labels(by),
            **{name: self._marked(name) for name in SYMBOLS},
            "way": self._way(self.content.ways.iloc[0]) if len(self.content.ways) == 1 else _way(),
        }
        data = [{"name": name, **traces[name]} for name in TRACES]
        return {"data": data, "layout": self._layout(by, community)}

    def inside(self, community: int | None) -> dict[str, Any]:
        """Places, words and colours of the people of a community, and the lines between them."""
        people = self.content.people
        own = people[people["community"] == (community if community is not None else NOBODY - 1)]
        ties = self.content.acquaintances
        ties = ties[ties["community"] == (community if community is not None else NOBODY - 1)]
        ends = ties[["source", "target"]].to_numpy(np.int64)
        return {
            **_places(own),
            "text": [self.person(row) for row in own.to_dict("records")],
            "colour": {fact: colouring(own[fact]) for fact, colouring in self.colourings.items()},
            "lines": _broken(people["x"].to_numpy()[ends], people["y"].to_numpy()[ends]),
        }

    def person(self, row: Mapping[Any, Any]) -> str:
        """What is shown about a person, as plotly's own mark-up."""
        where = word("none") if row["community"] == NOBODY else f"{word('community')} {row['community']}"
        told = [
            row["label"],
            where,
            self.facts(row),
            f"{word('ties')}: {number(row['n_ties'])}",
        ]
        return "<br>".join(html.escape(str(each)) for each in told if each)

    def labels(self, ids: pd.Series) -> list[str]:
        """What people are called on the map."""
        rows = self._rows.reindex(ids)
        told = self.content.people["label"].reindex(rows).set_axis(ids)
        return told.fillna(pd.Series(ids.to_numpy(), ids)).tolist()

    def facts(self, row: Mapping[Any, Any]) -> str:
        """Country, topic and industry, as far as known."""
        return " · ".join(self.value(fact, row[fact]) for fact in FACTS if not pd.isna(row[fact]))

    def value(self, fact: str, value: object) -> str:
        """A value in words: countries by their names."""
        if value is None or pd.isna(value):  # type: ignore[call-overload]
            return word("unknown")
        return country(str(value)) if fact == "country" else str(value)

    def community(self, row: Mapping[Any, Any]) -> str:
        """A community in one line."""
        size = f"{number(row['n_people'])} {word('people').lower()}"
        return " · ".join(filter(None, (str(row["community"]), self.facts(row), size)))

    def shapes(self, by: str) -> list[dict[str, Any]]:
        """The discs, in the places of the map itself, so that they grow with it."""
        discs, tints = self.content.communities, self.colourings[by]
        return [
            {
                "type": "circle", "layer": "below", "opacity": 0.35,
                "x0": x - r, "x1": x + r, "y0": y - r, "y1": y + r,
                "fillcolor": tint, "line": {"color": tint, "width": 2},
            }
            for x, y, r, tint in zip(
                *(discs[name].round(4) for name in ("x", "y", "radius")), tints(discs[by]), strict=True
            )
        ]  # fmt: skip

    def way(self, ids: Sequence[str]) -> dict[str, Any]:
        """The places along a path, and its people."""
        rows = self.content.people.iloc[self._rows.reindex(list(ids)).dropna().astype(int)]
        return {**_places(rows), "text": [self.person(row) for row in rows.to_dict("records")]}

    def _way(self, row: pd.Series) -> dict[str, Any]:
        return {**_way(), **self.way(row["path"])}

    def _ties(self) -> dict[str, dict[str, Any]]:
        """Lines between the discs in three widths, as many of each."""
        ties = self.content.ties
        centre = self.content.communities.set_index("community")[["x", "y"]]
        rank = np.arange(len(ties))
        kinds = 2 - rank * len(WIDTHS) // max(len(ties), 1)
        found = {}
        for kind, width in enumerate(WIDTHS):
            own = ties[kinds == kind]
            ends = [centre.loc[own[end]].to_numpy() for end in ("source", "target")]
            xy = [np.stack([end[:, axis] for end in ends], 1) for axis in (0, 1)]
            found[f"ties_{kind}"] = _lines(_broken(*xy), width, "#9aa3ad")
        return found

    def _communities(self) -> dict[str, Any]:
        """A point in the middle of each disc, to be pointed at."""
        rows = self.content.communities
        return {
            "type": "scatter", "mode": "markers", **_places(rows),
            "customdata": rows["community"].tolist(),
            "marker": {"size": 24, "opacity": 0},
            "hovertext": [self._of_community(row) for row in rows.to_dict("records")],
            "hoverinfo": "text",
        }  # fmt: skip

    def _labels(self, by: str) -> dict[str, Any]:
        """What each disc is called, above it."""
        rows = self.content.communities
        return {
            "type": "scatter", "mode": "text", "x": rows["x"].round(4).tolist(),
            "y": (rows["y"] + rows["radius"]).round(4).tolist(),
            "text": self.disc_labels(by), "textposition": "top center",
            "textfont": {"size": 12, "color": "#111111"}, "hoverinfo": "skip",
        }  # fmt: skip

    def disc_labels(self, by: str | None) -> list[str]:
        """The discs' numbers, of the largest with their commonest value too; "" where there is no room."""
        found = []
        for place, row in enumerate(self.content.communities.to_dict("records")):
            told = [str(row["community"])]
            if by is not None and place < N_LABELLED and not pd.isna(row[by]):
                told.append(self.value(by, row[by]))
            found.append(html.escape(" ".join(told)) if row["radius"] >= SMALLEST_LABELLED else "")
        return found

    def _of_community(self, row: Mapping[Any, Any]) -> str:
        sizes = [(word(name), row[f"n_{name}"]) for name in self.sizes]
        told = [f"{word('community')} {row['community']}", self.facts(row)]
        told += [f"{name}: {number(size)}" for name, size in sizes]
        return "<br>".join(html.escape(each) for each in told)

    def _marked(self, name: str) -> dict[str, Any]:
        people, (symbol, size, colour) = self.content.people, SYMBOLS[name]
        if name == "own":
            rows = people[people["is_own_team"]]
        else:
            rows = people[people["contact_id"].isin(getattr(self.content, name)["contact_id"])]
        told = [f"<b>{word(name)}</b><br>{self.person(row)}" for row in rows.to_dict("records")]
        return _points({**_places(rows), "text": told}, size, symbol, colour)

    def _layout(self, by: str, community: int | None) -> dict[str, Any]:
        x, y = self.ranges(community)
        axis = {"visible": False, "fixedrange": False}
        return {
            "shapes": self.shapes(by),
            "xaxis": {**axis, "range": x},
            "yaxis": {**axis, "range": y, "scaleanchor": "x"},
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "showlegend": False, "hovermode": "closest", "hoverdistance": 40, "dragmode": "pan",
            "paper_bgcolor": "#ffffff", "plot_bgcolor": "#ffffff", "height": 560,
            "font": {"family": "system-ui, sans-serif", "color": "#111111"},
            "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": "#111111", "font": {"color": "#111111"}},
        }  # fmt: skip

    def ranges(self, community: int | None) -> tuple[list[float], list[float]]:
        """The part of the plane that shows one community, or everything."""
        discs = self.content.communities
        discs = discs if community is None else discs[discs["community"] == community]
        found, beneath = [], self.content.people[self.content.people["community"] == NOBODY]
        for axis in ("x", "y"):
            low, high = (discs[axis] - discs["radius"]).min(), (discs[axis] + discs["radius"]).max()
            if community is None and len(beneath):
                low, high = min(low, beneath[axis].min()), max(high, beneath[axis].max())
            edge = MARGIN * (high - low) / 2
            found.append([round(float(low - edge), 4), round(float(high + edge), 4)])
        return found[0], found[1]


def _places(rows: pd.DataFrame) -> dict[str, list[float]]:
    return {axis: rows[axis].round(4).tolist() for axis in ("x", "y")}


def _broken(x: np.ndarray, y: np.ndarray) -> dict[str, list[float | None]]:
    """Separate lines, [n, 2] each, as one with a break after each."""
    return {
        axis: [value for ends in np.round(xy, 4).tolist() for value in (*ends, None)]
        for axis, xy in (("x", x), ("y", y))
    }


def _lines(places: Mapping[str, Any], width: float, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", **places,
        "line": {"width": width, "color": colour}, "hoverinfo": "skip",
    }  # fmt: skip


def _points(told: Mapping[str, Any], size: int, symbol: str, colour: str | list[str]) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "x": told["x"], "y": told["y"], "text": told["text"],
        "marker": {
            "size": size, "symbol": symbol, "color": colour,
            "line": {"width": 1, "color": "#ffffff" if symbol == "circle" else colours.OUTLINE},
        },
        "hoverinfo": "text",
    }  # fmt: skip


def _way() -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines+markers", "x": [], "y": [], "text": [],
        "line": {"width": 3, "color": colours.WAY}, "marker": {"size": 11, "color": colours.WAY},
        "hoverinfo": "text",
    }  # fmt: skip

"""An HTML page that stands alone: style and pictures inline, no request to anywhere."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Sequence
from html import escape
from importlib import resources

import pandas as pd
from matplotlib.figure import Figure

from influence.evaluation.picture import png
from influence.texts import language_now, text

POLICY = (
    "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
"""What the browser is told to allow: nothing that is not in the page itself."""


PIXELS_PER_INCH = 82
WIDEST_ON_A_PHONE = 430
"""Pictures wider than this, in pixels, scroll in a box of their own on a narrow screen."""


def page(title: str, parts: Iterable[str]) -> str:
    """The whole page in the language of the context; parts are HTML already, empty ones are left out."""
    style = resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style>"
    )
    return (
        f'<!doctype html>\n<html lang="{language_now()}"><head>{head}</head>\n<body>\n'
        f'<a class="skip" href="#main">{escape(text("page.skip"))}</a>\n'
        + "\n".join(filter(None, parts))
        + "\n</body></html>\n"
    )


def section(heading: str, body: str, level: int = 2, name: str = "") -> str:
    """A heading and what is below it; `name` is where links lead."""
    anchor = f' id="{escape(name)}"' if name else ""
    return f"<section{anchor}><h{level}>{escape(heading)}</h{level}>\n{body}</section>"


def paragraph(sentence: str, style: str = "") -> str:
    """A sentence by itself; nothing where it says nothing."""
    return f"<p{_class(style)}>{escape(sentence)}</p>" if sentence else ""


def bullets(sentences: Iterable[str], style: str = "") -> str:
    """Sentences as a list; nothing without any."""
    told = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<ul{_class(style)}>{told}</ul>" if told else ""


def details(summary: str, body: str) -> str:
    """What is shown only to those who ask; nothing where there is nothing to show."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>" if body else ""


def figure(heading: str, caption: str, drawn: Figure, level: int = 4, below: str = "") -> str:
    """A picture under its heading; the caption is what those who cannot see it are told."""
    data = base64.b64encode(png(drawn)).decode("ascii")
    width, height = (round(PIXELS_PER_INCH * inches) for inches in drawn.get_size_inches())
    size = f'width="{width}" height="{height}"'
    image = f'<img alt="{escape(caption)}" {size} src="data:image/png;base64,{data}">'
    if width > WIDEST_ON_A_PHONE:  # to be read there, it must not shrink
        image = f'<div class="wide" role="region" tabindex="0" aria-label="{escape(heading)}">{image}</div>'
    body = f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>{below}"
    return section(heading, body, level)


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    label: str,
    style: str = "",
    numbers: Collection[int] = (),
) -> str:
    """A table in a box of its own that scrolls; header and cells are HTML already.

    Parameters
    ----------
    label
        What it holds, for those who hear the page.
    numbers
        Places of the columns that hold numbers.
    """
    classes = [' class="number"' if place in numbers else "" for place in range(len(header))]
    head = "".join(f'<th scope="col"{own}>{cell}</th>' for own, cell in zip(classes, header, strict=True))
    body = "".join("<tr>" + "".join(row) + "</tr>" for row in rows)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(label)}"><table{_class(style)}>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def frame(rows: pd.DataFrame, label: str) -> str:
    """Rows as they are, as a table."""
    cells = [[f"<td>{escape(_value(value))}</td>" for value in row] for row in rows.itertuples(index=False)]
    return table([escape(str(name)) for name in rows.columns], cells, label)


def _value(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.3g}"
    return "" if value is None or value is pd.NA or value is pd.NaT else str(value)


def _class(style: str) -> str:
    return f' class="{style}"' if style else ""

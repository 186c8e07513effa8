"""Pictures in pages that stand alone: the script travels with the page, so that no request leaves it."""

from __future__ import annotations

import html
from pathlib import Path

from influence.files import atomic

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
"""Content Security Policy: the browser itself refuses every request."""


def plotly_script() -> str:
    """The element that holds plotly.js, whole; a page needs it once.

    It is text until a map runs it: nearly five megabytes of script would keep the page from being read.
    """
    from plotly.offline import get_plotlyjs

    return f'<script type="text/plain" class="plotly">{get_plotlyjs()}</script>'


def whole_page(fragment: str, *, title: str, language: str = "en") -> str:
    """A page that holds a picture and nothing else, and asks for nothing."""
    style = (
        "body { font-family: system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 0 1rem 2rem; }"
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{style}</style></head>"
        f"<body><main><h1>{html.escape(title)}</h1>{fragment}</main>{plotly_script()}</body></html>"
    )


def write_page(fragment: str, target: str | Path, *, title: str, language: str = "en") -> None:
    """Write such a page; whole or not at all.

    Raises
    ------
    ConfigError
        If the place cannot be written to.
    """
    with atomic(target) as temporary:
        temporary.write_text(whole_page(fragment, title=title, language=language), encoding="utf-8")

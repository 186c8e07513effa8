"""How results look: sentences, and a table, which a notebook has laid out by the browser."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import pandas as pd

ROWS_SHOWN = 20
"""Of a longer table the first ones; the whole is in the object itself."""


def face(heading: str, sentences: Iterable[str] = (), rows: pd.DataFrame | None = None) -> str:
    """A fragment of HTML for `_repr_html_`; whatever is given is text, and is escaped."""
    parts = [f"<strong>{escape(heading)}</strong>", *(f"<div>{escape(one)}</div>" for one in sentences)]
    if rows is not None and len(rows):
        shown = rows.head(ROWS_SHOWN).to_html(index=False, border=0, na_rep="", float_format="{:.3g}".format)
        parts.append(shown)
        if len(rows) > ROWS_SHOWN:
            parts.append(f"<div>and {len(rows) - ROWS_SHOWN:,} more</div>")
    return "\n".join(parts)


def plain(heading: str, sentences: Iterable[str], rows: pd.DataFrame | None = None) -> str:
    """The same for `__repr__`, as text."""
    parts = [f"{heading}:", *sentences]
    if rows is not None and len(rows):
        parts.append(
            rows.to_string(index=False, max_rows=ROWS_SHOWN, na_rep="", float_format="{:.3g}".format)
        )
    return "\n".join(parts)

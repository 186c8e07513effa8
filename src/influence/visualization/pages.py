"""Pictures in pages that stand alone: the script travels with the page, so that no request leaves it."""

from __future__ import annotations


def plotly_script() -> str:
    """The `<script>` element of plotly.js, whole; a page needs it once, before the first picture."""
    from plotly.offline import get_plotlyjs

    return f"<script>{get_plotlyjs()}</script>"

"""What every page must show in a browser."""

from __future__ import annotations

from typing import Any

import pytest


def width_beyond_the_screen(page: Any) -> int:
    """Pixels by which the page scrolls sideways; 0 where it does not."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def violations(page: Any) -> list[str]:
    """What axe-core finds against WCAG 2.1 A and AA, contrast included, with the elements at fault."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the extra browser").Axe()
    found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]


def requests_of(page: Any) -> list[str]:
    """A list that fills with every address that the page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked

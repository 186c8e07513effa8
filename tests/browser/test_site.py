"""The documentation opened from the disk: search answers there, and no page asks for anything elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.browser.checks import requests_of, width_beyond_the_screen

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
DESK, PHONE = 1280, 360


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it."""
    build = pytest.importorskip("mkdocs.commands.build", reason="needs the extra docs").build
    from mkdocs.config import load_config

    folder = tmp_path_factory.mktemp("site")
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder), strict=True))
    return folder


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_site__word_searched_from_the_disk__leads_to_its_page(
    page_at: Callable[[int], Any], site: Path, tmp_path: Path, width: int
) -> None:
    page = page_at(width)
    asked = requests_of(page)
    page.goto((site / "index.html").as_uri())
    if width == PHONE:
        page.locator("label.md-header__button[for=__search]").click()
    else:
        page.locator("input.md-search__input").click()
    page.keyboard.type("suppress")  # the theme listens to keys
    found = page.locator(".md-search-result__link")
    found.first.wait_for()
    page.screenshot(path=str(tmp_path / "search.png"))
    assert width_beyond_the_screen(page) == 0
    addresses = [found.nth(place).get_attribute("href") for place in range(found.count())]
    assert any("plans.html" in address or "privacy.html" in address for address in addresses)
    found.first.click()
    page.wait_for_load_state()
    assert "suppress" in page.locator("main").inner_text().lower()
    assert all(address.startswith(("file:", "data:", "blob:", "about:")) for address in asked), asked

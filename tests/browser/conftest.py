"""Headless Chromium for the tests of pages; without it, or without playwright, they are skipped."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
HEIGHT = 900


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the extra browser")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium: make setup-browser")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def page_at(browser: Any) -> Iterator[Callable[[int], Any]]:
    """Opens an empty page of a width in pixels: 1280 a desk, 360 a phone."""
    contexts = []

    def opened(width: int) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT}, has_touch=width < 600, is_mobile=width < 600
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        return page

    yield opened
    for context in contexts:
        context.close()

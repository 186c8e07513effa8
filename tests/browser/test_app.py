"""The app in a browser: what it looks like, and that it asks nobody but this machine for anything."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.app.worlds import saved_model
from tests.browser.checks import requests_of, violations, width_beyond_the_screen

from influence.app.views import INVITE, LEAD, MAP, MARKED, PARTNER
from influence.texts import LANGUAGES, in_language, language_now, text

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 120


@pytest.fixture(scope="module", params=LANGUAGES)
def address(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[str]:
    """The app as `influence app` starts it, in a folder of its own; the test speaks its language."""
    pytest.importorskip("streamlit", reason="needs the extra app")
    folder = tmp_path_factory.mktemp("served")
    model = saved_model(folder)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "influence.cli", "app", str(model), "--port", str(port)]
    words += ["--language", request.param]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(words, cwd=folder, env=environment) as served:
        _wait_for(port)
        with in_language(request.param):
            yield f"http://localhost:{port}"
        served.terminate()


def _wait_for(port: int) -> None:
    for _ in range(10 * PATIENCE_SECONDS):
        with socket.socket() as asked:
            if asked.connect_ex(("localhost", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the app did not start")


SAVING_WHILE_STALE = """(name) => {
  window.seen = [];
  const look = () => {
    const stale = [...document.querySelectorAll("[data-stale=true] button")];
    const save = stale.filter((button) => button.textContent.includes(name));
    window.seen.push(...save.map((button) => getComputedStyle(button).visibility));
    requestAnimationFrame(look);
  };
  look();
}"""
"""Watches, frame by frame, whether the button of a list that is about to change can be seen."""


def opened(page: Any, address: str) -> None:
    page.set_default_timeout(1000 * PATIENCE_SECONDS)
    page.goto(address)
    page.wait_for_selector(f"button:enabled:has-text('{text('app.save')}')")
    idle(page)


def idle(page: Any) -> None:
    """Until nothing is being computed: what is about to change is shown pale."""
    page.wait_for_timeout(400)
    busy = "[data-testid=stStatusWidget], [data-testid=stSpinner], [data-stale=true]"
    page.wait_for_function(f"!document.querySelector('{busy}')")
    page.wait_for_timeout(600)


@pytest.mark.parametrize("width", [1280, 360])
def test_app__any_width__fits_reads_well_and_stays_on_this_machine(
    page_at: Callable[[int], Any], address: str, width: int, tmp_path: Path
) -> None:
    page = page_at(width)
    asked = requests_of(page)
    opened(page, address)
    for view in (INVITE, LEAD, PARTNER, MAP, MARKED):
        page.get_by_role("radiogroup").get_by_text(text(f"app.view.{view}"), exact=True).click()
        idle(page)
        assert width_beyond_the_screen(page) == 0, view
        assert violations(page) == [], view
        page.screenshot(path=str(tmp_path / f"{view}.png"), full_page=True)
    assert page.evaluate("document.documentElement.lang") == language_now()
    assert all(url.startswith((address, "data:", "blob:")) for url in asked)


def test_app__marked_by_keyboard__leaves_the_list(page_at: Callable[[int], Any], address: str) -> None:
    page = page_at(1280)
    opened(page, address)
    first = page.locator("strong").first.inner_text()
    page.get_by_role("button", name=text("app.do.suppressed")).first.press("Enter")
    page.wait_for_function("(name) => document.querySelector('strong').innerText !== name", arg=first)
    page.get_by_role("radiogroup").get_by_text(text(f"app.view.{MARKED}"), exact=True).click()
    page.wait_for_selector(f"text={first.split('. ')[1]}")


def test_app__another_list_asked_for__the_earlier_one_cannot_be_saved(
    page_at: Callable[[int], Any], address: str
) -> None:
    page = page_at(1280)
    opened(page, address)
    page.evaluate(SAVING_WHILE_STALE, text("app.save"))
    page.get_by_label(text("app.at")).fill("2025-06-01")
    page.get_by_label(text("app.at")).press("Enter")
    page.wait_for_function("window.seen.length")
    idle(page)
    assert set(page.evaluate("window.seen")) == {"hidden"}
    assert page.locator(f"button:has-text('{text('app.save')}')").is_visible()

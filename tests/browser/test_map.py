"""The map in a browser: at a desk and on a phone, by mouse and by keyboard, without any request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.app.worlds import HOSTILE, named, saved_model, world
from tests.browser.checks import requests_of, violations, width_beyond_the_screen

import influence
from influence.visualization import network_map, write_page

pytestmark = pytest.mark.slow
READY = ".influence-map[data-ready]"


@pytest.fixture(scope="module")
def map_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The map of a small world, with leaders and ways in, everybody under a hostile name."""
    folder = tmp_path_factory.mktemp("map")
    network = named(world())
    model = influence.load(saved_model(folder), network=network)
    write_page(network_map(network, model=model, names=True), folder / "map.html", title="Map")
    return folder / "map.html"


@pytest.mark.parametrize("width", [1280, 360])
def test_map__any_width__fits_reads_well_and_asks_for_nothing(
    page_at: Callable[[int], Any], map_file: Path, width: int, tmp_path: Path
) -> None:
    page = page_at(width)
    asked, errors = requests_of(page), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(map_file.as_uri())
    page.wait_for_selector(READY)
    for community in ("", "1"):
        page.select_option(".choose", community)
        page.wait_for_timeout(300)
        assert width_beyond_the_screen(page) == 0
        assert violations(page) == []
    page.screenshot(path=str(tmp_path / "map.png"), full_page=True)
    assert asked == [map_file.as_uri()] and errors == []


def test_map__disc_clicked_or_chosen_by_keyboard__its_people(
    page_at: Callable[[int], Any], map_file: Path
) -> None:
    page = page_at(1280)
    page.goto(map_file.as_uri())
    page.wait_for_selector(READY)
    assert page.locator(".people").is_hidden()
    page.locator(".choose").focus()
    page.keyboard.press("ArrowDown")
    rows = page.locator(".people tbody tr")
    assert rows.count() > 3 and HOSTILE in rows.first.inner_text()
    page.locator("button[data-community='1']").press("Enter")
    assert page.locator(".choose").input_value() == "1"
    assert page.evaluate("document.activeElement.className") == "choose"
    page.select_option(".choose", "")
    *place, code = page.evaluate(
        "() => { const g = document.querySelector('.picture'), l = g._fullLayout,"
        " b = g.getBoundingClientRect(), t = g.data.find((d) => d.name === 'communities'),"
        " n = t.x.length - 1;"  # the smallest, in which nobody is marked
        " return [b.left + l._size.l + l.xaxis.d2p(t.x[n]), b.top + l._size.t + l.yaxis.d2p(t.y[n]) + 8,"
        " t.customdata[n]]; }"
    )
    page.mouse.move(*place)
    page.wait_for_timeout(300)
    page.mouse.click(*place)
    page.wait_for_function("(code) => document.querySelector('.choose').value === String(code)", arg=code)


def test_map__marks_and_ways__shown_and_hidden(page_at: Callable[[int], Any], map_file: Path) -> None:
    page = page_at(1280)
    page.goto(map_file.as_uri())
    page.wait_for_selector(READY)
    trace = "(name) => document.querySelector('.picture').data.find((each) => each.name === name)"
    page.locator("input[data-trace='leaders']").press("Space")
    assert page.evaluate(f"({trace})('leaders').visible") is False
    assert page.evaluate(f"({trace})('way').x") == []
    page.select_option(".way", index=1)
    assert len(page.evaluate(f"({trace})('way').x")) >= 2
    assert "→" in page.locator(".status").inner_text()
    page.select_option(".colour", "industry")
    assert page.locator(".legend li").count() > 1


def test_map__printed__fits_the_paper_and_comes_back(page_at: Callable[[int], Any], map_file: Path) -> None:
    page = page_at(1280)
    page.goto(map_file.as_uri())
    page.wait_for_selector(READY)
    width = "document.querySelector('.picture .main-svg').getBoundingClientRect().width"
    on_screen = page.evaluate(width)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(300)
    assert page.evaluate(width) <= 688 < on_screen  # A4 between margins of 14 mm
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.wait_for_timeout(300)
    assert page.evaluate(width) == on_screen

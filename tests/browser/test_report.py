"""The report in a browser: nothing sideways, nothing fetched, read by everybody, printed whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.browser.checks import requests_of, violations, width_beyond_the_screen
from tests.reporting.conftest import Job, K, job, little
from tests.reporting.test_report import evaluated

from influence.reporting import write_report

pytestmark = pytest.mark.slow
__all__ = ["job", "little"]  # fixtures


def opened(page_at: Callable[[int], Any], place: Path, width: int) -> Any:
    page = page_at(width)
    asked = requests_of(page)
    page.goto(place.as_uri())
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    return page


@pytest.fixture(scope="module")
def checked(job: Job, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with an evaluation: the widest tables are in it."""
    folder = tmp_path_factory.mktemp("checked")
    write_report(job.model, folder / "p.html", evaluated=evaluated(folder), k=K, with_map=False)
    return folder / "p.html"


@pytest.mark.parametrize("name", ["en", "fr", "checked"])
@pytest.mark.parametrize("width", [1280, 360])
def test_report__desk_and_phone__fits_and_has_no_violation(
    job: Job, checked: Path, page_at: Callable[[int], Any], name: str, width: int
) -> None:
    page = opened(page_at, checked if name == "checked" else job.folder / f"{name}.html", width)
    assert width_beyond_the_screen(page) == 0
    assert violations(page) == []
    for element in page.query_selector_all("details"):
        element.evaluate("one => one.open = true")
    assert width_beyond_the_screen(page) == 0
    assert violations(page) == []


def test_report__keyboard__skip_link_first_and_every_box_that_scrolls_reached(
    job: Job, page_at: Callable[[int], Any]
) -> None:
    page = opened(page_at, job.folder / "en.html", 360)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    stuck = page.evaluate(
        "[...document.querySelectorAll('*')].filter(one => one.scrollWidth > one.clientWidth + 1"
        " && getComputedStyle(one).overflowX === 'auto' && one.tabIndex < 0).length"
    )
    assert stuck == 0


def test_report__phone__cards_say_what_each_value_is(job: Job, page_at: Callable[[int], Any]) -> None:
    page = opened(page_at, job.folder / "fr.html", 360)
    label = page.evaluate("getComputedStyle(document.querySelector('.cards td'), '::before').content")
    assert label == '"qui"'


def test_report__printed__pages_of_paper_with_the_rows_in_them(
    job: Job, page_at: Callable[[int], Any], tmp_path: Path
) -> None:
    page = opened(page_at, job.folder / "en.html", 1280)
    page.emulate_media(media="print")
    assert not page.is_visible("nav")
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    written = (tmp_path / "report.pdf").read_bytes()
    assert written.startswith(b"%PDF") and written.count(b"/Type /Page\n") > 3

"""The map of a large network: seconds to make, bytes of the page, and seconds until it answers in a browser.

python -m benchmarks.map --contacts 100000
python -m benchmarks.map --data exports/ --repeats 5
python -m benchmarks.map --page map.html          # a page made before, only opened

Beside it, in turns, a page that holds plotly.js and an empty picture: what any page of plotly's costs here.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import influence
from influence.visualization import content_of, fragment, write_page

READY = "[data-ready]"
EMPTY = (
    "<div></div><script>Plotly.newPlot(document.currentScript.previousElementSibling, [], {})"
    ".then((drawn) => { drawn.dataset.ready = 'true'; });</script>"
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    """Make the map once, open it several times."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--contacts", type=int, default=100_000, help="of a synthetic world")
    asked.add_argument("--data", help="records to draw instead")
    asked.add_argument("--page", type=Path, help="a page to open, nothing else")
    asked.add_argument("--repeats", type=int, default=5, help="times that the page is opened")
    given = asked.parse_args()
    if given.page is not None:
        _open(given.page, given.repeats)
        return
    network = influence.read(given.data) if given.data else influence.synthesize(given.contacts, seed=1)
    begin = time.perf_counter()
    content = content_of(network)
    middle = time.perf_counter()
    page = fragment(content)
    end = time.perf_counter()
    print(f"{content.n_people:,} people, {content.n_ties:,} ties, {len(content.communities)} communities")
    print(f"content {middle - begin:.1f} s, page {end - middle:.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "map.html"
        write_page(page, file, title="Map")
        print(f"the part {len(page.encode()) / 1e6:.2f} MB, the page {file.stat().st_size / 1e6:.2f} MB")
        _open(file, given.repeats)


def _open(file: Path, repeats: int) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        print("no chromium here: make setup-browser")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "empty.html"
        write_page(EMPTY, bare, title="Empty")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        empty, ready, chosen = [], [], []
        for _ in range(repeats):
            empty.append(_seconds_until_ready(browser, bare)[1])
            page, seconds = _seconds_until_ready(browser, file)
            ready.append(seconds)
            begin = time.perf_counter()
            page.select_option(".choose", index=1)
            page.wait_for_selector(".people tbody tr")
            page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            chosen.append(time.perf_counter() - begin)
        browser.close()
    for name, times in (("empty picture", empty), ("map", ready), ("a community shown", chosen)):
        print(f"{name}: median {statistics.median(times):.2f} s, slowest {max(times):.2f} s of {repeats}")


def _seconds_until_ready(browser: Any, file: Path) -> tuple[Any, float]:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    begin = time.perf_counter()
    page.goto(file.absolute().as_uri())
    page.wait_for_selector(READY)
    return page, time.perf_counter() - begin


if __name__ == "__main__":
    main()

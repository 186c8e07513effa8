"""How long a page with a map takes in headless Chromium: to be seen, to be used, to draw its map."""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path
from typing import Any

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
TIMES = """() => {
  const [page] = performance.getEntriesByType("navigation");
  return [performance.getEntriesByName("first-contentful-paint")[0].startTime, page.domInteractive];
}"""
TOLD = ("first seen", "interactive (domInteractive)", "map drawn (scrolled to at once)", "a community shown")


def open_page(file: Path, repeats: int) -> None:
    """Open the page several times, each in a fresh context, and print what it took."""
    print(f"the page {file.stat().st_size / 1e6:.2f} MB")
    chromium = shutil.which("chromium")
    if chromium is None:
        print("no chromium here: make setup-browser")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        runs = [_opened(browser, file) for _ in range(repeats)]
        browser.close()
    *clock, busy = zip(*runs, strict=True)
    for name, times in zip(TOLD, clock, strict=True):
        print(f"{name}: median {statistics.median(times):.2f} s, slowest {max(times):.2f} s of {repeats}")
    print(f"processor until the map is drawn: median {statistics.median(busy):.2f} s")


def _opened(browser: Any, file: Path) -> tuple[float, ...]:
    """Seconds: of `TOLD`, and what the page's own thread was busy until its map was drawn."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(file.absolute().as_uri(), wait_until="commit")
    page.wait_for_load_state("domcontentloaded")
    page.evaluate("document.querySelector('.picture').scrollIntoView()")
    drawn = _painted(page, "[data-ready]")
    busy = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    begun = float(page.evaluate("performance.now()")) / 1e3
    page.select_option(".choose", index=1)
    chosen = _painted(page, ".people tbody tr") - begun
    seen, interactive = page.evaluate(TIMES)
    context.close()
    return seen / 1e3, interactive / 1e3, drawn, chosen, busy["TaskDuration"]


def _painted(page: Any, selector: str) -> float:
    """When something stands on the page, and is painted; seconds since the page was asked for."""
    page.wait_for_selector(selector, state="attached")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return float(page.evaluate("performance.now()")) / 1e3

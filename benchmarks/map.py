"""The map of a large network: seconds to make, bytes of the page, and seconds until it answers in a browser.

python -m benchmarks.map --contacts 100000
python -m benchmarks.map --data exports/ --repeats 5
python -m benchmarks.map --page map.html          # a page made before, only opened
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import influence
from benchmarks.pages import open_page
from influence.visualization import content_of, fragment, write_page


def main() -> None:
    """Make the map once, open it several times."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--contacts", type=int, default=100_000, help="of a synthetic world")
    asked.add_argument("--data", help="records to draw instead")
    asked.add_argument("--page", type=Path, help="a page to open, nothing else")
    asked.add_argument("--repeats", type=int, default=5, help="times that the page is opened")
    given = asked.parse_args()
    if given.page is not None:
        open_page(given.page, given.repeats)
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
        print(f"the part {len(page.encode()) / 1e6:.2f} MB")
        open_page(file, given.repeats)


if __name__ == "__main__":
    main()

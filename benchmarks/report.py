"""The report of a large network: seconds to make it, memory, bytes, seconds until a browser shows it.

python -m benchmarks.report --contacts 100000
python -m benchmarks.report --model runs/model [--records exports/] [--output report.html]
python -m benchmarks.report --page report.html    # a page made before, only opened

Without a model, one learns a little from some of the requests: what a page takes does not hang on how good
its figures are.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import influence
from benchmarks.pages import open_page
from influence.config import load_config
from influence.reporting import write_report

LITTLE = ("split.max_rows=10000", "training.max_epochs=1", "trees.max_rounds=40")


def main() -> None:
    """Make the report once, open it several times."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--contacts", type=int, default=100_000, help="of a synthetic world")
    asked.add_argument("--model", help="report on this one instead")
    asked.add_argument("--records", help="that it answers from")
    asked.add_argument("--output", type=Path, help="keep the page there")
    asked.add_argument("--page", type=Path, help="a page to open, nothing else")
    asked.add_argument("--repeats", type=int, default=5, help="times that the page is opened")
    given = asked.parse_args()
    if given.page is not None:
        open_page(given.page, given.repeats)
        return
    if given.model:
        network = influence.read(given.records) if given.records else None
        model = influence.load(given.model, network=network)
    else:
        network = influence.synthesize(given.contacts, seed=1)
        model = influence.fit(network, load_config("configs/demo.yaml", LITTLE)).with_network(network)
    with tempfile.TemporaryDirectory() as folder:
        file = given.output or Path(folder) / "report.html"
        begin, busy = time.perf_counter(), time.process_time()
        write_report(model, file, tell=Stages())
        took, busy = time.perf_counter() - begin, time.process_time() - busy
        people = len(model.network.contact_ids)
        print(f"{people:,} people; the report took {took:.0f} s, of the processor {busy:.0f} s")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"at the peak {peak:.1f} GiB, the records and the model in it")
        open_page(file, given.repeats)


class Stages:
    """Prints what each stage took once the next one is told of."""

    def __init__(self) -> None:
        self.stage, self.begun = "records and graph", (time.perf_counter(), time.process_time())

    def __call__(self, what: str, done: int, total: int) -> None:
        """Hear of the progress."""
        if what != self.stage:
            took, busy = time.perf_counter() - self.begun[0], time.process_time() - self.begun[1]
            print(f"  {self.stage}: {took:.1f} s, of the processor {busy:.1f} s", flush=True)
            self.stage, self.begun = what, (time.perf_counter(), time.process_time())


if __name__ == "__main__":
    main()
